// One filter -> the SQL condition on a row `r` that decides it, whichever way the row was found.

import type { FactTest, Filter, RangeFilter } from './asked.ts';
import { compareDates, compareRanges, timestamp } from './date.ts';
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
      if (!filter.isMain) return anyOf(filter.dates, (date) => passes(filter.code, compareDates(date, 0)));
      return sql`r.marks @> array[${filter.present}::bigint] and ${anyOf(filter.dates, (date) => columnRange(date, 'r.at', 'r.until'))}`;
    case 'string':
      return anyOf(filter.norms, (norm) =>
        filter.contains ? containsText(filter.code, norm) : startsWith(filter.code, norm),
      );
    case 'facts':
      return anyOf(filter.tests, (test) => passes(filter.code, test));
    case 'content':
      return anyOf(filter.paths, (path) => anyOf(filter.tests, (test) => contentPasses(path, test)));
    case 'text':
      return anyOf(filter.paths, (path) => hasText(path, filter.contains, filter.norms));
    case 'near':
      return anyOf(filter.places, (place) => isNear(filter.code, place));
    case 'every':
    case 'some':
      return sql`(${join(
        filter.filters.map((one) => condition(one, type)),
        filter.kind === 'every' ? ' and ' : ' or ',
      )})`;
    case 'not':
      // What has no such fact gives null, and is among what the filter does not find.
      return sql`(${condition(filter.filter, type)}) is not true`;
    case 'chain':
    case 'has':
    case 'list':
    case 'codes':
      // store/chains.ts turns these into marks and ids first; letting one through would widen the answer.
      throw new Error('a chain was not resolved');
    case 'ending':
      return anyOf(filter.norms, (norm) => endsWith(filter.code, norm));
    case 'marks':
      return filter.negated ? sql`not ${hasMark(filter.marks)}` : hasMark(filter.marks);
  }
}

/** Where an overlap of two arrays, which compares each with each, costs more than a look-up for each of the row's marks. */
const manyMarks = 100;

function hasMark(marks: readonly string[]): Sql {
  if (marks.length <= manyMarks) return sql`r.marks && ${marks}::bigint[]`;
  const asked = JSON.stringify(Object.fromEntries(marks.map((one) => [one, 0])));
  return sql`exists (select from unnest(r.marks) m where ${asked}::jsonb ? m::text)`;
}

function anyOf<T>(values: readonly T[], one: (value: T) => Sql): Sql {
  return sql`(${join(values.map(one), ' or ')})`;
}

function columnRange({ prefix, range }: RangeFilter, lo: string, hi: string): Sql {
  return placed(compareRanges(prefix, lo, hi, '@from', '@to', 'and'), {
    '@from': sql`${timestamp(range.lo)}::timestamptz`,
    '@to': sql`${timestamp(range.hi)}::timestamptz`,
  });
}

function passes(code: string, { test, values }: FactTest): Sql {
  // strict: in lax mode the filter would unwrap each fact that is a pair, and compare its numbers one by one.
  const path = `strict $[*] ? (${test})`;
  return sql`jsonb_path_exists(r.facts -> ${code}, ${path}::jsonpath, ${JSON.stringify(values)}::jsonb)`;
}

function contentPasses(path: string, { test, values }: FactTest): Sql {
  return sql`jsonb_path_exists(content_json(r.content), ${`${path} ? (${test})`}::jsonpath, ${JSON.stringify(values)}::jsonb)`;
}

function hasText(path: string, contains: boolean, norms: readonly string[]): Sql {
  const text = fixed('normalised(words_of(v #>> array[]::text[]))');
  const found = norms.map((norm) =>
    contains ? sql`strpos(${text}, ${norm}) > 0` : sql`starts_with(${text}, ${norm})`,
  );
  return sql`exists (select from jsonb_path_query(content_json(r.content), ${path}::jsonpath) v where ${join(found, ' or ')})`;
}

const earthRadiusKm = 6371.0088;

/** The haversine formula. `least` keeps what rounding adds at the antipodes out of the arc sine. */
function isNear(code: string, place: { latitude: number; longitude: number; distanceKm: number }): Sql {
  const { latitude, longitude, distanceKm } = place;
  const [lat, lon] = [fixed('(p ->> 0)::float8'), fixed('(p ->> 1)::float8')];
  const north = sql`sind((${lat} - ${latitude}::float8) / 2) ^ 2`;
  const east = sql`cosd(${lat}) * cosd(${latitude}::float8) * sind((${lon} - ${longitude}::float8) / 2) ^ 2`;
  return sql`exists (select from jsonb_array_elements(r.facts -> ${code}) p where ${2 * earthRadiusKm}::float8 * asin(sqrt(least(1, ${north} + ${east}))) <= ${distanceKm}::float8)`;
}

function startsWith(code: string, norm: string): Sql {
  return sql`jsonb_path_exists(r.facts -> ${code}, '$[*] ? (@ starts with $norm)', ${JSON.stringify({ norm })}::jsonb)`;
}

function endsWith(code: string, norm: string): Sql {
  const end = sql`right(v, ${[...norm].length}::int) = ${norm}`;
  return sql`exists (select from jsonb_array_elements_text(r.facts -> ${code}) v where ${end})`;
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
