// Dynamic registration (RFC 7591) at /oauth/reg: a client enters itself, and waits. It gets no token before a person of the
// deployment approves it (`tsumugi approve client ID`). Nothing it sends is believed but its own keys and addresses.

import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { errors, type Provider } from 'oidc-provider';
import { holdsUnstorableText } from '../fhir/json.ts';
import { holdsMyNumber } from '../fhir/my-number.ts';
import type { ClientRegistry, OauthClient } from '../store/oauth-clients.ts';
import { metadataOf } from './client-metadata.ts';
import { clientFaults } from './client-rules.ts';
import { isKnownScope } from './granted-scopes.ts';

const longestBodyBytes = 16_384;
const usualScopes = 'openid fhirUser launch/patient patient/*.rs';

type Needs = { provider: Provider; clients: ClientRegistry };

/** Takes JSON only, and reads it by itself: what FHIR bodies are read with keeps numbers that nobody needs here. */
export function registrationRoute(scope: FastifyInstance, { provider, clients }: Needs): void {
  scope.post('/oauth/reg', { bodyLimit: longestBodyBytes }, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const asked = request.body;
    if (!isRecord(asked) || holdsUnstorableText(asked, JSON.stringify(asked)))
      return reply.status(400).send(refusal('the body must be a JSON object'));
    if (holdsMyNumber(asked)) return reply.status(400).send(refusal('it holds a My Number, which is not kept'));
    const client = clientOf(asked);
    const fault = typeof client === 'string' ? client : (clientFaults(client)[0] ?? libraryFault(provider, client));
    if (fault !== undefined || typeof client === 'string') return reply.status(400).send(refusal(fault ?? ''));
    if (!(await clients.add(client)))
      return reply.status(503).header('retry-after', '86400').send({ error: 'temporarily_unavailable' });
    const {
      allowed_scopes,
      client_kind: _kind,
      allowed_origins: _origins,
      is_fapi: _fapi,
      ...told
    } = metadataOf(client);
    return reply
      .status(201)
      .send({ ...told, scope: allowed_scopes, client_id_issued_at: Math.floor(Date.now() / 1000) });
  });
  scope.setErrorHandler((_error, _request, reply) => reply.status(400).send(refusal('the body must be a JSON object')));
}

/** The client of a request, or what is wrong with it. */
function clientOf(asked: Record<string, unknown>): OauthClient | string {
  const { grant_types = ['authorization_code'], redirect_uris = [], jwks, jwks_uri, scope = usualScopes } = asked;
  const { token_endpoint_auth_method: method = jwks || jwks_uri ? 'private_key_jwt' : 'none', client_name = '' } =
    asked;
  if (!isTexts(grant_types) || !isTexts(redirect_uris)) return 'grant_types and redirect_uris must be lists of texts';
  if (typeof scope !== 'string' || typeof client_name !== 'string') return 'scope and client_name must be texts';
  if (method !== 'none' && method !== 'private_key_jwt')
    return 'token_endpoint_auth_method must be private_key_jwt or none; there are no shared secrets here';
  if ((method === 'private_key_jwt') !== (jwks !== undefined || jwks_uri !== undefined))
    return 'private_key_jwt goes with jwks or jwks_uri';
  if (jwks !== undefined && !isRecord(jwks)) return 'jwks must be a JWK set';
  if (jwks_uri !== undefined && typeof jwks_uri !== 'string') return 'jwks_uri must be a text';
  const isBackend = grant_types.includes('client_credentials');
  if (isBackend && grant_types.length > 1)
    return 'client_credentials stands alone; register an app and a service apart';
  const unknown = grant_types.find(
    (one) => !['authorization_code', 'refresh_token', 'client_credentials'].includes(one),
  );
  if (unknown !== undefined) return 'grant_types may hold authorization_code, refresh_token, client_credentials';
  const scopes = scope.split(' ').filter(isKnownScope).join(' ');
  const ja = asked['client_name#ja'];
  return {
    id: randomUUID(),
    name: { ja: typeof ja === 'string' ? ja : client_name, en: client_name },
    kind: isBackend ? 'backend' : 'family-app',
    status: 'pending',
    redirectUris: redirect_uris,
    ...(jwks === undefined ? {} : { jwks }),
    ...(jwks_uri === undefined ? {} : { jwksUri: jwks_uri }),
    scopes,
    origins: isBackend ? [] : originsOf(redirect_uris),
    ...(asked.dpop_bound_access_tokens === true ? { binding: 'dpop' as const } : {}),
    fapi: false,
  };
}

function libraryFault(provider: Provider, client: OauthClient): string | undefined {
  try {
    new (provider.Client as unknown as new (metadata: object) => unknown)(metadataOf(client));
    return undefined;
  } catch (error) {
    if (error instanceof errors.InvalidClientMetadata) return error.error_description ?? 'it is not valid';
    throw error;
  }
}

const originsOf = (uris: string[]): string[] => [
  ...new Set(
    uris.map((uri) => URL.parse(uri)?.origin).filter((one): one is string => one?.startsWith('http') === true),
  ),
];
const refusal = (error_description: string) => ({ error: 'invalid_client_metadata', error_description });
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');
