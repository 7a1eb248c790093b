// Search parameters of type quantity: `number`, `number|system|code`, `number||code`. UCUM units are compared in their
// canonical unit, others as they were sent. FHIR R4 search, section quantity, https://hl7.org/fhir/R4/search.html#quantity

import { canonicalUnit, toCanonical } from '../fhir/canonical-unit.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import type { TypedValue } from '../fhir/paths.ts';
import { ucumSystem } from '../fhir/ucum.ts';
import { type Asked, badValue, type FactTest, type Filter, noModifier, split, unescaped } from './asked.ts';
import { compareNumbers, highest, lowest, parseNumber, storedNumber } from './number.ts';
import type { Parameter } from './parameter.ts';
import type { Sheet } from './sheet.ts';

/** As sent: both ends, system (UCUM's as `ucum`), code and unit ('' for none, or when it is the code). With a UCUM unit: both ends again, and the canonical unit. */
type QuantityFact =
  | [lo: number, hi: number, system: string, code: string, unit: string]
  | [lo: number, hi: number, system: string, code: string, unit: string, lo: number, hi: number, canonical: string];

type Unit = { system: string; code: string; unit: string };
const canonicalPlace = 5;

export function indexQuantities(sheet: Sheet, { code }: Parameter, values: readonly TypedValue[]): void {
  const facts = values.flatMap(quantityFacts);
  if (facts.length > 0) sheet.facts[code] = facts;
}

/** Of a Quantity (Age, Duration, …), Money or Range. A SampledData is a series, not a value: it leaves nothing. */
export function quantityFacts({ type, value }: TypedValue): QuantityFact[] {
  if (!isObject(value) || type === 'SampledData') return [];
  if (type === 'Range') return rangeFacts(value);
  const number = storedNumber(value.value);
  if (number === undefined) return [];
  const [lo, hi] = ends(number, value.comparator);
  return [fact(lo, hi, type === 'Money' ? currency(value) : unitOf(value))];
}

export function quantityFilter(asked: Asked): Filter {
  noModifier(asked);
  const { parameter, values } = asked;
  return { kind: 'facts', code: parameter.code, tests: values.map((text) => quantityTest(text, asked, 0)) };
}

/** Throws OperationOutcomeError 400 for what is not of one of the three forms. */
export function quantityTest(text: string, { name }: { name: string }, part: number): FactTest {
  const [number = '', system = '', code = '', ...more] = split(text, '|').map(unescaped);
  const filter = parseNumber(number);
  if (!filter || more.length > 0) throw badValue(name, text, 'a quantity: number, number|system|code or number||code');
  const unit = system === ucumSystem ? canonicalUnit(code) : undefined;
  if (unit) {
    const { lo, hi } = filter.range;
    const range = { lo: toCanonical(lo, unit), hi: toCanonical(hi, unit) };
    const compared = compareNumbers({ ...filter, range }, canonicalPlace, part);
    return and(compared, `@[${canonicalPlace + 2}] == $unit${part}`, { [`unit${part}`]: unit.canonical });
  }
  let compared = compareNumbers(filter, 0, part);
  if (system !== '') compared = and(compared, `@[2] == $system${part}`, { [`system${part}`]: short(system) });
  if (code === '') return compared;
  const sameUnit = system === '' ? `(@[3] == $code${part} || @[4] == $code${part})` : `@[3] == $code${part}`;
  return and(compared, sameUnit, { [`code${part}`]: code });
}

function and({ test, values }: FactTest, more: string, moreValues: FactTest['values']): FactTest {
  return { test: `${more} && ${test}`, values: { ...values, ...moreValues } };
}

const short = (system: string): string => (system === ucumSystem ? 'ucum' : system);

function fact(lo: number, hi: number, { system, code, unit: written }: Unit): QuantityFact {
  const unit = written === code ? '' : written;
  const known = system === ucumSystem ? canonicalUnit(code) : undefined;
  if (!known) return [lo, hi, short(system), code, unit];
  return [lo, hi, short(system), code, unit, canonicalEnd(lo, known), canonicalEnd(hi, known), known.canonical];
}

const canonicalEnd = (end: number, unit: Parameters<typeof toCanonical>[1]): number =>
  end <= lowest || end >= highest ? end : Math.min(Math.max(toCanonical(end, unit), lowest), highest);

/** `<5` is anything below 5, not 5 itself: the end lies closer to it than two values that conversion still tells apart. */
function ends(value: number, comparator: unknown): [number, number] {
  const nearby = Math.max(Math.abs(value) * 1e-11, 1e-100);
  if (comparator === '<') return [lowest, value - nearby];
  if (comparator === '<=') return [lowest, value];
  if (comparator === '>=') return [value, highest];
  if (comparator === '>') return [value + nearby, highest];
  return [value, value];
}

function rangeFacts({ low, high }: JsonObject): QuantityFact[] {
  const lo = isObject(low) ? storedNumber(low.value) : undefined;
  const hi = isObject(high) ? storedNumber(high.value) : undefined;
  if (lo === undefined && hi === undefined) return [];
  const unit = unitOf(isObject(low) ? low : isObject(high) ? high : {});
  return [fact(lo ?? lowest, hi ?? highest, unit)];
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const unitOf = ({ system, code, unit }: JsonObject): Unit => ({
  system: text(system),
  code: text(code),
  unit: text(unit),
});
const currency = ({ currency: code }: JsonObject): Unit => ({
  system: 'urn:iso:std:iso:4217',
  code: text(code),
  unit: '',
});
