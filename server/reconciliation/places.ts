// Where and by whom something was done, as records write it: numbers of institutions and names in whatever form.

import type { Reference } from '@medplum/fhirtypes';
import { isSameName, plainText } from './texts.ts';

/** The identifiers, references and names of these, in the form that is compared. */
export function placesOf(references: readonly (Reference | undefined)[]): string[] {
  return references.flatMap((one) =>
    [one?.identifier?.value, one?.display].flatMap((name) => (name ? [plainPlace(name)] : [])),
  );
}

const plainPlace = (name: string): string =>
  plainText(name).replace(/^(医療法人|社団法人|社会福祉法人|株式会社|有限会社)(社団|財団)?/, '');

/** `same`, `other`, `missing`. */
export function placeWord(one: readonly string[], other: readonly string[]): string {
  if (one.length === 0 || other.length === 0) return 'missing';
  return one.some((name) => other.some((also) => isSameName(name, also))) ? 'same' : 'other';
}

/** `same`, `other`, `missing`, of two values that are alike or not. */
export const valueWord = (one: string | undefined, other: string | undefined): string =>
  one === undefined || other === undefined ? 'missing' : one === other ? 'same' : 'other';
