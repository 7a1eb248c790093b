// Quantities side by side: those of one unit by their value, and the definite units of time. There is no table of units here: what
// needs one has no answer. http://hl7.org/fhirpath/N1/#quantity

import { isObject, numberText } from '../../fhir/json.ts';
import { compareNumbers } from './decimals.ts';
import type { Node } from './node.ts';
import { NotEvaluable } from './not-evaluable.ts';

/** `value` keeps its text; `unit` is the UCUM code, else what is written for people, `1` where there is none. */
export type Amount = { value: string; unit: string };

/** The amount of a Quantity, or of a number; undefined where it has no value. */
export function amountOf({ value }: Node): Amount | undefined {
  const plain = numberText(value);
  if (plain !== undefined) return { value: plain, unit: '1' };
  const number = isObject(value) ? numberText(value.value) : undefined;
  if (number === undefined || !isObject(value)) return undefined;
  const unit = value.code ?? value.unit;
  return { value: number, unit: typeof unit === 'string' ? (calendar[unit] ?? unit) : '1' };
}

/** `=` of two quantities; undefined where one has no value. Throws NotEvaluable where their units differ. */
export function sameQuantity(left: Node, right: Node): boolean | undefined {
  const order = compareQuantities(left, right);
  return order === undefined ? undefined : order === 0;
}

/** Negative, 0 or positive; undefined where one has no value. Throws NotEvaluable where their units differ. */
export function compareQuantities(left: Node, right: Node): number | undefined {
  const one = amountOf(left);
  const other = amountOf(right);
  if (one === undefined || other === undefined) return undefined;
  if (one.unit === other.unit) return compareNumbers(one.value, other.value);
  // A year of the calendar and one of UCUM are not as long as each other, nor known to differ.
  if (indefinite.has(one.unit) && indefinite.get(one.unit) === indefinite.get(other.unit)) return undefined;
  const [a, b] = [milliseconds[one.unit], milliseconds[other.unit]];
  if (a === undefined || b === undefined) throw new NotEvaluable('quantities of different units are compared');
  return Number(one.value) * a - Number(other.value) * b;
}

const calendar: Readonly<Record<string, string>> = {
  week: 'wk',
  day: 'd',
  hour: 'h',
  minute: 'min',
  second: 's',
  millisecond: 'ms',
};

const indefinite: ReadonlyMap<string, string> = new Map([
  ['year', 'a'],
  ['a', 'a'],
  ['month', 'mo'],
  ['mo', 'mo'],
]);

const milliseconds: Readonly<Record<string, number>> = {
  wk: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  min: 60_000,
  s: 1000,
  ms: 1,
};
