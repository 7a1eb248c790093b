// What the login and consent pages need of the authorization server: what an app asks, and how a person's answer gets back to
// it. The pages are under /login/UID; the cookie of that path names the request, so only the browser that began it may end it.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Client, errors, type Provider } from 'oidc-provider';
import type { IssuedTokens } from '../store/issued-tokens.ts';
import type { OidcStore } from '../store/oidc.ts';
import type { OwnMetadata } from './client-metadata.ts';
import { grantableIn, needsPatient } from './granted-scopes.ts';
import { type Launch, launchOf } from './launch.ts';
import type { SmartContext } from './smart-context.ts';

/** What waits for a person. */
export type Pending = {
  uid: string;
  /** `login`: nobody is signed in, or a new sign-in is asked for. `consent`: `accountId` is, and is to be asked. */
  step: 'login' | 'consent';
  client: { id: string; name: { ja: string; en: string }; kind: OwnMetadata['client_kind']; organization?: string };
  /** What may be granted of what the app asks. */
  scopes: string[];
  /** A patient has to be chosen, unless the launch names one. */
  needsPatient: boolean;
  /** An encounter has to be chosen. */
  needsEncounter: boolean;
  /** What the record system that opened the app said (EHR launch). */
  launch?: Omit<Launch, 'client'>;
  /** Who is signed in, at the step of consent. */
  accountId?: string;
  /** What the app would like: BCP 47 languages, and whom it expects. */
  uiLocales: string[];
  loginHint?: string;
  /** A login is good when it took place at this moment or later: the app asked for a new one, or for a fresh one. */
  loginNotBeforeMs?: number;
  /** The origin (or scheme) that the app is told its answer at. */
  formTarget: string;
};

export type Login = {
  /** The account, in the words of the login; it is `sub` of the id_token. */
  accountId: string;
  /** How it was proved: RFC 8176 names such as `pwd`, `otp`, `hwk`. */
  amr?: string[];
  acr?: string;
  /** When it was proved. */
  authTimeMs?: number;
  /** False ends the session with the browser. */
  remember?: boolean;
};

export type Consent = Omit<SmartContext, 'user' | 'fhirUser'> & {
  /** Those of `Pending.scopes` that the person agrees to. */
  scopes: string[];
  user: `Person/${string}` | `Practitioner/${string}`;
  /** Absolute, or relative to the FHIR base: a guardian's RelatedPerson, a Patient, a Practitioner … */
  fhirUser: string;
};

export type Interactions = ReturnType<typeof createInteractions>;
type Needs = { provider: Provider; store: OidcStore; tokens: Pick<IssuedTokens, 'endOfSession'>; fhirBase: string };

