// An export at work: walk after walk over one state of the record, each a type of everyone or the record of one patient, into
// NDJSON files. Its place is kept after every slice, with the bytes that count so far; after a kill -9 it goes on from there.
// HL7 Bulk Data Access 2.0, https://hl7.org/fhir/uv/bulkdata/export.html

import { type Access, directoryTypes, type Reach, reachOf } from '../access/access.ts';
import { parseJson } from '../fhir/json.ts';
import { expired, type Issue, ignored, operationOutcome } from '../fhir/outcome.ts';
import { viewed } from '../fhir/summary.ts';
import { auditOfMany } from '../interaction/audited.ts';
import type { Background, Work } from '../interaction/background.ts';
import { everythingOf } from '../interaction/patient-record.ts';
import { withinCompartment } from '../search/compartment.ts';
import { keyOf, nobody } from '../search/keys.ts';
import { parseQuery } from '../search/parse-query.ts';
import type { Position } from '../search/plan.ts';
import type { Query } from '../search/query.ts';
import type { TypeSearch } from '../search/system-plan.ts';
import { type Exported, type ExportPlace, exportStart, placeOfLine } from '../store/export-source.ts';
import type { Match } from '../store/query.ts';
import { type Asked, viewOf } from './export-request.ts';
import { openPieces, type Piece, type Pieces } from './pieces.ts';

/** What an export was asked for, as it is kept with the work. */
export type ExportRequest = {
  asked: Asked;
  /** The types that the caller may read and asks for. */
  types: string[];
  /** Whose records, by id; undefined: everyone's, and with `ofPatients` nothing outside of records. */
  patients?: string[];
  ofPatients: boolean;
  /** Of one patient, for whoever may read that one: the directory entries that the record points to come along. */
  isOne: boolean;
  snapshot: string;
  transactionMs: number;
  /** The address of the kick-off. */
  url: string;
};

type State = {
  walk: number;
  place: Place | null;
  pieces: Piece[];
  /** Keys of what was given although it is in the record of somebody who is not asked for. */
  shared: string[];
};
type Place = ExportPlace | { values: (string | number)[]; key: string };
/** One type of everyone, or all types of one patient. */
type Walk = { types: string[]; patient?: string };

export const exportKind = 'export';

/** Behind `pieceBytes` a file ends with its line; about `sliceBytes` lie between two notes of how far it has come. */
export type ExportBounds = { pieceBytes: number; sliceBytes: number; firstRows: number; fewestRows: number };

const usual: ExportBounds = {
  pieceBytes: 256 * 1024 ** 2,
  sliceBytes: 32 * 1024 ** 2,
  firstRows: 5_000,
  fewestRows: 50,
};

export const exportWork = (bounds: ExportBounds = usual): Background => ({
  kind: exportKind,
  fetched: 'export-file',
  run: async (asking) => {
    const request = asking.request as unknown as ExportRequest;
    const work = request.isOne ? asking : { ...asking, access: systemGrants(asking.access) };
    const before = work.state as unknown as State | undefined;
    const kept = before && (await openPieces(work.folder, before.pieces, bounds.pieceBytes));
    const pieces = kept ?? (await openPieces(work.folder, [], bounds.pieceBytes));
    if (!pieces) throw new Error('the folder of the work cannot be used');
    try {
      await exported({ work, request, pieces, bounds }, kept ? before : undefined);
      return manifestOf(work, request, pieces.list());
    } finally {
      await pieces.close();
    }
  },
});

/** What other grants of a token give is not for an export of the system. */
export const systemGrants = (access: Access): Access => ({
  ...access,
  grants: access.grants.filter(({ context }) => context === 'system'),
});

type Given = { work: Work; request: ExportRequest; pieces: Pieces; bounds: ExportBounds };
type Doing = Given & {
  /** Owners whose audit row is written. */
  seen: Set<string>;
  /** Keys of the patients asked for. */
  patients: ReadonlySet<string> | undefined;
  shared: Set<string>;
};

