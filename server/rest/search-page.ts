// One page of a search as a Bundle: matches, what comes along with them, warnings, and links to the other pages.
// FHIR R4, https://hl7.org/fhir/R4/search.html#return and #paging

import type { Reach } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { type Issue, ignored, operationOutcome } from '../fhir/outcome.ts';
import { viewed } from '../fhir/summary.ts';
import { auditOfMany, reading } from '../interaction/audited.ts';
import { type BundleEntry, type BundleLink, bundleOf, pageUrl } from '../interaction/bundle-text.ts';
import type { Answer, Fhir, FhirRequest } from '../interaction/request.ts';
import type { Filter } from '../search/filter.ts';
import { parseQuery } from '../search/parse-query.ts';
import type { Query } from '../search/query.ts';
import type { Included } from '../store/includes.ts';
import type { TextPage } from '../store/searcher.ts';
import { idOf } from '../store/stored-text.ts';
import { includedWith } from './includes.ts';
import type { PageCall } from './search-call.ts';

/** What is searched: a type, at a path behind the base, perhaps only what is in a compartment. */
export type Place = { type: string; path: string; within?: Filter };

/** Throws OperationOutcomeError 403 for a type that the caller may not search, 400 for what is not understood. */
export async function searchPage(fhir: Fhir, request: FhirRequest, place: Place, call: PageCall): Promise<Answer> {
  const { type } = place;
  const reach = namedReach(request.access, 'search', type);
  const lenient = /\bhandling=lenient\b/.test(request.headers.prefer ?? '');
  const asked = parseQuery(type, call.parameters, { lenient, nowMs: fhir.nowMs(), base: fhir.base });
  if (place.within) asked.filters.push(place.within);
  const query = await fhir.searcher.resolve(asked, request.access, call.after);
  const audited = await auditedPage(fhir, request, query, reach, call);
  if (audited) return pageAnswer(fhir, request, place, query, call, audited);
  const needsTotal = query.total || query.countOnly;
  const [page, total] = await Promise.all([
    query.countOnly ? { matches: [], next: undefined } : fhir.searcher.page(query, reach, call.after),
    needsTotal ? fhir.searcher.count(query, reach) : undefined,
  ]);
  const matches = page.matches.map(({ owner, content }) => ({ type, owner, content }));
  const { included, issues } = await includedWith(fhir, request, query.includes, matches);
  const owners = [...matches, ...included].map(({ owner }) => owner);
  await fhir.audit(auditOfMany(fhir, request, 'search', type, owners));
  const entries = [
    ...matches.map((match) => entry(fhir, query, match, 'match')),
    ...included.map((one) => entry(fhir, query, one, 'include')),
    ...outcomes(request, [...query.ignored.map(ignored), ...issues]),
  ];
  const links = await linksOf(fhir, request, place.path, query, call, page.next);
  return { status: 200, body: bundleOf('searchset', { links, entries, total: total ?? wholeOf(page, call) }) };
}

/** Most searches: a first page of which nothing else is asked, found and audited at once. */
function auditedPage(fhir: Fhir, request: FhirRequest, query: Query, reach: Reach, { after }: PageCall) {
  if (after || query.total || query.countOnly || query.includes.length > 0) return undefined;
  return fhir.searcher.auditedPage(query, reach, reading(fhir, request, 'search'));
}

async function pageAnswer(
  fhir: Fhir,
  request: FhirRequest,
  { type, path }: Place,
  query: Query,
  call: PageCall,
  { contents, next }: TextPage,
): Promise<Answer> {
  const entries = [
    ...contents.map((content) => entry(fhir, query, { type, content }, 'match')),
    ...outcomes(request, query.ignored.map(ignored)),
  ];
  const links = await linksOf(fhir, request, path, query, call, next);
  const total = wholeOf({ matches: contents, next }, call);
  return { status: 200, body: bundleOf('searchset', { links, entries, total }) };
}

type Shown = { matches: readonly unknown[]; next: unknown };

/** How many matches there are where one page holds them all: that costs nothing to say. */
export const wholeOf = ({ matches, next }: Shown, { after }: PageCall): number | undefined =>
  next || after ? undefined : matches.length;

export function entry(
  { base }: Fhir,
  { view }: Query,
  { type, content }: Pick<Included, 'type' | 'content'>,
  mode: 'match' | 'include',
): BundleEntry {
  return {
    fullUrl: `${base}/${type}/${idOf(content)}`,
    resource: viewed(content, view),
    rest: `"search":{"mode":"${mode}"}`,
  };
}

export function outcomes({ language }: FhirRequest, issues: Issue[]): BundleEntry[] {
  if (issues.length === 0) return [];
  return [{ resource: JSON.stringify(operationOutcome(issues, language)), rest: { search: { mode: 'outcome' } } }];
}

/** `self` says how the search was understood, with the size of a page where the caller left it to the server. */
export async function linksOf(
  fhir: Fhir,
  { access }: FhirRequest,
  path: string,
  { understood, count, countOnly }: Query,
  { cursor }: PageCall,
  next: PageCall['after'],
): Promise<BundleLink[]> {
  const url = path === '' ? fhir.base : `${fhir.base}/${path}`;
  const isSized = countOnly || understood.some(([name]) => name === '_count');
  const search: [string, string][] = isSized ? understood : [...understood, ['_count', String(count)]];
  const first = search.length > 0 ? `${url}?${new URLSearchParams(search)}` : url;
  const links = [
    {
      relation: 'self',
      url: cursor === undefined ? first : `${url}?${new URLSearchParams([...search, ['_page', cursor]])}`,
    },
  ];
  if (countOnly) return links;
  links.push({ relation: 'first', url: first });
  if (next) {
    const sealed = await fhir.cursors.seal({ of: path, query: understood, after: next, client: access.client });
    links.push({ relation: 'next', url: pageUrl(url, sealed, understood) });
  }
  return links;
}
