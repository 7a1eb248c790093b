// What a request asks to change, as the write door takes it, and the answer to it.
// FHIR R4, https://hl7.org/fhir/R4/http.html#create, #update, #delete, #ccreate, #concurrency, #transaction

import { resourceTypes } from '../fhir/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest, malformed, notSupported, unknownType } from '../fhir/outcome.ts';
import type { Change, Written } from '../store/change.ts';
import { type Answer, etag, type Fhir, type FhirRequest, versionOf } from './request.ts';

/** A create of the request's body. Throws 400 for a body of another type. */
export function createChange(
  { body, headers: { ifNoneExist } }: Pick<FhirRequest, 'body' | 'headers'>,
  type: string,
): Change {
  const resource = resourceOf(body, type);
  return {
    method: 'create',
    type,
    resource,
    ...(ifNoneExist !== undefined ? { ifNoneExist: ifNoneExist.replace(/^\?/, '') } : {}),
  };
}

/** An update to the request's body. Throws 400 for a body of another type or id. */
export function updateChange(
  { body, headers }: Pick<FhirRequest, 'body' | 'headers'>,
  type: string,
  id: string,
): Change {
  const resource = resourceOf(body, type);
  if (resource.id !== id) {
    throw badRequest(`The id in the body (${resource.id ?? 'none'}) is not the one in the URL (${id})`, 'invalid', [
      `${type}.id`,
    ]);
  }
  return { method: 'update', type, id, resource, ...expected(headers.ifMatch) };
}

/** PUT [type]?criteria. The id in the body is optional. */
export function conditionalUpdateChange(
  { body, headers }: Pick<FhirRequest, 'body' | 'headers'>,
  type: string,
  match: string,
): Change {
  if (match === '') throw badRequest('A PUT without an id needs search criteria', 'required');
  return { method: 'update', type, match, resource: resourceOf(body, type), ...expected(headers.ifMatch) };
}

/** A delete, of the version in If-Match where one is given. */
export function deleteChange({ headers }: Pick<FhirRequest, 'headers'>, type: string, id: string): Change {
  return { method: 'delete', type, id, ...expected(headers.ifMatch) };
}

/** The answer to one change, by the caller's `Prefer: return=`. */
export function answerOf(fhir: Pick<Fhir, 'base'>, one: Written, prefer: string | undefined): Answer {
  const { status, type, id, version, updated, content } = one;
  const location = `${fhir.base}/${type}/${id}/_history/${version}`;
  const minimal = /\breturn=minimal\b/.test(prefer ?? '');
  return {
    status,
    etag: etag(version),
    lastModified: updated,
    ...(status === 201 ? { location } : {}),
    ...(content === undefined || minimal ? {} : { body: content }),
  };
}

export type Call = { method: string; url: string; headers: { ifMatch?: string; ifNoneExist?: string } };

/** What an entry of a batch or transaction asks for. Throws 400 when it does not say. */
export function callOf(entry: JsonObject, n: number): Call {
  const { request } = entry;
  if (!isObject(request) || typeof request.method !== 'string' || typeof request.url !== 'string') {
    throw badRequest(`Entry ${n} needs request.method and request.url`, 'required', [`Bundle.entry[${n}].request`]);
  }
  const { method, url, ifMatch, ifNoneExist } = request;
  return {
    method,
    url: url.replace(/^\//, ''),
    headers: {
      ...(typeof ifMatch === 'string' ? { ifMatch } : {}),
      ...(typeof ifNoneExist === 'string' ? { ifNoneExist } : {}),
    },
  };
}

/** The change that a writing entry of a transaction means. */
export function changeOf({ method, url, headers }: Call, { fullUrl, resource }: JsonObject, n: number): Change {
  const at = [`Bundle.entry[${n}].request`];
  const [path = '', query] = url.split(/\?(.*)/s);
  const [type = '', id, ...more] = path.split('/');
  if (!resourceTypes.has(type)) throw unknownType(type);
  const named = typeof fullUrl === 'string' ? { fullUrl } : {};
  const body = { body: resource, headers };
  if (query !== undefined) {
    if (method === 'PUT' && id === undefined) return { ...conditionalUpdateChange(body, type, query), ...named };
    throw notSupported(`Entry ${n}: conditional ${method} is not supported`, 422);
  }
  if (more.length === 0) {
    if (method === 'POST' && id === undefined) return { ...createChange(body, type), ...named };
    if (method === 'PUT' && id) return { ...updateChange(body, type, id), ...named };
    if (method === 'DELETE' && id) return { ...deleteChange(body, type, id), ...named };
  }
  throw badRequest(`Entry ${n}: ${method} ${path} is not something a transaction can do here`, 'not-supported', at);
}

function resourceOf(body: unknown, type: string): JsonObject {
  if (body instanceof URLSearchParams) throw notSupported('The Content-Type must be application/fhir+json', 415);
  if (!isObject(body)) throw malformed('The body must be one JSON object, a FHIR resource');
  if (body.resourceType !== type) {
    throw badRequest(
      `The body is a ${JSON.stringify(body.resourceType) ?? 'thing without resourceType'}, the URL says ${type}`,
      'invalid',
      ['resourceType'],
    );
  }
  return { ...body };
}

function expected(ifMatch: string | undefined): { ifMatch?: number } {
  if (ifMatch === undefined) return {};
  const version = versionOf(ifMatch);
  if (version === undefined) throw badRequest(`If-Match must be a version such as W/"3"`, 'value');
  return { ifMatch: version };
}
