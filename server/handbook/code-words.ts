// The Japanese and English words of codes, and which code belongs to which part of a record: from our own code systems and value sets
// (profiles/code-systems, profiles/value-sets), which name the LOINC codes in use among them.

import { shippedDefinitions } from '../definitions/shipped.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';

export type Words = { ja: string; en: string };

const systemsRead = new Map<string, ReadonlyMap<string, Words>>();

/** The words of a CodeSystem by code, in its order. Empty for one that is not known. */
export function systemWords(system: string): ReadonlyMap<string, Words> {
  const known = systemsRead.get(system);
  if (known !== undefined) return known;
  const found = shippedDefinitions().find('CodeSystem', system);
  const words = new Map(conceptsOf(found ?? {}).map((one) => [String(one.code), wordsOf(one)]));
  // Only what is shipped is kept: other names have no end.
  if (found !== undefined) systemsRead.set(system, words);
  return words;
}

const conceptsOf = ({ concept }: JsonObject): JsonObject[] => (Array.isArray(concept) ? concept.filter(isObject) : []);

function wordsOf({ code, display, designation }: JsonObject): Words {
  const en = String(display ?? code);
  const ja = (Array.isArray(designation) ? designation.filter(isObject) : []).find(({ language }) => language === 'ja');
  return { ja: typeof ja?.value === 'string' ? ja.value : en, en };
}

/** The value sets of what is observed, by the ends of their urls. */
export type ObservedSet =
  | 'birth-fact'
  | 'body-measurement'
  | 'dental-item'
  | 'development-area'
  | 'epds-item'
  | 'infant-checkup-item'
  | 'maternal-laboratory-test'
  | 'newborn-screening'
  | 'pregnancy-checkup-item'
  | 'pregnancy-dating'
  | 'vital-sign';

const SETS: readonly ObservedSet[] = [
  'birth-fact',
  'body-measurement',
  'dental-item',
  'development-area',
  'epds-item',
  'infant-checkup-item',
  'maternal-laboratory-test',
  'newborn-screening',
  'pregnancy-checkup-item',
  'pregnancy-dating',
  'vital-sign',
];

type Members = ReadonlyMap<string, Words>;
let setsRead: ReadonlyMap<ObservedSet, Members> | undefined;

/** Whether one of these codes (`system|code`) is in the value set. */
export function isIn(set: ObservedSet, codes: readonly string[]): boolean {
  const members = sets().get(set);
  return codes.some((code) => members?.has(code));
}

/** What our value sets call a code of somebody else's system. */
export function setWords(system: string, code: string): Words | undefined {
  for (const members of sets().values()) {
    const words = members.get(`${system}|${code}`);
    if (words !== undefined) return words;
  }
  return undefined;
}

function sets(): ReadonlyMap<ObservedSet, Members> {
  setsRead ??= new Map(SETS.map((set) => [set, membersOf(set)]));
  return setsRead;
}

function membersOf(set: ObservedSet): Members {
  const compose = shippedDefinitions().find('ValueSet', `${CANONICAL}/ValueSet/${set}`)?.compose;
  const includes = isObject(compose) && Array.isArray(compose.include) ? compose.include.filter(isObject) : [];
  return new Map(
    includes.flatMap((include) => {
      const system = String(include.system);
      const named = conceptsOf(include).map((one) => [`${system}|${one.code}`, wordsOf(one)] as const);
      if (named.length > 0) return named;
      return [...systemWords(system)].map(([code, words]) => [`${system}|${code}`, words] as const);
    }),
  );
}
