// Search parameters of type date. FHIR R4 search, section date, https://hl7.org/fhir/R4/search.html#date
// A date or time without offset is Japan's. Every value is a range of instants, in milliseconds since 1970, both ends
// included.

import { rangeOf } from '../fhir/date-range.ts';
import { isObject } from '../fhir/json.ts';
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
import { mark } from './hash.ts';
import type { Parameter } from './parameter.ts';
import { remembering } from './remembered.ts';
import { presence, type Sheet } from './sheet.ts';

export { rangeOf } from '../fhir/date-range.ts';
export type { Range, RangeFilter as DateFilter } from './asked.ts';

/** Beyond any date FHIR can write; stands for an open end. */
export const openLo = -8.64e15;
export const openHi = 8.64e15;

/** Notes dates as facts [lo, hi]; those of the type's main date are columns. */
export function indexDates(sheet: Sheet, parameter: Parameter, values: readonly TypedValue[]): void {
  const [only] = values;
  if (parameter.isMain && values.length === 1 && typeof only?.value === 'string' && only.value.length <= dayLength) {
    const found = columnsOfDay(only.value);
    if (found !== 'none') Object.assign(sheet, found);
    return;
  }
  const ranges = values.flatMap(dateRanges);
  const [first] = ranges;
  if (!first) return;
  if (parameter.isMain) Object.assign(sheet, columnsOf(first));
  else sheet.facts[parameter.code] = ranges.map(({ lo, hi }) => [lo, hi]);
}

const columnsOf = ({ lo, hi }: Range): { at: string; until: string } => ({ at: timestamp(lo), until: timestamp(hi) });

/** A day is what most records are dated by, and a record has many of the same. */
const columnsOfDay = remembering((day) => {
  const range = rangeOf(day);
  return range ? columnsOf(range) : 'none';
});
const dayLength = 'YYYY-MM-DD'.length;

/** Inside a composite: [lo, hi]. */
export const dateFacts = (value: TypedValue): [lo: number, hi: number][] =>
  dateRanges(value).map(({ lo, hi }) => [lo, hi]);

export function dateFilter(asked: Asked): Filter {
  noModifier(asked);
  const { type, name, parameter, values, options } = asked;
  return {
    kind: 'date',
    code: parameter.code,
    isMain: parameter.isMain,
    present: mark(presence(type, parameter.code)),
    dates: values.map((text) => askedDate(name, text, options.nowMs)),
  };
}

/** Throws OperationOutcomeError 400 for what is not a date. */
export function askedDate(name: string, text: string, nowMs: number): RangeFilter {
  const filter = parseDateFilter(unescaped(text), nowMs);
  if (!filter) throw badValue(name, text, 'a date of FHIR');
  return filter;
}

export const dateTest = (text: string, { name, options }: Asked, part: number): FactTest =>
  compareDates(askedDate(name, text, options.nowMs), part);

/** The comparison with a fact [lo, hi]. */
export function compareDates({ prefix, range }: RangeFilter, part: number): FactTest {
  const [from, to] = [`from${part}`, `to${part}`];
  const test = compareRanges(prefix, '@[0]', '@[1]', `$${from}`, `$${to}`, '&&');
  return { test, values: { [from]: range.lo, [to]: range.hi } };
}

/** The ranges in one typed value: date, dateTime, instant, Period, Timing. */
export function dateRanges({ type, value }: TypedValue): Range[] {
  if (typeof value === 'string') return present(rangeOf(value));
  if (!isObject(value)) return [];
  if (type === 'Period') return present(periodRange(value));
  if (type === 'Timing') return timingRanges(value);
  return [];
}

/** Parses one search value such as `ge2026-01`. Undefined when it is not one. `nowMs` gives `ap` its margin (10 %). */
export function parseDateFilter(text: string, nowMs: number): RangeFilter | undefined {
  const match = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.+)$/.exec(text);
  const range = match?.[2] === undefined ? undefined : rangeOf(match[2].replace(' ', '+'));
  if (!match || !range) return undefined;
  const prefix = (match[1] ?? 'eq') as Prefix;
  if (prefix !== 'ap') return { prefix, range };
  const margin = Math.abs(nowMs - range.lo) / 10;
  return { prefix, range: { lo: range.lo - margin, hi: range.hi + margin } };
}

/**
 * The comparison of a prefix, with the names of the four ends filled in by the caller: `lo`, `hi` of the stored range,
 * `from`, `to` of the one asked for. Works in SQL and in jsonpath, which agree on these operators.
 */
export function compareRanges(prefix: Prefix, lo: string, hi: string, from: string, to: string, and: string): string {
  switch (prefix) {
    case 'eq':
      return `${lo} >= ${from} ${and} ${hi} <= ${to}`;
    case 'ne':
      return `(${lo} < ${from} ${and === '&&' ? '||' : 'or'} ${hi} > ${to})`;
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
      return `${hi} >= ${from} ${and} ${lo} <= ${to}`;
  }
}

const firstWrittenMs = Date.parse('0001-01-01T00:00:00.000Z');
const lastWrittenMs = Date.parse('9999-12-31T23:59:59.999Z');

/** PostgreSQL's text of an instant in milliseconds, open ends included. */
export function timestamp(ms: number): string {
  if (ms <= openLo) return '-infinity';
  if (ms >= openHi) return 'infinity';
  // PostgreSQL takes no sign, no six digits of year and no year 0, where Japan's first hours of year 1 are in UTC.
  if (ms < firstWrittenMs || ms > lastWrittenMs) return ms < 0 ? '-infinity' : 'infinity';
  return new Date(ms).toISOString();
}

function periodRange(period: { start?: unknown; end?: unknown }): Range | undefined {
  const start = typeof period.start === 'string' ? rangeOf(period.start) : undefined;
  const end = typeof period.end === 'string' ? rangeOf(period.end) : undefined;
  if (!start && !end) return undefined;
  return { lo: start?.lo ?? openLo, hi: end?.hi ?? openHi };
}

/** "The specified scheduling details are ignored and only the outer limits matter": one range over all of it. */
function timingRanges(timing: { event?: unknown; repeat?: unknown }): Range[] {
  const events = Array.isArray(timing.event) ? timing.event : [];
  const bounds = isObject(timing.repeat) && isObject(timing.repeat.boundsPeriod) ? timing.repeat.boundsPeriod : {};
  const ranges = [
    ...events.flatMap((event) => dateRanges({ type: 'dateTime', value: event })),
    ...present(periodRange(bounds)),
  ];
  if (ranges.length < 2) return ranges;
  return [{ lo: Math.min(...ranges.map(({ lo }) => lo)), hi: Math.max(...ranges.map(({ hi }) => hi)) }];
}

function present(range: Range | undefined): Range[] {
  return range ? [range] : [];
}

/** Milliseconds since 1970. Unlike Date.UTC this reads years 0 to 99 as they are; month 13 is the next January. */