/** Every function throws `NoInteraction` when this browser has no request of that kind open. */
export function createInteractions({ provider, store, tokens, fhirBase }: Needs) {
  return {
    async pending(request: IncomingMessage, response: ServerResponse): Promise<Pending> {
      const { uid, params, prompt, session, client, iat } = await opened(request, response);
      const loginNotBeforeMs = prompt.name === 'login' ? freshnessMs(params, iat) : undefined;
      const own = client as unknown as OwnMetadata;
      const scopes = scopesOf(params, client);
      const launch = await launchOf(store, params.launch, client.clientId);
      return {
        uid,
        step: prompt.name === 'login' ? 'login' : 'consent',
        client: {
          id: client.clientId,
          name: { ja: own['client_name#ja'], en: String(client.clientName) },
          kind: own.client_kind,
          ...(own.organization_id === undefined ? {} : { organization: own.organization_id }),
        },
        scopes,
        needsPatient: needsPatient(scopes) && launch?.patient === undefined,
        needsEncounter: scopes.includes('launch/encounter') && launch?.encounter === undefined,
        ...(launch === undefined ? {} : { launch }),
        ...(session?.accountId === undefined ? {} : { accountId: session.accountId }),
        uiLocales: String(params.ui_locales ?? '')
          .split(' ')
          .filter(Boolean),
        ...(typeof params.login_hint === 'string' ? { loginHint: params.login_hint } : {}),
        ...(loginNotBeforeMs === undefined ? {} : { loginNotBeforeMs }),
        formTarget: formTargetOf(String(params.redirect_uri)),
      };
    },

    /** The address at which the browser goes on. */
    async finishLogin(
      request: IncomingMessage,
      response: ServerResponse,
      { authTimeMs, ...login }: Login,
    ): Promise<string> {
      await opened(request, response);
      const when = authTimeMs === undefined ? {} : { ts: Math.floor(authTimeMs / 1000) };
      return provider.interactionResult(request, response, { login: { remember: false, ...login, ...when } });
    },

    /** Ends the session that this browser has here, and the tokens that were to end with it. */
    async endSession(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const session = await provider.Session.get(provider.createContext(request, response) as never);
      if (session.accountId === undefined) return;
      await session.destroy();
      await tokens.endOfSession(session.uid);
    },

    /** Grants, and answers the address at which the browser goes on. Throws ConsentError for what does not fit the request. */
    async finishConsent(request: IncomingMessage, response: ServerResponse, consent: Consent): Promise<string> {
      const { params, session, client } = await opened(request, response);
      if (session?.accountId === undefined) throw new NoInteraction('nobody is signed in');
      const asked = scopesOf(params, client);
      const { scopes, ...given } = consent;
      if (scopes.some((scope) => !asked.includes(scope))) throw new ConsentError('a scope was not asked for');
      const launch = await launchOf(store, params.launch, client.clientId, { isUsed: true });
      if (asked.includes('launch') && launch === undefined) throw new ConsentError('the launch is over');
      if (launch?.user !== undefined && launch.user !== given.user)
        throw new ConsentError('the launch is of another user');
      const { client: _client, user: _user, ...fromLaunch } = launch ?? {};
      const context: SmartContext = { ...given, ...fromLaunch, fhirUser: new URL(given.fhirUser, `${fhirBase}/`).href };
      if (needsPatient(scopes) && context.patient === undefined) throw new ConsentError('a patient has to be chosen');
      const grantId = await grant({ accountId: session.accountId, clientId: client.clientId, asked, scopes, context });
      return provider.interactionResult(request, response, { consent: { grantId } });
    },

    /** Tells the app that the person does not want it; answers the address at which the browser goes on. */
    async refuse(request: IncomingMessage, response: ServerResponse): Promise<string> {
      await opened(request, response);
      const result = { error: 'access_denied', error_description: 'the person did not agree' };
      return provider.interactionResult(request, response, result, { mergeWithLastSubmission: false });
    },
  };

  async function opened(request: IncomingMessage, response: ServerResponse) {
    const interaction = await provider.interactionDetails(request, response).catch((error: unknown) => {
      if (error instanceof errors.SessionNotFound) throw new NoInteraction('no request of an app is open here');
      throw error;
    });
    const client = await provider.Client.find(String(interaction.params.client_id));
    if (client === undefined) throw new NoInteraction('the app is not known any more');
    return { ...interaction, uid: interaction.uid, client };
  }

  function scopesOf(params: Record<string, unknown>, client: Client): string[] {
    const { allowed_scopes } = client as unknown as OwnMetadata;
    return grantableIn(['patient', 'user'], String(params.scope ?? ''), allowed_scopes).granted;
  }

  type Granted = { accountId: string; clientId: string; asked: string[]; scopes: string[]; context: SmartContext };

  async function grant({ accountId, clientId, asked, scopes, context }: Granted): Promise<string> {
    const made = new provider.Grant({ accountId, clientId });
    const refused = asked.filter((scope) => !scopes.includes(scope));
    made.addOIDCScope(scopes.join(' '));
    made.addResourceScope(fhirBase, scopes.join(' '));
    if (refused.length > 0) made.rejectOIDCScope(refused.join(' '));
    if (refused.length > 0) made.rejectResourceScope(fhirBase, refused.join(' '));
    Object.assign(made, { context });
    return made.save();
  }
}

/** `prompt=login` asks for a login that took place since, `max_age` for one of the last seconds (OpenID Connect Core, 3.1.2.1). */
function freshnessMs({ prompt, max_age }: Record<string, unknown>, iat: number): number | undefined {
  if (
    String(prompt ?? '')
      .split(' ')
      .includes('login')
  )
    return iat * 1000;
  return max_age === undefined ? undefined : Date.now() - Number(max_age) * 1000;
}

/** As a source of Content Security Policy: an origin, or the scheme of an app on a phone. */
function formTargetOf(redirectUri: string): string {
  const { origin, protocol } = new URL(redirectUri);
  return origin === 'null' ? protocol : origin;
}

/** This browser has no such request open: it has expired, was finished, or never was. */
export class NoInteraction extends Error {
  override readonly name = 'NoInteraction';
}

/** The answer does not fit what was asked. */
export class ConsentError extends Error {
  override readonly name = 'ConsentError';
}
