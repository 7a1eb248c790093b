// Everything a caller may read of one patient: the compartment, then the directory entries (organizations, practitioners,
// places …) that it points to, and those that these point to. As a stream, or page by page. The same of one encounter,
// whose entries also bring along what else they point to in the record of its patient.

import { type Access, directoryTypes, mayReach, patientOf, type Reach, reachOf } from '../access/access.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { nobody } from '../search/keys.ts';
import { narrowTypes } from '../search/narrow.ts';
import type { Sql } from '../search/sql.ts';
import { type RecordEntry, type RecordFilter, type RecordPosition, recordStart } from '../store/record.ts';
import { idOf } from '../store/stored-text.ts';
import type { Fhir } from './request.ts';

/** What of everything is wanted; without any member all of it. A directory entry has no clinical date. */
export type EverythingFilter = Pick<RecordFilter, 'updatedSince' | 'clinical'> & { types?: readonly string[] };

/** Where a page of everything ended: in the compartment, or behind a reference in the directory. */
export type EverythingPosition = RecordPosition | { reference: string };

export type EverythingEntry = RecordEntry & {
  /** It is not in the record itself. */
  isPointedTo?: true;
};

/** Whose record: a patient's, or the part of it that is about an encounter (`marks`: how its entries refer to that). */
export type Subject = {
  /** Undefined for an encounter without one. */
  patient: string | undefined;
  encounter?: { entry: RecordEntry & Stored; marks: readonly string[] };
};

/** ISO 8601, milliseconds, UTC. */
type Stored = { updated: string };
type Reading = { fhir: Pick<Fhir, 'reader'>; access: Access; subject: Subject; filter: EverythingFilter };

/** What points where: the references to follow, and those that the record itself holds. */
type Pointers = { wanted: Set<string>; held: Set<string> };

/** The types of a patient's record that the caller may read. */
export function readableTypes(access: Access, patient: string): string[] {
  return [...resourceTypes].filter((type) => mayReach(reachOf(access, 'read', type), patient));
}

/** What of these types the caller may see where that is not all that a patient's record holds of them. */
export function seenOf(access: Access, types: readonly string[]): Sql | undefined {
  const reaches = types.map((type) => ({ type, reach: reachOf(access, 'read', type) }));
  return reaches.some(({ reach }) => reach.kind === 'narrowed') ? narrowTypes(reaches) : undefined;
}

/** Pages of stored texts. The caller has checked that this patient, or this encounter, may be read. */
export async function* everythingOf(
  fhir: Pick<Fhir, 'reader'>,
  access: Access,
  subject: Subject,
  filter: EverythingFilter = {},
): AsyncGenerator<EverythingEntry[]> {
  const reading = { fhir, access, subject, filter };
  const pointers = noPointers();
  const first = encounterItself(reading);
  if (first.length > 0) yield first;
  for await (const page of recordOf(reading, filter)) {
    for (const entry of page) gather(reading, entry, pointers);
    yield page;
  }
  yield* followed(reading, isCut(filter) ? await pointersOf(reading) : withEncounter(reading, pointers));
}

/** At most `count` entries behind `after`, each once and in an order that writes do not change; where the next page begins. */
export async function everythingPage(
  fhir: Pick<Fhir, 'reader'>,
  access: Access,
  subject: Subject,
  { filter, count, after }: { filter: EverythingFilter; count: number; after?: EverythingPosition | undefined },
): Promise<{ entries: EverythingEntry[]; next: EverythingPosition | undefined }> {
  const reading = { fhir, access, subject, filter };
  if (after !== undefined && 'reference' in after) return followedPage(reading, count, after.reference);
  const first = after === undefined ? encounterItself(reading) : [];
  if (first.length === count) return { entries: first, next: recordStart };
  const page = await recordPageOf(reading, count - first.length, after);
  const entries = [...first, ...page.entries];
  if (page.next) return { entries, next: page.next };
  // The first page holds it all: what it points to need not be read again.
  const rest = await followedPage(
    reading,
    count - entries.length,
    '',
    after === undefined && !isCut(filter) ? page.entries : undefined,
  );
  return { entries: [...entries, ...rest.entries], next: rest.next };
}

const pageEntries = 500;

/** By type or by time of storing: then what is shown is not all that points elsewhere. */
const isCut = ({ types, updatedSince }: EverythingFilter): boolean => types !== undefined || updatedSince !== undefined;

function isShown({ types, updatedSince }: EverythingFilter, { type, updated }: Stored & { type: string }): boolean {
  return types?.includes(type) !== false && (updatedSince === undefined || updated > updatedSince);
}

const encounterItself = ({ subject: { encounter }, filter }: Reading): RecordEntry[] =>
  encounter && isShown(filter, encounter.entry) ? [encounter.entry] : [];

async function* recordOf(reading: Reading, { types, ...filter }: EverythingFilter): AsyncGenerator<RecordEntry[]> {
  const { fhir, access, subject } = reading;
  if (subject.patient === undefined) return;
  const wanted = wantedTypes(access, subject.patient, types);
  const narrowed = { ...filter, marks: subject.encounter?.marks, seen: seenOf(access, wanted) };
  yield* fhir.reader.record(subject.patient, wanted, narrowed);
}

