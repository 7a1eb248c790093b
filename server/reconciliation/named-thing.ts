// What a record is about where it is a concept with codes and names: a drug, a substance, a measurement, a kind of visit.

import type { CodeableConcept } from '@medplum/fhirtypes';
import { plainText } from './texts.ts';

/** By system: the codes. And the names, in the form of `plainText`. */
export type NamedThing = { codes: ReadonlyMap<string, readonly string[]>; names: readonly string[] };

export function namedThing(concepts: readonly (CodeableConcept | undefined)[]): NamedThing {
  const codes = new Map<string, string[]>();
  const names = new Set<string>();
  for (const { coding = [], text } of concepts.filter((one) => one !== undefined)) {
    if (text) names.add(plainText(text));
    for (const { system = '', code, display } of coding) {
      if (code) codes.set(system, [...(codes.get(system) ?? []), code]);
      if (display) names.add(plainText(display));
    }
  }
  names.delete('');
  return { codes, names: [...names] };
}

/**
 * `same` (a code of theirs), `sameName` (a name, and no code that says otherwise), `other`, and `unknown` where one has neither.
 */
export function thingWord(one: NamedThing, other: NamedThing): string {
  let isOther = false;
  for (const [system, codes] of one.codes) {
    const theirs = other.codes.get(system);
    if (theirs === undefined) continue;
    if (codes.some((code) => theirs.includes(code))) return 'same';
    isOther = true;
  }
  if (isOther) return 'other';
  if (one.names.some((name) => other.names.includes(name))) return 'sameName';
  return isNothing(one) || isNothing(other) ? 'unknown' : 'other';
}

const isNothing = ({ codes, names }: NamedThing): boolean => codes.size === 0 && names.length === 0;
