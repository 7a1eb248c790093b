// What a request or a Bundle entry asks to change, and the answer to it. FHIR R4, https://hl7.org/fhir/R4/http.html

import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest, done, malformed, notSupported, operationOutcome } from '../fhir/outcome.ts';
import type { Change, Written } from '../store/change.ts';
import { patchOf } from './patches.ts';
import { type Answer, etag, type Fhir, type FhirRequest, versionOf } from './request.ts';

type Asking = Pick<FhirRequest, 'body' | 'headers'>;

/** One resource by its id, or the one that fits search criteria (without `?`). */
export type Target = { id: string } | { match: string };

/** A create of the request's body. Throws 400 for a body of another type. */
export function createChange({ body, headers: { ifNoneExist } }: Asking, type: string): Change {
  const resource = resourceOf(body, type);
  return {
    method: 'create',
    type,
    resource,
    ...(ifNoneExist !== undefined ? { ifNoneExist: criteriaIn(ifNoneExist, type) } : {}),
  };
}

/** If-None-Exist takes criteria alone; HAPI's client sends them as a URL, and others with the type or the `?` in front. */
function criteriaIn(header: string, type: string): string {
  const [front, ...criteria] = header.split('?');
  const isFront = front === '' || front === type || (/^https?:/.test(front ?? '') && front?.endsWith(`/${type}`));
  return isFront && criteria.length > 0 ? criteria.join('?') : header;
}

/** An update to the request's body. Throws 400 for a body of another type or id; where criteria find it the id is optional. */
export function updateChange({ body, headers }: Asking, type: string, target: Target): Change {
  const resource = resourceOf(body, type);
  if ('id' in target && resource.id !== target.id) {
    throw badRequest(
      `The id in the body (${resource.id ?? 'none'}) is not the one in the URL (${target.id})`,
      'invalid',
      [`${type}.id`],
    );
  }
  return {
    method: 'update',
    type,
    ...targeted('PUT', target),
    resource,
    ...expected(headers.ifMatch),
    ...absent(headers),
  };
}

/** A patch by the request's body. Throws 415 for another media type, 400 for a body that is no patch. */
export function patchChange(asking: Asking, type: string, target: Target): Change {
  const patch = patchOf(asking.body, asking.headers.contentType);
  return { method: 'patch', type, ...targeted('PATCH', target), patch, ...expected(asking.headers.ifMatch) };
}

/** A delete, of the version in If-Match where one is given. */
export function deleteChange({ headers }: Pick<FhirRequest, 'headers'>, type: string, target: Target): Change {
  return { method: 'delete', type, ...targeted('DELETE', target), ...expected(headers.ifMatch) };
}

/** The answer to one change, by the caller's `Prefer: return=`; without that the stored resource. */
export function answerOf(
  fhir: Pick<Fhir, 'base'>,
  one: Written,
  { headers: { prefer }, language }: Pick<FhirRequest, 'headers' | 'language'>,
): Answer {
  const { status, version, updated, content } = one;
  const wanted = preferred(prefer);
  const head =
    version === 0
      ? { status }
      : {
          status,
          etag: etag(version),
          lastModified: updated,
          ...(status === 201 ? { location: locationOf(fhir, one) } : {}),
        };
  if (wanted === 'OperationOutcome') {
    const body = JSON.stringify(operationOutcome([...done(sentence(one)), ...(one.warnings ?? [])], language));
    // With a body, what would be 204 is 200.
    return { ...head, status: status === 204 ? 200 : status, body, isOutcome: true };
  }
  return content === undefined || wanted === 'minimal' ? head : { ...head, body: content };
}

/** Where a version is: Location, and `response.location` in a Bundle. */
export const locationOf = ({ base }: Pick<Fhir, 'base'>, { type, id, version }: Written): string =>
  `${base}/${type}/${id}/_history/${version}`;

/** The value of `Prefer: return=`, where it is one that FHIR knows. https://hl7.org/fhir/R4/http.html#ops */
export function preferred(prefer: string | undefined): string | undefined {
  return /\breturn\s*=\s*"?(minimal|representation|OperationOutcome)\b/.exec(prefer ?? '')?.[1];
}

function sentence({ status, type, id, version }: Written): string {
  if (version === 0) return `No ${type} fits the condition; nothing was deleted`;
  if (status === 204) return `${type}/${id} is deleted`;
  return `${type}/${id} is stored as version ${version}`;
}

function targeted(method: string, target: Target): Target {
  if ('match' in target && target.match === '')
    throw badRequest(`A ${method} without an id needs search criteria`, 'required');
  return target;
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

/** RFC 9110 section 13.1.2: with `*` an update only creates. */
function absent({ ifNoneMatch }: FhirRequest['headers']): { isNew?: boolean } {
  if (ifNoneMatch === undefined) return {};
  if (ifNoneMatch.trim() !== '*') throw badRequest('If-None-Match of an update takes *, and nothing else', 'value');
  return { isNew: true };
}
