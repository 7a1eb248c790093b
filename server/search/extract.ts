// Resource -> what the index holds of it. Layout L6 of the storage measurements: marks and facts in the row answer every
// search that names a patient; terms and words only for the few parameters that search over everyone.

import type { JsonObject } from '../fhir/json.ts';
import { customSet } from './custom-set.ts';
import { derivedFrom } from './derived.ts';
import { mark } from './hash.ts';
import { kinds } from './kinds.ts';
import { indexedParametersOf, type Parameter } from './parameters.ts';
import { membership, presence, type Sheet, sharedFact, type Word } from './sheet.ts';

export { timestamp } from './date.ts';
export { membership, presence, sharedFact, type Word } from './sheet.ts';
export { longestWord, wordOf } from './string.ts';

/**
 * Grows whenever the same resource leaves something else in the index than before; a server that finds an older number in the
 * database has everything indexed again (store/reindex.ts). 2: numbers, lower-cased codes, composites and places.
 */
export const indexVersion = 2;

export type IndexEntry = {
  /** The set of custom parameters that it was made with (custom-set.ts). */
  generation: number;
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
  const { generation } = customSet();
  const sheet: Sheet = { type, marks: new Set(), facts: {}, terms: new Set(), words: [] };
  for (const { parameter, present, keys } of indexedOf(type)) {
    if (!hasAny(resource, keys)) continue;
    const values = parameter.values(resource);
    if (values.length === 0) continue;
    sheet.marks.add(present);
    kinds[parameter.type].index(sheet, parameter, values);
  }
  for (const patient of others) {
    sheet.marks.add(mark(membership(patient)));
    sheet.terms.add(mark(membership(patient)));
  }
  if (others.length > 0) sheet.facts[sharedFact] = [others.length];
  const { at, until, facts, words } = sheet;
  return {
    generation,
    ...(at === undefined ? {} : { at, until }),
    marks: [...sheet.marks],
    facts,
    terms: [...sheet.terms],
    words,
  };
}

/** `present`: the mark of its having a value. `keys`: members of which a resource needs one to have a value; undefined: always asked. */
type Indexed = { parameter: Parameter; present: string; keys: readonly string[] | undefined };
const indexed = new WeakMap<ReadonlyMap<string, Parameter>, Indexed[]>();

/** Without those that others say together, and those about the words of the resource, which have no expression. */
function indexedOf(type: string): Indexed[] {
  const parameters = indexedParametersOf(type);
  const known = indexed.get(parameters);
  if (known) return known;
  const found = [...parameters.values()]
    .filter(({ code, expression }) => expression !== '' && !derivedFrom(type, code))
    .map((parameter) => ({ parameter, present: mark(presence(type, parameter.code)), keys: keysAsked(parameter) }));
  indexed.set(parameters, found);
  return found;
}

/**
 * What an expression looks at in a resource that has nothing. Where it finds nothing there, it finds nothing in any resource
 * without these members: what it looks at next follows from what it found.
 */
function keysAsked({ values }: Parameter): readonly string[] | undefined {
  const keys = new Set<string>();
  const empty = new Proxy<JsonObject>({}, { get: (_, key) => void keys.add(String(key)) });
  return values(empty).length === 0 ? [...keys] : undefined;
}

function hasAny(resource: JsonObject, keys: readonly string[] | undefined): boolean {
  if (keys === undefined) return true;
  for (const key of keys) if (resource[key] !== undefined) return true;
  return false;
}
