// Chained parameters and `_has`, resolved before the search they stand in: a search of their own on the other type, within
// what the caller may see of that type. So a chain cannot tell anything about records that are hidden.

import type { ClientBase, Pool } from 'pg';
import type { Access } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { tooCostly } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { needsResolving } from '../search/asked.ts';
import { type Filter, hasUrl, referenceTo } from '../search/filter.ts';
import { typeNumber } from '../search/keys.ts';
import { type Parameter, parametersOf } from '../search/parameters.ts';
import type { Query } from '../search/query.ts';
import { referenceFacts } from '../search/reference.ts';
import { conceptFilter } from '../search/token.ts';
import { conceptsOf, type StoredDefinitions } from './concepts.ts';
import { searchPage } from './query.ts';
import { idOf } from './stored-text.ts';

/** `asOf`: the state of the record in which the links are followed; see search/query.ts. */
type Searching = {
  connection: Pool | ClientBase;
  access: Access;
  asOf: string | undefined;
  /** What has been read for this search, by what was asked for. */
  read: Map<string, Promise<JsonObject[]>>;
};

const mostLinks = 1000;
/** Each type that a chain may go through is one statement; several targets on several levels multiply. */
const mostSearches = 200;

/** The same query without chains. Throws 403 for a type that the caller may not search, 422 for more than 1,000 links. */
export async function resolveChains(connection: Pool | ClientBase, access: Access, query: Query): Promise<Query> {
  const [resolved] = await resolveAll(connection, access, [query]);
  return resolved ?? query;
}

/** The same for the queries of one search over several types, which are of one moment; a List is read once for all. */
export async function resolveAll(
  connection: Pool | ClientBase,
  access: Access,
  queries: readonly Query[],
): Promise<Query[]> {
  const searches = total(queries.flatMap(({ filters }) => filters));
  if (searches > mostSearches)
    throw tooCostly(
      `The chains would be ${searches} searches, ${mostSearches} at most; name types, as in subject:Patient`,
    );
  const searching = { connection, access, asOf: queries[0]?.asOf, read: new Map() };
  const found: Query[] = [];
  for (const query of queries) {
    const filters = await each(searching, query.type, query.filters);
    found.push({ ...query, filters, sort: sortOf(query) });
  }
  return found;
}

/**
 * The default order of "changed since" depends on the way in (search/plan.ts), and how many patients a chain leads to may
 * differ from page to page: a cursor needs one order.
 */
function sortOf({ filters, sort }: Query): Query['sort'] {
  const asksForUpdated = filters.some(({ kind }) => kind === 'updated');
  if (sort.length > 0 || !asksForUpdated || !filters.some(needsResolving)) return sort;
  return [{ code: '_lastUpdated', kind: 'updated', descending: true }];
}

function searchesOf(filter: Filter): number {
  if (filter.kind === 'every' || filter.kind === 'some') return total(filter.filters);
  if (filter.kind === 'not') return searchesOf(filter.filter);
  if (filter.kind === 'has') return 1 + searchesOf(filter.filter);
  if (filter.kind === 'chain') return filter.targets.length + total(filter.targets.map((target) => target.filter));
  return 0;
}

const total = (filters: readonly Filter[]): number => filters.reduce((sum, filter) => sum + searchesOf(filter), 0);

/** One after the other: inside a transaction they share a connection. */
async function each(searching: Searching, type: string, filters: readonly Filter[]): Promise<Filter[]> {
  const found: Filter[] = [];
  for (const filter of filters) found.push(await resolved(searching, type, filter));
  return found;
}

async function resolved(searching: Searching, type: string, filter: Filter): Promise<Filter> {
  if (filter.kind === 'every' || filter.kind === 'some')
    return { ...filter, filters: await each(searching, type, filter.filters) };
  if (filter.kind === 'not') return { ...filter, filter: await resolved(searching, type, filter.filter) };
  if (filter.kind === 'list') return { kind: 'id', ids: await listed(searching, type, filter.lists) };
  if (filter.kind === 'codes') {
    const concepts = await conceptsOf(storedDefinitions(searching), filter.among);
    return conceptFilter(type, filter.parameter, concepts, filter.negated);
  }
  if (filter.kind === 'chain') {
    const references: string[] = [];
    for (const target of filter.targets) {
      const contents = await matching(searching, target.type, target.filter);
      references.push(...contents.flatMap((content) => namesOf(target.type, content)));
    }
    return references.length > 0 ? referenceTo(type, filter.parameter, references) : nothing;
  }
  if (filter.kind === 'has') {
    const contents = await matching(searching, filter.source, filter.filter);
    const facts = new Set(contents.flatMap((content) => factsOf(content, filter.parameter)));
    return { kind: 'id', ids: await referredTo(searching, type, [...facts]) };
  }
  if (filter.kind === 'marks' && filter.bareId && (await isPatient(searching.connection, filter.bareId.id)))
    return referenceTo(type, filter.bareId.parameter, [`Patient/${filter.bareId.id}`]);
  return filter;
}

