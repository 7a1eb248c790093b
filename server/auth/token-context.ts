// The launch context on its way: from the grant, where consent has put it, to each access token, to the token answer and to
// introspection. SMART App Launch 2.2, "Launch context"; a service has its organization instead.

import type { AccessToken, ClientCredentials, KoaContextWithOIDC, Provider, UnknownObject } from 'oidc-provider';
import type { OwnMetadata } from './client-metadata.ts';
import { type SmartContext, toldContext } from './smart-context.ts';

/** Has grants remember a member `context`; the library stores only what it has a name for. */
export function keepContextOnGrants({ Grant }: Provider): void {
  const known = (Grant as unknown as { IN_PAYLOAD: string[] }).IN_PAYLOAD;
  Object.defineProperty(Grant, 'IN_PAYLOAD', { value: [...known, 'context'] });
}

/** The context of the grant that a request is about; empty for a service. */
export const grantContext = (ctx: KoaContextWithOIDC): SmartContext =>
  (ctx.oidc.entities.Grant as { context?: SmartContext } | undefined)?.context ?? {};

export const fhirUserOf = (ctx: KoaContextWithOIDC): string | undefined => grantContext(ctx).fhirUser;

/** What goes with a token: introspection shows it. */
export function contextOf(ctx: KoaContextWithOIDC, token: AccessToken | ClientCredentials): UnknownObject | undefined {
  if (token.kind === 'AccessToken') return { ...grantContext(ctx) };
  const { organization_id } = ctx.oidc.client as unknown as OwnMetadata;
  return organization_id === undefined ? undefined : { organization: organization_id };
}

/** Puts the context into the answer of the token endpoint. */
export async function addTokenContext(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  if (ctx.oidc?.route !== 'token' || ctx.status !== 200 || typeof ctx.body !== 'object') return;
  ctx.set('pragma', 'no-cache');
  const context = grantContext(ctx);
  for (const name of toldContext)
    if (context[name] !== undefined) (ctx.body as Record<string, unknown>)[name] = context[name];
}
