// Query ∩ Access -> one SQL statement. Its ways in (ways.ts) are index walks; every filter is then checked on the row. What the
// caller may see is part of the same statement, and so is the state of the record that is shown
// (server/decisions/0003-paging.md).

import type { Reach } from '../access/access.ts';
import { condition } from './condition.ts';
import { typeNumber } from './keys.ts';
import { narrow } from './narrow.ts';
import { behind, datedMark, isDescending, type OrderTerm, orderOf, type Place } from './order.ts';
import type { Query } from './query.ts';
import type { Sort } from './sort.ts';
import { fixed, join, type Sql, sql } from './sql.ts';
import { foundWord, isTypeWalk, type Way, waysAsOf, waysIn, wordsAsked } from './ways.ts';

export { narrow } from './narrow.ts';

/** The state of the record that all pages of a search show, as PostgreSQL writes a snapshot, and when the first was read. */
export type Moment = { snapshot: string; sinceMs: number };

/** Where a page begins. `isUndated`: among the rows without a date, which follow all others. */
export type Position = Place & { isUndated?: boolean; moment?: Moment };

/**
 * Selects key, type, version, updated, owner, content, is_undated, the sort values `s0`, `s1` … and `snapshot` of at most
 * `limit` rows behind `after`. With `query.asOf` the record is shown as it was then; `snapshot` is null where that cannot be
 * done any more. A caller without any reach gets a statement that finds nothing.
 */
export function searchStatement(query: Query, reach: Reach, limit: number, after?: Position): Sql {
  const { sort, order } = orderIn(query, reach);
  const parts = partsOf(query, sort, after).map((part) =>
    merged(walksOf(query, reach, { ...part, order, asOf: query.asOf, limit, isBare: query.isBare }), order, limit),
  );
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  // An append runs its parts one by one, and the second only when the first leaves room.
  return sql`select * from ((${join(parts, ') union all (')})) parts limit ${limit}::int`;
}

/** How many sort values it selects. */
export const sortValues = (query: Query, reach: Reach): number => orderIn(query, reach).order.length;

function orderIn(query: Query, reach: Reach): { sort: Sort[]; order: OrderTerm[] } {
  const sort = sortOf(query, reach);
  return { sort, order: (sort.length === 0 && orderOfWords(query)) || orderOf(query.type, sort) };
}

/** The walks of which `searchStatement` is made, each in the order that the query names, which is not the main date. */
export function walks(query: Query, reach: Reach, limit: number, after?: Position): Sql[] {
  const order = orderOf(query.type, query.sort);
  return walksOf(query, reach, { where: [], isUndated: false, after, order, asOf: query.asOf, limit });
}

/** Selects the number of matches as `total`. */
export function countStatement(query: Query, reach: Reach): Sql {
  const term = reach.kind === 'all' ? deciding(query) : undefined;
  if (term !== undefined) return sql`select (select count(*) from term where term = ${term}::bigint)::int as total`;
  const where = conditionsOf(query, reach);
  const counts = waysOf(query, reach).map(
    ({ from, first }) => sql`(select count(*) from ${from} where ${join([...first, ...where], ' and ')})`,
  );
  return sql`select (${join(counts, ' + ')})::int as total`;
}

/**
 * The population term that says all that is asked, so that no row needs to be looked at: a code without a system, a
 * reference. Only in the present: an entry does not say which transaction made it.
 */
function deciding({ filters: [filter, ...others], asOf }: Query): string | undefined {
  if (asOf !== undefined || others.length > 0 || filter?.kind !== 'marks' || filter.negated) return undefined;
  const [term, ...further] = filter.terms ?? [];
  return further.length === 0 && filter.marks.length === 1 && filter.marks[0] === term ? term : undefined;
}

/**
 * Selects as `snapshot` the state that a statement shows: its own, or `asOf`, null where versions that ended since have been
 * pruned, or where the database is an older one than the link.
 */
export function snapshotOf(asOf: string | undefined): Sql {
  if (asOf === undefined) return fixed('(select pg_current_snapshot()::text) as snapshot');
  return sql`(
  select ${asOf}::text from past_pruned
  where through < pg_snapshot_xmin(${asOf}::pg_snapshot)
    and pg_snapshot_xmax(${asOf}::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
) as snapshot`;
}

/**
 * "What has changed since" over everyone reads the changed rows where they lie together; in the default order, by the main
 * date, they are strewn over the whole type.
 */
