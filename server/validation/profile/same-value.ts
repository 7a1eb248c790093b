// Values against the fixed values and patterns of a profile. FHIR R4, https://hl7.org/fhir/R4/elementdefinition-definitions.html
// (fixed[x]: "exactly", pattern[x]: "at a minimum").

import { isObject, numberText } from '../../fhir/json.ts';

/** All of one is in the other, and nothing else. Numbers are the same by their text: 1.50 is not 1.5. */
export function isSame(value: unknown, fixed: unknown): boolean {
  if (Array.isArray(fixed)) {
    return Array.isArray(value) && value.length === fixed.length && fixed.every((one, n) => isSame(value[n], one));
  }
  if (!isObject(fixed)) return isSamePrimitive(value, fixed);
  if (!isObject(value)) return false;
  const names = new Set([...Object.keys(value), ...Object.keys(fixed)]);
  return [...names].every((name) => isSame(value[name], fixed[name]));
}

/** Everything in the pattern is in the value; each item of an array is found somewhere in the other. */
export function holdsPattern(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && pattern.every((one) => value.some((other) => holdsPattern(other, one)));
  }
  if (!isObject(pattern)) return isSamePrimitive(value, pattern);
  return isObject(value) && Object.keys(pattern).every((name) => holdsPattern(value[name], pattern[name]));
}

function isSamePrimitive(value: unknown, other: unknown): boolean {
  if (value === other) return true;
  const text = numberText(other);
  return text !== undefined && numberText(value) === text;
}
