// Resources of the record as the profiles of the International Patient Summary 2.0 ask: what they require and the record does not say
// is said to be unknown; a profile that a resource cannot fit all the same is not declared. Nothing is invented, and what does not
// concern the reader's copy (older profiles, narratives that may say more than is given) is left behind.
// http://hl7.org/fhir/uv/ips; data-absent-reason: http://hl7.org/fhir/StructureDefinition/data-absent-reason

import { codedVaccine, namedVaccine, type Vaccine } from '../../profiles/vaccine.ts';
import { CONFIDENTIALITY, labelsOf, SDV } from '../access/labels.ts';
import { VACCINE_SYSTEM } from '../fhir/canonical.ts';
import { isObject, type JsonObject, numberText } from '../fhir/json.ts';
import { codingsOf, hasCode, objectsIn, textIn } from './texts.ts';

const IPS = 'http://hl7.org/fhir/uv/ips/StructureDefinition/';
const VITAL_SIGNS = 'http://hl7.org/fhir/StructureDefinition/vitalsigns';
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';

const unknown = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
};

/** A copy of the resource, parsed with parseJson; undefined where R4 itself allows none of its kind in a document. */
export function fitted(resource: JsonObject): JsonObject | undefined {
  const { text: _text, ...rest } = structuredCopy(resource);
  const found = FITS[String(rest.resourceType)]?.(rest) ?? { resource: rest };
  if (found === 'unfit') return undefined;
  return withMeta(found.resource, found.profile);
}

type Fitted = { resource: JsonObject; profile?: string } | 'unfit';

/** Raw numbers keep their text. */
function structuredCopy(value: JsonObject): JsonObject {
  const copy = (one: unknown): unknown =>
    Array.isArray(one)
      ? one.map(copy)
      : isObject(one)
        ? Object.fromEntries(Object.entries(one).map(([name, child]) => [name, copy(child)]))
        : one;
  return copy(value) as JsonObject;
}

function withMeta(resource: JsonObject, profile: string | undefined): JsonObject {
  const meta = isObject(resource.meta) ? resource.meta : {};
  const { profile: _profile, ...rest } = meta;
  const security = [...objectsIn(meta.security), ...(isReportedByFamily(resource) ? [FAMILY_ASSERTED] : [])];
  const kept = {
    ...rest,
    ...(profile === undefined ? {} : { profile: [profile] }),
    ...(security.length > 0 && { security }),
  };
  const { resourceType, id, meta: _meta, ...others } = resource;
  return { resourceType, id, ...(Object.keys(kept).length > 0 && { meta: kept }), ...others };
}

/** HL7 v3 integrity of what is said: by the patient or who is near to them, not by a professional. */
const FAMILY_ASSERTED = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'PATAST',
  display: 'patient asserted',
};

/** Whom the resource itself names as its source: the patient, or somebody of the family. */
export function isReportedByFamily(resource: JsonObject): boolean {
  const said = [resource.informationSource, resource.asserter, ...sourcesIn(resource.performer)];
  const types = said.flatMap((one) => (isObject(one) ? (textIn(one.reference)?.split('/')[0] ?? one.type ?? []) : []));
  return types.length > 0 && types.every((type) => type === 'Patient' || type === 'RelatedPerson');
}

const sourcesIn = (performer: unknown): unknown[] => objectsIn(performer).map((one) => one.actor ?? one);

/** Of a protected family nobody outside is told where it goes: what is labelled SDV comes without places and names of clinics. */
export function withoutPlace(resource: JsonObject): JsonObject {
  if ((labelsOf(resource) & SDV) === 0) return resource;
  const {
    location: _location,
    performer: _performer,
    encounter: _encounter,
    contained: _contained,
    ...rest
  } = resource;
  return rest;
}

