// Who is calling: the token of a request -> its Access. What makes a token good stands in proved-token.ts.

import type { Access } from '../access/access.ts';
import { actorText } from '../access/actor.ts';
import { type Caller, isClinician } from '../access/caller.ts';
import { parseScopes } from '../access/scopes.ts';
import type { Token } from '../store/tokens.ts';
import type { Call, TokenOf } from './proved-token.ts';

export type AuthenticateOptions = {
  tokenOf: TokenOf;
  nowMs: () => number;
  /** Keys of the patients whose records a clinician has opened by break-glass. */
  brokenGlassOf: (clinician: Caller) => Promise<ReadonlySet<string>>;
  /** The type of resource that a profile is of; undefined where the profile is not known here. */
  typeOfProfile: (canonical: string) => string | undefined;
};

/** The Access of a request. Throws 401 unless it carries a valid token. */
export function createAuthenticate({ tokenOf, nowMs, brokenGlassOf, typeOfProfile }: AuthenticateOptions) {
  const accesses = new WeakMap<Token, Access>();
  return async (call: Call): Promise<Access> => {
    const token = await tokenOf(call);
    let access = accesses.get(token);
    if (!access) {
      access = accessOf(token, typeOfProfile);
      accesses.set(token, access);
    }
    // Rights begin and end to the moment, so that whose rights are permissions has an Access of this request.
    if (!access.caller) return access;
    const caller = { ...access.caller, nowMs: nowMs() };
    return isClinician(caller)
      ? { ...access, caller, brokenGlass: await brokenGlassOf(caller) }
      : { ...access, caller };
  };
}

function accessOf(token: Token, typeOfProfile: AuthenticateOptions['typeOfProfile']): Access {
  const grants = parseScopes(token.scope);
  const caller = callerOf(token);
  const { strictness, profiles = [] } = token;
  const required = profiles.map((profile) => ({ type: typeOfProfile(profile) ?? '*', profile }));
  return {
    client: actorText({ client: token.client, ...caller }),
    grants,
    ...(token.patient !== undefined && { patient: token.patient }),
    ...(caller && { caller }),
    ...((strictness || required.length > 0) && { demands: { ...(strictness && { strictness }), profiles: required } }),
  };
}

/** A client without anybody behind it is nobody, who sees directories; it is never taken for the deployment. */
function callerOf({ user, organization, purpose, isIssued }: Token): Caller | undefined {
  if (user === undefined && organization === undefined && !isIssued) return undefined;
  const why = purpose ?? (organization === undefined ? 'PATRQT' : 'TREAT');
  const of = organization === undefined ? undefined : `Organization/${organization}`;
  return { ...(user !== undefined && { user }), ...(of !== undefined && { organization: of }), purpose: why, nowMs: 0 };
}
