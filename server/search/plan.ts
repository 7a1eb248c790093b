// Query ∩ Access -> one SQL statement. The way in is chosen here: ids, one patient's rows, a population term, names, or a
// walk over the type; every filter is then checked on the row. What the caller may see is part of the same statement.

import type { Reach } from '../access/access.ts';
import { directoryTypes } from '../access/access.ts';
import { condition } from './condition.ts';
import { membership, wordOf } from './extract.ts';
import type { Filter } from './filter.ts';
import { mark } from './hash.ts';
import { keyOf, nobody, typeNumber } from './keys.ts';
import type { Query, Sort } from './query.ts';
import { fixed, join, type Sql, sql } from './sql.ts';

/** Where a page begins: the sort values of the row before it, then its key. */
export type Position = { values: (string | number)[]; key: string };

type Shape = { where: Sql[]; order: OrderTerm[]; after: Position | undefined };
type OrderTerm = { expression: Sql; descending: boolean; cast: string };

/**
 * Selects key, type, version, updated, content and the sort values `s0`, `s1` … of at most `limit` rows behind `after`.
 * A caller without any reach gets a statement that finds nothing.
 */
export function searchStatement(query: Query, reach: Reach, limit: number, after?: Position): Sql {
  const order = orderOf(sortOf(query, reach));
  const where = [
    sql`r.type = ${typeNumber(query.type)}`,
    ...query.filters.map((filter) => condition(filter, query.type)),
    narrow(reach, query.type),
  ];
  return ways(query, reach, { where, order, after }, limit);
}

/**
 * "What has changed since" over everyone reads the changed rows where they lie together; in the default order, by the main
 * date, they are strewn over the whole type.
 */
function sortOf(query: Query, reach: Reach): Sort[] {
  const isByUpdate = query.filters.some(({ kind }) => kind === 'updated') && waysIn(query, reach)[0] === everyRow;
  return query.sort.length === 0 && isByUpdate
    ? [{ code: '_lastUpdated', kind: 'updated', descending: true }]
    : query.sort;
}

/** Selects the number of matches as `total`. */
export function countStatement(query: Query, reach: Reach): Sql {
  const where = [
    sql`r.type = ${typeNumber(query.type)}`,
    ...query.filters.map((filter) => condition(filter, query.type)),
    narrow(reach, query.type),
  ];
  const counts = (waysIn(query, reach) as Way[]).map(
    ({ from, first }) => sql`(select count(*) from ${from} where ${join([...first, ...where], ' and ')})`,
  );
  return sql`select (${join(counts, ' + ')})::int as total`;
}

/** What a caller may see of a type, as a condition on the row `r`. */
export function narrow(reach: Reach, type: string): Sql {
  if (reach.kind === 'all') return sql`true`;
  if (reach.kind === 'none') return sql`false`;
  const own = sql`(r.owner = ${keyOf('Patient', reach.patient)} or r.marks @> array[${mark(membership(reach.patient))}::bigint])`;
  return directoryTypes.has(type) ? sql`(${own} or r.owner = ${nobody})` : own;
}

function ways(query: Query, reach: Reach, shape: Shape, limit: number): Sql {
  const [way, shared] = waysIn(query, reach);
  if (shared) return patientPage(shape, way, shared, limit);
  return page(way.isTermOrder ? byTermOrder(shape) : shape, way.from, way.first, limit);
}

type Way = { from: Sql; first: Sql[]; isTermOrder?: boolean };

/** Where the rows are looked for: one way, or the two into a patient's compartment. */
function waysIn({ filters, ...query }: Query, reach: Reach): [Way, Way?] {
  return wayOf({ ...query, filters: filters.flatMap((one) => (one.kind === 'every' ? one.filters : [one])) }, reach);
}

function wayOf(query: Query, reach: Reach): [Way, Way?] {
  if (query.filters.some((filter) => filter.kind === 'id')) return [everyRow];
  const patient = onePatient(query, reach);
  if (patient !== undefined) return patientWays(patient);
  const byTerm = query.filters.find((filter) => filter.kind === 'marks' && filter.terms !== undefined);
  if (byTerm?.kind === 'marks' && byTerm.terms) return [termWay(byTerm.terms)];
  const byName = query.filters.find((filter) => filter.kind === 'string' && filter.population && !filter.contains);
  if (byName?.kind === 'string') return [nameWay(byName)];
  return [everyRow];
}

/** The one patient whose rows hold every answer, if the query or the caller's rights name one. */
function onePatient(query: Query, reach: Reach): string | undefined {
  for (const filter of query.filters) {
    if (filter.kind === 'marks' && filter.patients?.length === 1) return filter.patients[0];
  }
  return reach.kind === 'patient' && !directoryTypes.has(query.type) ? reach.patient : undefined;
}

// A resource may be in several compartments. The first way walks what the patient owns, the second, nearly always empty,
// what they share; each is in order and cut short, so the union sorts at most two pages.
function patientWays(patient: string): [Way, Way] {
  const owner = keyOf('Patient', patient);
  const shared = sql`t.term = ${mark(membership(patient))}::bigint and r.owner <> ${owner}`;
  return [
    { from: sql`resource r`, first: [sql`r.owner = ${owner}`] },
    { from: termRows, first: [shared] },
  ];
}

