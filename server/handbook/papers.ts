// What a caller may read of one patient, as a printed document needs it: resources by type, what several sources tell of one event
// once, and the names of the places and people that they point to. What the caller may not read is told by type.

import type {
  AllergyIntolerance,
  CodeableConcept,
  Communication,
  Condition,
  DiagnosticReport,
  DocumentReference,
  Encounter,
  EpisodeOfCare,
  Immunization,
  MedicationDispense,
  MedicationRequest,
  MedicationStatement,
  Meta,
  Observation,
  Patient,
  Reference,
  RelatedPerson,
  Resource,
} from '@medplum/fhirtypes';
import { type Access, reachOf } from '../access/access.ts';
import { parseJson } from '../fhir/json.ts';
import { everythingOf, readableTypes } from '../interaction/patient-record.ts';
import { isAbout } from '../interaction/planning-record.ts';
import type { Fhir } from '../interaction/request.ts';
import { allergyEvents } from '../reconciliation/allergies/allergies.ts';
import { visitEvents } from '../reconciliation/checkups/visits.ts';
import { dispensingEvents, prescriptionEvents } from '../reconciliation/medication/medication.ts';
import type { Decision, Event } from '../reconciliation/types.ts';
import { countedOnce } from '../reconciliation/vaccinations/counted-once.ts';

/** The types that are shown, in the order in which a document names what is missing. */
type Shown = {
  EpisodeOfCare: EpisodeOfCare;
  Observation: Observation;
  DiagnosticReport: DiagnosticReport;
  Immunization: Immunization;
  AllergyIntolerance: AllergyIntolerance;
  Condition: Condition;
  MedicationRequest: MedicationRequest;
  MedicationDispense: MedicationDispense;
  MedicationStatement: MedicationStatement;
  Encounter: Encounter;
  Communication: Communication;
  DocumentReference: DocumentReference;
  RelatedPerson: RelatedPerson;
};
export type ShownType = keyof Shown;

export const SHOWN_TYPES: readonly ShownType[] = [
  'EpisodeOfCare',
  'Observation',
  'DiagnosticReport',
  'Immunization',
  'AllergyIntolerance',
  'Condition',
  'MedicationRequest',
  'MedicationDispense',
  'MedicationStatement',
  'Encounter',
  'Communication',
  'DocumentReference',
  'RelatedPerson',
];
const DIRECTORY = ['Organization', 'Practitioner', 'Location'] as const;

export type Papers = {
  patient: Patient;
  /** What is about the patient, what several sources tell of one event once, and nothing that was entered in error. */
  of<Type extends ShownType>(type: Type): Shown[Type][];
  /** The name of who or what a reference points to, as far as it is known. */
  nameOf(reference: Reference | undefined): string | undefined;
  /** Who wrote it; undefined for what the family entered or nobody is named for. */
  writerOf(resource: { meta?: Meta }): string | undefined;
  /** Organizations that wrote any of it. */
  writers: string[];
  /** Types that the caller may not read, and those of which they may see only a part. */
  hidden: ShownType[];
  narrowed: boolean;
};

/** Photos and papers in base64: none is printed, and a record may hold hundreds of megabytes of them. */
const pictures = /"data":"[A-Za-z0-9+/=]{1000,}"/g;

