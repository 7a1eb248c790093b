// The valid token of a request. RFC 6750; one that is bound to a key is good with a proof of that key only (RFC 9449, RFC 8705).
// Tokens of `tsumugi token` and of the authorization server are found alike.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { unauthenticated } from '../fhir/outcome.ts';
import type { Token, TokenStore } from '../store/tokens.ts';
import { proofAlgorithms } from './algorithms.ts';
import { certificateOf, thumbprintOf } from './certificate.ts';
import type { CheckProof } from './dpop.ts';

/** What of a request tells who calls. */
export type Call = { method: string; url: string; headers: IncomingHttpHeaders; raw: IncomingMessage };
export type TokenOf = (call: Call) => Promise<Token>;

type Needs = {
  tokens: Pick<TokenStore, 'find'>;
  checkProof: CheckProof;
  /** The header in which a proxy passes on the certificate it has checked. */
  certificateHeader?: string | undefined;
};

/** Finds the token of a request. Throws 401 unless there is a valid one, with a proof of its key where it is bound to one. */
export function createTokenOf({ tokens, checkProof, certificateHeader }: Needs): TokenOf {
  return async (call) => {
    const [, scheme = '', text] = /^(Bearer|DPoP) +([\w\-.~+/]+=*) *$/i.exec(call.headers.authorization ?? '') ?? [];
    const token = text === undefined ? undefined : await tokens.find(text);
    if (!token || text === undefined) throw unauthenticated();
    const isByProof = scheme.length === 'DPoP'.length;
    if ((token.boundTo !== undefined || isByProof) && !(await isProved(token, text, call, isByProof)))
      throw unauthenticated();
    return token;
  };

  async function isProved({ boundTo = '' }: Token, text: string, call: Call, isByProof: boolean): Promise<boolean> {
    if (isByProof) return boundTo.startsWith('dpop:') && boundTo === `dpop:${await checkProof(call, text)}`;
    if (!boundTo.startsWith('mtls:')) return false;
    const pem = certificateOf(call.raw, certificateHeader);
    return pem !== undefined && boundTo === `mtls:${thumbprintOf(pem)}`;
  }
}

/**
 * What a refused caller is told, by the scheme by which its token came: that the token is not good, or, where there is
 * a `scope`, that it is not enough and that this one would do (RFC 6750, section 3; RFC 9449, section 7.1).
 */
export function challengeOf({ authorization }: IncomingHttpHeaders, scope?: string): string {
  const invalid = authorization === undefined ? '' : ', error="invalid_token"';
  const why = scope === undefined ? invalid : `, error="insufficient_scope", scope="${scope}"`;
  return /^DPoP\b/i.test(authorization ?? '')
    ? `DPoP realm="tsumugi"${why}, algs="${proofAlgorithms.join(' ')}"`
    : `Bearer realm="tsumugi"${why}`;
}
