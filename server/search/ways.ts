// Where the rows of a search are looked for: the ways into the record as it is, and, for a page that shows it as it was, into
// what has ended since. A way is a walk over one index; what else the rows must fulfil is for plan.ts.

import { directoryTypes, patientOf, type Reach } from '../access/access.ts';
import { longestWord, membership, sharedFact, wordOf } from './extract.ts';
import type { Filter } from './filter.ts';
import { mark } from './hash.ts';
import { keyOf } from './keys.ts';
import { narrow } from './narrow.ts';
import type { Query } from './query.ts';
import { fixed, join, type Sql, sql } from './sql.ts';

/** `from` gives rows `r`; `sorted` gives the same, for a page in an order that the population index has. */
export type Way = { from: Sql; first: Sql[]; sorted?: SortedWay | undefined };

/**
 * Entries `t` of the population index with their rows `r`, by `t.at`, the main date, or by `t.norm`, the string that was
 * found. `each`: one walk for each of its rows.
 */
type SortedWay = { by: 'at' | 'norm'; from: Sql; first: Sql[]; each?: Sql };

type StringFilter = Extract<Filter, { kind: 'string' }>;

/** One way, or the two into a patient's compartment. */
export function waysIn(query: Query, reach: Reach): Way[] {
  const filters = filtersOf(query);
  if (filters.some((filter) => filter.kind === 'id')) return [everyRow];
  const patient = onePatient(query, reach);
  if (patient !== undefined) return patientWays(patient);
  const byTerm = filters.find(hasTerms);
  if (byTerm) return [termWay(byTerm.terms)];
  const byName = filters.find(isPrefix);
  return byName ? [nameWay(byName)] : [everyRow];
}

/**
 * The strings that decide the order where the caller asks for none: of a search over everyone for a name or a lot, matches in
 * the order of what was found can be read one by one, in that of a date only after reading all of them.
 */
export function wordsAsked(query: Query): StringFilter | undefined {
  const filters = filtersOf(query);
  return filters.some(hasTerms) ? undefined : filters.find(isPrefix);
}

type MarksFilter = Extract<Filter, { kind: 'marks' }>;
const hasTerms = (filter: Filter): filter is MarksFilter & { terms: string[] } =>
  filter.kind === 'marks' && filter.terms !== undefined;

const isPrefix = (filter: Filter): filter is StringFilter =>
  filter.kind === 'string' && filter.population && !filter.contains;

/** True when what is looked through is bounded by one patient's record, by ids or by business identifiers. */
export function endsSoon(query: Query, reach: Reach): boolean {
  const filters = filtersOf(query);
  if (filters.some((filter) => filter.kind === 'id') || onePatient(query, reach) !== undefined) return true;
  return filters.find(hasTerms)?.isIdentifier === true;
}

/** True when there is nothing to go by but the type. */
export const isTypeWalk = (query: Query, reach: Reach): boolean => waysIn(query, reach)[0] === everyRow;

/**
 * The ways to the rows that were there in the state `asOf`: those that still are, and those that were replaced or deleted
 * since. The latter are few, so that only patients have a way of their own to them.
 */
export function waysAsOf(query: Query, reach: Reach, asOf: string): Way[] {
  const wasThere = sql`pg_visible_in_snapshot(r.xid, ${asOf}::pg_snapshot)`;
  const ways = waysIn(query, reach).map(({ from, first, sorted }) => ({
    from,
    first: [...first, wasThere],
    sorted: sorted && { ...sorted, first: [...sorted.first, wasThere] },
  }));
  const ended = [
    sql`r.ended >= pg_snapshot_xmin(${asOf}::pg_snapshot)`,
    sql`not pg_visible_in_snapshot(r.ended, ${asOf}::pg_snapshot)`,
    wasThere,
    stillReached(reach, query.type),
    // A version whose content has been expunged is not shown again.
    fixed('r.content is not null'),
  ];
  const patient = onePatient(query, reach);
  if (patient === undefined) return [...ways, { from: pastRows, first: ended }];
  const owner = keyOf('Patient', patient);
  const isShared = sql`r.facts ? ${fixed(`'${sharedFact}'`)} and r.marks @> array[${mark(membership(patient))}::bigint]`;
  return [
    ...ways,
    { from: pastRows, first: [sql`r.owner = ${owner}::uuid`, ...ended] },
    { from: pastRows, first: [isShared, sql`r.owner <> ${owner}::uuid`, ...ended] },
  ];
}

/**
 * A version of the past is only for those who may see what became of the resource: the version that is there now, or the
 * last one before it was deleted. So nobody is shown what has been moved out of their reach.
 */
