// What the pages need of the authorization server: which request of an app waits for this browser, and how its answer gets back.
// server/auth/interaction.ts has these functions; the two folders know each other by these shapes only.

import type { IncomingMessage, ServerResponse } from 'node:http';

type Both = [request: IncomingMessage, response: ServerResponse];

/** What waits for a person. */
export type AppRequest = {
  step: 'login' | 'consent';
  client: {
    id: string;
    name: { ja: string; en: string };
    kind: 'family-app' | 'staff-app' | 'backend';
    organization?: string;
  };
  scopes: string[];
  needsPatient: boolean;
  needsEncounter: boolean;
  launch?: { patient?: string; encounter?: string; user?: string };
  /** The account that the authorization server takes the browser to be of. */
  accountId?: string;
  uiLocales: string[];
  loginHint?: string;
  /** A login is good when it took place at this moment or later. */
  loginNotBeforeMs?: number;
  /** Where a form of the page may lead besides this server (Content Security Policy, `form-action`). */
  formTarget: string;
};

export type AppRequests = {
  pending(...both: Both): Promise<AppRequest>;
  /** Each of these answers the address at which the browser goes on. */
  finishLogin(
    ...args: [...Both, login: { accountId: string; amr: string[]; acr: string; authTimeMs: number }]
  ): Promise<string>;
  finishConsent(...args: [...Both, consent: Agreed]): Promise<string>;
  refuse(...both: Both): Promise<string>;
  /** Whether an error says that this browser has no such request open, or that its launch is over. */
  isOver(error: unknown): boolean;
};

/** What a person has agreed to. */
export type Agreed = {
  scopes: string[];
  user: `Person/${string}` | `Practitioner/${string}`;
  /** Relative to the FHIR base. */
  fhirUser: string;
  patient?: string;
  encounter?: string;
  organization?: string;
  /** v3-ActReason. */
  purpose: string;
  need_patient_banner: boolean;
};
