// The authorization server: oidc-provider, and what SMART App Launch 2.2 asks beyond it, as one table of its settings. What a
// line needs more than a word for stands in a file beside this one.

import { type Client, type Configuration, Provider } from 'oidc-provider';
import { type AdapterNeeds, createAdapter, outcomeOfStore } from './adapter.ts';
import { assertionAlgorithms, idTokenAlgorithms, proofAlgorithms } from './algorithms.ts';
import { certificateOf } from './certificate.ts';
import { createCheckAssertion, type IsFresh, skewS } from './client-assertion.ts';
import { type OwnMetadata, ownMetadata } from './client-metadata.ts';
import { errorPage } from './error-page.ts';
import { createCheckLaunch } from './launch.ts';
import { loggedOut, logoutQuestion } from './logout-pages.ts';
import type { ProviderKeys } from './provider-keys.ts';
import { createResourceServer } from './resource-server.ts';
import { addTokenContext, contextOf, fhirUserOf, keepContextOnGrants } from './token-context.ts';

export type ProviderNeeds = AdapterNeeds & {
  /** Public address of the authorization server, without a slash at the end: `https://phr.example.jp/oauth`. */
  issuer: string;
  /** Public address of the FHIR base: what `aud` must name. */
  fhirBase: string;
  keys: ProviderKeys;
  /** Fetches key sets of clients; refuses addresses that are not out in the world. */
  fetch: (url: string | URL, options?: object) => Promise<Response>;
  isFresh: IsFresh;
  /** The header in which a proxy passes on the certificate it has checked; none is believed when absent. */
  certificateHeader?: string;
};

const minuteS = 60;
const hourS = 3_600;
const dayS = 86_400;

/** Seconds for which a service's token is good, and a person's. */
export const systemTokenS = 300;
export const userTokenS = 900;

export function createProvider(needs: ProviderNeeds): Provider {
  const { issuer, fhirBase, keys, fetch, isFresh, certificateHeader } = needs;
  const isUsersSecure = issuer.startsWith('https:');
  const resourceServer = createResourceServer({ fhirBase });
  const configuration: Configuration = {
    adapter: createAdapter(needs),
    jwks: { keys: keys.signing as never },
    cookies: {
      keys: keys.cookie,
      long: { httpOnly: true, sameSite: 'lax', signed: true, secure: isUsersSecure },
      short: { httpOnly: true, sameSite: 'lax', signed: true, secure: isUsersSecure },
    },
    routes: {
      authorization: '/auth',
      token: '/token',
      jwks: '/jwks',
      introspection: '/token/introspection',
      revocation: '/token/revocation',
      end_session: '/session/end',
    },
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access', 'online_access'],
    claims: { openid: ['sub'], fhirUser: ['fhirUser'], profile: ['fhirUser'] },
    subjectTypes: ['public'],
    clientAuthMethods: ['private_key_jwt', 'none'],
    clientDefaults: { id_token_signed_response_alg: 'RS256' },
    extraClientMetadata: { properties: ownMetadata },
    extraParams: { aud: null, launch: createCheckLaunch(needs.store) },
    enabledJWA: {
      clientAuthSigningAlgValues: [...assertionAlgorithms],
      idTokenSigningAlgValues: [...idTokenAlgorithms],
      dPoPSigningAlgValues: [...proofAlgorithms],
    },
    clockTolerance: skewS,
    pkce: { required: () => true },
    rotateRefreshToken: true,
    allowOmittingSingleRegisteredRedirectUri: false,
    assertJwtClientAuthClaimsAndHeader: createCheckAssertion({ tokenUrl: `${issuer}/token`, issuer, isFresh }),
    clientBasedCORS: (_ctx, origin, client) => (client as unknown as OwnMetadata).allowed_origins.includes(origin),
    fetch: fetch as never,
    fetchResponseBodyLimits: { jwks_uri: 64 * 1024 },
    findAccount: (ctx, accountId) => ({
      accountId,
      claims: async () => ({ sub: accountId, fhirUser: fhirUserOf(ctx) }),
    }),
    // Each request is asked about anew: whose record an app reads is a choice of this time.
    loadExistingGrant: async (ctx) => {
      const grantId = ctx.oidc.result?.consent?.grantId;
      return grantId === undefined ? undefined : ctx.oidc.provider.Grant.find(grantId);
    },
    expiresWithSession: async (_ctx, source) => !source.scopes.has('offline_access'),
    issueRefreshToken: async (_ctx, client, { scopes }) =>
      client.grantTypeAllowed('refresh_token') && (scopes.has('offline_access') || scopes.has('online_access')),
    extraTokenClaims: (ctx, token) => contextOf(ctx, token),
    interactions: { url: (_ctx, { uid }) => `/login/${uid}` },
    renderError: errorPage,
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: true, nonceSecret: keys.nonce, requireNonce: () => false },
      introspection: { enabled: true, allowedPolicy: async (_ctx, client, token) => mayIntrospect(client, token) },
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        getCertificate: (ctx) => certificateOf(ctx.req, certificateHeader),
      },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: true, ...resourceServer, useGrantedResource: async () => true },
      revocation: { enabled: true, allowedPolicy: async (_ctx, { clientId }, token) => token.clientId === clientId },
      rpInitiatedLogout: { enabled: true, logoutSource: logoutQuestion, postLogoutSuccessSource: loggedOut },
      userinfo: { enabled: false },
    },
    ttl: {
      AccessToken: () => userTokenS,
      AuthorizationCode: () => minuteS,
      ClientCredentials: () => systemTokenS,
      Grant: () => 366 * dayS,
      IdToken: () => hourS,
      Interaction: () => hourS,
      RefreshToken: () => 90 * dayS,
      Session: () => 12 * hourS,
    },
  };
  const provider = new Provider(issuer, configuration);
  provider.proxy = true;
  keepContextOnGrants(provider);
  useOnce(provider, needs);
  provider.use(addTokenContext);
  provider.on('session.destroyed', ({ uid }) => void needs.tokens.endOfSession(uid).catch(() => undefined));
  return provider;
}

/** Only a client that has proved itself may ask, and only about its own tokens. */
const mayIntrospect = (client: Client, token: { clientId?: string | undefined }): boolean =>
  client.clientAuthMethod !== 'none' && client.clientId === token.clientId;

/** The library looks whether an id was used and then notes that it was; two uses at a time would both be the first. */
function useOnce(provider: Provider, { store }: Pick<AdapterNeeds, 'store'>): void {
  const isFirst = async (iss: string, jti: string, exp: number): Promise<boolean> =>
    store
      .putOnce('ReplayDetection', JSON.stringify([iss, jti]), {}, exp - Math.floor(Date.now() / 1000))
      .catch(outcomeOfStore);
  (provider.ReplayDetection as unknown as { unique: typeof isFirst }).unique = isFirst;
}
