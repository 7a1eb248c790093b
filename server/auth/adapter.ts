// What oidc-provider stores, put where this server keeps it: clients in the registry, access tokens in the table that every
// call looks in, the rest in oidc_payload. Uses of what is good for one use are decided by the database.

import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { holdsMyNumber } from '../fhir/my-number.ts';
import { OperationOutcomeError } from '../fhir/outcome.ts';
import { outcomeOfDatabaseError } from '../store/database-error.ts';
import type { IssuedTokens } from '../store/issued-tokens.ts';
import type { ClientRegistry } from '../store/oauth-clients.ts';
import type { OidcStore, Payload } from '../store/oidc.ts';
import { metadataOf } from './client-metadata.ts';
import { clinicalPart } from './granted-scopes.ts';
import type { SmartContext } from './smart-context.ts';

export type AdapterNeeds = { clients: ClientRegistry; store: OidcStore; tokens: IssuedTokens };

/** An adapter for each model of the library. */
export function createAdapter(needs: AdapterNeeds): (model: string) => Adapter {
  return (model) => {
    if (model === 'Client') return answering(clientAdapter(needs));
    if (model === 'AccessToken' || model === 'ClientCredentials') return answering(tokenAdapter(model, needs));
    return answering(payloadAdapter(model, needs));
  };
}

/** A database that does not answer is `temporarily_unavailable` (503), and no fault of this server. */
export function outcomeOfStore(error: unknown): never {
  const known = outcomeOfDatabaseError(error);
  if (!(known instanceof OperationOutcomeError) || known.status !== 503) throw error;
  throw Object.assign(new errors.TemporarilyUnavailable(), { status: 503, statusCode: 503 });
}

function answering(adapter: Adapter): Adapter {
  const functions = Object.entries(adapter) as [string, (...given: unknown[]) => Promise<unknown>][];
  const guarded = functions.map(([name, run]) => [name, (...given: unknown[]) => run(...given).catch(outcomeOfStore)]);
  return Object.fromEntries(guarded) as Adapter;
}

/** Only clients that a person has let in are known to the authorization server. */
function clientAdapter({ clients }: AdapterNeeds): Adapter {
  return {
    ...nothing,
    find: async (id) => {
      const client = await clients.find(id);
      return client?.status === 'active' ? (metadataOf(client) as AdapterPayload) : undefined;
    },
  };
}

function tokenAdapter(model: string, { tokens }: AdapterNeeds): Adapter {
  return {
    ...nothing,
    upsert: async (id, payload, expiresInS = 0) => {
      const { clientId = '', scope, grantId, sessionUid, expiresWithSession, jkt, 'x5t#S256': x5t } = payload;
      const { patient, user, organization, purpose } = (payload.extra ?? {}) as Partial<SmartContext>;
      await tokens.put(id, {
        client: clientId,
        scope: clinicalPart(scope),
        patient,
        user,
        organization,
        purpose,
        boundTo: jkt === undefined ? x5t && `mtls:${x5t}` : `dpop:${jkt}`,
        grantId,
        session: expiresWithSession ? sessionUid : undefined,
        payload: payload as Payload,
        expiresInS,
      });
    },
    find: (id) => tokens.find(model, id) as Promise<AdapterPayload | undefined>,
    destroy: (id) => tokens.end(id),
    revokeByGrantId: (grantId) => tokens.endGrant(grantId),
  };
}

function payloadAdapter(model: string, { store, tokens }: AdapterNeeds): Adapter {
  return {
    ...nothing,
    upsert: async (id, payload, expiresInS = 0) => {
      if (holdsMyNumber(payload)) throw new errors.InvalidRequest('a parameter holds a My Number, which is not kept');
      await store.put(model, id, withoutCookie(payload as Payload), expiresInS);
    },
    find: (id) => store.find(model, id) as Promise<AdapterPayload | undefined>,
    findByUid: (uid) => store.findByUid(model, uid) as Promise<AdapterPayload | undefined>,
    consume: async (id) => {
      if (!(await store.consume(model, id))) throw new errors.InvalidGrant('it was used already');
    },
    destroy: (id) => store.destroy(model, id),
    revokeByGrantId: (grantId) => tokens.endGrant(grantId),
  };
}

/** An interaction remembers the cookie of its session, which nobody asks for and which is a secret. */
function withoutCookie(payload: Payload): Payload {
  if (payload.kind !== 'Interaction' || typeof payload.session !== 'object' || payload.session === null) return payload;
  const { cookie: _secret, ...session } = payload.session as Payload;
  return { ...payload, session };
}

/** What a model does not do; device codes are not in use. */
const nothing: Adapter = {
  upsert: async () => undefined,
  find: async () => undefined,
  findByUid: async () => undefined,
  findByUserCode: async () => undefined,
  consume: async () => undefined,
  destroy: async () => undefined,
  revokeByGrantId: async () => undefined,
};
