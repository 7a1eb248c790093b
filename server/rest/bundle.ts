// FHIR R4 batch and transaction. https://hl7.org/fhir/R4/http.html#transaction
// A transaction is one write with many changes: it happens whole or not at all. A batch is its entries, one by one.

import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import {
  badRequest,
  internal,
  malformed,
  notSupported,
  OperationOutcomeError,
  operationOutcome,
} from '../fhir/outcome.ts';
import { type BundleEntry, bundleOf } from '../interaction/bundle-text.ts';
import { type Call, callOf, changeOf } from '../interaction/changes.ts';
import { type Answer, type Dispatch, etag, type Fhir, type FhirRequest } from '../interaction/request.ts';
import type { Change, Written } from '../store/change.ts';
import { outcomeOfDatabaseError } from '../store/database-error.ts';

const mostEntries = 5000;

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
  if (body.type === 'transaction') return transaction(fhir, request, entries);
  if (body.type === 'batch') return batch(fhir, request, entries, dispatch);
  throw badRequest(`Bundle.type must be batch or transaction, not ${JSON.stringify(body.type)}`, 'value', [
    'Bundle.type',
  ]);
}

async function transaction(fhir: Fhir, request: FhirRequest, entries: JsonObject[]): Promise<Answer> {
  const calls = entries.map(callOf);
  const isRead = ({ method }: Call) => method === 'GET' || method === 'HEAD';
  const changes = calls.flatMap((call, n) => (isRead(call) ? [] : [changeOf(call, entries[n] as JsonObject, n)]));
  refuseOverlap(changes);
  const reads = calls.filter(isRead);
  if (reads.length > 0) throw notSupported('GET inside a transaction is not supported; use a batch', 422);
  const written = await fhir.write(request.access, changes, { request: request.id, isBundle: true });
  return {
    status: 200,
    body: bundleOf('transaction-response', { entries: written.map((one) => responseEntry(fhir, one, request)) }),
  };
}

async function batch(fhir: Fhir, request: FhirRequest, entries: JsonObject[], dispatch: Dispatch): Promise<Answer> {
  const answers: BundleEntry[] = [];
  for (const [n, entry] of entries.entries()) {
    try {
      const call = callOf(entry, n);
      const [path = '', query = ''] = call.url.split(/\?(.*)/s);
      if (path === '' && call.method === 'POST')
        throw badRequest('A Bundle inside a batch is not supported', 'not-supported');
      const answer = await dispatch(fhir, {
        ...request,
        method: call.method,
        path,
        query,
        body: entry.resource,
        headers: { ...call.headers, ...(request.headers.prefer ? { prefer: request.headers.prefer } : {}) },
      });
      if (answer.contentType !== undefined) throw notSupported('What is not FHIR JSON cannot be part of a batch', 422);
      answers.push(await batchEntry(answer));
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

/** FHIR: no resource may be changed twice in one transaction, and no two entries may share a fullUrl. */
function refuseOverlap(changes: readonly Change[]): void {
  const seen = new Set<string>();
  for (const { type, id, fullUrl } of changes) {
    for (const name of [id === undefined ? undefined : `${type}/${id}`, fullUrl]) {
      if (name === undefined || name === '') continue;
      if (seen.has(name) && name !== `${type}/${id}`)
        throw badRequest(`Two entries have the fullUrl ${name}`, 'invalid');
      if (seen.has(name)) throw badRequest(`${name} is changed twice in this transaction`, 'invalid');
      seen.add(name);
    }
  }
}

function responseEntry(fhir: Fhir, one: Written, { headers: { prefer } }: FhirRequest): BundleEntry {
  const { status, type, id, version, updated, content } = one;
  const location = `${fhir.base}/${type}/${id}/_history/${version}`;
  const withBody = /\breturn=representation\b/.test(prefer ?? '');
  return {
    fullUrl: `${fhir.base}/${type}/${id}`,
    ...(withBody && content !== undefined ? { resource: content } : {}),
    rest: { response: { status: String(status), location, etag: etag(version), lastModified: updated } },
  };
}

async function batchEntry({ status, etag: tag, lastModified, location, body }: Answer): Promise<BundleEntry> {
  const text = body === undefined || typeof body === 'string' ? body : await textOf(body);
  const response = {
    status: String(status),
    ...(location ? { location } : {}),
    ...(tag ? { etag: tag } : {}),
    ...(lastModified ? { lastModified } : {}),
  };
  return { ...(text ? { resource: text } : {}), rest: { response } };
}

async function textOf(body: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of body) text += String(chunk);
  return JSON.stringify(parseJson(text));
}
