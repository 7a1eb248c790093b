// An HTTP request -> FhirRequest: path, query, the headers that FHIR knows, the body with its numbers kept.
// FHIR R4, https://hl7.org/fhir/R4/http.html#mime-type

import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { holdsUnstorableText, parseJson } from '../fhir/json.ts';
import { isTooDeep, mostLevels } from '../fhir/json-depth.ts';
import { languageOf, malformed, notSupported, OperationOutcomeError, tooDeep, tooLarge } from '../fhir/outcome.ts';
import { parseXml } from '../fhir/xml-read.ts';
import { jsonPatchType } from '../interaction/patches.ts';
import type { FhirRequest } from '../interaction/request.ts';
import { binaryOf } from './binary.ts';
import { decoded } from './content-coding.ts';
import { checkBodyType, jsonTypes, linesTypes, xmlTypes } from './format.ts';

/** Has the scope read FHIR JSON, FHIR XML, JSON Patch, forms and the content of a Binary, packed or not. */
export function readBodies(scope: FastifyInstance, limitBytes: number): void {
  scope.removeAllContentTypeParsers();
  scope.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.headers['content-encoding'] === undefined) done(null, payload);
    else done(null, decoded(request, payload, limitBytes));
  });
  const read = (types: string[], parse: (body: Buffer) => unknown, only?: string) =>
    scope.addContentTypeParser(
      types,
      { parseAs: 'buffer' },
      async ({ method, headers }: FastifyRequest, body: Buffer) => {
        checkBodyType(headers['content-type']);
        if (only !== undefined && method !== only) throw notSupported(`${types.join(', ')} is for ${only}`, 415);
        return body.length === 0 ? undefined : parse(body);
      },
    );
  read(jsonTypes, parseBody);
  read(xmlTypes, (body) => parseXml(textOf(body)));
  read([jsonPatchType], parseBody, 'PATCH');
  read(['application/x-www-form-urlencoded'], (body) => new URLSearchParams(textOf(body)));
  read(['application/graphql'], (body) => ({ query: textOf(body) }));
  // What an import streams is not held in memory: its operation reads it.
  scope.addContentTypeParser(linesTypes, async (request: FastifyRequest, payload: Readable) => {
    if (importPath.test(request.url)) return payload;
    const bytes = await collected(payload, limitBytes);
    return binaryOf(request, bytes);
  });
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) =>
    binaryOf(request, body),
  );
}

const importPath = /^\/fhir\/\$import\/?(?:\?|$)/;

async function collected(payload: Readable, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of payload) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > limitBytes) throw tooLarge(limitBytes);
  }
  return Buffer.concat(chunks);
}

/** Throws 400 for a path that is not percent-encoded. */
export function fhirRequest(request: FastifyRequest): Omit<FhirRequest, 'access'> {
  const [path = '', query = ''] = request.url.split(/\?(.*)/s);
  const { prefer, 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'if-none-exist': ifNoneExist } = request.headers;
  const [contentType = ''] = (request.headers['content-type'] ?? '').split(';');
  return {
    // HEAD is GET without the body, which Node leaves out by itself.
    method: request.method === 'HEAD' ? 'GET' : request.method,
    path: fhirPath(path),
    query,
    headers: {
      ...(typeof prefer === 'string' ? { prefer } : {}),
      ...(ifMatch !== undefined ? { ifMatch } : {}),
      ...(ifNoneMatch !== undefined ? { ifNoneMatch } : {}),
      ...(typeof ifNoneExist === 'string' ? { ifNoneExist } : {}),
      ...(typeof request.headers.range === 'string' ? { range: request.headers.range } : {}),
      ...(contentType !== '' ? { contentType: contentType.trim().toLowerCase() } : {}),
    },
    body: request.body,
    id: request.id,
    language: languageOf(request.headers['accept-language']),
  };
}

/** What stands behind the base in a URL, without a slash at either end. Throws 400 unless it is percent-encoded. */
export function fhirPath(url: string): string {
  const [path = ''] = url.split('?');
  try {
    return decodeURIComponent(path.slice('/fhir/'.length).replace(/\/$/, ''));
  } catch {
    throw malformed('The path of the URL is not valid percent-encoding');
  }
}

/** FHIR JSON from bytes. Throws 400, without quoting what was sent. */
function parseBody(body: Buffer): unknown {
  if (isTooDeep(body)) throw tooDeep(mostLevels);
  const text = textOf(body);
  try {
    const value = parseJson(text);
    if (holdsUnstorableText(value, text))
      throw malformed('The body holds \\u0000 or half of a surrogate pair; neither is text');
    return value;
  } catch (error) {
    if (error instanceof OperationOutcomeError) throw error;
    // V8 quotes the text around the fault; only the place is passed on.
    const place = /position \d+(?: \(line \d+ column \d+\))?/.exec((error as Error).message)?.[0];
    throw malformed(`The body is not JSON${place ? `: fault at ${place}` : ''}`);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch {
    throw malformed('The body is not UTF-8');
  }
}
