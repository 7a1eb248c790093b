// The original of a municipal row, told by its media type: which kind of file it is from, and what was said of the whole file. So it can be
// mapped anew from its bytes alone. RFC 4180 and RFC 7111 (text/csv), with a parameter of our own.

import type { MappedRecord, PatientTarget } from '../record.ts';
import { UnreadableInput } from '../record.ts';
import { ledgerKinds } from './kinds.ts';

/** `kind`: as in `--kind`. */
export const rowContentType = (kind: string, municipalityCode?: string): string =>
  `text/csv; profile=municipality-${kind}${municipalityCode === undefined ? '' : `; municipality=${municipalityCode}`}`;

export type RowMapping = (
  original: Uint8Array,
  given: { patient: PatientTarget | undefined; sent: string },
) => MappedRecord;

/** Undefined for another media type. What it gives throws UnreadableInput where no row can be read, or nobody says whose number it is. */
export function rowMapping(contentType: string): RowMapping | undefined {
  const [, kind = '', municipalityCode] =
    /^text\/csv; profile=municipality-([a-z]+)(?:; municipality=(\d{6}))?$/.exec(contentType) ?? [];
  const open = Object.hasOwn(ledgerKinds, kind) ? ledgerKinds[kind] : undefined;
  if (!open) return undefined;
  return (original, { patient, sent }) => {
    if (!patient || !('identifier' in patient)) throw new UnreadableInput('It is not addressed to a number.');
    const { system } = patient.identifier;
    const mapper = open({ system, municipalityCode, madeAt: sent || undefined, fileDigest: '' });
    const [row] = [...mapper.push(original), ...mapper.end()];
    if (!row) throw new UnreadableInput('There is no row in it.');
    return row;
  };
}
