// Answer -> HTTP, and any error -> an OperationOutcome. What is not a refusal is a bug: logged with its stack, told neutrally.

import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import {
  internal,
  languageOf,
  malformed,
  notSupported,
  OperationOutcomeError,
  operationOutcome,
  tooLarge,
  unavailable,
  wrongPatchType,
} from '../fhir/outcome.ts';
import { xmlOf } from '../fhir/xml-write.ts';
import { isKnown } from '../interaction/conditional-read.ts';
import type { Answer } from '../interaction/request.ts';
import { outcomeOfDatabaseError } from '../store/database-error.ts';
import { bundleIn } from './bundle-stream.ts';
import { coded } from './content-coding.ts';
import { type Form, type Format, formOf, formOfRefusal } from './format.ts';
import { fhirPath } from './http-request.ts';
import { hearOut } from './unreadable-request.ts';

const mediaTypes: Record<Format, string> = {
  json: 'application/fhir+json; charset=utf-8',
  xml: 'application/fhir+xml; charset=utf-8',
};

type Body = string | Buffer | Readable;

/** An answer of an interaction or operation, in the form its caller wants. */
export function send(request: FastifyRequest, reply: FastifyReply, answer: Answer, form: Form) {
  const { status, etag, lastModified, location, contentLocation, contentType, body } = answer;
  const { 'if-none-match': ifNoneMatch, 'if-modified-since': ifModifiedSince } = request.headers;
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  reply.status(isRead && isKnown({ ifNoneMatch, ifModifiedSince }, answer) ? 304 : status);
  setHeaders(request, reply, contentType === undefined);
  if (etag !== undefined) reply.header('etag', etag);
  if (lastModified !== undefined) reply.header('last-modified', new Date(lastModified).toUTCString());
  if (location !== undefined) reply.header('location', location);
  if (contentLocation !== undefined) reply.header('content-location', contentLocation);
  setWorkHeaders(reply, answer);
  if (body === undefined || reply.statusCode === 304) return reply.send();
  if (request.method === 'HEAD' && body instanceof Readable) {
    // A stream begins with its first reader: nothing of this one is made.
    body.destroy();
    return reply.header('content-type', contentType ?? mediaTypes[form.format]).send();
  }
  if (contentType === undefined) return sendBody(request, reply, mediaTypes[form.format], inForm(form, body));
  if (answer.sizeBytes !== undefined) return reply.header('content-type', contentType).send(body);
  return sendBody(request, reply, contentType, body);
}

/** Of what is at work in the background, and of the files that it made. */
function setWorkHeaders(reply: FastifyReply, { progress, retryAfterSeconds, sizeBytes, range }: Answer): void {
  if (progress !== undefined) reply.header('x-progress', progress);
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  if (sizeBytes !== undefined) reply.header('content-length', String(sizeBytes));
  if (range !== undefined) reply.header('accept-ranges', 'bytes');
  if (range !== undefined && range !== 'bytes') reply.header('content-range', range);
}

/** Answers with a resource that never changes: each form of it is made once, however often it is asked for. */
export function sendAlways(body: string) {
  const made = new Map<string, Body>();
  return (request: FastifyRequest, reply: FastifyReply) => {
    const form = formOf(request);
    const name = `${form.format} ${form.isPretty}`;
    const text = made.get(name) ?? inForm(form, body);
    made.set(name, text);
    setHeaders(request, reply, true);
    return sendBody(request, reply, mediaTypes[form.format], text);
  };
}

/**
 * On every answer. Caches may keep it for the same person only and have to ask each time, which is what ETags are for; what
 * is no resource (an archive) is not kept at all. X-Request-Id is what logs and audit call this request.
 */
