// Resource -> what the index holds of it. Layout L6 of the storage measurements: marks and facts in the row answer every
// search that names a patient; terms and words only for the few parameters that search over everyone.

import type { JsonObject } from '../fhir/json.ts';
import type { TypedValue } from '../fhir/paths.ts';
import { dateRanges, openHi, openLo } from './date.ts';
import { mark } from './hash.ts';
import { mainDateOf, type Parameter, parametersOf } from './parameters.ts';
import { referenceFacts } from './reference.ts';
import { normalise, stringsOf } from './string.ts';
import { tokenFacts, tokensOf } from './token.ts';

export type Word = { parameter: number; norm: string };

export type IndexEntry = {
  /** First and last instant of the type's main date, as PostgreSQL reads timestamps; undefined when it has none. */
  at?: string;
  until?: string;
  marks: string[];
  /** Dates as [[lo, hi]…] in ms, strings normalised, by parameter code. */
  facts: Record<string, unknown[]>;
  terms: string[];
  words: Word[];
};

/**
 * All index data of a resource. `others` are the further patients (ids) whose compartments it is in besides its owner's.
 */
export function extract(resource: JsonObject, others: readonly string[]): IndexEntry {
  const type = String(resource.resourceType);
  const main = mainDateOf(type);
  const entry: IndexEntry = { marks: [], facts: {}, terms: [], words: [] };
  const marks = new Set<string>();
  const terms = new Set<string>();

  for (const parameter of parametersOf(type).values()) {
    const values = parameter.values(resource);
    if (values.length === 0) continue;
    marks.add(mark(presence(type, parameter.code)));
    if (parameter.type === 'date') addDates(entry, parameter, values, parameter === main);
    else if (parameter.type === 'string') addStrings(entry, marks, type, parameter, values);
    else addFacts(marks, terms, type, parameter, values);
  }
  for (const patient of others) {
    marks.add(mark(membership(patient)));
    terms.add(mark(membership(patient)));
  }
  if (others.length > 0) entry.facts[sharedFact] = [others.length];
  entry.marks = [...marks];
  entry.terms = [...terms];
  return entry;
}

/** The fact "this parameter has a value", for `:missing`. */
export const presence = (type: string, code: string): string => `${type}.${code}!`;

/** The fact "also in the compartment of this patient". */
export const membership = (patient: string): string => `in>Patient/${patient}`;

/** The name among the facts that a resource has which is in several compartments; `past_shared` is an index on it. */
export const sharedFact = '>in';

const longestWord = 200;

/**
 * What the population index holds of a string: its beginning, for an index entry of PostgreSQL is at most 2,704 bytes. The
 * row check decides about the rest.
 */
export const wordOf = (norm: string): string =>
  norm.length <= longestWord ? norm : [...norm].slice(0, longestWord).join('');

/** PostgreSQL's text of an instant in milliseconds, open ends included. */
export function timestamp(ms: number): string {
  if (ms <= openLo) return '-infinity';
  if (ms >= openHi) return 'infinity';
  const text = new Date(ms).toISOString();
  // PostgreSQL takes no sign, no six digits of year and no year 0, where Japan's first hours of year 1 are in UTC.
  return /^(?:[+-]|0000)/.test(text) ? (ms < 0 ? '-infinity' : 'infinity') : text;
}

function addFacts(marks: Set<string>, terms: Set<string>, type: string, parameter: Parameter, values: TypedValue[]) {
  for (const value of values) {
    const facts = factsOf(parameter, value).map((fact) => mark(`${type}.${parameter.code}${fact}`));
    for (const fact of facts) marks.add(fact);
    if (!parameter.population) continue;
    // Of a token only `|code` goes into the population index; the row check decides about its system.
    if (parameter.type === 'token') {
      for (const { code } of tokensOf(value)) {
        if (code !== undefined) terms.add(mark(`${type}.${parameter.code}|${code}`));
      }
    } else for (const fact of facts) terms.add(fact);
  }
}

function factsOf({ type }: Parameter, value: TypedValue): string[] {
  if (type === 'token') return tokensOf(value).flatMap(tokenFacts);
  if (type === 'reference') return referenceFacts(value);
  return typeof value.value === 'string' ? [`=${value.value}`] : [];
}

function addDates(entry: IndexEntry, parameter: Parameter, values: TypedValue[], isMain: boolean) {
  const ranges = values.flatMap(dateRanges);
  const [first] = ranges;
  if (!first) return;
  if (isMain) {
    entry.at = timestamp(first.lo);
    entry.until = timestamp(first.hi);
  } else entry.facts[parameter.code] = ranges.map(({ lo, hi }) => [lo, hi]);
}

function addStrings(entry: IndexEntry, marks: Set<string>, type: string, parameter: Parameter, values: TypedValue[]) {
  const sent = values.flatMap(stringsOf).filter((text) => text !== '');
  const norms = new Set(sent.map(normalise));
  entry.facts[parameter.code] = [...norms];
  for (const text of sent) marks.add(mark(`${type}.${parameter.code}"${text}`));
  if (parameter.population) {
    for (const norm of new Set([...norms].map(wordOf))) entry.words.push({ parameter: parameter.number, norm });
  }
}