async function exported(given: Given, before: State | undefined): Promise<void> {
  const { work, request, pieces } = given;
  const walks = walksOf(request);
  const patients = request.patients && new Set(request.patients.map((id) => keyOf('Patient', id)));
  const doing: Doing = { ...given, seen: new Set(), patients, shared: new Set(before?.shared) };
  const save = (walk: number, place: Place | null) =>
    work.save(
      { walk, place, pieces: pieces.list(), shared: [...doing.shared] },
      `${Math.floor((100 * walk) / Math.max(walks.length, 1))}% (${countOf(pieces.list())} resources)`,
    );
  for (let n = before?.walk ?? 0; n < walks.length; n++) {
    const walk = walks[n] as Walk;
    const from = n === before?.walk ? before.place : null;
    const slices = isCopied(work.access, request, walk)
      ? copiedSlices(doing, walk.types[0] as string, from as ExportPlace | null)
      : searchedSlices(doing, walk, from as Position | null);
    for await (const place of slices) await save(n, place);
    if (request.isOne && walk.patient !== undefined) await addDirectory(doing, walk.patient);
    await save(n + 1, null);
  }
  if (request.asked.since !== undefined) await addDeleted(doing, request.asked.since);
  if (!(await work.fhir.exported.isKept(request.snapshot)))
    throw expired('The record as it was when this export began is no longer kept; please ask again');
  await auditCopied(doing, walks);
  await addWarnings(doing);
}

function walksOf({ types, patients }: ExportRequest): Walk[] {
  if (patients) return patients.map((patient) => ({ types: types.filter((type) => isOfPatients(type)), patient }));
  return types.map((type) => ({ types: [type] }));
}

const isOfPatients = (type: string): boolean => withinCompartment('Patient', '', type) !== undefined;

/** Whoever may see all of a type gets its stored texts as they are. */
function isCopied(access: Access, { asked }: ExportRequest, { types: [type = ''], patient }: Walk): boolean {
  const isWhole = asked.filters[type] === undefined && asked.elements === undefined;
  return patient === undefined && isWhole && reachOf(access, 'search', type).kind === 'all';
}

const exportedOf = ({ asked, snapshot, ofPatients }: ExportRequest): Exported => ({
  asOf: snapshot,
  since: asked.since,
  until: asked.until,
  ofPatients,
});

const mostRows = 50_000;

async function* copiedSlices({ work, request, pieces, bounds }: Doing, type: string, from: ExportPlace | null) {
  let place = from ?? exportStart;
  let limit = bounds.firstRows;
  for (;;) {
    const lines = lastLine();
    let bytes = 0;
    for await (const chunk of work.fhir.exported.copy(type, exportedOf(request), limit, place)) {
      await pieces.add(type, chunk);
      lines.add(chunk);
      bytes += chunk.length;
      work.signal.throwIfAborted();
    }
    if (lines.count === 0) return;
    place = placeOfLine(lines.last());
    yield place;
    if (lines.count < limit) return;
    // About so many bytes between two notes, whether these are weights or documents.
    limit = Math.round(Math.min(mostRows, Math.max(bounds.fewestRows, bounds.sliceBytes / (bytes / lines.count))));
  }
}

/** Counts lines, and keeps the last. */
function lastLine() {
  let tail: Buffer[] = [];
  let last: Buffer[] = [];
  return {
    count: 0,
    add(chunk: Buffer): void {
      let from = 0;
      for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, from)) {
        last = [...tail, chunk.subarray(from, at)];
        if (tail.length > 0) tail = [];
        from = at + 1;
        this.count++;
      }
      if (from < chunk.length) tail.push(chunk.subarray(from));
    },
    last: (): string => Buffer.concat(last).toString('utf8'),
  };
}

/** A page of a search has no bound in bytes, and a photo has megabytes. */
const pageRows = 100;

