// FHIR R4 history of one resource, of a type and of everything. https://hl7.org/fhir/R4/http.html#history
// The pages of a history are sealed cursors with the snapshot of the first: together they hold the versions that there were
// then, each once, newest first.

import { type Access, directoryTypes, reachOf } from '../access/access.ts';
import { namedReach, notNamed } from '../access/named-reach.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { badRequest, notFound, unknownParameter } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { type BundleLink, bundleOf, pageUrl } from '../interaction/bundle-text.ts';
import type { Answer, Fhir, FhirRequest, Handler } from '../interaction/request.ts';
import { versionEntry } from '../interaction/version-entry.ts';
import { rangeOf } from '../search/date.ts';
import type { HistoryAsked, HistoryPage, HistoryPlace, TypeReach } from '../store/history.ts';

/** GET [type]/[id]/_history */
export const historyInstance: Handler = async (fhir, request, { type, id }) => {
  const reach = namedReach(request.access, 'read', type);
  const path = `${type}/${id}/_history`;
  const call = await historyAsked(fhir, request, path);
  const page = await fhir.reader.historyOf(type, id, reach, call.asked);
  // Nothing in this page may be nothing since that day, or nothing at all: only the second is an error.
  const seen = page.versions[0] ?? (await fhir.reader.last(type, id, reach));
  await auditHistory(fhir, request, type, seen ? [seen] : [], page, id);
  if (!seen) throw notFound(`${type}/${id}`);
  return answerOf(fhir, request, path, page, call);
};

/** GET [type]/_history. SMART counts it among the searches, and so does `reachOf`. */
export const historyType: Handler = async (fhir, request, { type }) => {
  const reach = namedReach(request.access, 'search', type, 'and the history of a type is a search');
  return historyOfTypes(fhir, request, `${type}/_history`, type, [
    { type, reach, directory: directoryTypes.has(type) },
  ]);
};

/** GET _history: of every type whose search is in the scopes. A family's is its record, without the whole country's directory. */
export const historySystem: Handler = async (fhir, request) => {
  const reaches = searchable(request.access);
  if (reaches.length === 0) throw notNamed(request.access, 'search', '*', 'and history is a search');
  return historyOfTypes(fhir, request, '_history', undefined, reaches);
};

function searchable(access: Access): TypeReach[] {
  return [...resourceTypes]
    .map((type) => ({ type, reach: reachOf(access, 'search', type), directory: false }))
    .filter(({ reach }) => reach.kind !== 'none');
}

async function historyOfTypes(
  fhir: Fhir,
  request: FhirRequest,
  path: string,
  type: string | undefined,
  reaches: readonly TypeReach[],
): Promise<Answer> {
  const call = await historyAsked(fhir, request, path);
  const page = await fhir.reader.historyOfTypes(reaches, call.asked);
  await auditHistory(fhir, request, type, [], page);
  return answerOf(fhir, request, path, page, call);
}

/** A row for each patient whose versions were among the answers; of one resource, with its key. */
async function auditHistory(
  fhir: Fhir,
  request: FhirRequest,
  type: string | undefined,
  [one]: readonly { key: string; owner: string }[],
  { versions }: HistoryPage,
  tried?: string,
): Promise<void> {
  const owners = new Set(versions.map(({ owner }) => owner));
  const seen = owners.size > 0 ? [...owners].map((owner) => ({ ...(one ? { key: one.key } : {}), owner })) : [one];
  await fhir.audit(seen.map((row) => auditOf(fhir, request, 'history', type, row, tried)));
}

type Asked = { asked: HistoryAsked; query: [string, string][] };

async function historyAsked(fhir: Fhir, request: FhirRequest, path: string): Promise<Asked> {
  const query = [...new URLSearchParams(request.query)];
  const text = query.find(([name]) => name === '_page')?.[1];
  if (text === undefined) return { asked: readQuery(query), query };
  const cursor = await fhir.cursors.open(text);
  if (!cursor || cursor.of !== path || cursor.client !== request.access.client) {
    throw badRequest('This page link is not valid here; please ask for the history again', 'expired', ['_page']);
  }
  const [updated, version] = cursor.after.values;
  const after: HistoryPlace = { updated: String(updated), key: cursor.after.key, version: Number(version) };
  return { asked: { ...readQuery(cursor.query), after, snapshot: cursor.snapshot }, query: cursor.query };
}

const defaultCount = 100;
const mostCount = 1000;
const known = ['_count', '_since', '_at'];
const aboutTheAnswer = ['_format', '_pretty'];

function readQuery(query: readonly [string, string][]): HistoryAsked {
  const asked: HistoryAsked = { limit: defaultCount };
  const seen = new Set<string>();
  for (const [name, value] of query) {
    if (aboutTheAnswer.includes(name)) continue;
    if (!known.includes(name)) throw unknownParameter(name, '_history', known);
    if (seen.has(name)) throw badRequest(`${name} may be given once`, 'invalid', [name]);
    seen.add(name);
    if (name === '_count') asked.limit = countOf(value);
    else if (name === '_since') asked.sinceMs = momentOf(name, value).lo;
    else asked.at = momentOf(name, value);
  }
  return asked;
}

function countOf(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw badRequest('_count takes a whole number from 1', 'value', ['_count']);
  return Math.min(Number(text), mostCount);
}

/** The plus sign of an offset means a space in a URL, and many send it all the same. */
function momentOf(name: string, text: string): { lo: number; hi: number } {
  const range = rangeOf(text.replace(' ', '+'));
  if (!range)
    throw badRequest(`${name} takes a date, dateTime or instant such as 2026-11-23T09:00:00+09:00`, 'value', [name]);
  return range;
}

async function answerOf(
  fhir: Fhir,
  { access }: FhirRequest,
  path: string,
  { versions, next, snapshot }: HistoryPage,
  { asked, query }: Asked,
): Promise<Answer> {
  const url = `${fhir.base}/${path}`;
  const search = new URLSearchParams(query).toString();
  const links: BundleLink[] = [{ relation: 'self', url: search ? `${url}?${search}` : url }];
  if (next) {
    const after = { key: next.key, values: [next.updated, next.version] };
    const page = await fhir.cursors.seal({ of: path, query, after, client: access.client, snapshot });
    links.push({ relation: 'next', url: pageUrl(url, page, query) });
  }
  const entries = versions.map((one) => versionEntry(fhir, one));
  // A history that fits its first page is counted for nothing.
  const total = next || asked.after ? undefined : entries.length;
  return { status: 200, body: bundleOf('history', { links, entries, total }) };
}
