// What the mapping of one notebook carries along: whose it is, what was seen before, and what could not be taken.

import type { Patient, Reference } from '@medplum/fhirtypes';
import { type PatientTarget, patientReference, targetKey } from '../record.ts';

export type NotebookContext = {
  subject: Reference<Patient>;
  /** Tells the notebooks of two people apart inside identifiers. */
  owner: string;
  problems: string[];
  /** How many drugs of equal keys were asked for before this one. */
  occurrence(keys: readonly string[]): number;
};

/** Nothing mapped yet. */
export function notebookContext(target: PatientTarget, problems: string[]): NotebookContext {
  const counts = new Map<string, number>();
  return {
    subject: patientReference(target),
    owner: targetKey(target),
    problems,
    occurrence(keys) {
      const key = keys.join('\u001f');
      const place = counts.get(key) ?? 0;
      counts.set(key, place + 1);
      return place;
    },
  };
}
