// The codes in a value, whatever its type.

import { isObject, type JsonObject } from '../fhir/json.ts';
import type { Coded, Terminology } from '../terminology/terminology.ts';

/** Undefined for what has no place for a code; a CodeableConcept may have none or many. */
export function codedIn(value: unknown, type: string): Coded[] | undefined {
  if (type === 'CodeableConcept') {
    const codings = isObject(value) && Array.isArray(value.coding) ? value.coding.filter(isObject) : [];
    return codings.flatMap(codedOf);
  }
  if (type === 'Coding') return isObject(value) ? codedOf(value) : [];
  if (QUANTITIES.has(type)) return isObject(value) && value.code !== undefined ? codedOf(value) : undefined;
  if (CODES.has(type)) return typeof value === 'string' ? [{ code: value }] : undefined;
  return undefined;
}

const CODES = new Set(['code', 'string', 'uri', 'url', 'canonical', 'markdown']);
const QUANTITIES = new Set([
  'Quantity',
  'Age',
  'Count',
  'Distance',
  'Duration',
  'SimpleQuantity',
  'MoneyQuantity',
  'Money',
]);

function codedOf({ system, version, code }: JsonObject): Coded[] {
  if (typeof code !== 'string') return [];
  if (typeof system === 'string' && version === undefined) return [{ code, system }];
  return [{ code, ...(typeof system === 'string' && { system }), ...(typeof version === 'string' && { version }) }];
}

/** Whether one of the codes is in a value set; undefined where none is seen to be, and of some that cannot be told. */
export function isMember(coded: readonly Coded[], valueSet: string, terminology: Terminology): boolean | undefined {
  const results = coded.map((one) => terminology.inValueSet(valueSet, one).result);
  if (results.includes(true)) return true;
  return results.includes(undefined) ? undefined : false;
}