/** The caller has checked that this patient may be read, and left the audit row. Undefined where the patient is gone. */
export async function papersOf(
  fhir: Pick<Fhir, 'reader' | 'decisionsOf'>,
  access: Access,
  patient: string,
  types: readonly ShownType[] = SHOWN_TYPES,
): Promise<Papers | undefined> {
  const found = new Map<string, Resource[]>();
  // Reconciliation compares numbers; what is shown keeps their digits.
  const plain = new Map<string, Resource[]>();
  const names = new Map<string, string>();
  // Asked for by types, the record would be walked a second time for what it points to.
  const wanted = new Set<string>(['Patient', ...types, ...DIRECTORY]);
  for await (const page of everythingOf(fhir, access, { patient })) {
    for (const { type, content } of page) {
      if (!wanted.has(type)) continue;
      const resource = parseJson(content.replace(pictures, '"data":""')) as Resource;
      const name = nameIn(resource);
      if (name !== undefined) names.set(`${type}/${resource.id}`, name);
      const isShown =
        (type === 'Patient' ? resource.id === patient : isAbout(resource, patient)) && !isMistake(resource);
      if (isShown) listIn(found, type).push(resource);
      if (isShown && TOLD_TWICE.has(type as ShownType)) listIn(plain, type).push(JSON.parse(content) as Resource);
    }
  }
  const [self] = found.get('Patient') ?? [];
  if (self?.resourceType !== 'Patient') return undefined;
  const decisions = await fhir.decisionsOf(patient);
  const list = <Type extends ShownType>(type: Type) => (found.get(type) ?? []) as Shown[Type][];
  for (const [type, shownOf] of TOLD_TWICE) {
    const shown = shownOf(plain.get(type) ?? [], decisions);
    found.set(
      type,
      list(type).filter(({ id = '' }) => shown.has(id)),
    );
  }
  const writerOf = ({ meta }: { meta?: Meta }) => {
    const writer = /(Organization\/[A-Za-z0-9\-.]{1,64})$/.exec(meta?.source ?? '')?.[1];
    return writer === undefined ? undefined : (names.get(writer) ?? writer);
  };
  const readable = new Set(readableTypes(access, patient));
  return {
    patient: self,
    of: list,
    nameOf: (reference) => reference?.display ?? names.get(reference?.reference ?? ''),
    writerOf,
    writers: [...new Set([...found.values()].flat().flatMap((one) => writerOf(one) ?? []))].sort(),
    hidden: types.filter((type) => !readable.has(type)),
    narrowed: types.some((type) => reachOf(access, 'read', type).kind === 'narrowed'),
  };
}

type ShownOf = (resources: readonly Resource[], decisions: readonly Decision[]) => Set<string>;

/** By the ids of the records that stand for an event. */
const byEvents =
  <One extends Resource>(
    eventsOf: (all: readonly One[], decisions: readonly Decision[]) => readonly Event[],
  ): ShownOf =>
  (resources, decisions) =>
    new Set(eventsOf(resources as One[], decisions).map(({ shown }) => shown.slice(shown.indexOf('/') + 1)));

const TOLD_TWICE: ReadonlyMap<ShownType, ShownOf> = new Map<ShownType, ShownOf>([
  ['Immunization', (all, said) => new Set(countedOnce(all as Immunization[], said).flatMap(({ id }) => id ?? []))],
  ['AllergyIntolerance', byEvents(allergyEvents)],
  ['MedicationDispense', byEvents(dispensingEvents)],
  ['MedicationRequest', byEvents(prescriptionEvents)],
  ['Encounter', byEvents(visitEvents)],
]);

const isMistake = (resource: Resource): boolean =>
  ('status' in resource && resource.status === 'entered-in-error') ||
  ('verificationStatus' in resource &&
    (resource.verificationStatus as CodeableConcept | undefined)?.coding?.some(
      ({ code }) => code === 'entered-in-error',
    ) === true);

function nameIn(resource: Resource): string | undefined {
  if (resource.resourceType === 'Organization' || resource.resourceType === 'Location') return resource.name;
  if (resource.resourceType === 'Practitioner' || resource.resourceType === 'RelatedPerson')
    return personName(resource.name, 'ja');
  return undefined;
}

type Name = NonNullable<Patient['name']>[number];
const REPRESENTATION = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';

/** The name as it is written officially, or (`en`) in Latin letters where the record has it so. */
export function personName(names: readonly Name[] | undefined, language: 'ja' | 'en'): string | undefined {
  const inUse = (names ?? []).filter(({ use }) => use !== 'old' && use !== 'nickname' && use !== 'maiden');
  const is = (name: Name, code: string) =>
    name.extension?.some(({ url, valueCode }) => url === REPRESENTATION && valueCode === code) === true;
  const latin = inUse.find((name) => is(name, 'ABC') || /^[\p{Script=Latin}\p{P}\p{Zs}\p{M}]+$/u.test(textOf(name)));
  const written = inUse.find((name) => is(name, 'IDE')) ?? inUse.find((name) => !is(name, 'SYL')) ?? inUse[0];
  const chosen = language === 'en' ? (latin ?? written) : written;
  return chosen && (textOf(chosen) || undefined);
}

/** How the name is read, in kana. */
export function readingOf(names: readonly Name[] | undefined): string | undefined {
  const syllables = (names ?? []).find(({ extension = [] }) =>
    extension.some(({ url, valueCode }) => url === REPRESENTATION && valueCode === 'SYL'),
  );
  return syllables && textOf(syllables);
}

const textOf = ({ text, family = '', given = [] }: Name): string =>
  text ?? [family, ...given].filter(Boolean).join(' ');

function listIn(found: Map<string, Resource[]>, type: string): Resource[] {
  const known = found.get(type) ?? [];
  found.set(type, known);
  return known;
}
