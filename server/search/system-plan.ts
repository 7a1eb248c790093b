// A search over several types -> one SQL statement. Types whose statements differ only in values share one text: a lateral
// walk for each of them, so that all types of FHIR are a few walks of one shape and not a statement of 146 parts.

import type { Reach } from '../access/access.ts';
import { orderOf } from './order.ts';
import { countStatement, inOrder, type Position, walks } from './plan.ts';
import type { Query } from './query.ts';
import { fixed, join, type Sql, sql } from './sql.ts';

/** What is asked of one type, and how far the caller reaches there. */
export type TypeSearch = { query: Query; reach: Reach };

/** Selects what `searchStatement` selects, of all the types together. There is at least one. */
export function systemStatement(searches: readonly TypeSearch[], limit: number, after?: Position): Sql {
  const [first] = searches;
  const order = orderOf(first?.query.type ?? '', first?.query.sort ?? []);
  const all = searches.flatMap(({ query, reach }) => walks(query, reach, limit, after));
  return inOrder(together(all), order, limit);
}

/** Selects the number of matches of all the types as `total`. */
export function systemCountStatement(searches: readonly TypeSearch[]): Sql {
  const counts = together(searches.map(({ query, reach }) => countStatement(query, reach)));
  return sql`select sum(total)::int as total from ((${join(counts, ') union all (')})) counts`;
}

/** Statements of one text become one, with a row of values for each. */
function together(statements: readonly Sql[]): Sql[] {
  const groups = new Map<string, Sql[]>();
  for (const one of statements) {
    const shape = JSON.stringify([one.strings, one.values.map((value, n) => (isCast(one, n) ? null : value))]);
    groups.set(shape, [...(groups.get(shape) ?? []), one]);
  }
  return [...groups.values()].map(lateral);
}

/** A value whose type is written behind it may come from a column of text as well. */
const isCast = ({ strings }: Sql, n: number): boolean => strings[n + 1]?.startsWith('::') === true;

function lateral(group: Sql[]): Sql {
  const [first] = group;
  if (!first || group.length === 1) return first ?? sql``;
  const texts = group.map(({ values }) => values.map(textOf));
  const differing = first.values.flatMap((_, n) => (texts.some((row) => row[n] !== texts[0]?.[n]) ? [n] : []));
  const rows = texts.map((row) => Object.fromEntries(differing.map((n) => [`v${n}`, row[n]])));
  const columns = fixed(differing.map((n) => `v${n} text`).join(', '));
  const parts = first.strings.map((text, n) => {
    if (n === 0) return fixed(text);
    const value = differing.includes(n - 1) ? fixed(`each_type.v${n - 1}`) : sql`${first.values[n - 1]}`;
    return sql`${value}${fixed(text)}`;
  });
  return sql`select o.* from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as each_type(${columns})
cross join lateral (${join(parts, '')}) o`;
}

/** As PostgreSQL reads the value from a text. */
function textOf(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return `{${value.map((item) => `"${String(item).replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
