// A client of the registry in the words of RFC 7591, as oidc-provider reads it. There are no shared secrets: a client proves
// itself by a signed assertion, or is public.

import type { ClientMetadata } from 'oidc-provider';
import type { ClientKind, OauthClient } from '../store/oauth-clients.ts';

/** What of a client only this server knows, carried as further metadata. */
export type OwnMetadata = {
  /** RFC 7591, 2.2, which the library does not keep by itself. */
  'client_name#ja': string;
  client_kind: ClientKind;
  allowed_scopes: string;
  allowed_origins: string[];
  organization_id?: string;
  is_fapi: boolean;
};

/** Names of OwnMetadata, which the library has to be told. */
export const ownMetadata: (keyof OwnMetadata)[] = [
  'client_name#ja',
  'client_kind',
  'allowed_scopes',
  'allowed_origins',
  'organization_id',
  'is_fapi',
];

const grantsOf: Record<ClientKind, string[]> = {
  'family-app': ['authorization_code', 'refresh_token'],
  'staff-app': ['authorization_code', 'refresh_token'],
  backend: ['client_credentials'],
};

export function metadataOf(client: OauthClient): ClientMetadata & OwnMetadata {
  const { id, name, kind, redirectUris, jwks, jwksUri, scopes, origins, binding, fapi, organization } = client;
  const hasKeys = jwks !== undefined || jwksUri !== undefined;
  const isBackend = kind === 'backend';
  return {
    client_id: id,
    client_name: name.en,
    'client_name#ja': name.ja,
    application_type: redirectUris.every((uri) => uri.startsWith('https:')) ? 'web' : 'native',
    grant_types: grantsOf[kind],
    response_types: isBackend ? [] : ['code'],
    redirect_uris: isBackend ? [] : redirectUris,
    token_endpoint_auth_method: hasKeys ? 'private_key_jwt' : 'none',
    ...(jwks === undefined ? {} : { jwks: jwks as NonNullable<ClientMetadata['jwks']> }),
    ...(jwksUri === undefined ? {} : { jwks_uri: jwksUri }),
    ...(binding === 'dpop' ? { dpop_bound_access_tokens: true } : {}),
    ...(binding === 'mtls' ? { tls_client_certificate_bound_access_tokens: true } : {}),
    client_kind: kind,
    allowed_scopes: scopes,
    allowed_origins: origins,
    is_fapi: fapi,
    ...(organization === undefined ? {} : { organization_id: organization }),
  };
}
