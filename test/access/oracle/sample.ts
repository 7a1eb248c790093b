// Small pieces of worlds: resources as the oracle reads them, labels, relations, Consents.
import { actCode, confidentiality, knownSensitivities } from './entry.ts';
import type { Caller, Entry, Relation, Resource, World } from './world.ts';

export const atMs = (text: string): number => Date.parse(text);

/** A world of these entries and nothing else. */
export const worldOf = (entries: Entry[], more: Partial<World> = {}): World => ({
  entries,
  relations: [],
  ties: [],
  breakGlass: [],
  suspensions: [],
  municipalities: [],
  ...more,
});

export const entryOf = (resource: Resource, more: Partial<Entry> = {}): Entry => ({
  resource,
  storedMs: atMs('2026-01-01T00:00:00Z'),
  ...more,
});

export const labelled = (...codes: string[]) => ({
  meta: {
    security: codes.map((code) => ({ system: knownSensitivities.includes(code) ? actCode : confidentiality, code })),
  },
});

export const patientBorn = (id: string, birthDate?: string): Resource => ({
  resourceType: 'Patient',
  id,
  ...(birthDate === undefined ? {} : { birthDate }),
});

export const observation = (id: string, patient: string, more: object = {}): Resource => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8310-5' }] },
  subject: { reference: `Patient/${patient}` },
  ...more,
});

export const family = (person: string, scopes = 'user/*.cruds'): Caller => ({ scopes, user: `Person/${person}` });

export const facility = (organization: string, more: Partial<Caller> = {}): Caller => ({
  scopes: 'system/*.cruds',
  organization,
  ...more,
});

export const relation = (
  kind: Relation['kind'],
  person: string,
  patient: string,
  more: Partial<Relation> = {},
): Relation => ({ kind, person, patient, status: 'active', ...more });

const hl7 = 'http://terminology.hl7.org/CodeSystem';

export const actorOf = (reference: string, role = 'IRCP') => ({
  role: { coding: [{ system: `${hl7}/v3-ParticipationType`, code: role }] },
  reference: { reference },
});

export const purposes = (...codes: string[]) => codes.map((code) => ({ system: `${hl7}/v3-ActReason`, code }));

export const labels = (...codes: string[]) => labelled(...codes).meta.security;

/** A Consent in the shape of IHE PCF; `provision` is the root without its actor, who is `grantee`. */
export const consentFor = (
  id: string,
  patient: string,
  grantee: string,
  provision: object,
  more: object = {},
): Resource => ({
  resourceType: 'Consent',
  id,
  status: 'active',
  scope: { coding: [{ system: `${hl7}/consentscope`, code: 'patient-privacy' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference: `Patient/${patient}` },
  dateTime: '2026-01-01T09:00:00+09:00',
  policy: [{ uri: 'https://profiles.ihe.net/ITI/PCF/Policy-basic-normal' }],
  provision: { type: 'permit', actor: [actorOf(grantee)], ...provision },
  ...more,
});
