// Who is calling: the bearer token of a request -> its Access. RFC 6750. The authorization server of a later issue mints
// the same tokens; nothing behind this file changes.

import type { Access } from '../access/access.ts';
import type { Caller } from '../access/caller.ts';
import { parseScopes } from '../access/scopes.ts';
import { unauthenticated } from '../fhir/outcome.ts';
import type { Token, TokenStore } from '../store/tokens.ts';

/** The Access of an Authorization header. Throws 401 unless it carries a valid token. */
export function createAuthenticate({ tokens, nowMs }: { tokens: Pick<TokenStore, 'find'>; nowMs: () => number }) {
  const accesses = new WeakMap<Token, Access>();
  return async (authorization: string | undefined): Promise<Access> => {
    const text = /^Bearer +([\w\-.~+/]+=*) *$/i.exec(authorization ?? '')?.[1];
    const token = text === undefined ? undefined : await tokens.find(text);
    if (!token) throw unauthenticated();
    let access = accesses.get(token);
    if (!access) {
      access = accessOf(token);
      accesses.set(token, access);
    }
    // Rights begin and end to the moment, so that whose rights are permissions has an Access of this request.
    return access.caller ? { ...access, caller: { ...access.caller, nowMs: nowMs() } } : access;
  };
}

function accessOf(token: Token): Access {
  const grants = parseScopes(token.scope);
  const caller = callerOf(token);
  return {
    client: caller ? actor(token.client, caller) : token.client,
    grants,
    ...(token.patient !== undefined && { patient: token.patient }),
    ...(caller && { caller }),
  };
}

function callerOf({ user, organization, purpose }: Token): Caller | undefined {
  if (user === undefined && organization === undefined) return undefined;
  const why = purpose ?? (organization === undefined ? 'PATRQT' : 'TREAT');
  const of = organization === undefined ? undefined : `Organization/${organization}`;
  return { ...(user !== undefined && { user }), ...(of !== undefined && { organization: of }), purpose: why, nowMs: 0 };
}

/** How the audit names who acted: client, user, organization and purpose, `-` for what there is none of. */
const actor = (client: string, { user = '-', organization = '-', purpose }: Caller): string =>
  [client, user, organization, purpose].join(' ');
