// Who is calling: the bearer token of a request -> its Access. RFC 6750. The authorization server of a later issue mints
// the same tokens; nothing behind this file changes.

import type { Access } from '../access/access.ts';
import { parseScopes } from '../access/scopes.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { unauthenticated } from '../fhir/outcome.ts';
import type { Token, TokenStore } from '../store/tokens.ts';

/** The Access of an Authorization header. Throws 401 unless it carries a valid token. */
export function createAuthenticate({ tokens }: { tokens: Pick<TokenStore, 'find'> }) {
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
    return access;
  };
}

function accessOf({ client, scope, patient }: Token): Access {
  const grants = parseScopes(scope, (name) => resourceTypes.has(name));
  return { client, grants, ...(patient === undefined ? {} : { patient }) };
}
