// FHIR R4 search over several types, or all that the caller may search: GET [base]?_type=…, POST [base]/_search.
// https://hl7.org/fhir/R4/http.html#search

import { reachOf } from '../access/access.ts';
import { forbidden, ignored } from '../fhir/outcome.ts';
import { auditOfMany } from '../interaction/audited.ts';
import { bundleOf } from '../interaction/bundle-text.ts';
import type { Handler } from '../interaction/request.ts';
import { parseSystemQuery } from '../search/system-query.ts';
import { pageCall } from './search-call.ts';
import { entry, linksOf, outcomes } from './search-page.ts';

const path = '';

/** Types whose search is not in the caller's scopes are left out like records that are hidden; 403 when none is left. */
export const searchSystem: Handler = async (fhir, request) => {
  const { access } = request;
  const call = await pageCall(fhir, request, path);
  const lenient = /\bhandling=lenient\b/.test(request.headers.prefer ?? '');
  const asked = parseSystemQuery(call.parameters, { lenient, nowMs: fhir.nowMs(), base: fhir.base });
  const [first] = asked;
  const { asOf } = await fhir.searcher.resolve(first, access, call.after);
  const searches = asked
    .map((query) => ({ query: { ...query, asOf }, reach: reachOf(access, 'search', query.type) }))
    .filter(({ reach }) => reach.kind !== 'none');
  if (searches.length === 0) throw forbidden('search of none of these types is in the scopes of this token');
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
  return { status: 200, body: bundleOf('searchset', { links, entries, total }) };
};
