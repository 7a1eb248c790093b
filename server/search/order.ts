// The order of a search: what the rows `r` are sorted by, and the condition "comes behind this one", by which a page begins
// where the page before it ended, however many rows lie before.

import { presence } from './extract.ts';
import { mark } from './hash.ts';
import { mainDateOf } from './parameters.ts';
import type { Sort } from './sort.ts';
import { fixed, join, type Sql, sql } from './sql.ts';

/** `index`: the column of the population index that holds the same, for walks in its order. */
export type OrderTerm = { expression: Sql; descending: boolean; cast: string; index?: 'at' | 'norm' };

/** A row's place in an order: the values of its terms, then its key. */
export type Place = { values: (string | number)[]; key: string };

const byDate = (descending: boolean): OrderTerm => ({
  expression: fixed('r.at'),
  descending,
  cast: 'timestamptz',
  index: 'at',
});

/** The terms of a sort; without one, the type's main date, newest first. */
export function orderOf(type: string, sort: readonly Sort[]): OrderTerm[] {
  if (sort.length === 0) return [byDate(true)];
  return sort.flatMap((one, n) => termsOf(type, one, n === 0));
}

/** Among rows that are equal by every term, the key decides; it runs the way of the first term. */
export const isDescending = (order: readonly OrderTerm[]): boolean => order[0]?.descending !== false;

/** Rows that come behind `place`: a row comparison where all terms run one way, else the long form. */
export function behind(order: readonly OrderTerm[], key: Sql, place: Place): Sql {
  const descending = isDescending(order);
  const steps = [...order, { expression: key, descending, cast: 'uuid' }];
  const sent = [...place.values, place.key].map((value, n) => sql`${value}${fixed(`::${steps[n]?.cast}`)}`);
  if (order.every((term) => term.descending === descending)) {
    const left = steps.map(({ expression }) => expression);
    return sql`(${join(left, ', ')}) ${fixed(descending ? '<' : '>')} (${join(sent, ', ')})`;
  }
  const alternatives = steps.map(({ expression, descending: down }, n) => {
    const equal = steps.slice(0, n).map((step, m) => sql`${step.expression} = ${sent[m] as Sql}`);
    return sql`(${join([...equal, sql`${expression} ${fixed(down ? '<' : '>')} ${sent[n] as Sql}`], ' and ')})`;
  });
  return sql`(${join(alternatives, ' or ')})`;
}

/** The mark that rows with a main date of their own have; the others have `updated` in its place. */
export function datedMark(type: string): string | undefined {
  const main = mainDateOf(type);
  return main && mark(presence(type, main.code));
}

// Rows without a value come last, whichever way the sort runs; the substitutes keep row comparisons free of nulls.
function termsOf(type: string, sort: Sort, isFirst: boolean): OrderTerm[] {
  const { code, kind, descending } = sort;
  switch (kind) {
    case 'at': {
      const at = byDate(descending);
      const dated = datedMark(type);
      // As the first term it is an index walk, and rows without a date are a walk of their own (plan.ts).
      if (isFirst || dated === undefined) return [at];
      const isUndated = sql`(case when r.marks @> array[${dated}::bigint] then 0 else 1 end)`;
      return [{ expression: isUndated, descending: false, cast: 'int4' }, at];
    }
    case 'updated':
      return [{ expression: fixed('r.updated'), descending, cast: 'timestamptz' }];
    case 'id':
      return [{ expression: fixed('r.key'), descending, cast: 'uuid' }];
    case 'date':
      return [number(factsOf([code]), 'v ->> 0', descending)];
    case 'number':
      // A quantity in a UCUM unit has its value in the canonical unit behind the one that was sent (search/quantity.ts).
      return [number(factsOf(sort.codes), 'coalesce(v ->> 5, v ->> 0)', descending)];
    case 'string':
      return [text(sql`jsonb_array_elements_text(r.facts -> ${code})`, 'v', descending)];
    case 'content': {
      const found = sort.paths.map(
        (path) => sql`select jsonb_path_query(${document}, ${path}::jsonpath, '{}', true) v`,
      );
      return [text(sql`(${join(found, ' union all ')})`, shownText, descending)];
    }
  }
}

function factsOf(codes: readonly string[]): Sql {
  const facts = codes.map((code) => sql`select jsonb_array_elements(r.facts -> ${code}) v`);
  return sql`(${join(facts, ' union all ')})`;
}

// Of several values the lowest counts upwards, the highest downwards.
const chosen = (descending: boolean): Sql => fixed(descending ? 'max' : 'min');

function number(values: Sql, value: string, descending: boolean): OrderTerm {
  // Finite, and beyond every date and number: a cursor is JSON, which has no infinity.
  const end = fixed(descending ? '-1e301' : '1e301');
  const one = sql`(select ${chosen(descending)}((${fixed(value)})::float8) from ${values} v)`;
  return { expression: sql`coalesce(${one}, ${end}::float8)`, descending, cast: 'float8' };
}

/** So much of a text decides about its place; all of it has to fit into a link. */
const longestText = 100;

function text(values: Sql, value: string, descending: boolean): OrderTerm {
  const one = sql`(select ${chosen(descending)}(left(${fixed(value)}, ${fixed(String(longestText))}) collate "C") from ${values} v)`;
  const end = sql`${descending ? '' : '\u{10ffff}'}::text collate "C"`;
  return { expression: sql`coalesce(${one}, ${end})`, descending, cast: 'text' };
}

/** Of a CodeableConcept its first coding's code, else its text; of a Coding, Reference, Identifier, ContactPoint what names it. */
const shownText = `case jsonb_typeof(v) when 'object'
  then coalesce(v #>> '{coding,0,code}', v ->> 'code', v ->> 'reference', v ->> 'value', v ->> 'text', v ->> 'display')
  else v #>> '{}' end`;

// Undefined, and so last, where the text holds a number that PostgreSQL cannot (migration 0005).
const document = fixed('content_json(r.content)');
