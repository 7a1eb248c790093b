// An import at work: the lines in sets, each one transaction through the one write door. A set that is refused is halved until
// the lines at fault stand alone; they are told by number in a file of errors, and the others are stored. The place is kept
// behind every set, and a set that is done again after a kill -9 finds what it stored: lines without an id have one by their
// place.

import { hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { resourceTypes } from '../fhir/definitions.ts';
import { holdsUnstorableText, isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { isTooDeep, mostLevels } from '../fhir/json-depth.ts';
import {
  type Issue,
  malformed,
  OperationOutcomeError,
  operationOutcome,
  tooDeep,
  tooLarge,
  unavailable,
} from '../fhir/outcome.ts';
import type { Background, Work } from '../interaction/background.ts';
import type { Change } from '../store/change.ts';
import { openPieces, type Piece, type Pieces } from './pieces.ts';

export type ImportRequest = { upload: string; requestId: string; atMs: number; url: string };

type Counts = { stored: number; unchanged: number; refused: number };
type State = { offset: number; line: number; counts: Counts; types: Record<string, number>; pieces: Piece[] };
type Line = { number: number; bytes: Buffer };
type Read = { number: number; change: Change };
type Doing = { work: Work; request: ImportRequest; pieces: Pieces; state: State };

export const importKind = 'bulk-import';
export const uploadName = 'upload.ndjson';

const mostLines = 500;
const mostSetBytes = 8 * 1024 ** 2;
const mostLineBytes = 32 * 1024 ** 2;
const pieceBytes = 64 * 1024 ** 2;

export const importWork = (): Background => ({
  kind: importKind,
  fetched: 'bulk-import-file',
  run: async (work) => {
    const request = work.request as unknown as ImportRequest;
    const before = work.state as unknown as State | undefined;
    const kept = before && (await openPieces(work.folder, before.pieces, pieceBytes));
    const pieces = kept ?? (await openPieces(work.folder, [], pieceBytes));
    if (!pieces) throw unavailable();
    const fresh: State = { offset: 0, line: 0, counts: { stored: 0, unchanged: 0, refused: 0 }, types: {}, pieces: [] };
    const doing: Doing = { work, request, pieces, state: kept && before ? before : fresh };
    const folder = join(dirname(work.folder), request.upload);
    const removeUpload = async () => {
      await work.fhir.works.remove(request.upload);
      await rm(folder, { recursive: true, force: true });
    };
    try {
      await imported(doing, join(folder, uploadName));
    } catch (error) {
      // Of an import that was cancelled nobody needs the file any more.
      if (!(await work.fhir.works.find(work.id))) await removeUpload();
      throw error;
    } finally {
      await pieces.close();
    }
    await removeUpload();
    return answerOf(doing);
  },
});

async function imported(doing: Doing, path: string): Promise<void> {
  const { work, pieces, state } = doing;
  const { size } = await stat(path).catch(() => ({ size: -1 }));
  // It was removed behind its last line; only the answer was not given yet.
  if (size === -1 && state.line > 0) return;
  for await (const { lines, bytes } of sets(path, state.offset, state.line)) {
    await store(doing, lines);
    state.offset += bytes;
    state.line += lines.length;
    state.pieces = pieces.list();
    const { stored, unchanged, refused } = state.counts;
    const percent = Math.floor((100 * state.offset) / Math.max(size, 1));
    const progress = `${percent}% (${stored} stored, ${unchanged} unchanged, ${refused} refused)`;
    await work.save(state as unknown as JsonObject, progress);
  }
}

/** Lines in sets, with the bytes of the file that they are. A line that is too long comes cut off. */
async function* sets(path: string, offset: number, before: number): AsyncGenerator<{ lines: Line[]; bytes: number }> {
  let number = before;
  let lines: Line[] = [];
  let bytes = 0;
  let held: Buffer[] = [];
  let heldBytes = 0;
  const add = (part: Buffer): void => {
    if (heldBytes <= mostLineBytes) held.push(part);
    heldBytes += part.length;
  };
  const end = (feed: number): void => {
    lines.push({ number: ++number, bytes: Buffer.concat(held) });
    bytes += heldBytes + feed;
    held = [];
    heldBytes = 0;
  };
  for await (const chunk of createReadStream(path, { start: offset, highWaterMark: 1024 * 1024 })) {
    const part = chunk as Buffer;
    let from = 0;
    for (let at = part.indexOf(0x0a); at !== -1; at = part.indexOf(0x0a, from)) {
      add(part.subarray(from, at));
      end(1);
      from = at + 1;
      if (lines.length < mostLines && bytes < mostSetBytes) continue;
      yield { lines, bytes };
      lines = [];
      bytes = 0;
    }
    if (from < part.length) add(part.subarray(from));
  }
  if (heldBytes > 0) end(0);
  if (lines.length > 0) yield { lines, bytes };
}

async function store(doing: Doing, lines: readonly Line[]): Promise<void> {
  const read: Read[] = [];
  for (const line of lines) {
    try {
      const change = changeOf(doing, line);
      if (change) read.push({ number: line.number, change });
    } catch (error) {
      await refuse(doing, line.number, error);
    }
  }
  if (read.length > 0) await storeSet(doing, read);
}

async function storeSet(doing: Doing, set: readonly Read[]): Promise<void> {
  const { work, request, state } = doing;
  try {
    const changes = set.map(({ change }) => change);
    const written = await work.fhir.write(work.access, changes, { request: request.requestId });
    for (const { type, updated, status } of written) {
      state.types[type] = (state.types[type] ?? 0) + 1;
      // What was there as it came keeps its version, and its time.
      if (status === 200 && Date.parse(updated) < request.atMs) state.counts.unchanged++;
      else state.counts.stored++;
    }
  } catch (error) {
    if (!(error instanceof OperationOutcomeError) || error.status >= 500) throw error;
    const [only] = set;
    if (set.length === 1 && only) return refuse(doing, only.number, error);
    const half = Math.ceil(set.length / 2);
    await storeSet(doing, set.slice(0, half));
    await storeSet(doing, set.slice(half));
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Undefined for an empty line. Throws OperationOutcomeError for one that is no resource. */
function changeOf({ work }: Doing, { number, bytes }: Line): Change | undefined {
  if (bytes.length > mostLineBytes) throw tooLarge(mostLineBytes);
  if (isTooDeep(bytes)) throw tooDeep(mostLevels);
  const text = textOf(bytes).trim();
  if (text === '') return undefined;
  const resource = resourceIn(text);
  const type = String(resource.resourceType);
  if (!resourceTypes.has(type)) throw malformed('resourceType is no resource type of FHIR R4', ['resourceType']);
  const id = typeof resource.id === 'string' ? resource.id : idByPlace(work.id, number);
  return { method: 'update', type, id, resource: { ...resource, id } };
}

function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformed('The line is not UTF-8');
  }
}

/** Says nothing of what stands in the line. */
function resourceIn(text: string): JsonObject {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    throw malformed('The line is not JSON');
  }
  if (!isObject(value)) throw malformed('The line is no JSON object');
  if (holdsUnstorableText(value, text)) throw malformed('The line holds \\u0000 or half of a surrogate pair');
  return value;
}

/** The same whenever this line of this import is read. */
function idByPlace(work: string, line: number): string {
  const hex = hash('sha256', `${work}/${line}`, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

async function refuse({ work, pieces, state }: Doing, line: number, error: unknown): Promise<void> {
  if (!(error instanceof OperationOutcomeError)) throw error;
  state.counts.refused++;
  const issues = error.issues.map((one): Issue => ({ ...one, diagnostics: `line ${line}: ${one.diagnostics}` }));
  await pieces.add('error', Buffer.from(`${JSON.stringify(operationOutcome(issues, work.language))}\n`));
}

function answerOf({ work, request, pieces, state }: Doing): JsonObject {
  const { counts, types } = state;
  return {
    transactionTime: new Date(request.atMs).toISOString(),
    request: request.url,
    requiresAccessToken: true,
    output: Object.entries(types).map(([type, count]) => ({ type, count })),
    error: pieces.list().map(({ name, count }) => ({ type: 'OperationOutcome', url: work.fileUrl(name), count })),
    extension: { ...counts },
  };
}