async function recordPageOf(
  { fhir, access, subject, filter: { types, ...filter } }: Reading,
  count: number,
  after: RecordPosition | undefined,
): Promise<{ entries: RecordEntry[]; next: RecordPosition | undefined }> {
  if (subject.patient === undefined) return { entries: [], next: undefined };
  const wanted = wantedTypes(access, subject.patient, types);
  const narrowed = { ...filter, marks: subject.encounter?.marks, seen: seenOf(access, wanted) };
  return fhir.reader.recordPage(subject.patient, wanted, { count, after, filter: narrowed });
}

function wantedTypes(access: Access, patient: string, types: readonly string[] | undefined): string[] {
  const readable = readableTypes(access, patient);
  return types === undefined ? readable : readable.filter((type) => types.includes(type));
}

/** The pointers of the whole record, without regard to the types and the time that are asked for. */
async function pointersOf(reading: Reading): Promise<Pointers> {
  const pointers = noPointers();
  const { subject, filter } = reading;
  const onlyDirectory = subject.encounter === undefined;
  if (onlyDirectory && filter.types?.some((type) => directoryTypes.has(type)) === false) return pointers;
  for await (const page of recordOf(reading, { clinical: filter.clinical })) {
    for (const entry of page) gather(reading, entry, pointers);
  }
  return withEncounter(reading, pointers);
}

function withEncounter(reading: Reading, pointers: Pointers): Pointers {
  if (reading.subject.encounter) gather(reading, reading.subject.encounter.entry, pointers);
  return pointers;
}

async function followedPage(reading: Reading, count: number, after: string, record?: readonly RecordEntry[]) {
  const pointers = record ? withEncounter(reading, noPointers()) : await pointersOf(reading);
  for (const entry of record ?? []) gather(reading, entry, pointers);
  const found: { reference: string; entry: EverythingEntry }[] = [];
  for await (const page of followed(reading, pointers)) {
    for (const entry of page) found.push({ reference: referenceOf(entry), entry });
  }
  const behind = found.filter(({ reference }) => reference > after).sort(byReference);
  const shown = behind.slice(0, count);
  const reference = shown.at(-1)?.reference ?? after;
  return { entries: shown.map(({ entry }) => entry), next: behind.length > shown.length ? { reference } : undefined };
}

const byReference = (a: { reference: string }, b: { reference: string }) => (a.reference < b.reference ? -1 : 1);
const referenceOf = ({ type, content }: RecordEntry): string => `${type}/${idOf(content)}`;

/** What these references lead to, and the directory entries that that points to, each once; what the filter leaves of it. */
async function* followed(reading: Reading, { wanted, held }: Pointers): AsyncGenerator<EverythingEntry[]> {
  const { fhir, filter } = reading;
  for (let from = 0; from < wanted.size; ) {
    const batch = [...wanted].slice(from, from + pageEntries);
    from += batch.length;
    const readable = batch
      .filter((reference) => !held.has(reference))
      .map((reference) => wantedOf(reading, reference))
      .filter(({ reach }) => reach.kind !== 'none');
    const found = await fhir.reader.currentOf(readable);
    const page = found.flatMap((one, n): (EverythingEntry & Stored)[] => {
      const type = readable[n]?.type ?? '';
      // Directory entries with an owner are in the compartment already, or in somebody else's.
      const isOthers = one?.owner !== nobody && (directoryTypes.has(type) || reading.subject.patient === undefined);
      if (one?.content === undefined || isOthers) return [];
      return [{ type, content: one.content, updated: one.updated, isPointedTo: true }];
    });
    for (const { content } of page) collect(directoryReference, content, wanted);
    const shown = page.filter((entry) => isShown(filter, entry));
    if (shown.length > 0) yield shown;
  }
}

const noPointers = (): Pointers => ({ wanted: new Set(), held: new Set() });
const directoryReference = new RegExp(`"reference":"((?:${[...directoryTypes].join('|')})/[A-Za-z0-9.-]{1,64})"`, 'g');
const anyReference = /"reference":"([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})"/g;

function gather({ subject }: Reading, entry: RecordEntry, { wanted, held }: Pointers): void {
  const isOfEncounter = subject.encounter !== undefined;
  // A patient's whole record holds whatever else it points to: only the directory is outside.
  if (isOfEncounter) held.add(referenceOf(entry));
  collect(isOfEncounter ? anyReference : directoryReference, entry.content, wanted);
}

function collect(pattern: RegExp, content: string, into: Set<string>): void {
  for (const match of content.matchAll(pattern)) if (match[1]) into.add(match[1]);
}

/** Outside the directory nothing is followed out of the record of the one patient, whatever else the caller may read. */
function wantedOf({ access, subject: { patient } }: Reading, reference: string) {
  const [type = '', id = ''] = reference.split('/');
  const reach: Reach = resourceTypes.has(type) ? reachOf(access, 'read', type) : { kind: 'none' };
  return { type, id, reach: patient === undefined || directoryTypes.has(type) ? reach : within(reach, patient) };
}

/** As far as it goes into this patient's record. */
function within(reach: Reach, patient: string): Reach {
  if (reach.kind === 'all') return { kind: 'patient', patient };
  if (reach.kind !== 'narrowed' || patientOf(reach) === patient) return reach;
  const parts = reach.parts.length > 0 ? reach.parts : [{}];
  return { ...reach, parts: parts.map((part) => ({ patient, ...part })) };
}
