// What a summary is made of, as far as the caller may read it: the Patient, the record by groups of what a reader abroad needs, each
// group newest first and no longer than one look, and the directory entries that it names. The read is in the audit.

import type { AllergyIntolerance, Immunization, MedicationDispense, MedicationRequest } from '@medplum/fhirtypes';
import { type Access, directoryTypes, mayReach, reachOf } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { notFound } from '../fhir/outcome.ts';
import { localReference, referencesOf } from '../fhir/references.ts';
import { reading } from '../interaction/audited.ts';
import { seenOf } from '../interaction/patient-record.ts';
import { isAbout } from '../interaction/planning-record.ts';
import type { Fhir, FhirRequest } from '../interaction/request.ts';
import { allergyEvents } from '../reconciliation/allergies/allergies.ts';
import { dispensingEvents, prescriptionEvents } from '../reconciliation/medication/medication.ts';
import type { Decision, Event } from '../reconciliation/types.ts';
import { countedOnce } from '../reconciliation/vaccinations/counted-once.ts';
import { mark } from '../search/hash.ts';
import { nobody } from '../search/keys.ts';
import { tokenFacts } from '../search/token.ts';
import { PREGNANCY_CODES, SOCIAL_CODES } from './fitted.ts';
import { RECENT_DAYS } from './medication.ts';

export type Content = {
  patient: JsonObject;
  /** About the patient, each event once, the newest of a type first. */
  resources: JsonObject[];
  /** Organizations, people, products and devices that those name, by reference. */
  directory: ReadonlyMap<string, JsonObject>;
  /** Types that the caller may not read at all. */
  closed: ReadonlySet<string>;
  /** Types of which the caller may see a part only, or none. */
  narrowed: ReadonlySet<string>;
  /** There is more of these types than was read. */
  cut: ReadonlySet<string>;
};

/** What birth is told by: LOINC, and the code system of ours. */
export const BIRTH_CODES = ['76516-4', '9272-6', '9274-2', '8339-4', '89269-5'];
export const BIRTH_SYSTEM = 'https://tsumugi.example/fhir/CodeSystem/birth-fact';
const LOINC = 'http://loinc.org';
const CONDITION_CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const BODY_CODES = ['29463-7', '3141-9', '8302-2', '8306-3', '8308-9', '9843-4', '8287-5', '39156-5'];

type Group = { types: readonly string[]; marks?: readonly string[]; most?: number; isRecent?: true };

const codeMarks = (system: string, codes: readonly string[]) =>
  codes.map((code) => markOf('Observation', 'code', { system, code }));
const categoryMark = (code: string) => markOf('Observation', 'category', { system: CATEGORY, code });

/** Groups are read apart, so that many readings of one kind push no other out. A group without `most` is read to its end. */
const GROUPS: readonly Group[] = [
  {
    types: [
      'AllergyIntolerance',
      'CarePlan',
      'DeviceUseStatement',
      'Flag',
      'Immunization',
      'MedicationStatement',
      'Procedure',
    ],
  },
  {
    types: ['Condition'],
    marks: ['active', 'recurrence', 'relapse'].map((code) =>
      markOf('Condition', 'clinical-status', { system: CONDITION_CLINICAL, code }),
    ),
  },
  { types: ['Condition'], most: 200 },
  { types: ['MedicationRequest'], isRecent: true },
  { types: ['MedicationDispense'], isRecent: true },
  { types: ['Observation'], marks: [categoryMark('laboratory')], most: 200 },
  { types: ['Observation'], marks: codeMarks(LOINC, BODY_CODES), most: 100 },
  { types: ['Observation'], marks: [categoryMark('vital-signs')], most: 100 },
  {
    types: ['Observation'],
    marks: [
      ...codeMarks(LOINC, [...PREGNANCY_CODES, ...SOCIAL_CODES, ...BIRTH_CODES]),
      markOf('Observation', 'code', { system: BIRTH_SYSTEM }),
    ],
    most: 100,
  },
];

/** More than this of a group nobody's life has; it is told where a record has more. */
const MOST = 2000;

/** The Patient, with the row in the audit. Throws 404 like a read, and 403 for a token without Patient. */
export async function summaryPatient(fhir: Fhir, request: FhirRequest, id: string): Promise<JsonObject> {
  const reach = namedReach(request.access, 'read', 'Patient');
  const found = await fhir.reader.currentAudited('Patient', id, reach, reading(fhir, request, 'summary'));
  if (found?.content === undefined) throw notFound(`Patient/${id}`);
  return parseJson(found.content) as JsonObject;
}