function sortOf(query: Query, reach: Reach): Sort[] {
  const isByUpdate = query.filters.some(({ kind }) => kind === 'updated') && isTypeWalk(query, reach);
  return query.sort.length === 0 && isByUpdate
    ? [{ code: '_lastUpdated', kind: 'updated', descending: true }]
    : query.sort;
}

function orderOfWords(query: Query): OrderTerm[] | undefined {
  const asked = wordsAsked(query);
  if (!asked) return undefined;
  return [{ expression: foundWord(asked.code, asked.norms), descending: false, cast: 'text', index: 'norm' }];
}

const waysOf = (query: Query, reach: Reach): Way[] =>
  query.asOf === undefined ? waysIn(query, reach) : waysAsOf(query, reach, query.asOf);

function conditionsOf(query: Query, reach: Reach): Sql[] {
  return [
    sql`r.type = ${typeNumber(query.type)}::int2`,
    ...query.filters.map((filter) => condition(filter, query.type)),
    narrow(reach, query.type),
  ];
}

type Part = { where: Sql[]; isUndated: boolean; after: Place | undefined };

/**
 * Rows without a main date have `updated` in its place, but are last when the caller sorts by it: then they are a walk of
 * their own, behind the walk over the others.
 */
function partsOf(query: Query, sort: readonly Sort[], after: Position | undefined): Part[] {
  const dated = sort[0]?.kind === 'at' ? datedMark(query.type) : undefined;
  const asksForDate = query.filters.some((filter) => filter.kind === 'date' && filter.isMain);
  if (dated === undefined || asksForDate) return [{ where: [], isUndated: false, after }];
  const first = { where: [sql`r.marks @> array[${dated}::bigint]`], isUndated: false };
  const last = { where: [sql`not r.marks @> array[${dated}::bigint]`], isUndated: true };
  if (after?.isUndated) return [{ ...last, after }];
  return [
    { ...first, after },
    { ...last, after: undefined },
  ];
}

type Walk = Part & { order: OrderTerm[]; asOf: string | undefined; limit: number; isBare?: boolean | undefined };

function walksOf(query: Query, reach: Reach, asked: Walk): Sql[] {
  const where = [...conditionsOf(query, reach), ...asked.where];
  return waysOf(query, reach).map((way) => walk(way, { ...asked, where }));
}

/** In an order that the population index has, its entries are walked, and only as many as the page needs. */
function walk(way: Way, { where, order: asked, after, isUndated, asOf, limit, isBare }: Walk): Sql {
  const sorted = asked.length === 1 && way.sorted?.by === asked[0]?.index ? way.sorted : undefined;
  const order = sorted ? asked.map((term) => ({ ...term, expression: fixed(`t.${sorted.by}`) })) : asked;
  const key = fixed(sorted ? 't.key' : 'r.key');
  const { from, first } = sorted ?? way;
  const conditions = [...first, ...where, ...(after ? [behind(order, key, after)] : [])];
  const sortValues = order.map(({ expression }, n) => sql`${expression} as ${fixed(`s${n}`)}`);
  const by = order.map(({ expression, descending }) => sql`${expression} ${fixed(descending ? 'desc' : 'asc')}`);
  const one = sql`select r.key, r.type, r.version, r.updated, r.owner, ${fixed(isBare ? "'' as content" : 'r.content')}, ${fixed(String(isUndated))} as is_undated,
  ${join(sortValues, ', ')}, ${snapshotOf(asOf)}
from ${from}
where ${join(conditions, ' and ')}
order by ${join(by, ', ')}, ${key} ${fixed(isDescending(order) ? 'desc' : 'asc')}
limit ${limit}::int`;
  return sorted?.each
    ? inOrder([sql`select one.* from ${sorted.each} cross join lateral (${one}) one`], order, limit)
    : one;
}

/** One walk out of several. */
function merged(walks: readonly Sql[], order: readonly OrderTerm[], limit: number): Sql {
  const [only] = walks;
  return walks.length === 1 && only ? only : inOrder(walks, order, limit);
}

/** The first `limit` rows of all the walks. Each is in order and cut short, so this sorts at most a page of each. */
export function inOrder(walks: readonly Sql[], order: readonly OrderTerm[], limit: number): Sql {
  const by = fixed(order.map(({ descending }, n) => `s${n} ${descending ? 'desc' : 'asc'}`).join(', '));
  const keyOrder = fixed(isDescending(order) ? 'desc' : 'asc');
  return sql`select * from ((${join(walks, ') union all (')})) walks order by ${by}, key ${keyOrder} limit ${limit}::int`;
}
