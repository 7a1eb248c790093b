// How the table of HL7 v2 fields is written: the names of a segment's fields by position, where those that are mapped go, and
// what becomes of the rest.

import type { SourceField } from '../../fields.ts';

export type SegmentFields = {
  segment: string;
  /** Field 1 first, separated by |. */
  names: string;
  /** By field number: FHIR paths, separated by a space. */
  to?: Readonly<Record<number, string>>;
  /** By field number: why a field is deliberately not taken over. */
  dropped?: Readonly<Record<number, string>>;
  /** By field number: why a field stays in the original only. */
  kept?: Readonly<Record<number, string>>;
  /** The same for every field not listed above. */
  otherwise: { kept: string } | { dropped: string };
};

/** One entry for each field that has a name. */
export function fieldsOf({
  segment,
  names,
  to = {},
  dropped = {},
  kept = {},
  otherwise,
}: SegmentFields): SourceField[] {
  return names.split('|').map((name, index) => {
    const number = index + 1;
    const field = { at: `${segment}-${number}`, name };
    if (to[number] !== undefined) return { ...field, to: to[number].split(' ') };
    if (dropped[number] !== undefined) return { ...field, dropped: dropped[number] };
    return kept[number] === undefined ? { ...field, ...otherwise } : { ...field, kept: kept[number] };
  });
}

/** Reasons that many fields share. */
export const COUNTER = 'Counts segments of one message; says nothing about the patient.';
export const TRANSPORT = 'About the message and its way, not about the patient.';
export const OF_FAMILY =
  "The family's Patient belongs to the family: what a sender says of a person is never applied to it.";
export const RARE = 'Not used by SS-MIX2 and without a place in the resource; readable in the original.';