/** Of a Patient that the caller may read. */
export async function summaryContent(
  fhir: Fhir,
  { access }: Pick<FhirRequest, 'access'>,
  patient: JsonObject,
): Promise<Content> {
  const id = String(patient.id);
  const types = [...new Set(GROUPS.flatMap((group) => group.types))];
  const closed = new Set(types.filter((type) => !mayReach(reachOf(access, 'read', type), id)));
  const [groups, decisions] = await Promise.all([
    Promise.all(GROUPS.map((group) => readGroup(fhir, access, id, group, closed))),
    fhir.decisionsOf(id),
  ]);
  // A weight is a vital sign as well.
  const contents = new Set(groups.flatMap((group) => group.contents));
  const resources = once([...contents], id, decisions);
  return {
    patient,
    resources,
    directory: await directoryOf(fhir, access, [patient, ...resources]),
    closed,
    narrowed: new Set(types.filter((type) => closed.has(type) || reachOf(access, 'read', type).kind === 'narrowed')),
    cut: new Set(groups.flatMap(({ cut }) => cut)),
  };
}

function markOf(type: string, parameter: string, token: { system: string; code?: string }): string {
  const facts = tokenFacts(token);
  // The last fact names the system alone, the one before it system and code.
  return mark(`${type}.${parameter}${(token.code === undefined ? facts.at(-1) : facts.at(-2)) ?? ''}`);
}

async function readGroup(
  { reader, nowMs }: Pick<Fhir, 'reader' | 'nowMs'>,
  access: Access,
  id: string,
  { types, marks, most, isRecent }: Group,
  closed: ReadonlySet<string>,
): Promise<{ contents: string[]; cut: string[] }> {
  const open = types.filter((type) => !closed.has(type));
  const contents: string[] = [];
  if (open.length === 0) return { contents, cut: [] };
  const clinical = isRecent && { from: new Date(nowMs() - RECENT_DAYS * 86_400_000).toISOString(), to: 'infinity' };
  const filter = { marks, most, seen: seenOf(access, open), ...(clinical && { clinical }) };
  for await (const page of reader.record(id, open, filter)) {
    contents.push(...page.map(({ content }) => content));
    if (contents.length >= (most ?? MOST)) return { contents, cut: open };
  }
  return { contents, cut: [] };
}

/** Parsed, about this patient, and of what several sources tell of one event the record that stands for it. */
function once(contents: readonly string[], id: string, decisions: readonly Decision[]): JsonObject[] {
  const resources = contents.flatMap((content): JsonObject[] => {
    const one = parseJson(content);
    return isObject(one) && isAbout(one, id) ? [one] : [];
  });
  const of = <Type>(type: string) => resources.filter((one) => one.resourceType === type) as unknown as Type[];
  const immunizations = of<Immunization>('Immunization');
  const counted = new Set(countedOnce(immunizations, decisions).map(({ id }) => id));
  const events: Readonly<Record<string, readonly Event[]>> = {
    MedicationRequest: prescriptionEvents(of<MedicationRequest>('MedicationRequest'), decisions),
    MedicationDispense: dispensingEvents(of<MedicationDispense>('MedicationDispense'), decisions),
    AllergyIntolerance: allergyEvents(of<AllergyIntolerance>('AllergyIntolerance'), decisions),
  };
  const toldAgain = new Set(
    Object.values(events)
      .flat()
      .flatMap(({ shown, members }) => members.filter((member) => member !== shown)),
  );
  return resources.filter(({ resourceType, id: own }) =>
    resourceType === 'Immunization' ? counted.has(String(own)) : !toldAgain.has(`${resourceType}/${own}`),
  );
}

/** Entries of the directory that everybody may read, two steps far: a role leads to its practitioner. */
async function directoryOf(
  { reader }: Pick<Fhir, 'reader'>,
  access: Access,
  resources: readonly JsonObject[],
): Promise<ReadonlyMap<string, JsonObject>> {
  const found = new Map<string, JsonObject>();
  let from = resources;
  for (let step = 0; step < 2 && from.length > 0; step++) {
    const names = new Set(from.flatMap(directoryReferences).filter((name) => !found.has(name)));
    const wanted = [...names].flatMap((name) => {
      const [type = '', id = ''] = name.split('/');
      const reach = reachOf(access, 'read', type);
      return reach.kind === 'none' ? [] : [{ type, id, reach, name }];
    });
    const read = wanted.length === 0 ? [] : await reader.currentOf(wanted);
    from = read.flatMap((one, n): JsonObject[] => {
      if (one?.content === undefined || one.owner !== nobody) return [];
      const resource = parseJson(one.content) as JsonObject;
      found.set(wanted[n]?.name ?? '', resource);
      return [resource];
    });
  }
  return found;
}

/** Who and with what; where it was is left to the record. */
const NAMED = new Set(['Organization', 'Practitioner', 'PractitionerRole', 'Medication', 'Device']);

const directoryReferences = (resource: JsonObject): string[] =>
  referencesOf(resource).flatMap(({ reference }) => {
    const local = localReference(reference);
    return local && NAMED.has(local.type) && (directoryTypes.has(local.type) || local.type === 'Device')
      ? [`${local.type}/${local.id}`]
      : [];
  });
