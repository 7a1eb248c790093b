// FHIR R4 batch and transaction. https://hl7.org/fhir/R4/http.html#transaction
// A transaction is one write with many changes and, behind them in the same database transaction, its reads: it happens whole
// or not at all. A batch is its entries, one by one.

import { Readable } from 'node:stream';
import { inEntry } from '../fhir/bundle-entry.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import {
  answerTooLarge,
  badRequest,
  internal,
  malformed,
  notSupported,
  OperationOutcomeError,
  operationOutcome,
} from '../fhir/outcome.ts';
import { type Call, callOf, changeOf, isRead } from '../interaction/bundle-calls.ts';
import { type BundleEntry, bundleOf } from '../interaction/bundle-text.ts';
import { answerOf, preferred } from '../interaction/changes.ts';
import { isKnown } from '../interaction/conditional-read.ts';
import type { Answer, Dispatch, Fhir, FhirRequest } from '../interaction/request.ts';
import type { Change, Written } from '../store/change.ts';
import { outcomeOfDatabaseError } from '../store/database-error.ts';

const mostEntries = 5000;
/** Of all answers together: they are held in memory, streams among them. */
const mostAnswerBytes = 32 * 1024 * 1024;

/** POST of a Bundle to the base. */
export async function bundle(fhir: Fhir, request: FhirRequest, dispatch: Dispatch): Promise<Answer> {
  const { body } = request;
  if (!isObject(body) || body.resourceType !== 'Bundle')
    throw malformed('POST to the base takes a Bundle', ['resourceType']);
  const entries = body.entry === undefined ? [] : body.entry;
  if (!Array.isArray(entries) || !entries.every(isObject))
    throw malformed('Bundle.entry must be a list of objects', ['Bundle.entry']);
  if (entries.length > mostEntries)
    throw badRequest(`A Bundle takes at most ${mostEntries} entries`, 'too-costly', ['Bundle.entry']);
  if (body.type === 'transaction') return transaction(fhir, request, entries, dispatch);
  if (body.type === 'batch') return batch(fhir, request, entries, dispatch);
  throw badRequest(`Bundle.type must be batch or transaction, not ${JSON.stringify(body.type)}`, 'value', [
    'Bundle.type',
  ]);
}

/** How much more text the answers may have. */
type Room = { leftBytes: number };

async function transaction(
  fhir: Fhir,
  request: FhirRequest,
  entries: JsonObject[],
  dispatch: Dispatch,
): Promise<Answer> {
  const calls = entries.map(callOf);
  const changes = calls.flatMap((call, n) => (isRead(call) ? [] : [changeOf(call, entries[n] as JsonObject, n)]));
  refuseOverlap(changes);
  const answers: BundleEntry[] = new Array(entries.length);
  const room: Room = { leftBytes: mostAnswerBytes };
  const readIn = async (inside: Fhir) => {
    for (const [n, call] of calls.entries()) {
      if (isRead(call)) answers[n] = await inEntry(n, () => answerCall(inside, request, call, dispatch, room));
    }
  };
  const written = await fhir.write(request.access, changes, {
    request: request.id,
    isBundle: true,
    ...(calls.some(isRead) ? { alongside: (client) => fhir.within(client, readIn) } : {}),
  });
  written.forEach((one, n) => {
    answers[changes[n]?.entry ?? n] = writtenEntry(fhir, one, request);
  });
  return { status: 200, body: bundleOf('transaction-response', { entries: answers }) };
}

async function batch(fhir: Fhir, request: FhirRequest, entries: JsonObject[], dispatch: Dispatch): Promise<Answer> {
  const answers: BundleEntry[] = [];
  const room: Room = { leftBytes: mostAnswerBytes };
  for (const [n, entry] of entries.entries()) {
    try {
      answers.push(await answerCall(fhir, request, callOf(entry, n), dispatch, room));
    } catch (error) {
      // Entries before this one are stored and must be answered, whatever happened to it.
      const known = outcomeOfDatabaseError(error);
      if (!(known instanceof OperationOutcomeError)) fhir.onBug(error, request.id);
      const { status, issues } = known instanceof OperationOutcomeError ? known : internal();
      answers.push({
        rest: { response: { status: String(status), outcome: operationOutcome(issues, request.language) } },
      });
    }
  }
  return { status: 200, body: bundleOf('batch-response', { entries: answers }) };
}

