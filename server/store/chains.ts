// Chained parameters and `_has`, resolved before the search they stand in: a search of their own on the other type, within
// what the caller may see of that type. So a chain cannot tell anything about records that are hidden.

import type { ClientBase, Pool } from 'pg';
import { type Access, reachOf } from '../access/access.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { forbidden, tooCostly } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { type Filter, hasUrl, referenceTo } from '../search/filter.ts';
import { typeNumber } from '../search/keys.ts';
import { type Parameter, parametersOf } from '../search/parameters.ts';
import type { Query } from '../search/query.ts';
import { referenceFacts } from '../search/reference.ts';
import { searchPage } from './query.ts';
import { idOf } from './stored-text.ts';

/** `asOf`: the state of the record in which the links are followed; see search/query.ts. */
type Searching = { connection: Pool | ClientBase; access: Access; asOf: string | undefined };

const mostLinks = 1000;
/** Each type that a chain may go through is one statement; several targets on several levels multiply. */
const mostSearches = 200;

/** The same query without chains. Throws 403 for a type that the caller may not search, 422 for more than 1,000 links. */
export async function resolveChains(connection: Pool | ClientBase, access: Access, query: Query): Promise<Query> {
  const searches = query.filters.reduce((sum, filter) => sum + searchesOf(filter), 0);
  if (searches > mostSearches)
    throw tooCostly(
      `The chains would be ${searches} searches, ${mostSearches} at most; name types, as in subject:Patient`,
    );
  const searching = { connection, access, asOf: query.asOf };
  const filters: Filter[] = [];
  for (const filter of query.filters) filters.push(await resolved(searching, query.type, filter));
  return { ...query, filters, sort: sortOf(query) };
}

/**
 * The default order of "changed since" depends on the way in (search/plan.ts), and how many patients a chain leads to may
 * differ from page to page: a cursor needs one order.
 */
function sortOf({ filters, sort }: Query): Query['sort'] {
  const kinds = filters.map(({ kind }) => kind);
  const isChained = kinds.includes('chain') || kinds.includes('has');
  if (sort.length > 0 || !isChained || !kinds.includes('updated')) return sort;
  return [{ code: '_lastUpdated', kind: 'updated', descending: true }];
}

function searchesOf(filter: Filter): number {
  if (filter.kind === 'has') return 1 + searchesOf(filter.filter);
  if (filter.kind !== 'chain') return 0;
  return filter.targets.reduce((sum, target) => sum + 1 + searchesOf(target.filter), 0);
}

async function resolved(searching: Searching, type: string, filter: Filter): Promise<Filter> {
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
  const reach = reachOf(access, 'search', type);
  if (reach.kind === 'none')
    throw forbidden(`search of ${type} is not in the scopes of this token, and a chain is a search`);
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
