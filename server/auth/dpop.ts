// The proof that comes with a token that is bound to a key: signed now, for this call, with this token, once. RFC 9449, 4.3.
// Nonces are of the token endpoint; here the time, the token's hash and the single use bound a proof.

import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { calculateJwkThumbprint, importJWK, type JWK, jwtVerify } from 'jose';
import type { OidcStore } from '../store/oidc.ts';
import { proofAlgorithms } from './algorithms.ts';
import { readStrictJwt } from './strict-jwt.ts';

/** The thumbprint of the key that a call proves, for the token in `text`; undefined when it proves none. */
export type CheckProof = (
  call: { method: string; url: string; headers: IncomingHttpHeaders },
  text: string,
) => Promise<string | undefined>;

/** How old or young a proof may be. */
export const proofWindowS = 60;

const form = { typ: ['dpop+jwt'], header: ['jwk'] };
const privateParts = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** `base` is the public address of the server, by which `htu` is compared whatever the Host header says. */
export function createCheckProof({ store, base }: { store: OidcStore; base: string }): CheckProof {
  return async ({ method, url, headers }, text) => {
    const read = readProof(headers.dpop);
    const { jwk } = read?.header ?? {};
    if (read === undefined || !isPublicKey(jwk)) return undefined;
    const { htm, htu, iat, jti, ath } = read.payload;
    const [path = ''] = url.split('?');
    const isForThis = htm === method && isSameUrl(htu, `${base}${path}`) && ath === hashOf(text);
    if (!isForThis || !isRecent(iat) || typeof jti !== 'string' || jti === '' || jti.length > 256) return undefined;
    const alg = String(read.header.alg);
    if (!proofAlgorithms.some((one) => one === alg)) return undefined;
    try {
      await jwtVerify(String(headers.dpop), await importJWK(jwk, alg), {
        algorithms: [alg],
        clockTolerance: proofWindowS,
      });
      const thumbprint = await calculateJwkThumbprint(jwk);
      const isFirst = await store.putOnce('ReplayDetection', JSON.stringify([thumbprint, jti]), {}, 3 * proofWindowS);
      return isFirst ? thumbprint : undefined;
    } catch (error) {
      // A database that does not answer is no fault of the proof.
      if (error instanceof Error && 'severity' in error) throw error;
      return undefined;
    }
  };
}

/** Of any endpoint: the form that a proof must have before a library reads it. */
export function readProof(text: unknown): ReturnType<typeof readStrictJwt> | undefined {
  try {
    return readStrictJwt(text, form);
  } catch {
    return undefined;
  }
}

const isPublicKey = (jwk: unknown): jwk is JWK =>
  typeof jwk === 'object' &&
  jwk !== null &&
  !privateParts.some((part) => part in jwk) &&
  !('alg' in jwk && !isText(jwk.alg));
const isText = (value: unknown): boolean => typeof value === 'string';
const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

function isRecent(iat: unknown): boolean {
  return typeof iat === 'number' && Math.abs(Date.now() / 1000 - iat) <= proofWindowS;
}

function isSameUrl(htu: unknown, expected: string): boolean {
  const url = typeof htu === 'string' ? URL.parse(htu) : null;
  if (url === null) return false;
  url.search = '';
  url.hash = '';
  return url.href === new URL(expected).href;
}
