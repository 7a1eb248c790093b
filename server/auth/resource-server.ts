// The FHIR base as the one resource that tokens are for (RFC 8707), and the scopes that a client may have of it: those it asks
// for that are understood and registered for it. SMART calls the resource `aud`.

import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { OwnMetadata } from './client-metadata.ts';
import { grantableIn } from './granted-scopes.ts';

export function createResourceServer({ fhirBase }: { fhirBase: string }) {
  const isBase = (value: unknown): boolean => typeof value === 'string' && value.replace(/\/$/, '') === fhirBase;
  return {
    /** Throws InvalidTarget when an authorization request names another server than this, or none. */
    defaultResource: async (ctx: KoaContextWithOIDC, _client: Client, oneOf?: readonly string[]): Promise<string> => {
      if (oneOf !== undefined) {
        const [only, ...more] = oneOf;
        if (more.length === 0 && isBase(only)) return fhirBase;
        throw new errors.InvalidTarget(`resource must be ${fhirBase}`);
      }
      if (ctx.oidc.route !== 'token' && !isBase(ctx.oidc.params?.aud))
        throw new errors.InvalidTarget(`aud must be the FHIR base ${fhirBase}`);
      return fhirBase;
    },
    getResourceServerInfo: async (ctx: KoaContextWithOIDC, resource: string, client: Client) => {
      const { params, entities } = ctx.oidc;
      if (!isBase(resource) || (params?.aud !== undefined && !isBase(params.aud)))
        throw new errors.InvalidTarget(`aud must be the FHIR base ${fhirBase}`);
      const known = entities.AuthorizationCode?.scope ?? entities.RefreshToken?.scope;
      const granted = allowedOf(String(known ?? params?.scope ?? ''), client).join(' ');
      // What may be granted of a word may be a narrower word, and the library grants only what was asked.
      if (known === undefined && params !== undefined) params.scope = granted;
      return {
        scope: granted,
        audience: fhirBase,
        accessTokenFormat: 'opaque' as const,
      };
    },
  };
}

/** Throws InvalidScope for experimental words, and where nothing would be left of what was asked. */
function allowedOf(asked: string, client: Client): string[] {
  const { allowed_scopes, client_kind } = client as unknown as OwnMetadata;
  const contexts = client_kind === 'backend' ? (['system'] as const) : (['patient', 'user'] as const);
  const { granted, experimental } = grantableIn(contexts, asked, allowed_scopes);
  if (experimental.length > 0)
    throw new errors.InvalidScope('modifiers, chaining and _filter are not taken in scopes', experimental.join(' '));
  if (granted.length === 0) throw new errors.InvalidScope('none of the scopes may be granted to this client', asked);
  return granted;
}
