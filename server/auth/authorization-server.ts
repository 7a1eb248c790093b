// The authorization server of a deployment, put together: its registry, what it remembers, its keys, its routes.

import type { FastifyInstance } from 'fastify';
import { createGuardedFetch } from '../outgoing/guarded-fetch.ts';
import { createIssuedTokens } from '../store/issued-tokens.ts';
import { createClientRegistry } from '../store/oauth-clients.ts';
import { createOidcStore } from '../store/oidc.ts';
import type { Pool } from '../store/pool.ts';
import { secret } from '../store/secrets.ts';
import { createClientKeys } from './client-keys.ts';
import { oauthRoutes } from './oauth-routes.ts';
import { createProvider } from './provider.ts';
import { loadProviderKeys } from './provider-keys.ts';

export type AuthorizationServerOptions = {
  pool: Pool;
  /** Public address without a slash at the end. */
  baseUrl: () => string;
  /** An error as it may be logged. */
  withoutValues: (error: unknown) => object;
};

export async function authorizationServer(scope: FastifyInstance, options: AuthorizationServerOptions): Promise<void> {
  const { pool, baseUrl, withoutValues } = options;
  const issuer = `${baseUrl()}/oauth`;
  const clients = createClientRegistry({ pool });
  const store = createOidcStore({ pool });
  const tokens = createIssuedTokens({ pool });
  const keys = await loadProviderKeys((name, make) => secret(pool, name, make));
  const clientKeys = createClientKeys(createGuardedFetch());
  const provider = createProvider({
    issuer,
    fhirBase: `${baseUrl()}/fhir`,
    keys,
    clients,
    store,
    tokens,
    ...clientKeys,
  });
  const onBug = (error: unknown) => scope.log.error({ err: withoutValues(error) }, 'the authorization server failed');
  await scope.register((inner) => oauthRoutes(inner, { provider, issuer, onBug }), { prefix: '/oauth' });
}
