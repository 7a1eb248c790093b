// Chained parameters and `_has`, resolved before the search they stand in: a search of their own on the other type, within
// what the caller may see of that type. So a chain cannot tell anything about records that are hidden.

import type { ClientBase, Pool } from 'pg';
import { type Access, reachOf } from '../access/access.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { forbidden, tooCostly } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { type Filter, referenceTo } from '../search/filter.ts';
import type { Parameter } from '../search/parameters.ts';
import type { Query } from '../search/query.ts';
import { referenceFacts } from '../search/reference.ts';
import { searchPage } from './query.ts';
import { idOf } from './stored-text.ts';

const mostLinks = 1000;

/** The same query without chains. Throws 403 for a type that the caller may not search, 422 for more than 1,000 links. */
export async function resolveChains(connection: Pool | ClientBase, access: Access, query: Query): Promise<Query> {
  const filters: Filter[] = [];
  for (const filter of query.filters) filters.push(await resolved(connection, access, query.type, filter));
  return { ...query, filters };
}

async function resolved(connection: Pool | ClientBase, access: Access, type: string, filter: Filter): Promise<Filter> {
  if (filter.kind === 'chain') {
    const references: string[] = [];
    for (const target of filter.targets) {
      const contents = await matching(connection, access, target.type, target.filter);
      references.push(...contents.map((content) => `${target.type}/${idOf(content)}`));
    }
    return references.length > 0 ? referenceTo(type, filter.parameter, references) : nothing;
  }
  if (filter.kind === 'has') {
    const contents = await matching(connection, access, filter.source, filter.filter);
    return {
      kind: 'id',
      ids: [...new Set(contents.flatMap((content) => referredTo(content, filter.parameter, type)))],
    };
  }
  return filter;
}

const nothing: Filter = { kind: 'id', ids: [] };

async function matching(
  connection: Pool | ClientBase,
  access: Access,
  type: string,
  filter: Filter,
): Promise<string[]> {
  const reach = reachOf(access, 'search', type);
  if (reach.kind === 'none')
    throw forbidden(`search of ${type} is not in the scopes of this token, and a chain is a search`);
  const filters = [await resolved(connection, access, type, filter)];
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
  };
  const { matches, next } = await searchPage(connection, query, reach);
  if (next) throw tooCostly(`The chain through ${type} has more than ${mostLinks} links; narrow it`);
  return matches.map(({ content }) => content);
}

function referredTo(content: string, parameter: Parameter, type: string): string[] {
  return parameter
    .values(parseJson(content) as JsonObject)
    .flatMap(referenceFacts)
    .map((fact) => localReference(fact.slice(1)))
    .flatMap((local) => (local?.type === type ? [local.id] : []));
}
