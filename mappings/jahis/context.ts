// What the mapping of one notebook carries along: whose it is, who hands it on, and what could not be taken.

import type { Patient, Reference } from '@medplum/fhirtypes';
import { type PatientTarget, patientReference, targetKey } from '../record.ts';

export type NotebookContext = {
  subject: Reference<Patient>;
  /** Tells the notebooks of two people apart inside identifiers. */
  owner: string;
  problems: string[];
  /** Whether what `creator` wrote comes from them, and not from somebody who copied it. */
  isOwnWord(creator: string): boolean;
  /** How many drugs of equal keys were asked for before this one. */
  occurrence(keys: readonly string[]): number;
};

/** A shop's file (direction 1) speaks for professionals, a family's (2) for the family. */
export function notebookContext(target: PatientTarget, direction: '1' | '2', problems: string[]): NotebookContext {
  const counts = new Map<string, number>();
  return {
    subject: patientReference(target),
    owner: targetKey(target),
    problems,
    isOwnWord: (creator) => (creator === '2') === (direction === '2'),
    occurrence(keys) {
      const key = keys.join('\u001f');
      const place = counts.get(key) ?? 0;
      counts.set(key, place + 1);
      return place;
    },
  };
}
