// One filter -> the SQL condition on a row `r` that decides it, whichever way the row was found.

import { compareRanges, type DateFilter } from './date.ts';
import { timestamp } from './extract.ts';
import type { Filter } from './filter.ts';
import { keyOf } from './keys.ts';
import { fixed, join, type Sql, sql } from './sql.ts';

/** What a row of this type must fulfil. */
export function condition(filter: Filter, type: string): Sql {
  switch (filter.kind) {
    case 'id':
      return sql`r.key = any(${filter.ids.map((id) => keyOf(type, id))}::uuid[])`;
    case 'updated':
      return anyOf(filter.dates, (date) => columnRange(date, 'r.updated', 'r.updated'));
    case 'date':
      if (!filter.isMain) return anyOf(filter.dates, (date) => factRange(filter.code, date));
      return sql`r.marks @> array[${filter.present}::bigint] and ${anyOf(filter.dates, (date) => columnRange(date, 'r.at', 'r.until'))}`;
    case 'string':
      return anyOf(filter.norms, (norm) =>
        filter.contains ? containsText(filter.code, norm) : startsWith(filter.code, norm),
      );
    case 'chain':
    case 'has':
      // store/chains.ts turns these into marks and ids first; letting one through would widen the answer.
      throw new Error('a chain was not resolved');
    case 'marks':
      return filter.negated ? sql`not r.marks && ${filter.marks}::bigint[]` : sql`r.marks && ${filter.marks}::bigint[]`;
  }
}

function anyOf<T>(values: readonly T[], one: (value: T) => Sql): Sql {
  return sql`(${join(values.map(one), ' or ')})`;
}

function columnRange({ prefix, range }: DateFilter, lo: string, hi: string): Sql {
  return placed(compareRanges(prefix, lo, hi, '@from', '@to', 'and'), {
    '@from': sql`${timestamp(range.lo)}::timestamptz`,
    '@to': sql`${timestamp(range.hi)}::timestamptz`,
  });
}

function factRange(code: string, { prefix, range }: DateFilter): Sql {
  // strict: in lax mode the filter would unwrap each pair, and compare its numbers one by one.
  const test = `strict $[*] ? (${compareRanges(prefix, '@[0]', '@[1]', '$from', '$to', '&&')})`;
  return sql`jsonb_path_exists(r.facts -> ${code}, ${test}::jsonpath, ${JSON.stringify({ from: range.lo, to: range.hi })}::jsonb)`;
}

function startsWith(code: string, norm: string): Sql {
  return sql`jsonb_path_exists(r.facts -> ${code}, '$[*] ? (@ starts with $norm)', ${JSON.stringify({ norm })}::jsonb)`;
}

function containsText(code: string, norm: string): Sql {
  return sql`exists (select from jsonb_array_elements_text(r.facts -> ${code}) v where strpos(v, ${norm}) > 0)`;
}

/** Text with @names -> Sql with the values in their places. */
function placed(text: string, values: Record<string, Sql>): Sql {
  const parts = text.split(/(@\w+)/).filter((part) => part !== '');
  return join(
    parts.map((part) => values[part] ?? fixed(part)),
    '',
  );
}
