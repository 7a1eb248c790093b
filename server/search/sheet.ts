// The sheet on which a resource's index data is noted while its parameters are gone through, and the facts every type has.

import { mark } from './hash.ts';
import type { Marks } from './remembered.ts';

export type Word = { parameter: number; norm: string };

export type Sheet = {
  type: string;
  at?: string;
  until?: string;
  marks: Set<string>;
  facts: Record<string, unknown[]>;
  terms: Set<string>;
  words: Word[];
};

/** The fact "this parameter has a value", for `:missing`. */
export const presence = (type: string, code: string): string => `${type}.${code}!`;

/** The fact "also in the compartment of this patient". */
export const membership = (patient: string): string => `in>Patient/${patient}`;

/** The name among the facts that a resource has which is in several compartments; `past_shared` is an index on it. */
export const sharedFact = '>in';

/** Notes yes/no facts of a parameter; over everyone too where `isTerm`. */
export function noteMarks(sheet: Sheet, code: string, facts: readonly string[], isTerm: boolean): void {
  for (const fact of facts) {
    const found = mark(`${sheet.type}.${code}${fact}`);
    sheet.marks.add(found);
    if (isTerm) sheet.terms.add(found);
  }
}

/** The marks of yes/no facts of a parameter, to be noted as often as the same value occurs. */
export function marksOf(type: string, code: string, facts: readonly string[], isTerm: boolean): Marks {
  const marks = facts.map((fact) => mark(`${type}.${code}${fact}`));
  return { marks, terms: isTerm ? marks : [] };
}

export function noteAll(sheet: Sheet, { marks, terms }: Marks): void {
  for (const one of marks) sheet.marks.add(one);
  for (const one of terms) sheet.terms.add(one);
}
