// The bits of a QR symbol -> the bytes it holds, and its place among the symbols that one text was cut into (Structured Append).
// ISO/IEC 18004:2015, 7.4 (modes) and 8 (Structured Append). Bytes stay bytes: a text may be cut inside a character.

export type Symbol2d = {
  bytes: Uint8Array;
  /** Place from 0, number of symbols, and the parity that all symbols of one text share. Absent for a symbol that stands alone. */
  sequence?: { index: number; total: number; parity: number };
};

/** Undefined when the bits are no symbol that was printed. `version` (1 to 40) decides the width of lengths. */
export function readPayload(codewords: Uint8Array, version: number): Symbol2d | undefined {
  const bits = reader(codewords);
  const bytes: number[] = [];
  let sequence: Symbol2d['sequence'];
  const size = version < 10 ? 0 : version < 27 ? 1 : 2;
  while (bits.left() >= 4) {
    const mode = bits.read(4);
    if (mode === TERMINATOR) break;
    if (mode === STRUCTURED_APPEND) sequence = { index: bits.read(4), total: bits.read(4) + 1, parity: bits.read(8) };
    else if (mode === ECI) skipEci(bits);
    else if (mode === FNC1_SECOND) bits.read(8);
    else if (mode !== FNC1_FIRST && !readSegment(mode, size, bits, bytes)) return undefined;
    if (bits.isPast()) return undefined;
  }
  return { bytes: Uint8Array.from(bytes), ...(sequence && { sequence }) };
}

const TERMINATOR = 0;
const STRUCTURED_APPEND = 3;
const ECI = 7;
const FNC1_FIRST = 5;
const FNC1_SECOND = 9;

type Bits = { read(count: number): number; left(): number; isPast(): boolean };

function reader(codewords: Uint8Array): Bits {
  let at = 0;
  const size = codewords.length * 8;
  return {
    read(count) {
      let value = 0;
      for (let n = 0; n < count; n++, at++) value = value * 2 + (((codewords[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
      return value;
    },
    left: () => size - at,
    isPast: () => at > size,
  };
}

// The number names a character set in one, two or three bytes. What a JAHIS file is written in is seen by its reader.
function skipEci(bits: Bits): void {
  const first = bits.read(8);
  if ((first & 0xc0) === 0x80) bits.read(8);
  else if ((first & 0xe0) === 0xc0) bits.read(16);
}

// Width of the length by mode and size of the symbol.
const LENGTHS: Record<number, readonly number[]> = { 1: [10, 12, 14], 2: [9, 11, 13], 4: [8, 16, 16], 8: [8, 10, 12] };
const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

function readSegment(mode: number, size: number, bits: Bits, bytes: number[]): boolean {
  const width = LENGTHS[mode]?.[size];
  if (width === undefined) return false;
  const length = bits.read(width);
  if (length > bits.left()) return false;
  if (mode === 1) readDigits(length, bits, bytes);
  else if (mode === 2) readAlphanumeric(length, bits, bytes);
  else if (mode === 4) for (let n = 0; n < length; n++) bytes.push(bits.read(8));
  else for (let n = 0; n < length; n++) bytes.push(...kanji(bits.read(13)));
  return true;
}

function readDigits(length: number, bits: Bits, bytes: number[]): void {
  for (let left = length; left > 0; left -= 3) {
    const count = Math.min(left, 3);
    const digits = String(bits.read([0, 4, 7, 10][count] ?? 0)).padStart(count, '0');
    for (const digit of digits) bytes.push(digit.charCodeAt(0));
  }
}

function readAlphanumeric(length: number, bits: Bits, bytes: number[]): void {
  for (let left = length; left > 0; left -= 2) {
    const value = bits.read(left > 1 ? 11 : 6);
    const signs = left > 1 ? [Math.floor(value / 45), value % 45] : [value];
    for (const sign of signs) bytes.push((ALPHANUMERIC[sign] ?? ' ').charCodeAt(0));
  }
}

/** Thirteen bits are one Shift_JIS character of the ranges 8140–9FFC and E040–EBBF. */
function kanji(value: number): [number, number] {
  const compact = Math.floor(value / 0xc0) * 0x100 + (value % 0xc0);
  const code = compact + (compact + 0x8140 <= 0x9ffc ? 0x8140 : 0xc140);
  return [code >> 8, code & 0xff];
}
