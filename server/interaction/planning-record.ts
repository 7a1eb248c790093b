// What the planner may look at of one stored patient: the Patient, the Immunizations and whatever else tells it something, read
// in one pass over the compartment. A type that the token does not cover is not read, and is named.

import type { Immunization, Patient, Resource } from '@medplum/fhirtypes';
import { mayReach, type Reach, reachOf } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { isObject } from '../fhir/json.ts';
import { forbidden, notFound } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { mark } from '../search/hash.ts';
import { presence } from '../search/sheet.ts';
import { tokenFacts } from '../search/token.ts';
import { mostEntries } from '../store/audited-record.ts';
import type { Reading } from '../store/read.ts';
import { reading } from './audited.ts';
import { motherOf } from './mother.ts';
import { seenOf } from './patient-record.ts';
import type { Fhir, FhirRequest } from './request.ts';

/** What besides Patient and Immunization is wanted: types, and of Observation (they are many) those with these codes. */
export type WantedFacts<Type extends Resource['resourceType']> = {
  types: readonly Type[];
  /** `code` undefined: every code of the system. `isValue`: also as the coded value. */
  observed: readonly { system: string; code?: string; isValue?: boolean }[];
};

export type StoredFacts<Type extends Resource['resourceType']> = {
  patient: Patient;
  immunizations: Immunization[];
  facts: Extract<Resource, { resourceType: Type }>[];
  /** What the mother's own record holds of the wanted types. */
  mother: Extract<Resource, { resourceType: Type }>[];
  /** Wanted types outside the scopes of the token. */
  notLookedAt: string[];
};

const needsBoth = 'and Patient and Immunization are read together';

/**
 * Everything wanted of a patient of this server that the caller may read. `interaction` is the word for the audit and, with a
 * `$` in front, for people. Throws 404 like a read, and 403 for a token without Patient or Immunization.
 */
export async function planningRecord<Type extends Resource['resourceType']>(
  fhir: Pick<Fhir, 'reader' | 'searcher' | 'nowMs' | 'base'>,
  request: FhirRequest,
  id: string,
  interaction: string,
  wanted: WantedFacts<Type>,
): Promise<StoredFacts<Type>> {
  const ofPatient = namedReach(request.access, 'read', 'Patient', needsBoth);
  if (namedReach(request.access, 'read', 'Immunization', needsBoth).kind !== ofPatient.kind)
    throw forbidden(`$${interaction} reads Patient and Immunization; the scopes of this token must reach both alike`);
  const record = await ownRecord(fhir, request, id, interaction, wanted);
  if (record === undefined) throw notFound(`Patient/${id}`);
  const mother = await motherOf(fhir, request, record);
  if (mother === 'not readable') return { ...record, notLookedAt: [...record.notLookedAt, "the mother's record"] };
  // Hers is read with an audit row of its own, and what it says of her mother is followed no further.
  const hers = mother === undefined ? undefined : await ownRecord(fhir, request, mother, interaction, wanted);
  return { ...record, mother: hers?.facts ?? [] };
}

async function ownRecord<Type extends Resource['resourceType']>(
  fhir: Pick<Fhir, 'reader' | 'nowMs'>,
  request: FhirRequest,
  id: string,
  interaction: string,
  wanted: WantedFacts<Type>,
): Promise<StoredFacts<Type> | undefined> {
  const types = wanted.types.filter((type) => mayReach(reachOf(request.access, 'read', type), id));
  const all = ['Immunization', ...types];
  const found = await recordTexts(fhir, request, id, interaction, { types: all, observed: wanted.observed });
  if (found === undefined) return undefined;
  const record: StoredFacts<Type> = {
    patient: JSON.parse(found.patient) as Patient,
    immunizations: [],
    facts: [],
    mother: [],
    notLookedAt: wanted.types.filter((type) => !types.includes(type)),
  };
  for (const content of found.contents) {
    const resource = JSON.parse(content) as Resource;
    if (!isAbout(resource, id)) continue;
    if (resource.resourceType === 'Immunization') record.immunizations.push(resource);
    else record.facts.push(resource as Extract<Resource, { resourceType: Type }>);
  }
  return record;
}