const FITS: Readonly<Record<string, (resource: JsonObject) => Fitted>> = {
  Patient: ({ link: _link, photo: _photo, ...patient }) => ({
    resource: {
      ...patient,
      name: namesOf(patient.name),
      ...(patient.birthDate === undefined && { _birthDate: unknown }),
    },
    profile: `${IPS}Patient-uv-ips`,
  }),
  AllergyIntolerance: (allergy) => ({
    resource: { ...allergy, code: allergy.code ?? unknown },
    profile: `${IPS}AllergyIntolerance-uv-ips`,
  }),
  Condition: (condition) => ({
    resource: { ...condition, code: condition.code ?? unknown },
    profile: `${IPS}Condition-uv-ips`,
  }),
  MedicationStatement: (statement) => ({
    resource: hasAny(statement, 'effective') ? statement : { ...statement, _effectiveDateTime: unknown },
    profile: `${IPS}MedicationStatement-uv-ips`,
  }),
  MedicationRequest: (request) => ({ resource: request, profile: `${IPS}MedicationRequest-uv-ips` }),
  Medication: (medication) => ({
    resource: { ...medication, code: medication.code ?? unknown },
    profile: `${IPS}Medication-uv-ips`,
  }),
  Immunization: (immunization) => ({
    resource: { ...immunization, vaccineCode: vaccineConcept(immunization.vaccineCode) },
    profile: `${IPS}Immunization-uv-ips`,
  }),
  Procedure: (procedure) => ({
    resource: {
      ...procedure,
      code: procedure.code ?? unknown,
      ...(!hasAny(procedure, 'performed') && { _performedDateTime: unknown }),
    },
    profile: `${IPS}Procedure-uv-ips`,
  }),
  DeviceUseStatement: (use) => ({
    resource: hasAny(use, 'timing') ? use : { ...use, _timingDateTime: unknown },
    ...(use.timingTiming === undefined && { profile: `${IPS}DeviceUseStatement-uv-ips` }),
  }),
  Flag: (flag) => ({ resource: flag, profile: `${IPS}Flag-alert-uv-ips` }),
  Organization: (organization) => ({
    resource: organization,
    ...(organization.name !== undefined && { profile: `${IPS}Organization-uv-ips` }),
  }),
  Practitioner: (practitioner) => ({
    resource: practitioner,
    ...(practitioner.name !== undefined && { profile: `${IPS}Practitioner-uv-ips` }),
  }),
  PractitionerRole: (role) => ({ resource: role, profile: `${IPS}PractitionerRole-uv-ips` }),
  Observation: fitObservation,
};

const hasAny = (resource: JsonObject, choice: string): boolean =>
  Object.keys(resource).some((name) => name.startsWith(choice) || name.startsWith(`_${choice}`));

/** ips-pat-1: each name has a part. */
function namesOf(names: unknown): JsonObject[] {
  const said = objectsIn(names).filter((name) => name.family ?? name.given ?? name.text);
  return said.length > 0 ? said : [{ _text: unknown }];
}

/** With our code and CVX, whose names are English, beside what was written. */
function vaccineConcept(concept: unknown): JsonObject {
  if (!isObject(concept)) return unknown;
  const codings = codingsOf(concept);
  const vaccine = codedVaccine(codings) ?? namedVaccine(textIn(concept.text) ?? '');
  if (vaccine === undefined) return concept;
  const named = codings.map((coding) =>
    coding.system === VACCINE_SYSTEM && coding.code === vaccine.code ? { ...coding, display: vaccine.en } : coding,
  );
  return { ...concept, coding: [...named, ...addedCodings(vaccine, codings)] };
}

const addedCodings = ({ code, en, cvx }: Vaccine, codings: readonly JsonObject[]): JsonObject[] =>
  [{ system: VACCINE_SYSTEM, code, display: en }, ...(cvx === undefined ? [] : [{ ...cvx }])].filter(
    (added) => !codings.some(({ system }) => system === added.system),
  );

/** A time is known to the day or better. */
const isDay = (value: unknown): boolean => typeof value === 'string' && value.length >= 10;

const PREGNANCY_PROFILES: readonly [profile: string, codes: readonly string[]][] = [
  ['Observation-pregnancy-status-uv-ips', ['82810-3']],
  ['Observation-pregnancy-edd-uv-ips', ['11778-8', '11779-6', '11780-4']],
  [
    'Observation-pregnancy-outcome-uv-ips',
    ['11636-8', '11637-6', '11638-4', '11639-2', '11640-0', '11612-9', '11613-7', '11614-5', '33065-4'],
  ],
];
const SOCIAL_PROFILES: readonly [profile: string, codes: readonly string[]][] = [
  ['Observation-tobaccouse-uv-ips', ['72166-2']],
  ['Observation-alcoholuse-uv-ips', ['74013-4']],
];
/** What each group of codes tells of. */
export const PREGNANCY_CODES: readonly string[] = PREGNANCY_PROFILES.flatMap(([, codes]) => codes);
export const SOCIAL_CODES: readonly string[] = SOCIAL_PROFILES.flatMap(([, codes]) => codes);

