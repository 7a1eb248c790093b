// What the policy asks of an entry: whose it is, its labels, its clinical date and when it was authored. Which references put
// a resource into a patient's compartment is R4's, written out here for the types that the worlds have.
// https://hl7.org/fhir/R4/compartmentdefinition-patient.html
import { type Instants, instantsOf, periodOf } from './moments.ts';
import type { Entry, Resource } from './world.ts';

/** "Its owner is the first patient": `subject` and `patient` come first, the others in the order of R4. */
const compartment: Record<string, string[]> = {
  AllergyIntolerance: ['patient', 'recorder', 'asserter'],
  Appointment: ['participant.actor'],
  AuditEvent: ['agent.who', 'entity.what'],
  CarePlan: ['subject', 'activity.detail.performer'],
  Communication: ['subject', 'sender', 'recipient'],
  Condition: ['subject', 'asserter'],
  Consent: ['patient'],
  Coverage: ['policyHolder', 'subscriber', 'beneficiary', 'payor'],
  DiagnosticReport: ['subject'],
  DocumentReference: ['subject', 'author'],
  Encounter: ['subject'],
  Flag: ['subject'],
  Group: ['member.entity'],
  Immunization: ['patient'],
  ImmunizationRecommendation: ['patient'],
  Media: ['subject'],
  MedicationRequest: ['subject'],
  MedicationStatement: ['subject'],
  Observation: ['subject', 'performer'],
  Person: ['link.target'],
  Procedure: ['subject', 'performer.actor'],
  Provenance: ['target'],
  QuestionnaireResponse: ['subject', 'author'],
  RelatedPerson: ['patient'],
  RiskAssessment: ['subject'],
  Schedule: ['actor'],
};

/** The types of `access/directory-types.ts`, which the page names. */
export const directoryTypes = [
  ...['ActivityDefinition', 'CodeSystem', 'ConceptMap', 'Endpoint', 'HealthcareService', 'Location', 'Medication'],
  ...[
    'MedicationKnowledge',
    'OperationDefinition',
    'Organization',
    'PlanDefinition',
    'Practitioner',
    'PractitionerRole',
  ],
  ...['Questionnaire', 'Schedule', 'SearchParameter', 'Slot', 'StructureDefinition', 'ValueSet'],
];

/** Ids of the patients in whose compartments a resource is, the owner first. A Patient is in its own only. */
export function patientsOf(resource: Resource): string[] {
  if (resource.resourceType === 'Patient') return [resource.id];
  const references = (compartment[resource.resourceType] ?? []).flatMap((path) => referencesAt(resource, path));
  return [
    ...new Set(references.filter((one) => one.startsWith('Patient/')).map((one) => one.slice('Patient/'.length))),
  ];
}

/** "A directory entry is nobody's and of one of the directory types. What is neither is closed." */
export function kindOf(resource: Resource): 'record' | 'directory' | 'closed' {
  if (patientsOf(resource).length > 0) return 'record';
  return directoryTypes.includes(resource.resourceType) ? 'directory' : 'closed';
}

/** The values at a path of element names, through every repetition. */
export function valuesAt(value: unknown, path: string): unknown[] {
  return path.split('.').reduce<unknown[]>((values, name) => values.flatMap((one) => childrenOf(one, name)), [value]);
}

function childrenOf(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const child = (value as Record<string, unknown>)[name];
  return child === undefined ? [] : Array.isArray(child) ? child : [child];
}

/** The texts at a path: references, codes, dates. */
export const textsAt = (value: unknown, path: string): string[] =>
  valuesAt(value, path).filter((one) => typeof one === 'string');

export const referencesAt = (value: unknown, path: string): string[] => textsAt(value, `${path}.reference`);

export type Level = 'N' | 'R' | 'V';
export type Labels = { level: Level; sensitivities: string[] };

export const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
export const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
export const knownSensitivities = ['PSY', 'SDV', 'HIV', 'ETH', 'SEX'];

/**
 * "Labels: level N, R or V (none of these, or L, M, U: N), sensitivity PSY SDV HIV ETH SEX. A sensitivity raises level N to R."
 * Of several levels the highest counts (the page does not say).
 */
export function labelsOf(resource: Resource): Labels {
  const codes = codesOf(valuesAt(resource, 'meta.security'), confidentiality);
  const sensitivities = codesOf(valuesAt(resource, 'meta.security'), actCode).filter((code) =>
    knownSensitivities.includes(code),
  );
  if (codes.includes('V')) return { level: 'V', sensitivities };
  return { level: codes.includes('R') || sensitivities.length > 0 ? 'R' : 'N', sensitivities };
}

export const codesOf = (codings: unknown[], system: string): string[] =>
  codings.filter((coding) => textsAt(coding, 'system').includes(system)).flatMap((coding) => textsAt(coding, 'code'));

/** "The clinical date of an entry is its type's main date." Patient, Person and RelatedPerson have none. */
const mainDate: Record<string, string[]> = {
  AllergyIntolerance: ['recordedDate'],
  Appointment: ['start'],
  AuditEvent: ['recorded'],
  CarePlan: ['period'],
  Communication: ['sent'],
  Condition: ['onsetDateTime', 'onsetPeriod'],
  Consent: ['dateTime'],
  DiagnosticReport: ['effectiveDateTime', 'effectivePeriod'],
  DocumentReference: ['date'],
  Encounter: ['period'],
  Flag: ['period'],
  Immunization: ['occurrenceDateTime'],
  ImmunizationRecommendation: ['date'],
  Media: ['createdDateTime', 'createdPeriod'],
  MedicationRequest: ['authoredOn'],
  MedicationStatement: ['effectiveDateTime', 'effectivePeriod'],
  Observation: ['effectiveDateTime', 'effectivePeriod', 'effectiveInstant'],
  Procedure: ['performedDateTime', 'performedPeriod'],
  Provenance: ['recorded'],
  QuestionnaireResponse: ['authored'],
  RiskAssessment: ['occurrenceDateTime', 'occurrencePeriod'],
};

/** All instants of the clinical date ("a period has a start and an end"), "else when it was stored". */
export function clinicalDate({ resource, storedMs }: Entry): Instants | undefined {
  if (['Patient', 'Person', 'RelatedPerson'].includes(resource.resourceType)) return undefined;
  return ownClinicalDate(resource) ?? { fromMs: storedMs, untilMs: storedMs + 1 };
}

function ownClinicalDate(resource: Resource): Instants | undefined {
  const [value] = (mainDate[resource.resourceType] ?? []).flatMap((name) => valuesAt(resource, name));
  if (typeof value === 'string') return instantsOf(value);
  return value === undefined ? undefined : periodOf(value as { start?: string; end?: string });
}

/**
 * "It was authored on the latest of its own dates of recording (…), else on its clinical date, else when it was stored." Of a
 * date that is a day, a month or a period it is the last instant; of a period without an end, its start.
 */
export function authoredMs({ resource, storedMs }: Entry): number {
  const names = [
    'recordedDate',
    'recorded',
    'dateAsserted',
    'issued',
    'authoredOn',
    'authored',
    'date',
    'sent',
    'created',
  ];
  const recorded = names.flatMap((name) => textsAt(resource, name)).map((text) => instantsOf(text).untilMs - 1);
  if (recorded.length > 0) return Math.max(...recorded);
  const clinical = ['Patient', 'Person', 'RelatedPerson'].includes(resource.resourceType)
    ? undefined
    : ownClinicalDate(resource);
  if (!clinical) return storedMs;
  return Number.isFinite(clinical.untilMs) ? clinical.untilMs - 1 : clinical.fromMs;
}
