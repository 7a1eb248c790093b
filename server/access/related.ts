// What belongs to an entry, as marks of the index: what refers to it as its encounter, and what is a part of it. FHIR R4 Consent,
// `provision.data.meaning` related. Pure.

import { resourceTypes, searchParametersOf } from '../fhir/definitions.ts';
import type { Mark } from './permission.ts';

/** `context` is what some types call their encounter. */
const codes = ['encounter', 'context', 'part-of'];

/** One mark for each search parameter by which something may belong to `reference` (`Type/id`). */
export function related(reference: string): Mark[] {
  const [type = ''] = reference.split('/');
  return (parametersTo.get(type) ?? []).map((parameter) => ({ parameter, reference }));
}

const parametersTo = new Map<string, string[]>();
for (const type of resourceTypes) {
  for (const { code, target = [], type: kind } of searchParametersOf(type)) {
    if (kind !== 'reference' || !codes.includes(code)) continue;
    for (const to of target.includes('Resource') ? resourceTypes : target)
      parametersTo.set(to, [...(parametersTo.get(to) ?? []), `${type}.${code}`]);
  }
}
