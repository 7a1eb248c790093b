// A My Number is refused in what is asked too: a URL is repeated in links, in pages' next addresses and in the audit. What is
// to be stored is looked at by the write itself, and a delivery keeps its fate ($deliver).

import { isObject } from '../fhir/json.ts';
import { findMyNumber, findMyNumberInQuery } from '../fhir/my-number.ts';
import type { Exempt } from '../fhir/my-number-text.ts';
import { myNumber } from '../fhir/outcome.ts';
import type { FhirRequest } from '../interaction/request.ts';

/** Throws 422 for a request whose address, conditions, form or operation parameters hold one; it names the place only. */
export function refuseMyNumber({ path, query, headers, body }: FhirRequest, exempt: Exempt): void {
  if (findMyNumber(path, exempt) !== undefined) throw myNumber('The path of the URL');
  if (query.length >= mostHarmless) refuseIn(new URLSearchParams(query), exempt);
  if (headers.ifNoneExist !== undefined) refuseIn(new URLSearchParams(headers.ifNoneExist), exempt);
  if (body instanceof URLSearchParams) refuseIn(body, exempt);
  else if (isObject(body) && !isStoredElsewhere(path, body)) refuseInBody(body, exempt);
}

/** Parameters with less text than this hold no 12 digits. */
const mostHarmless = 12;

function refuseIn(parameters: URLSearchParams, exempt: Exempt): void {
  const name = findMyNumberInQuery(parameters, exempt);
  if (name !== undefined) throw myNumber(`The parameter ${name}`);
}

/** Resources of a create or update, and deliveries. A Bundle's addresses are looked at here, its resources there. */
const isStoredElsewhere = (path: string, { resourceType }: Record<string, unknown>): boolean =>
  path === '$deliver' || (!path.includes('$') && resourceType !== 'Bundle' && resourceType !== undefined);

function refuseInBody(body: Record<string, unknown>, exempt: Exempt): void {
  const isBundle = body.resourceType === 'Bundle' && Array.isArray(body.entry);
  const entries = isBundle ? (body.entry as unknown[]) : [];
  const looked = isBundle
    ? { ...body, entry: entries.map((one) => (isObject(one) ? { ...one, resource: undefined } : one)) }
    : body;
  const place = findMyNumber(looked, exempt);
  if (place !== undefined) throw myNumber(`${body.resourceType ?? 'The body'}.${place}`);
}
