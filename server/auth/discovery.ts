// What this server says of its authorization server, from one table, at every place where somebody looks for it. SMART App
// Launch 2.2, "FHIR Authorization Endpoint and Capabilities Discovery"; OpenID Connect Discovery 1.0; RFC 8414.

import type { FastifyInstance } from 'fastify';
import { assertionAlgorithms, idTokenAlgorithms, proofAlgorithms } from './algorithms.ts';

/** Every word here works: `test/auth/discovery.int.test.ts` asks for each. */
export const scopesSupported = [
  'openid',
  'fhirUser',
  'profile',
  'launch',
  'launch/patient',
  'launch/encounter',
  'offline_access',
  'online_access',
  'patient/*.rs',
  'patient/*.cruds',
  'patient/*.read',
  'patient/*.write',
  'patient/*.*',
  'user/*.rs',
  'user/*.cruds',
  'system/*.rs',
  'system/*.cruds',
];

const capabilities = [
  'launch-standalone',
  'launch-ehr',
  'authorize-post',
  'client-public',
  'client-confidential-asymmetric',
  'sso-openid-connect',
  'context-standalone-patient',
  'context-standalone-encounter',
  'context-ehr-patient',
  'context-ehr-encounter',
  'context-banner',
  'permission-offline',
  'permission-online',
  'permission-patient',
  'permission-user',
  'permission-v1',
  'permission-v2',
  'health-cards',
];

/** `base` is the public address of the server. */
export function endpointsOf(base: string) {
  return {
    issuer: `${base}/oauth`,
    authorization_endpoint: `${base}/oauth/auth`,
    token_endpoint: `${base}/oauth/token`,
    jwks_uri: `${base}/oauth/jwks`,
    introspection_endpoint: `${base}/oauth/token/introspection`,
    revocation_endpoint: `${base}/oauth/token/revocation`,
    registration_endpoint: `${base}/oauth/reg`,
  };
}

const methods = { token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'] };
const flows = {
  response_types_supported: ['code'],
  code_challenge_methods_supported: ['S256'],
  scopes_supported: scopesSupported,
  ...methods,
  token_endpoint_auth_signing_alg_values_supported: assertionAlgorithms,
  dpop_signing_alg_values_supported: proofAlgorithms,
  tls_client_certificate_bound_access_tokens: true,
};

/** There are no shared secrets here, so `client-confidential-symmetric` is not among the capabilities. */
export const smartConfiguration = (base: string): object => ({
  ...endpointsOf(base),
  ...flows,
  management_endpoint: `${base}/login/connections`,
  grant_types_supported: ['authorization_code', 'client_credentials'],
  capabilities,
});

/** OpenID Provider Metadata, which is RFC 8414 metadata as well. */
export const openidConfiguration = (base: string): object => ({
  ...endpointsOf(base),
  ...flows,
  end_session_endpoint: `${base}/oauth/session/end`,
  grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
  response_modes_supported: ['query', 'fragment', 'form_post'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: idTokenAlgorithms,
  claims_supported: ['sub', 'iss', 'auth_time', 'sid', 'fhirUser'],
  claims_parameter_supported: false,
  request_parameter_supported: false,
  request_uri_parameter_supported: false,
  authorization_response_iss_parameter_supported: true,
  introspection_endpoint_auth_methods_supported: ['private_key_jwt'],
  revocation_endpoint_auth_methods_supported: methods.token_endpoint_auth_methods_supported,
});

const documents: Record<string, (base: string) => object> = {
  '/fhir/.well-known/smart-configuration': smartConfiguration,
  '/.well-known/smart-configuration': smartConfiguration,
  '/.well-known/openid-configuration': openidConfiguration,
  '/oauth/.well-known/openid-configuration': openidConfiguration,
  // RFC 8414 puts the word between host and path, many clients behind the issuer.
  '/.well-known/oauth-authorization-server': openidConfiguration,
  '/.well-known/oauth-authorization-server/oauth': openidConfiguration,
  '/oauth/.well-known/oauth-authorization-server': openidConfiguration,
};

/** Serves the documents to everybody, in JSON whatever Accept says. */
export function discoveryRoutes(app: FastifyInstance, { base }: { base: string }): void {
  for (const [url, documentOf] of Object.entries(documents)) {
    const text = JSON.stringify(documentOf(base));
    app.get(url, { exposeHeadRoute: true }, async (_request, reply) =>
      reply
        .header('content-type', 'application/json; charset=utf-8')
        .header('cache-control', 'public, max-age=300')
        .header('access-control-allow-origin', '*')
        .send(text),
    );
    app.options(url, async (_request, reply) =>
      reply
        .header('access-control-allow-origin', '*')
        .header('access-control-allow-methods', 'GET, HEAD')
        .header('access-control-allow-headers', '*')
        .header('access-control-max-age', '3600')
        .status(204)
        .send(),
    );
  }
}

/** `CapabilityStatement.rest.security`: the same endpoints in FHIR's words. */
export function securityOf(base: string) {
  const { authorization_endpoint, token_endpoint, introspection_endpoint, revocation_endpoint, registration_endpoint } =
    endpointsOf(base);
  const uris = {
    authorize: authorization_endpoint,
    token: token_endpoint,
    introspect: introspection_endpoint,
    revoke: revocation_endpoint,
    register: registration_endpoint,
  };
  return {
    extension: [
      {
        url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
        extension: Object.entries(uris).map(([url, valueUri]) => ({ url, valueUri })),
      },
    ],
    cors: true,
    service: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
            code: 'SMART-on-FHIR',
            display: 'SMART-on-FHIR',
          },
        ],
        text: 'OAuth2 using SMART-on-FHIR profile (see http://docs.smarthealthit.org)',
      },
    ],
    description: `SMART App Launch 2.2; details at ${base}/fhir/.well-known/smart-configuration. Only this page and that are open.`,
  };
}