function patientPage(shape: Shape, owned: Way, shared: Way, limit: number): Sql {
  const [one, other] = [owned, shared].map(({ from, first }) => page(shape, from, first, limit));
  const order = fixed(shape.order.map(({ descending }, n) => `s${n} ${descending ? 'desc' : 'asc'}`).join(', '));
  const keyOrder = fixed(shape.order[0]?.descending === false ? 'asc' : 'desc');
  return sql`select * from ((${one}) union all (${other})) both_ways order by ${order}, key ${keyOrder} limit ${limit}`;
}

// Several values: each is walked in order and a row that an earlier value also finds is left to that one.
function termWay(terms: string[]): Way {
  const [only] = terms;
  if (terms.length === 1) return { from: termRows, first: [sql`t.term = ${only}::bigint`], isTermOrder: true };
  const first = [
    sql`t.term = any(${terms}::bigint[])`,
    sql`not (r.marks && (${terms}::bigint[])[1:array_position(${terms}::bigint[], t.term) - 1])`,
  ];
  return { from: termRows, first };
}

/** In the default order, the walk over one term is already sorted by the term's own columns. */
function byTermOrder(shape: Shape): Shape {
  const [first] = shape.order;
  if (shape.order.length !== 1 || first?.expression !== atColumn) return shape;
  return { ...shape, order: [{ ...first, expression: termAtColumn }] };
}

function nameWay({ number, norms }: Extract<Filter, { kind: 'string' }>): Way {
  const prefixes = norms.map(wordOf).map((norm) => sql`w.norm >= ${norm} and w.norm < ${norm + highest}`);
  const found = sql`(select distinct w.key from words w where w.param = ${number} and (${join(prefixes, ' or ')})) t`;
  return { from: sql`${found} ${rowOfEntry}`, first: [] };
}

// The limit keeps the planner from turning this into a join of its own choice: for each entry of the population index one
// look-up by key, whatever it believes about the tables.
const rowOfEntry = fixed('cross join lateral (select * from resource x where x.key = t.key limit 1) r');
const termRows = sql`term t ${rowOfEntry}`;
const everyRow: Way = { from: sql`resource r`, first: [] };
const highest = '\u{10ffff}';
const atColumn = fixed('r.at');
const termAtColumn = fixed('t.at');

function page({ where, order, after }: Shape, from: Sql, first: Sql[], limit: number): Sql {
  const conditions = [...first, ...where, ...(after ? [behind(order, after)] : [])];
  const sortValues = order.map(({ expression }, n) => sql`${expression} as ${fixed(`s${n}`)}`);
  const key = fixed(order[0]?.expression === termAtColumn ? 't.key' : 'r.key');
  const by = order.map(({ expression, descending }) => sql`${expression} ${fixed(descending ? 'desc' : 'asc')}`);
  const keyOrder = fixed(order[0]?.descending === false ? 'asc' : 'desc');
  return sql`select r.key, r.type, r.version, r.updated, r.owner, r.content, ${join(sortValues, ', ')}
from ${from}
where ${join(conditions, ' and ')}
order by ${join(by, ', ')}, ${key} ${keyOrder}
limit ${limit}`;
}

/** Rows that come later than `after`: a row comparison where all terms run one way, else the long form. */
function behind(order: OrderTerm[], { values, key }: Position): Sql {
  const descending = order[0]?.descending !== false;
  const keyColumn = fixed(order[0]?.expression === termAtColumn ? 't.key' : 'r.key');
  const sent = order.map(({ cast }, n) => sql`${values[n]}${fixed(`::${cast}`)}`);
  if (order.every((term) => (term.descending !== false) === descending)) {
    const left = join([...order.map(({ expression }) => expression), keyColumn], ', ');
    return sql`(${left}) ${fixed(descending ? '<' : '>')} (${join([...sent, sql`${key}::uuid`], ', ')})`;
  }
  const steps = [...order, { expression: keyColumn, descending, cast: 'uuid' }];
  const position = [...sent, sql`${key}::uuid`];
  const alternatives = steps.map(({ expression, descending: down }, n) => {
    const equal = steps.slice(0, n).map((step, m) => sql`${step.expression} = ${position[m] as Sql}`);
    return sql`(${join([...equal, sql`${expression} ${fixed(down ? '<' : '>')} ${position[n] as Sql}`], ' and ')})`;
  });
  return sql`(${join(alternatives, ' or ')})`;
}

function orderOf(sort: Sort[]): OrderTerm[] {
  if (sort.length === 0) return [{ expression: atColumn, descending: true, cast: 'timestamptz' }];
  return sort.map(({ code, kind, descending }) => {
    if (kind === 'at') return { expression: atColumn, descending, cast: 'timestamptz' };
    if (kind === 'updated') return { expression: fixed('r.updated'), descending, cast: 'timestamptz' };
    if (kind === 'id') return { expression: fixed('r.key'), descending, cast: 'uuid' };
    // Rows without a value come last, whichever way the sort runs; the substitute keeps row comparisons free of nulls.
    if (kind === 'date') {
      // Finite, and beyond openLo and openHi: a cursor is JSON, which has no infinity.
      const end = fixed(descending ? '-1e16' : '1e16');
      return {
        expression: sql`coalesce((r.facts -> ${code} -> 0 ->> 0)::float8, ${end}::float8)`,
        descending,
        cast: 'float8',
      };
    }
    const end = descending ? '' : highest;
    return { expression: sql`coalesce(r.facts -> ${code} ->> 0, ${end}) collate "C"`, descending, cast: 'text' };
  });
}
