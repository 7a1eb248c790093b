// Several QR codes that hold one text (Structured Append) -> the text. ISO/IEC 18004:2015, 8.

import { UnreadableInput } from '../../mappings/record.ts';
import type { Symbol2d } from './qr-payload.ts';

/** A text, or part of one, with the places of its files; or what is wrong with them. */
export type Piece = { files: number[]; bytes: Uint8Array; sequence?: Symbol2d['sequence']; fault?: UnreadableInput };

/** Symbols of one text (same parity, same count) joined byte by byte: a character may lie in two of them. */
export function joinSymbols(pieces: readonly Piece[]): Piece[] {
  const sets = Map.groupBy(pieces, ({ sequence }) => (sequence ? `${sequence.total} ${sequence.parity}` : ''));
  const alone = sets.get('') ?? [];
  sets.delete('');
  return [...alone, ...[...sets.values()].map(joinSequence)].sort((a, b) => firstFile(a) - firstFile(b));
}

function joinSequence(pieces: readonly Piece[]): Piece {
  const files = filesOf(pieces);
  const total = pieces[0]?.sequence?.total ?? 0;
  const parts = Array.from({ length: total }, (_, index) => pieces.filter((one) => one.sequence?.index === index));
  const fault = sequenceFault(parts);
  if (fault) return { files, bytes: new Uint8Array(), fault: new UnreadableInput(fault) };
  return { files, bytes: Buffer.concat(parts.map(([part]) => part?.bytes ?? new Uint8Array())) };
}

function sequenceFault(parts: readonly Piece[][]): string | undefined {
  const missing = parts.flatMap((part, index) => (part.length === 0 ? [index + 1] : []));
  if (missing.length > 0)
    return `The text was cut into ${parts.length} codes, and code ${missing.join(', ')} is missing: hand in all of them together.`;
  const twice = parts.findIndex((part) => new Set(part.map(({ bytes }) => latin1(bytes))).size > 1);
  return twice < 0 ? undefined : `Code ${twice + 1} of ${parts.length} is there twice, and the two differ.`;
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

export const firstFile = ({ files }: Piece): number => files[0] ?? 0;

/** The places of all files of the pieces, each once and in order. */
export const filesOf = (pieces: readonly Piece[]): number[] =>
  [...new Set(pieces.flatMap(({ files }) => files))].sort((a, b) => a - b);
