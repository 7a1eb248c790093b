// Search parameters of type number. FHIR R4 search, section number, https://hl7.org/fhir/R4/search.html#number
// `eq` and `ne` go by the precision that the search value is written in; every other prefix takes it as exact.

import { isObject, numberText } from '../fhir/json.ts';
import type { TypedValue } from '../fhir/paths.ts';
import {
  type Asked,
  badValue,
  type FactTest,
  type Filter,
  noModifier,
  type Prefix,
  type Range,
  type RangeFilter,
  unescaped,
} from './asked.ts';
import type { Parameter } from './parameter.ts';
import type { Sheet } from './sheet.ts';

/** Stand for an open end. Doubles beyond them are cut to them, so that every fact is a number that PostgreSQL takes. */
export const lowest = -1e300;
export const highest = 1e300;
const longestNumber = 60;

/** Notes what numbers leave: facts [lo, hi], the same number twice unless it is a Range. */
export function indexNumbers(sheet: Sheet, { code }: Parameter, values: readonly TypedValue[]): void {
  const facts = values.flatMap(numberFacts);
  if (facts.length > 0) sheet.facts[code] = facts;
}

export function numberFacts({ value }: TypedValue): [lo: number, hi: number][] {
  if (isObject(value)) return rangeFacts(value);
  const number = storedNumber(value);
  return number === undefined ? [] : [[number, number]];
}

export function numberFilter(asked: Asked): Filter {
  noModifier(asked);
  const { parameter, values } = asked;
  return { kind: 'facts', code: parameter.code, tests: values.map((text) => numberTest(text, asked, 0)) };
}

/** One search value about a fact [lo, hi, …]. Throws OperationOutcomeError 400 for what is not a number. */
export function numberTest(text: string, { name }: { name: string }, part: number): FactTest {
  const filter = parseNumber(unescaped(text));
  if (!filter) throw badValue(name, text, 'a number, with or without a prefix such as gt');
  return compareNumbers(filter, 0, part);
}

/** The value of a parsed JSON number, within what facts hold; undefined for anything else. */
export function storedNumber(value: unknown): number | undefined {
  const text = numberText(value);
  return text === undefined ? undefined : Math.min(Math.max(Number(text), lowest), highest);
}

/**
 * Parses one search value such as `ge5.40`: for `eq`, `ne` and `ap` a range, for the others the number itself, twice.
 * Undefined when it is none. A space is the `+` of an exponent.
 */
export function parseNumber(text: string): RangeFilter | undefined {
  const match = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)?([+-]?\d+(?:\.\d+)?(?:[eE][+ -]?\d{1,3})?)$/.exec(text);
  const sent = match?.[2]?.replace(' ', '+');
  if (!match || sent === undefined || sent.length > longestNumber) return undefined;
  const prefix = (match[1] ?? 'eq') as Prefix;
  const value = Number(sent);
  if (!(value >= lowest && value <= highest)) return undefined;
  if (prefix === 'eq' || prefix === 'ne') return { prefix, range: impliedRange(sent) };
  const margin = prefix === 'ap' ? Math.abs(value) / 10 : 0;
  return { prefix, range: { lo: value - margin, hi: value + margin } };
}

/** The comparison with the range whose ends stand at `place` and the next in a fact. */
export function compareNumbers({ prefix, range }: RangeFilter, place: number, part: number): FactTest {
  const [lo, hi, from, to] = [`@[${place}]`, `@[${place + 1}]`, `$from${part}`, `$to${part}`];
  return {
    test: `(${comparison(prefix, lo, hi, from, to)})`,
    values: { [`from${part}`]: range.lo, [`to${part}`]: range.hi },
  };
}

function comparison(prefix: Prefix, lo: string, hi: string, from: string, to: string): string {
  switch (prefix) {
    case 'eq': // The range that a written number implies leaves out its upper end: 100 is [99.5, 100.5).
      return `${lo} >= ${from} && ${hi} < ${to}`;
    case 'ne':
      return `${lo} < ${from} || ${hi} >= ${to}`;
    case 'gt':
      return `${hi} > ${to}`;
    case 'lt':
      return `${lo} < ${from}`;
    case 'ge':
      return `${hi} >= ${from}`;
    case 'le':
      return `${lo} <= ${to}`;
    case 'sa':
      return `${lo} > ${to}`;
    case 'eb':
      return `${hi} < ${from}`;
    case 'ap':
      return `${hi} >= ${from} && ${lo} <= ${to}`;
  }
}

/**
 * Half a unit of the last digit to either side, computed in decimals: 5.4 is [5.35, 5.45). R4 gives 1e2 as [95, 105), one
 * digit more than it shows, so a number with an exponent and no point counts as if it read 1.0e2.
 */
function impliedRange(text: string): Range {
  const [mantissa = '', power = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = text.toLowerCase().includes('e') ? '0' : ''] = mantissa.split('.');
  const digits = BigInt(`${whole}${fraction}0`.replace('+', ''));
  const exponent = Number(power) - fraction.length - 1;
  return { lo: Number(`${digits - 5n}e${exponent}`), hi: Number(`${digits + 5n}e${exponent}`) };
}

function rangeFacts({ low, high }: { low?: unknown; high?: unknown }): [number, number][] {
  const lo = isObject(low) ? storedNumber(low.value) : undefined;
  const hi = isObject(high) ? storedNumber(high.value) : undefined;
  return lo === undefined && hi === undefined ? [] : [[lo ?? lowest, hi ?? highest]];
}