/** By search, so that filters and rights are what they are there; with the audit rows before the place is kept. */
async function* searchedSlices(doing: Doing, walk: Walk, from: Position | null): AsyncGenerator<Position> {
  const { work, request } = doing;
  const { fhir, access } = work;
  const moment = { snapshot: request.snapshot, sinceMs: request.transactionMs };
  const queries = walk.types.map((type) => queryOf(fhir, request, type, walk.patient));
  const resolved = await fhir.searcher.resolveAll(queries, access, { values: [], key: nobody, moment });
  const searches = resolved.flatMap((query): TypeSearch[] => {
    const reach: Reach = reachOf(access, 'search', query.type);
    return reach.kind === 'none' ? [] : [{ query, reach }];
  });
  if (searches.length === 0) return;
  for (let after = from ?? undefined; ; ) {
    const page = await fhir.searcher.systemPage(searches, after);
    const found = page.matches.filter((match) => isWanted(doing, match, walk.patient));
    await addTexts(doing, found);
    await auditNew(
      doing,
      found.map(({ owner }) => owner),
    );
    if (!page.next) return;
    const { values, key } = page.next;
    after = { values, key };
    yield after;
  }
}

/** What is in the records of several patients comes with its owner's, or once. */
function isWanted({ request, patients, shared }: Doing, { owner, key }: Match, patient: string | undefined): boolean {
  if (patient === undefined) return !request.ofPatients || owner !== nobody;
  if (owner === keyOf('Patient', patient)) return true;
  if (patients?.has(owner) || shared.has(key)) return false;
  shared.add(key);
  return true;
}

function queryOf(fhir: Work['fhir'], { asked }: ExportRequest, type: string, patient: string | undefined): Query {
  const options = { lenient: false, nowMs: fhir.nowMs(), base: fhir.base };
  const updated: [string, string][] = [];
  if (asked.since !== undefined) updated.push(['_lastUpdated', `gt${asked.since}`]);
  if (asked.until !== undefined) updated.push(['_lastUpdated', `lt${asked.until}`]);
  const query = parseQuery(type, [...updated, ['_sort', '_lastUpdated'], ['_count', String(pageRows)]], options);
  const alternatives = (asked.filters[type] ?? []).map((text) => {
    const { filters } = parseQuery(type, new URLSearchParams(text), options);
    return { kind: 'every' as const, filters };
  });
  if (alternatives.length > 0) query.filters.push({ kind: 'some', filters: alternatives });
  const within = patient === undefined ? undefined : withinCompartment('Patient', patient, type);
  if (within) query.filters.push(within);
  return query;
}

const writtenAtOnce = 1024 ** 2;

async function addTexts(
  { pieces, request }: Doing,
  found: readonly { type: string; content: string }[],
): Promise<void> {
  const ready = new Map<string, string>();
  for (const { type, content } of found) {
    const text = `${ready.get(type) ?? ''}${viewed(content, viewOf(type, request.asked.elements))}\n`;
    ready.set(type, text.length < writtenAtOnce ? text : '');
    if (text.length >= writtenAtOnce) await pieces.add(type, Buffer.from(text));
  }
  for (const [type, text] of ready) if (text !== '') await pieces.add(type, Buffer.from(text));
}

/** What the record of one patient points to: organizations, practitioners, places. */
async function addDirectory(doing: Doing, patient: string): Promise<void> {
  const { work, request } = doing;
  const { types, asked } = request;
  const directory = types.filter((type) => directoryTypes.has(type));
  if (directory.length === 0) return;
  const filter = { types: directory, ...(asked.since !== undefined && { updatedSince: asked.since }) };
  for await (const page of everythingOf(work.fhir, work.access, { patient }, filter)) {
    const pointed = page.filter(({ isPointedTo, content }) => isPointedTo && isBefore(content, asked.until));
    await addTexts(doing, pointed);
  }
}

function isBefore(content: string, until: string | undefined): boolean {
  if (until === undefined) return true;
  const { meta } = parseJson(content) as { meta: { lastUpdated: string } };
  return meta.lastUpdated < until;
}

