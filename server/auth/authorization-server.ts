// The authorization server of a deployment, put together: its registry, what it remembers, its keys, its routes.

import type { FastifyInstance } from 'fastify';
import { createGuardedFetch } from '../outgoing/guarded-fetch.ts';
import { createIssuedTokens } from '../store/issued-tokens.ts';
import { createClientRegistry } from '../store/oauth-clients.ts';
import { createOidcStore } from '../store/oidc.ts';
import type { Pool } from '../store/pool.ts';
import { secret } from '../store/secrets.ts';
import { createClientKeys } from './client-keys.ts';
import { discoveryRoutes } from './discovery.ts';
import { createCheckProof } from './dpop.ts';
import { createInteractions } from './interaction.ts';
import { oauthRoutes } from './oauth-routes.ts';
import { createProvider } from './provider.ts';
import { loadProviderKeys } from './provider-keys.ts';
import { registrationRoute } from './registration.ts';

export type AuthorizationServerOptions = {
  pool: Pool;
  /** Public address without a slash at the end. */
  baseUrl: () => string;
  /** Told of what is no refusal but a fault. */
  onBug: (error: unknown) => void;
  /** The header in which a proxy passes on the certificate it has checked. */
  certificateHeader?: string;
};
export type AuthorizationServer = Awaited<ReturnType<typeof createAuthorizationServer>>;

export async function createAuthorizationServer(options: AuthorizationServerOptions) {
  const { pool, baseUrl, onBug, certificateHeader } = options;
  const base = baseUrl();
  const issuer = `${base}/oauth`;
  const fhirBase = `${base}/fhir`;
  const clients = createClientRegistry({ pool });
  const store = createOidcStore({ pool });
  const tokens = createIssuedTokens({ pool });
  const keys = await loadProviderKeys((name, make) => secret(pool, name, make));
  const provider = createProvider({
    issuer,
    fhirBase,
    keys,
    clients,
    store,
    tokens,
    ...createClientKeys(createGuardedFetch()),
    ...(certificateHeader === undefined ? {} : { certificateHeader }),
  });
  return {
    clients,
    store,
    fhirBase,
    /** For calls with tokens that are bound to a key. */
    checkProof: createCheckProof({ store, base }),
    /** For the pages of login and consent. */
    interactions: createInteractions({ provider, store, tokens, fhirBase }),
    /** Signs an account out everywhere; what its apps hold by online_access ends with its sessions. */
    endSessions: (accountId: string): Promise<void> => tokens.endSessionsOf(accountId),
    /** /oauth and the documents that say where it is. */
    routes: async (app: FastifyInstance): Promise<void> => {
      discoveryRoutes(app, { base });
      await app.register(async (scope) => registrationRoute(scope, { provider, clients }));
      await app.register((scope) => oauthRoutes(scope, { provider, issuer, onBug }), { prefix: '/oauth' });
    },
  };
}
