// FHIR JSON has no empty objects and lists: what lost its last member to a patch goes, with what then is empty around it.
// https://hl7.org/fhir/R4/json.html

import { isObject } from './json.ts';

/** `lost`: the objects and lists that a patch took something out of; others stay, empty or not. Changes the value in place. */
export function dropEmptied(value: unknown, lost: ReadonlySet<object>): void {
  if (lost.size > 0) isLeftOver(value, lost);
}

/** True for what is to go. */
function isLeftOver(value: unknown, lost: ReadonlySet<object>): boolean {
  if (Array.isArray(value)) {
    const kept = value.filter((item) => !isLeftOver(item, lost));
    const isLess = kept.length < value.length || lost.has(value);
    if (kept.length < value.length) value.splice(0, value.length, ...kept);
    return isLess && value.length === 0;
  }
  if (!isObject(value)) return false;
  let isLess = lost.has(value);
  for (const [name, child] of Object.entries(value)) {
    const isHalf = name.startsWith('_') && Array.isArray(child);
    if (isHalf ? !isEmptyHalf(child, lost) : !isLeftOver(child, lost)) continue;
    delete value[name];
    isLess = true;
  }
  return isLess && Object.keys(value).length === 0;
}

/** The two halves of a list of primitives stand side by side, so in one an empty object leaves its place to null. */
function isEmptyHalf(list: unknown[], lost: ReadonlySet<object>): boolean {
  let isLess = lost.has(list);
  list.forEach((item, n) => {
    if (!isLeftOver(item, lost)) return;
    list[n] = null;
    isLess = true;
  });
  return isLess && list.every((item) => item === null);
}
