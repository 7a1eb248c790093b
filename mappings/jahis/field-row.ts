// How the tables of fields of the JAHIS formats are written.

import type { SourceField } from '../fields.ts';

/** One line of a table: place, name, and where it goes or why it does not. */
export type Row = readonly [
  at: string,
  name: string,
  becomes: readonly string[] | { kept: string } | { dropped: string },
];

export const NAMES_CHOOSE_NOBODY = {
  kept: 'The caller says whose notebook it is: names, births and addresses in a file choose nobody.',
};
export const PLACE = { dropped: 'A number that joins records of one file; what it joins stands together.' };

/** A MedicationRequest element. */
export const request = (path: string): string => `MedicationRequest.${path}`;

export const fieldOf = ([at, name, becomes]: Row): SourceField =>
  'kept' in becomes || 'dropped' in becomes ? { at, name, ...becomes } : { at, name, to: becomes };