/**
 * The texts of a Patient and of what in their compartment is wanted and the caller may see, with the audit row; undefined where
 * there is no such patient for them. Without `observed` everything of the types is wanted; reading ends
 * with the page that has more than `most`. The caller has checked that these types of
 * this patient may be read.
 */
export async function recordTexts(
  fhir: Pick<Fhir, 'reader' | 'nowMs'>,
  request: FhirRequest,
  id: string,
  interaction: string,
  {
    types,
    observed,
    most,
  }: { types: readonly string[]; observed?: WantedFacts<'Observation'>['observed']; most?: number },
): Promise<{ patient: string; contents: string[] } | undefined> {
  const reach = reachOf(request.access, 'read', 'Patient');
  const marks = observed && marksOf(types, observed);
  const seen = seenOf(request.access, types);
  const read = reading(fhir, request, interaction);
  const found = seen
    ? await patientAudited(fhir, id, reach, read)
    : await fhir.reader.recordAudited(id, types, reach, read, marks);
  if (found === undefined) return undefined;
  // A record of thousands of entries is read in pages, and so is one of which not all may be seen.
  const isPaged = seen !== undefined || found.entries.length > mostEntries;
  const pages = isPaged ? fhir.reader.record(id, types, { marks, seen }) : [found.entries];
  const contents: string[] = [];
  for await (const page of pages) {
    contents.push(...page.map(({ content }) => content));
    if (most !== undefined && contents.length > most) break;
  }
  return { patient: found.patient, contents };
}

async function patientAudited({ reader }: Pick<Fhir, 'reader'>, id: string, reach: Reach, read: Reading) {
  const found = await reader.currentAudited('Patient', id, reach, read);
  return found?.content === undefined ? undefined : { patient: found.content, entries: [] };
}

/** A compartment also holds what the patient performed or was named in; the planner wants what is said about them. */
export function isAbout(resource: object, patient: string): boolean {
  const { subject, patient: named } = resource as { subject?: unknown; patient?: unknown };
  const about = subject ?? named;
  const target = isObject(about) && typeof about.reference === 'string' ? localReference(about.reference) : undefined;
  return target?.type === 'Patient' && target.id === patient;
}

/** The search parameter that every resource of use has a value for. */
const ALWAYS_THERE: Record<string, string> = {
  Immunization: 'status',
  AllergyIntolerance: 'code',
  Condition: 'code',
  FamilyMemberHistory: 'code',
  Flag: 'subject',
  Procedure: 'code',
  RelatedPerson: 'relationship',
};

const marksKept = new WeakMap<object, Map<string, string[]>>();

/** Marks of everything wanted; the same list of codes has the same marks. */
function marksOf(types: readonly string[], observed: WantedFacts<'Observation'>['observed']): string[] {
  const kept = marksKept.get(observed) ?? new Map<string, string[]>();
  marksKept.set(observed, kept);
  const name = types.join();
  const known = kept.get(name);
  if (known !== undefined) return known;
  const marks = types.flatMap((type) => {
    if (type === 'Observation') return observed.flatMap(observationMarks);
    if (type.startsWith('Medication')) return ['code', 'medication'].map((code) => mark(presence(type, code)));
    return [mark(presence(type, ALWAYS_THERE[type] ?? 'patient'))];
  });
  kept.set(name, marks);
  return marks;
}

function observationMarks({ system, code, isValue }: WantedFacts<'Observation'>['observed'][number]): string[] {
  const facts = tokenFacts({ system, ...(code === undefined ? {} : { code }) });
  // The last fact names the system alone, the one before it system and code.
  const fact = code === undefined ? facts.at(-1) : facts.at(-2);
  const parameters = isValue
    ? ['code', 'component-code', 'value-concept', 'component-value-concept']
    : ['code', 'component-code'];
  return parameters.map((parameter) => mark(`Observation.${parameter}${fact ?? ''}`));
}
