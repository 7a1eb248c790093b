// Whether two values of a form's answers are equal, and which of them is the greater: what enableWhen and the bounds of an answer
// ask. FHIR R4, https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen.operator

import { canonicalUnit, toCanonical } from '../../fhir/canonical-unit.ts';
import { rangeOf } from '../../fhir/date-range.ts';
import { isObject, type JsonObject, numberText } from '../../fhir/json.ts';
import { ucumSystem } from '../../fhir/ucum.ts';
import type { TypedAnswer } from './form.ts';

/**
 * Negative where `a` is certainly below `b`, positive where it is certainly above, 0 where they are equal or a coarser date
 * covers a finer one. Undefined where the two have no order: other types, units that do not compare, codes.
 */
export function compareAnswers(a: TypedAnswer, b: TypedAnswer): number | undefined {
  if (a.type === 'Quantity' && b.type === 'Quantity') return compareQuantities(a.value, b.value);
  if (isNumber(a.type) && isNumber(b.type)) return difference(numberOf(a.value), numberOf(b.value));
  if (isDate(a.type) && isDate(b.type)) return compareDates(a.value, b.value);
  if (a.type === 'Time' && b.type === 'Time') return difference(secondsOf(a.value), secondsOf(b.value));
  return undefined;
}

/** A Coding by system and code, a Reference by what it refers to, what has an order by it, all else by itself. */
export function isSameAnswer(a: TypedAnswer, b: TypedAnswer): boolean {
  const order = compareAnswers(a, b);
  if (order !== undefined) return order === 0;
  if (isObject(a.value) && isObject(b.value)) {
    const names =
      a.type === 'Coding' ? ['system', 'code'] : ['reference', 'identifier', 'url', 'value', 'code', 'unit'];
    return a.type === b.type && names.every((name) => isSameText(a.value as JsonObject, b.value as JsonObject, name));
  }
  return a.value === b.value;
}

const isSameText = (a: JsonObject, b: JsonObject, name: string): boolean =>
  JSON.stringify(a[name]) === JSON.stringify(b[name]);

const isNumber = (type: string): boolean => type === 'Decimal' || type === 'Integer';
const isDate = (type: string): boolean => type === 'Date' || type === 'DateTime' || type === 'Instant';

const numberOf = (value: unknown): number => Number(numberText(value) ?? Number.NaN);

function difference(a: number, b: number): number | undefined {
  return Number.isNaN(a) || Number.isNaN(b) ? undefined : a - b;
}

function compareDates(a: unknown, b: unknown): number | undefined {
  const first = typeof a === 'string' ? rangeOf(a) : undefined;
  const second = typeof b === 'string' ? rangeOf(b) : undefined;
  if (!first || !second) return undefined;
  if (first.hi < second.lo) return -1;
  return first.lo > second.hi ? 1 : 0;
}

function secondsOf(time: unknown): number {
  const [, hours, minutes, seconds] = /^(\d\d):(\d\d):(\d\d(?:\.\d+)?)$/.exec(String(time)) ?? [];
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** In the same coded unit, in UCUM units of one dimension, or, where neither is coded, in what is written as the same unit. */
function compareQuantities(a: unknown, b: unknown): number | undefined {
  if (!isObject(a) || !isObject(b)) return undefined;
  const [first, second] = [numberOf(a.value), numberOf(b.value)];
  const isCoded = a.code !== undefined || b.code !== undefined;
  if (isCoded ? a.system === b.system && a.code === b.code : a.unit === b.unit) return difference(first, second);
  if (a.system !== ucumSystem || b.system !== ucumSystem) return undefined;
  const [one, other] = [canonicalUnit(String(a.code)), canonicalUnit(String(b.code))];
  if (!one || !other || one.canonical !== other.canonical) return undefined;
  return difference(toCanonical(first, one), toCanonical(second, other));
}