/** `subject=[id]` may mean any type, but an id of this server's making is of one: a patient's leads into the compartment. */
async function isPatient(connection: Pool | ClientBase, id: string): Promise<boolean> {
  const { rows } = await connection.query('select from resource where key = $1 and type = $2', [
    id,
    typeNumber('Patient'),
  ]);
  return rows.length > 0;
}

const nothing: Filter = { kind: 'id', ids: [] };

async function matching(searching: Searching, type: string, filter: Filter): Promise<string[]> {
  const { connection, access, asOf } = searching;
  const reach = namedReach(access, 'search', type, 'and this search leads through one');
  const filters = [await resolved(searching, type, filter)];
  const query: Query = {
    type,
    filters,
    sort: [],
    count: mostLinks,
    includes: [],
    total: false,
    countOnly: false,
    understood: [],
    ignored: [],
    asOf,
  };
  const { matches, next } = await searchPage(connection, query, reach);
  if (next) throw tooCostly(`The chain through ${type} has more than ${mostLinks} links; narrow it`);
  return matches.map(({ content }) => content);
}

/** The ids of this type among the entries of the lists. One that is hidden has none, like one that is missing. */
async function listed(searching: Searching, type: string, lists: string[]): Promise<string[]> {
  const found = await readOnce(searching, 'List', { kind: 'id', ids: lists });
  return found.flatMap((list) => idsIn(list, type));
}

function idsIn({ entry }: JsonObject, type: string): string[] {
  const items = Array.isArray(entry) ? entry.filter((one) => isObject(one) && one.deleted !== true) : [];
  const references = items.map(({ item }) => (isObject(item) ? item.reference : undefined));
  const named = references.map((one) => (typeof one === 'string' ? localReference(one) : undefined));
  return named.flatMap((one) => (one?.type === type ? [one.id] : []));
}

/** ValueSet and CodeSystem resources as this caller sees them. */
const storedDefinitions = (searching: Searching): StoredDefinitions => ({
  byUrl: (type, urls) => readOnce(searching, type, hasUrl(type, urls)),
  byId: async (type, id) => (await readOnce(searching, type, { kind: 'id', ids: [id] }))[0],
});

function readOnce(searching: Searching, type: string, filter: Filter): Promise<JsonObject[]> {
  const name = JSON.stringify([type, filter]);
  const known = searching.read.get(name);
  if (known) return known;
  const found = matching(searching, type, filter).then((all) => all.map((text) => parseJson(text) as JsonObject));
  searching.read.set(name, found);
  return found;
}

/** What references to it may say: `Type/id`, and its canonical URL, by which every version of it is meant. */
function namesOf(type: string, content: string): string[] {
  const local = `${type}/${idOf(content)}`;
  if (!parametersOf(type).has('url')) return [local];
  const { url } = parseJson(content) as JsonObject;
  return typeof url === 'string' ? [local, url] : [local];
}

const factsOf = (content: string, parameter: Parameter): string[] =>
  parameter.values(parseJson(content) as JsonObject).flatMap(referenceFacts);

/** The ids of this type that references with these facts mean, canonical ones among them. */
async function referredTo(searching: Searching, type: string, facts: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  const urls: string[] = [];
  for (const fact of facts) {
    const local = localReference(fact.slice(1));
    if (local?.type === type) ids.push(local.id);
    if (!local && !fact.startsWith('>:')) urls.push(fact.slice(1));
  }
  if (urls.length === 0 || !parametersOf(type).has('url')) return ids;
  const contents = await matching(searching, type, hasUrl(type, urls));
  return [...ids, ...contents.map(idOf)];
}