/** One audit row for each patient that this process has not noted yet. */
async function auditNew({ work, seen }: Doing, owners: readonly string[]): Promise<void> {
  const fresh = new Set(owners.filter((owner) => owner !== nobody && !seen.has(owner)));
  for (const owner of fresh) seen.add(owner);
  if (fresh.size > 0) await work.fhir.audit(auditOfMany(work.fhir, work, 'export', undefined, fresh));
}

const auditedAtOnce = 2000;

/** What was copied was not looked at; whose it is says the index. Nothing can be fetched before this is done. */
async function auditCopied({ work, request }: Doing, walks: readonly Walk[]): Promise<void> {
  const types = walks.filter((walk) => isCopied(work.access, request, walk)).flatMap((walk) => walk.types);
  if (types.length === 0) return;
  for await (const owners of work.fhir.exported.owners(types, exportedOf(request), auditedAtOnce)) {
    await work.fhir.audit(auditOfMany(work.fhir, work, 'export', undefined, owners));
    work.signal.throwIfAborted();
  }
}

const deletedInBundle = 100;

/** What was deleted since and is not there again, as transactions that delete it. */
async function addDeleted({ work, request, pieces, patients: owners }: Doing, since: string): Promise<void> {
  const { fhir, access } = work;
  const sinceMs = Date.parse(since) + 1;
  const reaches = request.types.map((type) => ({
    type,
    reach: reachOf(access, 'search', type),
    directory: directoryTypes.has(type),
  }));
  const settled = new Set<string>();
  let after: Parameters<typeof fhir.reader.historyOfTypes>[1]['after'];
  do {
    const asked = { limit: pageRows, sinceMs, snapshot: request.snapshot, after };
    const page = await fhir.reader.historyOfTypes(reaches, asked);
    const gone: string[] = [];
    for (const { key, type, id, owner, content, version, isNew, updated } of page.versions) {
      if (request.asked.until !== undefined && updated >= request.asked.until) continue;
      const isFirst = !settled.has(key);
      // Newest first: only what was deleted and brought back, or deleted twice, is met again.
      if (content === undefined || (isNew && version > 1)) settled.add(key);
      const isWanted = owners ? owners.has(owner) : !request.ofPatients || owner !== nobody;
      if (content === undefined && isFirst && isWanted) gone.push(`${type}/${id}`);
    }
    for (let n = 0; n < gone.length; n += deletedInBundle)
      await pieces.add('deleted', Buffer.from(`${deletion(gone.slice(n, n + deletedInBundle))}\n`));
    after = page.next;
  } while (after);
}

const deletion = (references: readonly string[]): string =>
  JSON.stringify({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: references.map((url) => ({ request: { method: 'DELETE', url } })),
  });

async function addWarnings({ work, request, pieces }: Doing): Promise<void> {
  const issues: Issue[] = request.asked.ignored.map(ignored);
  if (issues.length === 0 || pieces.list().some(({ type }) => type === 'error')) return;
  await pieces.add('error', Buffer.from(`${JSON.stringify(operationOutcome(issues, work.language))}\n`));
}

/** Bulk Data Access 2.0, "Response - Complete Status". */
function manifestOf(work: Work, { transactionMs, url }: ExportRequest, pieces: readonly Piece[]) {
  const listed = (ofType: (type: string) => boolean, type?: string) =>
    pieces
      .filter((piece) => ofType(piece.type))
      .map((piece) => ({ type: type ?? piece.type, url: work.fileUrl(piece.name), count: piece.count }));
  const isBeside = (type: string) => type === 'deleted' || type === 'error';
  return {
    transactionTime: new Date(transactionMs).toISOString(),
    request: url,
    requiresAccessToken: true,
    output: listed((type) => !isBeside(type)),
    deleted: listed((type) => type === 'deleted', 'Bundle'),
    error: listed((type) => type === 'error', 'OperationOutcome'),
  };
}

const countOf = (pieces: readonly Piece[]): number => pieces.reduce((all, { count }) => all + count, 0);
