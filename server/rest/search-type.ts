// FHIR R4 search on a type, GET and POST _search, paged by sealed cursors. https://hl7.org/fhir/R4/http.html#search

import { reachOf } from '../access/access.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { badRequest, forbidden, notSupported } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { auditOfMany } from '../interaction/audited.ts';
import { type BundleEntry, type BundleLink, bundleOf } from '../interaction/bundle-text.ts';
import type { Answer, Fhir, FhirRequest, Handler } from '../interaction/request.ts';
import { parseQuery } from '../search/parse-query.ts';
import type { Position } from '../search/plan.ts';
import type { Include, Query } from '../search/query.ts';
import { referenceFacts } from '../search/reference.ts';
import type { Match } from '../store/query.ts';
import { idOf } from '../store/stored-text.ts';

export const searchType: Handler = async (fhir, request, { type }) => {
  const parameters = [...new URLSearchParams(request.query), ...formParameters(request.body)];
  const cursorText = parameters.find(([name]) => name === '_page')?.[1];
  if (cursorText !== undefined) return followPage(fhir, request, type, cursorText);
  return answerPage(fhir, request, type, parameters);
};

async function followPage(fhir: Fhir, request: FhirRequest, type: string, text: string): Promise<Answer> {
  const cursor = await fhir.cursors.open(text);
  if (!cursor || cursor.of !== type || cursor.client !== request.access.client) {
    throw badRequest('This page link is not valid here; please search again', 'expired', ['_page']);
  }
  return answerPage(fhir, request, type, cursor.query, cursor.after);
}

async function answerPage(
  fhir: Fhir,
  request: FhirRequest,
  type: string,
  parameters: [string, string][],
  after?: Position,
): Promise<Answer> {
  const reach = reachOf(request.access, 'search', type);
  if (reach.kind === 'none') throw forbidden(`search of ${type} is not in the scopes of this token`);
  const lenient = /\bhandling=lenient\b/.test(request.headers.prefer ?? '');
  const asked = parseQuery(type, parameters, { lenient, nowMs: fhir.nowMs(), base: fhir.base });
  const query = await fhir.searcher.resolve(asked, request.access);
  const needsTotal = query.total || query.countOnly;
  const [page, total] = await Promise.all([
    query.countOnly ? { matches: [], next: undefined } : fhir.searcher.page(query, reach, after),
    needsTotal ? fhir.searcher.count(query, reach) : undefined,
  ]);
  const included = await includes(fhir, request, query, page.matches);
  await fhir.audit(
    auditOfMany(
      fhir,
      request,
      'search',
      type,
      [...page.matches, ...included].map(({ owner }) => owner),
    ),
  );
  const entries = [
    ...page.matches.map((match) => entry(fhir, type, match, 'match')),
    ...included.map(({ type: includedType, ...match }) => entry(fhir, includedType, match, 'include')),
    ...warnings(query),
  ];
  const links = await linksOf(fhir, request, query, page.next);
  return { status: 200, body: bundleOf('searchset', { links, entries, total }) };
}

async function linksOf(
  fhir: Fhir,
  request: FhirRequest,
  query: Query,
  next: Position | undefined,
): Promise<BundleLink[]> {
  const search = new URLSearchParams(query.understood).toString();
  const url = `${fhir.base}/${query.type}`;
  const links = [{ relation: 'self', url: search ? `${url}?${search}` : url }];
  if (next) {
    const cursor = { of: query.type, query: query.understood, after: next, client: request.access.client };
    links.push({ relation: 'next', url: `${url}?_page=${await fhir.cursors.seal(cursor)}` });
  }
  return links;
}

function entry(
  { base }: Fhir,
  type: string,
  { content }: Pick<Match, 'content'>,
  mode: 'match' | 'include',
): BundleEntry {
  return { fullUrl: `${base}/${type}/${idOf(content)}`, resource: content, rest: { search: { mode } } };
}

function warnings({ ignored }: Query): BundleEntry[] {
  if (ignored.length === 0) return [];
  const issue = ignored.map((diagnostics) => ({ severity: 'warning', code: 'not-supported', diagnostics }));
  return [
    { resource: JSON.stringify({ resourceType: 'OperationOutcome', issue }), rest: { search: { mode: 'outcome' } } },
  ];
}

/** What the matches point to, once each, as far as the caller may read it. */
async function includes(
  fhir: Fhir,
  request: FhirRequest,
  { type, includes: wanted }: Query,
  matches: readonly Match[],
) {
  const own = wanted.filter(({ source }) => source === type);
  if (own.length === 0 || matches.length === 0) return [];
  const present = new Set(matches.map(({ content }) => `${type}/${idOf(content)}`));
  const targets = new Set<string>();
  for (const { content } of matches) {
    const resource = parseJson(content) as JsonObject;
    for (const target of own.flatMap((include) => targetsOf(resource, include)))
      if (!present.has(target)) targets.add(target);
  }
  const asked = [...targets]
    .map((target) => {
      const [targetType = '', id = ''] = target.split('/');
      return { type: targetType, id, reach: reachOf(request.access, 'read', targetType) };
    })
    .filter(({ reach }) => reach.kind !== 'none');
  const found = await fhir.reader.currentOf(asked);
  return found.flatMap((one, n) =>
    one?.content === undefined ? [] : [{ ...one, content: one.content, type: asked[n]?.type ?? '' }],
  );
}

function targetsOf(resource: JsonObject, { parameter, target }: Include): string[] {
  return (
    parameter
      .values(resource)
      .flatMap(referenceFacts)
      .map((fact) => localReference(fact.slice(1)))
      // A canonical may look like a reference to anything.
      .filter(
        (local) =>
          local !== undefined && resourceTypes.has(local.type) && (target === undefined || local.type === target),
      )
      .map((local) => `${local?.type}/${local?.id}`)
  );
}

/** The body of POST _search arrives here as its form pairs. */
function formParameters(body: unknown): [string, string][] {
  if (body === undefined) return [];
  if (body instanceof URLSearchParams) return [...body];
  throw notSupported('The Content-Type of _search must be application/x-www-form-urlencoded', 415);
}
