// FHIR R4 search over several types, or all that the caller may search: GET [base]?_type=…, POST [base]/_search.
// https://hl7.org/fhir/R4/http.html#search

import { reachOf } from '../access/access.ts';
import { notNamed } from '../access/named-reach.ts';
import { ignored } from '../fhir/outcome.ts';
import { auditOfMany } from '../interaction/audited.ts';
import { bundleOf } from '../interaction/bundle-text.ts';
import type { Answer, Fhir, FhirRequest, Handler } from '../interaction/request.ts';
import type { Filter } from '../search/filter.ts';
import { parseSystemQuery } from '../search/system-query.ts';
import { pageCall } from './search-call.ts';
import { entry, linksOf, outcomes, wholeOf } from './search-page.ts';

export const searchSystem: Handler = (fhir, request) => searchTypes(fhir, request, { path: '' });

/** What is searched: all types, or those of a compartment, with what puts a resource of each into it. */
type Place = { path: string; types?: readonly string[]; within?: (type: string) => Filter | undefined };

/** Types whose search is not in the caller's scopes are left out like records that are hidden; 403 when none is left. */
export async function searchTypes(fhir: Fhir, request: FhirRequest, { path, types, within }: Place): Promise<Answer> {
  const { access } = request;
  const call = await pageCall(fhir, request, path);
  const lenient = /\bhandling=lenient\b/.test(request.headers.prefer ?? '');
  const options = { lenient, nowMs: fhir.nowMs(), base: fhir.base };
  const asked = parseSystemQuery(call.parameters, options, types);
  for (const { type, filters } of asked) {
    const filter = within?.(type);
    if (filter) filters.push(filter);
  }
  const [first] = asked;
  const reached = asked.filter(({ type }) => reachOf(access, 'search', type).kind !== 'none');
  if (reached.length === 0) throw notNamed(access, 'search', asked.length === 1 ? first.type : '*');
  const resolved = await fhir.searcher.resolveAll(reached, access, call.after);
  const searches = resolved.map((query) => ({ query, reach: reachOf(access, 'search', query.type) }));
  const [page, total] = await Promise.all([
    first.countOnly ? { matches: [], next: undefined } : fhir.searcher.systemPage(searches, call.after),
    first.total || first.countOnly ? fhir.searcher.systemCount(searches) : undefined,
  ]);
  const owners = page.matches.map(({ owner }) => owner);
  await fhir.audit(auditOfMany(fhir, request, 'search', undefined, owners));
  const entries = [
    ...page.matches.map((match) => entry(fhir, first, match, 'match')),
    ...outcomes(request, first.ignored.map(ignored)),
  ];
  const links = await linksOf(fhir, request, path, first, call, page.next);
  return { status: 200, body: bundleOf('searchset', { links, entries, total: total ?? wholeOf(page, call) }) };
}
