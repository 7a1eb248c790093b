// What CDS Hooks clients send and get, as far as these services look at it. CDS Hooks 2.0, https://cds-hooks.hl7.org/2.0/

import type { JsonObject } from '../fhir/json.ts';
import type { Language } from '../fhir/outcome.ts';

/** What a CDS client sends, as far as these services look at it. */
export type HookRequest = {
  hook: string;
  hookInstance: string;
  context: JsonObject;
  prefetch: JsonObject;
  language: Language;
  /** `YYYY-MM-DD` in Japan. */
  today: string;
  /** Calls an interaction or operation of this server with the rights of the caller; the body of a good answer. */
  call: (method: 'GET' | 'POST', path: string, body?: JsonObject) => Promise<JsonObject>;
};

export type Card = {
  uuid: string;
  /** At most 140 characters. */
  summary: string;
  indicator: 'info' | 'warning' | 'critical';
  /** Markdown. */
  detail?: string;
  source: { label: string };
};

export type CdsService = {
  id: string;
  hook: string;
  title: string;
  description: string;
  /** What a client may send along, so that nothing need be stored here. */
  prefetch: Record<string, string>;
  cards: (request: HookRequest) => Promise<Card[]>;
};
