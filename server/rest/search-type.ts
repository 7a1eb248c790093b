// FHIR R4 search on a type and inside a compartment, GET and POST _search, paged by sealed cursors.
// https://hl7.org/fhir/R4/http.html#search, #vsearch

import { compartments } from '../fhir/definitions.ts';
import { badRequest, notSupported } from '../fhir/outcome.ts';
import type { Handler } from '../interaction/request.ts';
import { compartmentTypes, withinCompartment } from '../search/compartment.ts';
import { pageCall } from './search-call.ts';
import { searchPage } from './search-page.ts';

export const searchType: Handler = async (fhir, request, { type }) =>
  searchPage(fhir, request, { type, path: type }, await pageCall(fhir, request, type));

/**
 * `Patient/7/Observation?code=…`. A compartment that is hidden or does not exist has nothing in it: both are answered with
 * an empty searchset.
 */
export const searchCompartment: Handler = async (fhir, request, { type: compartment, id, member = '' }) => {
  if (!compartments.has(compartment))
    throw notSupported(`${compartment} is no compartment. Known: ${[...compartments].join(', ')}`, 404);
  const within = withinCompartment(compartment, id, member);
  if (!within)
    throw badRequest(
      `${member} is not in the ${compartment} compartment. Known: ${compartmentTypes(compartment).join(', ')}`,
      'not-supported',
    );
  const path = `${compartment}/${encodeURIComponent(id)}/${member}`;
  return searchPage(fhir, request, { type: member, path, within }, await pageCall(fhir, request, path));
};
