// An HTTP request -> FhirRequest: path, query, the headers that FHIR knows, the body with its numbers kept.
// FHIR R4, https://hl7.org/fhir/R4/http.html#mime-type

import type { FastifyRequest } from 'fastify';
import { holdsUnstorableText, parseJson } from '../fhir/json.ts';
import { languageOf, malformed, notSupported, OperationOutcomeError } from '../fhir/outcome.ts';
import type { FhirRequest } from '../interaction/request.ts';

/** Media types of a body that is read as FHIR JSON. */
export const jsonTypes = ['application/fhir+json', 'application/json', 'text/json', 'application/json+fhir'];

/** Throws 400 for a path that is not percent-encoded. */
export function fhirRequest(request: FastifyRequest): Omit<FhirRequest, 'access'> {
  const [path = '', query = ''] = request.url
    .slice('/fhir'.length)
    .replace(/^\//, '')
    .split(/\?(.*)/s);
  const { prefer, 'if-match': ifMatch, 'if-none-exist': ifNoneExist } = request.headers;
  return {
    // HEAD is GET without the body, which Node leaves out by itself.
    method: request.method === 'HEAD' ? 'GET' : request.method,
    path: decodePath(path),
    query,
    headers: {
      ...(typeof prefer === 'string' ? { prefer } : {}),
      ...(ifMatch !== undefined ? { ifMatch } : {}),
      ...(typeof ifNoneExist === 'string' ? { ifNoneExist } : {}),
    },
    body: request.body,
    id: request.id,
    language: languageOf(request.headers['accept-language']),
  };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw malformed('The path of the URL is not valid percent-encoding');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** FHIR JSON from bytes. Throws 400, without quoting what was sent. */
export function parseBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    const text = utf8.decode(body);
    const value = parseJson(text);
    if (holdsUnstorableText(value, text))
      throw malformed('The body holds \\u0000 or half of a surrogate pair; neither is text');
    return value;
  } catch (error) {
    if (error instanceof OperationOutcomeError) throw error;
    // V8 quotes the text around the fault; only the place is passed on.
    const place = /position \d+(?: \(line \d+ column \d+\))?/.exec((error as Error).message)?.[0];
    throw malformed(
      error instanceof TypeError
        ? 'The body is not UTF-8'
        : `The body is not JSON${place ? `: fault at ${place}` : ''}`,
    );
  }
}

/** Throws 406 for an Accept header or `_format` that asks for something else than JSON. */
export function refuseOtherFormats(request: FastifyRequest): void {
  const format = (request.query as { _format?: string })._format ?? '';
  const accept = request.headers.accept ?? '';
  const wanted =
    format === '' ? accept : format.includes('/') || format.includes('json') ? format : `application/${format}`;
  if (wanted !== '' && !/json|zip|\*\/\*|application\/\*|text\/html/.test(wanted)) {
    throw notSupported(`${wanted} is not available; this server answers application/fhir+json`, 406);
  }
}
