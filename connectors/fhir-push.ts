// FHIR JSON files to the server as they are: resources, NDJSON, and Bundles. Numbers are sent with the digits they came with.
// FHIR R4 RESTful API, https://hl7.org/fhir/R4/http.html

import { Client } from 'fhir-kit-client';
import { tryDecode } from '../mappings/charset.ts';
import { UnreadableInput } from '../mappings/record.ts';
import { isObject, type JsonObject, parseJson } from '../server/fhir/json.ts';
import { diagnosticsOf, responseOf } from './answer.ts';
import { DeliveryFailed, notReached } from './deliver.ts';
import { newTally, type Tally } from './import-original.ts';

export type PushOptions = { fhirBase: string; token: string; progress?: (line: string) => void; timeoutMs?: number };

/**
 * One JSON file: a transaction or batch is posted as it is; another Bundle becomes a transaction of its resources; a
 * resource is updated under its id, or created without one. Throws UnreadableInput for what is no FHIR JSON and
 * DeliveryFailed when the server cannot be reached.
 */
export async function pushFhir(bytes: Uint8Array, options: PushOptions): Promise<Tally> {
  const text = decodeUtf8(bytes);
  const content = parseResource(text, 'The file');
  if (content.resourceType !== 'Bundle') return pushEach([{ resource: content, text }], options);
  const isReady = content.type === 'transaction' || content.type === 'batch';
  const body = isReady
    ? text
    : JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: entriesOf(content) });
  const tally = newTally();
  const answer = await send('POST', '', body, options);
  if (answer.refused !== undefined) {
    tally.refused += Math.max(1, Array.isArray(content.entry) ? content.entry.length : 0);
    options.progress?.(`bundle refused: ${answer.refused}`);
    return tally;
  }
  const entries = isObject(answer.data) && Array.isArray(answer.data.entry) ? answer.data.entry.filter(isObject) : [];
  for (const [index, { response }] of entries.entries()) {
    const status = isObject(response) && typeof response.status === 'string' ? response.status : '';
    tally[status.startsWith('2') ? 'stored' : 'refused'] += 1;
    if (!status.startsWith('2')) options.progress?.(`entry ${index + 1} refused (HTTP ${status.slice(0, 3)})`);
  }
  return tally;
}

/** One resource a line, in the order of the file. A line that is no resource is refused and the rest goes on. */
export async function pushNdjson(bytes: Uint8Array, options: PushOptions): Promise<Tally> {
  const lines = decodeUtf8(bytes).split('\n');
  const items: Item[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    try {
      items.push({ resource: parseResource(line, `Line ${index + 1}`), text: line });
    } catch (error) {
      if (!(error instanceof UnreadableInput)) throw error;
      items.push({ refused: error.message });
    }
  }
  return pushEach(items, options);
}

type Item = { resource: JsonObject; text: string } | { refused: string };

async function pushEach(items: readonly Item[], options: PushOptions): Promise<Tally> {
  const tally = newTally();
  for (const [index, item] of items.entries()) {
    const refused = 'refused' in item ? item.refused : (await pushOne(item, options)).refused;
    tally[refused === undefined ? 'stored' : 'refused'] += 1;
    if (refused !== undefined) options.progress?.(`resource ${index + 1} refused: ${refused}`);
    else if ((index + 1) % 100 === 0) options.progress?.(`${index + 1} of ${items.length}`);
  }
  return tally;
}

function pushOne({ resource, text }: { resource: JsonObject; text: string }, options: PushOptions): Promise<Answer> {
  const { method, url } = requestFor(resource);
  return send(method, url, text, options);
}

// The resources of a collection, document or search result, with references among them left as they are.
function entriesOf(bundle: JsonObject): JsonObject[] {
  const entries = Array.isArray(bundle.entry) ? bundle.entry.filter(isObject) : [];
  return entries.flatMap(({ fullUrl, resource }) =>
    isObject(resource)
      ? [{ ...(typeof fullUrl === 'string' && { fullUrl }), resource, request: requestFor(resource) }]
      : [],
  );
}

function requestFor(resource: JsonObject): { method: 'PUT' | 'POST'; url: string } {
  const { resourceType, id } = resource;
  return typeof id === 'string'
    ? { method: 'PUT', url: `${resourceType}/${id}` }
    : { method: 'POST', url: String(resourceType) };
}

type Answer = { data?: unknown; refused?: string };

/** `refused` for an answer of the server that will not change by trying again. */
async function send(method: 'PUT' | 'POST', url: string, body: string, options: PushOptions): Promise<Answer> {
  const client = new Client({ baseUrl: options.fhirBase, bearerToken: options.token });
  const headers = { 'content-type': 'application/fhir+json' };
  const signal = AbortSignal.timeout(options.timeoutMs ?? 120_000);
  try {
    return { data: await client.request(url || options.fhirBase, { method, body, options: { headers, signal } }) };
  } catch (error) {
    const { status, data } = responseOf(error);
    if (status === undefined) throw notReached(error);
    if (status === 401 || status === 408 || status === 429 || status >= 500)
      throw new DeliveryFailed(`The server answered HTTP ${status}.`, status, error);
    return { refused: `HTTP ${status} ${diagnosticsOf(data)}`.trim() };
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  const text = tryDecode(bytes, 'utf-8');
  if (text === undefined) throw new UnreadableInput('The file is not valid UTF-8.');
  return text;
}

function parseResource(text: string, what: string): JsonObject {
  let content: unknown;
  try {
    content = parseJson(text);
  } catch {
    throw new UnreadableInput(`${what} is not valid JSON.`);
  }
  const isResource =
    isObject(content) && typeof content.resourceType === 'string' && /^[A-Z][A-Za-z]+$/.test(content.resourceType);
  if (!isResource) throw new UnreadableInput(`${what} is no FHIR resource (resourceType is missing).`);
  return content as JsonObject;
}