function setHeaders({ id, headers }: FastifyRequest, reply: FastifyReply, isResource: boolean): void {
  reply
    .header('cache-control', isResource ? 'private, no-cache' : 'private, no-store')
    .header('vary', 'Accept, Accept-Encoding, Origin')
    .header('x-content-type-options', 'nosniff')
    .header('x-request-id', id);
  const sent = headers['x-request-id'];
  if (typeof sent === 'string' && /^[A-Za-z0-9\-.]{1,64}$/.test(sent)) reply.header('x-correlation-id', sent);
}

/** FHIR JSON in the form that is wanted. Texts pass unread when that is JSON as it is stored. */
function inForm(form: Form, body: Body): Body {
  const { format, isPretty } = form;
  if ((format === 'json' && !isPretty) || body === '') return body;
  if (body instanceof Readable) return Readable.from(bundleIn(form, body));
  const resource = parseJson(String(body)) as JsonObject;
  return format === 'xml' ? xmlOf(resource, isPretty) : JSON.stringify(resource, null, 2);
}

function sendBody(request: FastifyRequest, reply: FastifyReply, contentType: string, body: Body) {
  reply.header('content-type', contentType);
  const packed = isText.test(contentType) ? coded(request.headers['accept-encoding'], body) : undefined;
  if (packed === undefined) return reply.send(body);
  reply.header('content-encoding', packed.coding);
  return packed.body instanceof Promise ? packed.body.then((bytes) => reply.send(bytes)) : reply.send(packed.body);
}

const isText = /json|xml|^text\//;

export type ErrorOptions = {
  /** WWW-Authenticate of a refused caller; `scope` would have done. */
  challengeOf: (headers: FastifyRequest['headers'], scope?: string) => string;
  bodyLimitBytes: number;
  /** What the path of a URL answers to; see routes.ts. */
  methodsOf: (path: string) => string[];
};

/** Also Fastify's own refusals (media type, size) and what PostgreSQL refuses. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, options: ErrorOptions) {
  const refusal = refusalOf(outcomeOfDatabaseError(error), options.bodyLimitBytes, request.method);
  if (refusal.status >= 500) request.log.error({ request: request.id, err: withoutValues(error) }, 'request failed');
  if (refusal.status === 401 || refusal.scope !== undefined)
    reply.header('www-authenticate', options.challengeOf(request.headers, refusal.scope));
  if (refusal.status === 405) reply.header('allow', options.methodsOf(fhirPath(request.url)).join(', '));
  reply.status(refusal.status);
  setHeaders(request, reply, true);
  if (request.raw.complete === false) {
    reply.removeHeader('connection');
    hearOut(request.raw);
  }
  const outcome = operationOutcome(refusal.issues, languageOf(request.headers['accept-language']));
  const form = formOfRefusal(request);
  return sendBody(request, reply, mediaTypes[form.format], inForm(form, JSON.stringify(outcome)));
}

function refusalOf(error: unknown, bodyLimitBytes: number, method: string): OperationOutcomeError {
  if (error instanceof OperationOutcomeError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(bodyLimitBytes);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' && method === 'PATCH') return wrongPatchType();
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return notSupported('The Content-Type must be application/fhir+json or application/fhir+xml', 415);
  if (code === 'ECONNREFUSED') return unavailable();
  // Nothing that arrives is nested as deeply as this; a walk that fills the stack all the same is the sender's doing.
  if (error instanceof RangeError && error.message.includes('call stack'))
    return malformed('The body is nested too deeply');
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return status >= 400 && status < 500 ? malformed('The request cannot be read') : internal();
}

/** Messages quote what was sent, and pg's `detail` and `where` what was stored; code and places are enough to find a bug. */
export function withoutValues(error: unknown): { type: string; code: unknown; stack: string | undefined } {
  if (!(error instanceof Error)) return { type: typeof error, code: undefined, stack: undefined };
  const places = error.stack?.split('\n').filter((line) => /^ {4}at .*[:)]/.test(line));
  const stack = places?.join('\n');
  return { type: error.name, code: 'code' in error ? error.code : undefined, stack };
}
