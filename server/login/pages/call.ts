// One request for a page, with what every page needs: who is there, in which language, and for which app.

import type { Access } from '../../access/access.ts';
import type { Actor } from '../../access/actor.ts';
import type { JsonObject } from '../../fhir/json.ts';
import type { Language } from '../../fhir/outcome.ts';
import type { AppAgreements } from '../../store/app-agreements.ts';
import type { ClientRegistry } from '../../store/oauth-clients.ts';
import type { PersonPatient } from '../../store/person-patients.ts';
import type { Login, Opened, Session, Visit } from '../login.ts';
import type { Agreed, AppRequest } from './app-request.ts';
import { type Html, html } from './html.ts';
import type { Page, Say } from './page.ts';

export type Call = {
  login: Login;
  visit: Visit;
  /** The session of the browser, whatever its level. */
  session: Session | undefined;
  say: Say;
  language: Language;
  /** `/login`, or `/login/UID` where an app waits: what links and forms begin with. */
  at: string;
  /** The request of the app that waits. */
  app: AppRequest | undefined;
  form: URLSearchParams;
  query: URLSearchParams;
  nowMs: number;
  /** Ends what the app waits for; each answers where the browser goes on. */
  answer: {
    login(session: Session): Promise<string>;
    consent(agreed: Agreed): Promise<string>;
    refuse(): Promise<string>;
  };
  records: Records;
  /** Ends what this browser's authorization session holds: the session, and tokens that end with it. */
  endAppSession(): Promise<void>;
};

/** What the pages read. */
export type Records = {
  clients: Pick<ClientRegistry, 'find'>;
  agreements: AppAgreements;
  patientsOf(person: string, nowMs: number): Promise<PersonPatient[]>;
  /** A read or search of the FHIR interface with these rights, which leaves its row in the audit. Undefined: 4xx. */
  read(
    as: { access: Access; id: string; language: Language },
    path: string,
    query?: string,
  ): Promise<JsonObject | undefined>;
  /** Leaves a row in the audit of the patient's record, or of nobody's: an app was connected, or its connection ended. */
  note(row: {
    interaction: 'token' | 'token-revoke' | 'consent';
    by: Actor;
    patient: string | undefined;
    request: string;
  }): Promise<void>;
};

export type Answer =
  | ({ kind: 'page' } & Page)
  /** Sends the browser on; `opened` is a session to keep, `closed` has it forget its session. */
  | { kind: 'go'; to: string; opened?: Opened; closed?: true };

export type Run = (call: Call) => Promise<Answer>;
/** Of a page that only an open session gets. */
export type OwnRun = (call: Call, session: Session) => Promise<Answer>;

export const page = (title: string, body: Html, more: Partial<Page> = {}): Answer => ({
  kind: 'page',
  title,
  body,
  ...more,
});

export const go = (to: string): Answer => ({ kind: 'go', to });

/** Where a person goes on who is logged in: to the app that waits, or to their own account. */
export const homeOf = ({ app, at }: Pick<Call, 'app' | 'at'>): string => (app === undefined ? `${at}/account` : at);

/** After a step of the login: to what is missing, or home. */
export function afterOpening(call: Call, opened: Opened, next = homeOf(call)): Answer {
  const { level } = opened.session;
  const to = level === 'half' ? `${call.at}/second` : level === 'enrol' ? `${call.at}/set-up` : next;
  return { kind: 'go', to, opened };
}

/** A way out of the request of an app, for every page on the way. */
export const wayOut = ({ app, at, say }: Pick<Call, 'app' | 'at' | 'say'>): Html =>
  app === undefined
    ? html``
    : html`<form method="post" action="${at}/refuse" class="out"><p><button class="plain">${say('やめてアプリに戻る', 'Stop and go back to the app')}</button></p></form>`;