/** Elements that the profiles of pregnancy and social history do not have. */
const NOT_THERE = ['bodySite', 'method', 'specimen', 'device', 'referenceRange', 'component'];

function fitObservation(observation: JsonObject): Fitted {
  const dated = withDateTime(observation);
  const { code } = dated;
  const own = [...PREGNANCY_PROFILES, ...SOCIAL_PROFILES].find(([, codes]) => hasCode(code, LOINC, codes))?.[0];
  if (own !== undefined) {
    const fits = dated.effectivePeriod === undefined && NOT_THERE.every((name) => dated[name] === undefined);
    return { resource: withTime(dated), ...(fits && { profile: `${IPS}${own}` }) };
  }
  if (isOf(dated, 'vital-signs')) return vitalSign(dated);
  if (!isOf(dated, 'laboratory') || !hasResult(dated) || dated.effectiveTiming !== undefined)
    return { resource: dated };
  const performer = objectsIn(dated.performer).length > 0 ? dated.performer : [unknown];
  return {
    resource: { ...withTime(dated), performer },
    profile: `${IPS}Observation-results-laboratory-pathology-uv-ips`,
  };
}

export const isOf = (observation: JsonObject, category: string): boolean =>
  objectsIn(observation.category).some((one) => hasCode(one, CATEGORY, [category]));

/** An instant is a dateTime that says more. */
function withDateTime({ effectiveInstant, ...observation }: JsonObject): JsonObject {
  return effectiveInstant === undefined ? observation : { ...observation, effectiveDateTime: effectiveInstant };
}

const withTime = (observation: JsonObject): JsonObject =>
  hasAny(observation, 'effective') ? observation : { ...observation, _effectiveDateTime: unknown };

const hasResult = (observation: JsonObject): boolean =>
  hasAny(observation, 'value') ||
  ['hasMember', 'component', 'dataAbsentReason'].some((name) => observation[name] !== undefined);

/** Units that R4's vital signs allow for the code; a panel of blood pressure has its two components. */
const UNITS: Readonly<Record<string, readonly string[]>> = {
  '9279-1': ['/min'],
  '8867-4': ['/min'],
  '2708-6': ['%'],
  '59408-5': ['%'],
  '8310-5': ['Cel', '[degF]'],
  '8302-2': ['cm', '[in_i]'],
  '9843-4': ['cm', '[in_i]'],
  '29463-7': ['g', 'kg', '[lb_av]'],
  '39156-5': ['kg/m2'],
  '8480-6': ['mm[Hg]'],
  '8462-4': ['mm[Hg]'],
};

/** https://hl7.org/fhir/R4/observation-vitalsigns.html: a day (vs-1), a value or why not (vs-2), UCUM. */
function vitalSign(observation: JsonObject): Fitted {
  const { effectiveDateTime, effectivePeriod } = observation;
  const isDated = isDay(effectiveDateTime) || (effectiveDateTime === undefined && isObject(effectivePeriod));
  if (!isDated || !hasResult(observation) || !hasUnits(observation)) return 'unfit';
  return { resource: observation, profile: VITAL_SIGNS };
}

function hasUnits(observation: JsonObject): boolean {
  const components = objectsIn(observation.component);
  const isPressure = hasCode(observation.code, LOINC, ['85354-9']);
  if (isPressure && !['8480-6', '8462-4'].every((code) => components.some((one) => hasCode(one.code, LOINC, [code]))))
    return false;
  return [observation, ...components].every((part) => {
    const units = codingsOf(part.code).flatMap(({ system, code }) =>
      system === LOINC && Object.hasOwn(UNITS, String(code)) ? [UNITS[String(code)] ?? []] : [],
    );
    const value = part.valueQuantity;
    if (units.length === 0 || (!hasAny(part, 'value') && part.dataAbsentReason !== undefined)) return true;
    if (!isObject(value) || numberText(value.value) === undefined || value.system !== UCUM) return false;
    return units.every((allowed) => allowed.includes(String(value.code)));
  });
}

/** The highest label of what a Bundle holds. FHIR R4, "high water mark". */
export const labelledR = { system: CONFIDENTIALITY, code: 'R', display: 'restricted' };
