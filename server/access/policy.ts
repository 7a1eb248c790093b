// The policy of server/decisions/0011-who-may-see-what.md as data: what each basis gives. Pure.

import { everyLabel, everySensitivity, restricted, SDV } from './labels.ts';
import type { Basis, Permission } from './permission.ts';

/** What is the same for every permission of a basis. A Consent says the rest itself. */
export const bases = {
  self: { normal: true, labels: everyLabel, writes: 'patient' },
  guardian: { normal: true, labels: everyLabel, writes: 'patient' },
  invited: { normal: true, labels: 0 },
  residence: { normal: true, labels: 0, writes: 'patient' },
  link: { normal: true, labels: 0, types: ['Patient'], writes: 'entries' },
  consent: { normal: true, labels: 0 },
  'break-glass': { normal: true, labels: restricted | (everySensitivity & ~SDV) },
  suspension: { normal: true, labels: everyLabel, denies: true },
} as const satisfies Record<Basis, Partial<Permission>>;

/** Years after birth; birthdays are 00:00 in Japan (年齢計算ニ関スル法律 reaches the age at the end of the day before). */
export const ownAccountYears = 15;
export const adultYears = 18;
/** Under this age an app also needs a guardian's yes. */
export const appAloneYears = 16;

/** How many months before somebody is grown up their family is told that the record will be handed over; the last time on the day. */
export const handOverNotices: readonly number[] = [6, 1, 0];

/** 予防接種法 9条2項: for those under 16 the guardian answers. */
export const vaccinationAloneYears = 16;

/** Acts for which both guardians are needed where custody is joint, and those that either does in an urgency, telling the other. */
export const jointActs: ReadonlySet<string> = new Set(['delete-record', 'move-record', 'consent-research', 'end-link']);
export const urgentActs: ReadonlySet<string> = new Set(['share-emergency-summary']);
export const confirmationMs = 14 * 86_400_000;

export const breakGlassMs = 30 * 60_000;
export const shortestReason = 10;
/** How soon the organization has to review what was opened so. */
export const reviewMs = 7 * 86_400_000;

/** What a guardian may tick for an invited relative, and the body measures that `growth` is. */
const LOINC = 'http://loinc.org';
export const bodyMeasures = ['29463-7', '8302-2', '8287-5', '9843-4', '39156-5', '3141-9', '8306-3'].map((code) => ({
  parameter: 'Observation.code',
  system: LOINC,
  code,
}));
export const categories: Readonly<Record<string, Pick<Permission, 'types' | 'marks'>>> = {
  growth: { types: ['Observation'], marks: bodyMeasures },
  vaccination: { types: ['Immunization', 'ImmunizationRecommendation'] },
  checkup: { types: ['Observation', 'Encounter', 'DiagnosticReport'] },
  appointment: { types: ['Appointment'] },
  photo: { types: ['DocumentReference', 'Media'] },
};

/** What a municipality needs for public health. */
export const publicHealthTypes = [
  'Patient',
  'RelatedPerson',
  'Immunization',
  'ImmunizationRecommendation',
  'Observation',
  'Encounter',
  'Appointment',
  'QuestionnaireResponse',
  'RiskAssessment',
  'Task',
  'Communication',
  'DiagnosticReport',
  'Flag',
  'Coverage',
];

/** Made by the operations that check what they say, never by a family's own write. */
export const notByFamilies: ReadonlySet<string> = new Set([
  'RelatedPerson',
  'Person',
  'Provenance',
  'AuditEvent',
  'Flag',
]);

/** What an organization keeps about itself: nobody's, and its own to change. */
export const ownDirectory: ReadonlySet<string> = new Set([
  'Practitioner',
  'PractitionerRole',
  'Location',
  'HealthcareService',
  'Schedule',
  'Slot',
  'Endpoint',
  'Medication',
  'Questionnaire',
  'Group',
]);

/** Reading for research has another way out (the de-identified export). */
export const unreadablePurposes: ReadonlySet<string> = new Set(['HRESCH']);

/** Read by the patient and the guardians alone. */
export const accessLog = 'AuditEvent';
