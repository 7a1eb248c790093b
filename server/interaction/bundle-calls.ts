// The entries of a batch or transaction, as the requests they stand for. https://hl7.org/fhir/R4/http.html#transaction

import { inEntry } from '../fhir/bundle-entry.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest, unknownType } from '../fhir/outcome.ts';
import type { Change } from '../store/change.ts';
import { createChange, deleteChange, patchChange, updateChange } from './changes.ts';
import { patchInEntry } from './patches.ts';
import type { FhirHeaders } from './request.ts';

export type Call = {
  /** In capitals, as it was sent. */
  method: string;
  path: string;
  /** Undefined where the URL has no `?`. */
  query: string | undefined;
  headers: FhirHeaders;
  body: unknown;
};

/** What an entry asks for. Throws 400 when it does not say. */
export function callOf({ request, resource }: JsonObject, n: number): Call {
  const at = `Bundle.entry[${n}].request`;
  if (!isObject(request) || typeof request.method !== 'string' || typeof request.url !== 'string') {
    throw badRequest(`Entry ${n} needs request.method and request.url`, 'required', [at]);
  }
  const { method, url } = request;
  const [path = '', query] = url.replace(/^\//, '').split(/\?(.*)/s);
  const headers: FhirHeaders = {};
  for (const name of conditions) {
    const value = request[name];
    if (typeof value === 'string') headers[name] = value;
    else if (value !== undefined)
      throw badRequest(`Entry ${n}: request.${name} is a text`, 'structure', [`${at}.${name}`]);
  }
  if (method !== 'PATCH') return { method, path, query, headers, body: resource };
  const { body, contentType } = inEntry(n, () => patchInEntry(resource));
  return { method, path, query, headers: body === undefined ? headers : { ...headers, contentType }, body };
}

const conditions = ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifNoneExist'] as const;

/** True of what only reads. */
export const isRead = ({ method }: Call): boolean => method === 'GET' || method === 'HEAD';

/** The change that a writing entry of a transaction means. Throws 400 for what is none. */
export function changeOf(call: Call, { fullUrl }: JsonObject, n: number): Change {
  return inEntry(n, () => ({ ...changeBy(call, n), ...nameOf(fullUrl), entry: n }));
}

function changeBy(call: Call, n: number): Change {
  const { method, path, query } = call;
  const [type = '', id, ...more] = path.split('/');
  if (!resourceTypes.has(type)) throw unknownType(type);
  if (method !== 'PUT' && call.headers.ifNoneMatch !== undefined)
    throw badRequest(`Entry ${n}: ifNoneMatch is for GET, HEAD and PUT`, 'not-supported');
  if (method === 'POST' && id === undefined && query === undefined) return createChange(call, type);
  const target = id ? { id } : { match: query ?? '' };
  const isOne = more.length === 0 && (id ? query === undefined : id === undefined);
  if (isOne && method === 'PUT') return updateChange(call, type, target);
  if (isOne && method === 'PATCH') return patchChange(call, type, target);
  if (isOne && method === 'DELETE') return deleteChange(call, type, target);
  throw badRequest(`Entry ${n}: ${method} ${path} is not something a transaction can do here`, 'not-supported', [
    `Bundle.entry[${n}].request`,
  ]);
}

/** https://hl7.org/fhir/R4/bundle.html#bundle-unique */
function nameOf(fullUrl: unknown): { fullUrl?: string } {
  if (fullUrl === undefined) return {};
  if (typeof fullUrl !== 'string' || fullUrl === '') throw badRequest('A fullUrl is a text', 'structure');
  if (fullUrl.includes('/_history/')) throw badRequest('A fullUrl names no version (bdl-8)', 'invariant');
  return { fullUrl };
}
