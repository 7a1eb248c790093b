// What goes into an archive, read once from the record into files of a folder: fhir/[type].ndjson with the texts as they are
// stored, and fhir/history.ndjson with what they were before, as entries of a history Bundle. Memory holds a page at a time.

import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Access, mayReach, type Reach, reachOf } from '../access/access.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { entryText } from '../interaction/bundle-text.ts';
import { everythingOf } from '../interaction/patient-record.ts';
import type { Fhir } from '../interaction/request.ts';
import { versionEntry } from '../interaction/version-entry.ts';
import type { HistoryPlace, TypeReach } from '../store/history.ts';
import { nameOf } from './cells.ts';

/** The texts of AuditEvents about a patient that this caller may read, newest first, some at a time. */
export type AccessLog = (fhir: Fhir, of: { access: Access; patient: string }) => AsyncIterable<string[]>;

export type Gathering = {
  fhir: Fhir;
  access: Access;
  patient: string;
  /** Where fhir/ is made; nothing may be there yet. */
  folder: string;
  accessLog?: AccessLog | undefined;
  withHistory: boolean;
  /** Told after each page; it throws to end the work. */
  progress: (resources: number) => Promise<void>;
};

export type Gathered = {
  /** How many resources of each type there are. */
  resources: Record<string, number>;
  /** How many older versions and tombstones there are. */
  olderVersions: number;
  /** What organizations, persons and places are called, by their references. */
  names: ReadonlyMap<string, string>;
};

export const historyFile = 'history.ndjson';

export async function gatherRecord(gathering: Gathering): Promise<Gathered> {
  const { fhir, access, patient, folder, accessLog, progress } = gathering;
  await mkdir(join(folder, 'fhir'), { recursive: true });
  const resources: Record<string, number> = {};
  const names = new Map<string, string>();
  let read = 0;
  for await (const page of everythingOf(fhir, access, { patient })) {
    for (const [type, contents] of byType(page)) {
      await take(type, contents);
      for (const content of named.has(type) ? contents : []) addName(names, content);
    }
    await progress(read);
  }
  for await (const contents of accessLog?.(fhir, { access, patient }) ?? []) {
    await take('AuditEvent', contents);
    await progress(read);
  }
  let olderVersions = 0;
  for await (const lines of gathering.withHistory ? olderOf(gathering) : []) {
    await appendFile(join(folder, 'fhir', historyFile), lines.join(''));
    olderVersions += lines.length;
    await progress(read);
  }
  return { resources, olderVersions, names };

  async function take(type: string, contents: readonly string[]): Promise<void> {
    await appendFile(join(folder, 'fhir', `${type}.ndjson`), contents.map((content) => `${content}\n`).join(''));
    resources[type] = (resources[type] ?? 0) + contents.length;
    read += contents.length;
  }
}

const named = new Set(['Location', 'Organization', 'Patient', 'Practitioner', 'RelatedPerson']);

function byType(page: readonly { type: string; content: string }[]): Map<string, string[]> {
  const contents = new Map<string, string[]>();
  for (const { type, content } of page) {
    const known = contents.get(type);
    if (known) known.push(content);
    else contents.set(type, [content]);
  }
  return contents;
}

function addName(names: Map<string, string>, content: string): void {
  const resource: unknown = JSON.parse(content);
  const name = isObject(resource) ? nameOf(resource as JsonObject) : '';
  if (isObject(resource) && name !== '') names.set(`${resource.resourceType}/${resource.id}`, name);
}

const versionsAtOnce = 50;

/** Lines of history.ndjson, newest first. A history of types is a search, and takes the right to search. */
async function* olderOf({ fhir, access, patient }: Gathering): AsyncGenerator<string[]> {
  const reaches = [...resourceTypes].flatMap((type): TypeReach[] => {
    const reach = ofPatient(reachOf(access, 'search', type), patient);
    return reach ? [{ type, reach, directory: false }] : [];
  });
  if (reaches.length === 0) return;
  let after: HistoryPlace | undefined;
  do {
    const asked = { limit: versionsAtOnce, isOlderOnly: true, ...(after && { after }) };
    const { versions, next } = await fhir.reader.historyOfTypes(reaches, asked);
    if (versions.length > 0) yield versions.map((one) => `${entryText(versionEntry(fhir, one))}\n`);
    after = next;
  } while (after);
}

/** As far as it goes into this patient's record; undefined where it does not. */
function ofPatient(reach: Reach, patient: string): Reach | undefined {
  if (!mayReach(reach, patient)) return undefined;
  if (reach.kind !== 'narrowed') return { kind: 'patient', patient };
  const parts = reach.parts.filter((part) => (part.patient ?? patient) === patient);
  return { ...reach, parts: (parts.length > 0 ? parts : [{}]).map((part) => ({ ...part, patient })) };
}
