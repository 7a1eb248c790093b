// How a search is called: parameters in the URL, in the form of POST _search, or behind the sealed place of a next link.
// FHIR R4, https://hl7.org/fhir/R4/http.html#search

import { badRequest, notSupported } from '../fhir/outcome.ts';
import type { Fhir, FhirRequest } from '../interaction/request.ts';
import type { Position } from '../search/plan.ts';

/** A page to answer: the search, and where the page begins when it is not the first, with the text that said so. */
export type PageCall = { parameters: [string, string][]; after?: Position; cursor?: string };

/** `path` is what is searched, such as `Observation`. Throws OperationOutcomeError for another body or another's cursor. */
export async function pageCall(fhir: Fhir, request: FhirRequest, path: string): Promise<PageCall> {
  const parameters = [...new URLSearchParams(request.query), ...formParameters(request.body)];
  const text = parameters.find(([name]) => name === '_page')?.[1];
  if (text === undefined) return { parameters };
  const cursor = await fhir.cursors.open(text);
  if (!cursor || cursor.of !== path || cursor.client !== request.access.client) {
    throw badRequest('This page link is not valid here; please search again', 'expired', ['_page']);
  }
  return { parameters: cursor.query, after: cursor.after, cursor: text };
}

/** The body of POST _search arrives here as its form pairs. */
function formParameters(body: unknown): [string, string][] {
  if (body === undefined) return [];
  if (body instanceof URLSearchParams) return [...body];
  throw notSupported('The Content-Type of _search must be application/x-www-form-urlencoded', 415);
}
