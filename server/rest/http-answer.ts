// Answer -> HTTP, and any error -> an OperationOutcome. What is not a refusal is a bug: logged with its stack, told neutrally.
// FHIR R4, https://hl7.org/fhir/R4/http.html#cread for conditional reads.

import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  internal,
  languageOf,
  malformed,
  notSupported,
  OperationOutcomeError,
  operationOutcome,
  tooLarge,
  unavailable,
} from '../fhir/outcome.ts';
import type { Answer } from '../interaction/request.ts';
import { outcomeOfDatabaseError } from '../store/database-error.ts';

const fhirJson = 'application/fhir+json; charset=utf-8';

export function send(request: FastifyRequest, reply: FastifyReply, answer: Answer) {
  const { status, etag, lastModified, location, contentLocation, contentType = fhirJson, body } = answer;
  reply.status(isUnchanged(request, answer) ? 304 : status);
  if (etag !== undefined) reply.header('etag', etag);
  if (lastModified !== undefined) reply.header('last-modified', new Date(lastModified).toUTCString());
  if (location !== undefined) reply.header('location', location);
  if (contentLocation !== undefined) reply.header('content-location', contentLocation);
  if (body === undefined || reply.statusCode === 304) return reply.send();
  reply.header('content-type', contentType);
  if (request.method !== 'HEAD' || typeof body === 'string') return reply.send(body);
  // A stream begins with its first reader: nothing of this one is made.
  body.destroy();
  return reply.send();
}

/** The caller has this version already: If-None-Match, or If-Modified-Since in whole seconds as HTTP dates have them. */
function isUnchanged({ method, headers }: FastifyRequest, { status, etag, lastModified }: Answer): boolean {
  if (status !== 200 || (method !== 'GET' && method !== 'HEAD') || etag === undefined || lastModified === undefined)
    return false;
  const wanted = headers['if-none-match'];
  if (wanted !== undefined) return wanted.split(',').some((one) => one.trim() === '*' || opaque(one) === opaque(etag));
  const since = Date.parse(headers['if-modified-since'] ?? '');
  // The header names a second, in which an earlier version may have been read: RFC 9110 section 8.8.2.2. A first version has none.
  const isFirst = opaque(etag) === '"1"';
  const modified = Date.parse(lastModified);
  return (isFirst ? Math.floor(modified / 1000) * 1000 : modified) <= since;
}

/** Weak comparison, RFC 9110 section 8.8.3.2: the letter W does not count. */
const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');

/** Also Fastify's own refusals (media type, size) and what PostgreSQL refuses. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, bodyLimitBytes: number) {
  const refusal = refusalOf(outcomeOfDatabaseError(error), bodyLimitBytes);
  if (refusal.status >= 500) request.log.error({ request: request.id, err: withoutValues(error) }, 'request failed');
  if (refusal.status === 401) reply.header('www-authenticate', 'Bearer realm="tsumugi"');
  const outcome = operationOutcome(refusal.issues, languageOf(request.headers['accept-language']));
  return reply.status(refusal.status).header('content-type', fhirJson).send(JSON.stringify(outcome));
}

function refusalOf(error: unknown, bodyLimitBytes: number): OperationOutcomeError {
  if (error instanceof OperationOutcomeError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(bodyLimitBytes);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return notSupported('The Content-Type must be application/fhir+json', 415);
  if (code === 'ECONNREFUSED') return unavailable();
  // Only what is nested beyond any sense fills the stack; the body is read before it is validated in some operations.
  if (error instanceof RangeError && error.message.includes('call stack'))
    return malformed('The body is nested too deeply');
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return status >= 400 && status < 500 ? malformed('The request cannot be read') : internal();
}

/** pg's `detail` and `where` quote what was stored; stack and code are enough to find a bug. */
export function withoutValues(error: unknown): { type: string; code: unknown; stack: string | undefined } {
  if (!(error instanceof Error)) return { type: typeof error, code: undefined, stack: undefined };
  const isFromDatabase = 'severity' in error;
  const stack = isFromDatabase ? error.stack?.split('\n').slice(1).join('\n') : error.stack;
  return { type: error.name, code: 'code' in error ? error.code : undefined, stack };
}