function stillReached(reach: Reach, type: string): Sql {
  if (reach.kind === 'all') return fixed('true');
  const reached = narrow(reach, type, 'n');
  return sql`coalesce(
  (select ${reached} from resource n where n.key = r.key limit 1),
  (select ${reached} from (select h.owner, h.type, h.xid from history h where h.key = r.key order by h.version desc limit 1) h
    cross join lateral (select * from past p where p.owner = h.owner and p.type = h.type and p.ended = h.xid and p.key = r.key limit 1) n),
  false)`;
}

/** What every match must fulfil, and so may be looked for by. */
const filtersOf = (query: Query): Filter[] => query.filters.flatMap(parts);
const parts = (filter: Filter): Filter[] => (filter.kind === 'every' ? filter.filters.flatMap(parts) : [filter]);

/** The one patient whose rows hold every answer, if the query or the caller's rights name one. */
function onePatient(query: Query, reach: Reach): string | undefined {
  const filters = filtersOf(query);
  if (filters.some((filter) => filter.kind === 'id')) return undefined;
  for (const filter of filters) {
    if (filter.kind === 'marks' && filter.patients?.length === 1) return filter.patients[0];
  }
  return directoryTypes.has(query.type) ? undefined : patientOf(reach);
}

// A resource may be in several compartments. The first way walks what the patient owns, the second, nearly always empty,
// what they share; each is in order and cut short, so the union sorts at most two pages.
function patientWays(patient: string): Way[] {
  const owner = keyOf('Patient', patient);
  const shared = sql`t.term = ${mark(membership(patient))}::bigint and r.owner <> ${owner}::uuid`;
  return [
    { from: fixed('resource r'), first: [sql`r.owner = ${owner}::uuid`] },
    { from: termRows, first: [shared] },
  ];
}

function termWay(asked: string[]): Way {
  const terms = [...new Set(asked)];
  const [only] = terms;
  if (terms.length === 1) {
    const first = [sql`t.term = ${only}::bigint`];
    return { from: termRows, first, sorted: { by: 'at', from: termRows, first } };
  }
  // A row that an earlier value also finds is left to that one.
  const isFirst = (term: Sql) =>
    sql`not (r.marks && (${terms}::bigint[])[1:array_position(${terms}::bigint[], ${term}) - 1])`;
  return {
    from: termRows,
    first: [sql`t.term = any(${terms}::bigint[])`, isFirst(fixed('t.term'))],
    sorted: {
      by: 'at',
      from: termRows,
      each: sql`unnest(${terms}::bigint[]) each(term)`,
      first: [fixed('t.term = each.term'), isFirst(fixed('each.term'))],
    },
  };
}

function nameWay({ number, norms, code }: StringFilter): Way {
  const each = sql`unnest(${prefixesOf(norms)}::text[]) each(prefix)`;
  const range = (row: string) => [
    sql`${fixed(row)}.param = ${number}::int`,
    sql`${fixed(row)}.norm >= each.prefix`,
    sql`${fixed(row)}.norm < each.prefix || ${highest}`,
  ];
  // The offset keeps it a look-up for each prefix.
  const entries = sql`select w.key from words w where ${join(range('w'), ' and ')} offset 0`;
  const found = sql`(select distinct w.key from ${each} cross join lateral (${entries}) w) t`;
  const isFirst = sql`t.norm = ${foundWord(code, norms)}`;
  return {
    from: sql`${found} ${rowOfEntry}`,
    first: [],
    sorted: { by: 'norm', each, from: sql`words t ${rowOfEntry}`, first: [...range('t'), isFirst] },
  };
}

/** Of a row's strings that begin as asked the first, as it stands in the population index. */
export function foundWord(code: string, norms: readonly string[]): Sql {
  return sql`(select min(left(v, ${longestWord}) collate "C") from jsonb_array_elements_text(r.facts -> ${code}) v
  where exists (select from unnest(${prefixesOf(norms)}::text[]) p where starts_with(v, p)))`;
}

/** Without those that begin as another one does: what is left finds every entry once. */
function prefixesOf(norms: readonly string[]): string[] {
  const all = [...new Set(norms.map(wordOf))].sort();
  return all.filter((norm) => !all.some((other) => other !== norm && norm.startsWith(other)));
}

// The limit keeps the planner from turning this into a join of its own choice: for each entry of the population index one
// look-up by key, whatever it believes about the tables.
const rowOfEntry = fixed('cross join lateral (select * from resource x where x.key = t.key limit 1) r');
const termRows = sql`term t ${rowOfEntry}`;
const everyRow: Way = { from: fixed('resource r'), first: [] };
const highest = '\u{10ffff}';

// The columns of `resource`, and when the version ended. PostgreSQL reads the content of those rows only that are shown.
const pastRows = fixed(`(
  select p.*, p.born as xid,
    (select h.content from history h where h.key = p.key and h.version = p.version limit 1) as content
  from past p
) r`);