async function answerCall(
  fhir: Fhir,
  request: FhirRequest,
  call: Call,
  dispatch: Dispatch,
  room: Room,
): Promise<BundleEntry> {
  const { method, path, query = '', body, headers } = call;
  if (path === '' && call.method === 'POST')
    throw badRequest('A Bundle inside a Bundle is not supported', 'not-supported');
  const { prefer } = request.headers;
  const answer = await dispatch(fhir, {
    ...request,
    method: method === 'HEAD' ? 'GET' : method,
    path,
    query,
    body,
    headers: { ...headers, ...(prefer === undefined ? {} : { prefer }) },
  });
  if (answer.contentType !== undefined) throw notSupported('What is not FHIR JSON cannot be part of a Bundle', 422);
  const { ifNoneMatch, ifModifiedSince } = headers;
  if (isRead(call) && isKnown({ ifNoneMatch, ifModifiedSince }, answer)) return entryOf({ ...answer, status: 304 });
  if (method === 'HEAD') {
    // A stream begins with its first reader: nothing of this one is made.
    if (answer.body instanceof Readable) answer.body.destroy();
    return entryOf(answer);
  }
  const text = await textOf(answer, room);
  // What was written is written, with or without room to show it.
  if (text === undefined && isRead(call)) throw answerTooLarge(mostAnswerBytes);
  return entryOf(answer, text);
}

/** The body as text; undefined when there is none, or no room for it. What has no room takes none from the next. */
async function textOf({ body = '' }: Answer, room: Room): Promise<string | undefined> {
  const parts: string[] = [];
  let bytes = 0;
  for await (const part of body instanceof Readable ? body : [body]) {
    const text = String(part);
    bytes += Buffer.byteLength(text);
    if (bytes > room.leftBytes) return undefined;
    parts.push(text);
  }
  room.leftBytes -= bytes;
  return parts.join('');
}

function entryOf({ status, etag, lastModified, location, isOutcome }: Answer, text = ''): BundleEntry {
  const response = {
    status: String(status),
    ...(location ? { location } : {}),
    ...(etag ? { etag } : {}),
    ...(lastModified ? { lastModified } : {}),
    ...(isOutcome && text !== '' ? { outcome: JSON.parse(text) as object } : {}),
  };
  return { ...(text !== '' && !isOutcome ? { resource: text } : {}), rest: { response } };
}

/** A transaction shows what it stored only to who asks for it, and says where it is. */
function writtenEntry(fhir: Fhir, one: Written, request: FhirRequest): BundleEntry {
  const { type, id, version } = one;
  const { body, ...answer } = answerOf(fhir, one, request);
  const text = typeof body === 'string' && preferred(request.headers.prefer) !== undefined ? body : undefined;
  if (version === 0) return entryOf(answer, text);
  const fullUrl = `${fhir.base}/${type}/${id}`;
  return { fullUrl, ...entryOf({ ...answer, location: `${fullUrl}/_history/${version}` }, text) };
}

/** FHIR: no resource may be changed twice in one transaction, and no two entries may share a fullUrl. */
function refuseOverlap(changes: readonly Change[]): void {
  const seen = new Set<string>();
  for (const { type, id, fullUrl, entry } of changes) {
    const resource = id === undefined ? undefined : `${type}/${id}`;
    for (const name of [resource, fullUrl]) {
      if (name === undefined) continue;
      if (seen.has(name)) {
        const why =
          name === resource ? `${name} is changed twice in this transaction` : `Two entries have the fullUrl ${name}`;
        throw badRequest(why, 'invalid', [`Bundle.entry[${entry}]`]);
      }
      seen.add(name);
    }
  }
}
