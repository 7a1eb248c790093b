// FHIR R4 search on a type and inside a compartment, GET and POST _search, paged by sealed cursors.
// https://hl7.org/fhir/R4/http.html#search, #vsearch

import { compartments } from '../fhir/definitions.ts';
import { badRequest, notSupported } from '../fhir/outcome.ts';
import type { Handler } from '../interaction/request.ts';
import { compartmentTypes, withinCompartment } from '../search/compartment.ts';
import { pageCall } from './search-call.ts';
import { searchPage } from './search-page.ts';
import { searchTypes } from './search-system.ts';

export const searchType: Handler = async (fhir, request, { type }) =>
  searchPage(fhir, request, { type, path: type }, await pageCall(fhir, request, type));

/**
 * `Patient/7/Observation?code=…`, and `Patient/7/*` over all types. A compartment that is hidden or does not exist has
 * nothing in it: both are answered with an empty searchset.
 */
export const searchCompartment: Handler = async (fhir, request, { type: compartment, id, member = '' }) => {
  if (!compartments.has(compartment))
    throw notSupported(`${compartment} is no compartment. Known: ${[...compartments].join(', ')}`, 404);
  const path = `${compartment}/${encodeURIComponent(id)}/${member}`;
  const within = (type: string) => withinCompartment(compartment, id, type);
  if (member === '*') return searchTypes(fhir, request, { path, types: compartmentTypes(compartment), within });
  const filter = within(member);
  if (!filter)
    throw badRequest(
      `${member} is not in the ${compartment} compartment. Known: ${compartmentTypes(compartment).join(', ')}`,
      'not-supported',
    );
  const place = { type: member, path, within: filter };
  return searchPage(fhir, request, place, await pageCall(fhir, request, path));
};
