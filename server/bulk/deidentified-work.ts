// A de-identified release at work: the records of those who have agreed to research, resource by resource through the table of
// deidentify.ts. Every patient gets a new id and a shift of their own, which no file and no table holds, so a release that is
// ended half-way is made anew. Who would stand among fewer than ten of the same birth quarter, sex and prefecture is left out.

import { randomInt, randomUUID } from 'node:crypto';
import { systemAccess } from '../access/access.ts';
import { labelsOf } from '../access/labels.ts';
import { permitsResearch } from '../access/research.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { localReference } from '../fhir/references.ts';
import { auditOfMany } from '../interaction/audited.ts';
import type { Background, Work } from '../interaction/background.ts';
import { keyOf } from '../search/keys.ts';
import { parseQuery } from '../search/parse-query.ts';
import { cellOf, type Disguise, deidentified, shiftsOf } from './deidentify.ts';
import type { ExportRequest } from './export-work.ts';
import { openPieces, type Pieces } from './pieces.ts';

export const deidentifiedKind = 'export-deidentified';

/** Fewer than so many are not told apart from one. */
export const fewest = 10;
const pieceBytes = 256 * 1024 ** 2;

type Counts = { consented: number; suppressed: number; released: number };
type Person = { id: string; cell: string; disguise: Disguise };

export const deidentifiedWork = (): Background => ({
  kind: deidentifiedKind,
  fetched: 'export-file',
  run: async (work) => {
    const request = work.request as unknown as ExportRequest;
    const pieces = await openPieces(work.folder, [], pieceBytes);
    if (!pieces) throw new Error('the folder of the work cannot be used');
    try {
      const people = await consenting(work);
      const left = enough(people);
      await release(work, request, pieces, left);
      const owners = left.map(({ id }) => keyOf('Patient', id));
      if (owners.length > 0) await work.fhir.audit(auditOfMany(work.fhir, work, deidentifiedKind, undefined, owners));
      const suppressed = people.length - left.length;
      return manifestOf(work, request, pieces, { consented: people.length, suppressed, released: left.length });
    } finally {
      await pieces.close();
    }
  },
});

/** The patients who have agreed, as they would come out. */
async function consenting(work: Work): Promise<Person[]> {
  const { fhir, access } = work;
  const recipient = access.caller?.organization;
  const at = new Date(fhir.nowMs()).toISOString();
  const people: Person[] = [];
  for (const [id, consents] of await consentsByPatient(work)) {
    if (!permitsResearch(consents, recipient, at)) continue;
    const stored = await fhir.reader.current('Patient', id, { kind: 'all' });
    const patient = stored?.content === undefined ? undefined : (parseJson(stored.content) as JsonObject);
    if (!patient || labelsOf(patient) !== 0) continue;
    const shifts = shiftsOf(patient.birthDate);
    const disguise = { id: randomUUID(), shiftDays: shifts[randomInt(shifts.length)] as number };
    people.push({ id, disguise, cell: cellOf(deidentified(patient, disguise, '') ?? {}) });
  }
  return people;
}

async function consentsByPatient({ fhir }: Work): Promise<Map<string, JsonObject[]>> {
  const options = { lenient: false, nowMs: fhir.nowMs(), base: fhir.base };
  const asked: [string, string][] = [
    ['status', 'active'],
    ['_sort', '_lastUpdated'],
    ['_count', '1000'],
  ];
  const query = await fhir.searcher.resolve(parseQuery('Consent', asked, options), systemAccess('export'));
  const found = new Map<string, JsonObject[]>();
  let after: Awaited<ReturnType<typeof fhir.searcher.page>>['next'];
  do {
    const page = await fhir.searcher.page(query, { kind: 'all' }, after);
    for (const { content } of page.matches) {
      const consent = parseJson(content) as JsonObject;
      const { patient } = consent;
      const local = isObject(patient) ? localReference(String(patient.reference ?? ''), fhir.base) : undefined;
      if (local?.type === 'Patient') found.set(local.id, [...(found.get(local.id) ?? []), consent]);
    }
    after = page.next;
  } while (after);
  return found;
}

/** Those who stand among enough others. */
export function enough<T extends { cell: string }>(people: readonly T[]): T[] {
  const cells = Map.groupBy(people, ({ cell }) => cell);
  return people.filter(({ cell }) => (cells.get(cell)?.length ?? 0) >= fewest);
}

async function release(work: Work, request: ExportRequest, pieces: Pieces, people: readonly Person[]): Promise<void> {
  // The order of the files is that of the new ids, which are random.
  const shuffled = people.toSorted((one, other) => (one.disguise.id < other.disguise.id ? -1 : 1));
  let done = 0;
  for (const { id, disguise } of shuffled) {
    const lines = new Map<string, string[]>();
    for await (const page of work.fhir.reader.record(id, request.types)) {
      for (const { type, content } of page) {
        const resource = parseJson(content) as JsonObject;
        if (labelsOf(resource) !== 0 || !isAbout(resource, id)) continue;
        const kept = deidentified(resource, disguise, randomUUID());
        if (kept) lines.set(type, [...(lines.get(type) ?? []), `${JSON.stringify(kept)}\n`]);
      }
    }
    // By the new ids, so that the order says nothing of when something was stored.
    for (const [type, texts] of lines) await pieces.add(type, Buffer.from(texts.sort(byId).join('')));
    done++;
    if (done % 100 === 0) await work.save({}, `${Math.floor((100 * done) / people.length)}%`);
  }
}

const byId = (one: string, other: string): number => (idIn(one) < idIn(other) ? -1 : 1);
const idIn = (text: string): string => /"id":"([^"]+)"/.exec(text)?.[1] ?? '';

/** What is shared, or about somebody else in this record, stays. */
function isAbout({ resourceType, id: own, subject, patient }: JsonObject, id: string): boolean {
  if (resourceType === 'Patient') return own === id;
  const about = subject ?? patient;
  return isObject(about) && localReference(String(about.reference ?? ''))?.id === id;
}

function manifestOf(work: Work, { transactionMs, url }: ExportRequest, pieces: Pieces, counts: Counts): JsonObject {
  return {
    transactionTime: new Date(transactionMs).toISOString(),
    request: url,
    requiresAccessToken: true,
    output: pieces.list().map(({ type, name, count }) => ({ type, url: work.fileUrl(name), count })),
    deleted: [],
    error: [],
    extension: { ...counts, fewest, quasiIdentifiers: ['birth quarter', 'sex', 'prefecture'] },
  };
}
