// Resource -> what the index holds of it. Layout L6 of the storage measurements: marks and facts in the row answer every
// search that names a patient; terms and words only for the few parameters that search over everyone.

import type { JsonObject } from '../fhir/json.ts';
import { derivedFrom } from './derived.ts';
import { mark } from './hash.ts';
import { kinds } from './kinds.ts';
import { type Parameter, parametersOf } from './parameters.ts';
import { membership, presence, type Sheet, sharedFact, type Word } from './sheet.ts';

export { timestamp } from './date.ts';
export { membership, presence, sharedFact, type Word } from './sheet.ts';
export { wordOf } from './string.ts';

export type IndexEntry = {
  /** First and last instant of the type's main date, as PostgreSQL reads timestamps; undefined when it has none. */
  at?: string;
  until?: string;
  marks: string[];
  /** By parameter code: dates and numbers as [lo, hi], strings normalised; each type's file says what it leaves. */
  facts: Record<string, unknown[]>;
  terms: string[];
  words: Word[];
};

/**
 * All index data of a resource. `others` are the further patients (ids) whose compartments it is in besides its owner's.
 */
export function extract(resource: JsonObject, others: readonly string[]): IndexEntry {
  const type = String(resource.resourceType);
  const sheet: Sheet = { type, marks: new Set(), facts: {}, terms: new Set(), words: [] };
  for (const parameter of indexedOf(type)) {
    const values = parameter.values(resource);
    if (values.length === 0) continue;
    sheet.marks.add(mark(presence(type, parameter.code)));
    kinds[parameter.type].index(sheet, parameter, values);
  }
  for (const patient of others) {
    sheet.marks.add(mark(membership(patient)));
    sheet.terms.add(mark(membership(patient)));
  }
  if (others.length > 0) sheet.facts[sharedFact] = [others.length];
  const { at, until, facts, words } = sheet;
  return {
    ...(at === undefined ? {} : { at, until }),
    marks: [...sheet.marks],
    facts,
    terms: [...sheet.terms],
    words,
  };
}

const indexed = new Map<string, Parameter[]>();

/** Without those that others say together, and those about the words of the resource, which have no expression. */
function indexedOf(type: string): Parameter[] {
  const known = indexed.get(type);
  if (known) return known;
  const found = [...parametersOf(type).values()].filter(
    ({ code, expression }) => expression !== '' && !derivedFrom(type, code),
  );
  indexed.set(type, found);
  return found;
}
