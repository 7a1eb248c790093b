// A QR code of two segments: a prefix in bytes, then digits, three in ten bits. The `qr` package places and masks the modules; what its
// own encoder cannot do is more than one segment. ISO/IEC 18004:2015, 7.4 (modes), 7.5 (error correction), 7.6 (interleaving).

// These are private to `qr`; its version is pinned, and another one has to be read before it is taken.
import {
  _ECC_BLOCKS as blocksOfLevel,
  _BYTES as bytesOfVersion,
  _tests as drawing,
  _GF256 as field,
  _WORDS_PER_BLOCK as wordsOfLevel,
} from 'qr';

/** The largest code that a card may have, of the lowest level of error correction. */
const largestVersion = 22;
const level = 'low';

/** The dark modules, without a quiet zone. Throws Error for more than a code of version 22 holds. */
export function numericSymbol(prefix: string, digits: string): boolean[][] {
  for (let version = 1; version <= largestVersion; version++) {
    const bits = [...byteSegment(prefix, version), ...numericSegment(digits, version)];
    const parity = wordsOfLevel[level][version - 1] ?? 0;
    const blocks = blocksOfLevel[level][version - 1] ?? 1;
    const dataBytes = (bytesOfVersion[version - 1] ?? 0) - parity * blocks;
    if (bits.length > dataBytes * 8) continue;
    const codewords = interleaved(paddedBytes(bits, dataBytes), blocks, parity);
    const symbol = drawing.drawSymbol(version, level, codewords);
    return Array.from({ length: symbol.size }, (_, y) =>
      Array.from({ length: symbol.size }, (_, x) => drawing.matGet(symbol, x, y) === 1),
    );
  }
  throw new Error('more than a QR code of version 22 holds');
}

const bitsOf = (value: number, width: number): number[] =>
  Array.from({ length: width }, (_, n) => (value >> (width - 1 - n)) & 1);

const byteSegment = (text: string, version: number): number[] => [
  ...bitsOf(4, 4),
  ...bitsOf(text.length, version < 10 ? 8 : 16),
  ...Buffer.from(text, 'latin1')
    .values()
    .flatMap((byte) => bitsOf(byte, 8)),
];

const numericSegment = (digits: string, version: number): number[] => [
  ...bitsOf(1, 4),
  ...bitsOf(digits.length, version < 10 ? 10 : 12),
  ...(digits.match(/\d{1,3}/g) ?? []).flatMap((group) => bitsOf(Number(group), [0, 4, 7, 10][group.length] ?? 10)),
];

function paddedBytes(bits: readonly number[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const [n, bit] of bits.entries()) bytes[n >> 3] = (bytes[n >> 3] ?? 0) | (bit << (7 - (n & 7)));
  const terminated = Math.min(bits.length + 4, length * 8);
  for (let n = Math.ceil(terminated / 8), pad = 0xec; n < length; n++, pad ^= 0xfd) bytes[n] = pad;
  return bytes;
}

/** The first blocks are the shorter ones. */
function interleaved(data: Uint8Array, count: number, parity: number): Uint8Array {
  const short = Math.floor(data.length / count);
  const longer = data.length % count;
  const blocks: Uint8Array[] = [];
  for (let n = 0, at = 0; n < count; n++) {
    const length = short + (n < count - longer ? 0 : 1);
    blocks.push(data.subarray(at, at + length));
    at += length;
  }
  const remainders = blocks.map((block) => remainderOf(block, generatorOf(parity)));
  const columns = (lists: readonly Uint8Array[], length: number) =>
    Array.from({ length }, (_, n) => lists.flatMap((list) => (n < list.length ? [list[n] ?? 0] : []))).flat();
  return Uint8Array.from([...columns(blocks, short + 1), ...columns(remainders, parity)]);
}

const product = (one: number, other: number): number =>
  one === 0 || other === 0 ? 0 : (field.exp[(field.log[one] ?? 0) + (field.log[other] ?? 0)] ?? 0);

/** Without its first coefficient, which is 1. */
function generatorOf(degree: number): number[] {
  let coefficients = [1];
  for (let n = 0; n < degree; n++) {
    const root = field.exp[n] ?? 1;
    const times = [...coefficients, 0];
    coefficients = times.map((one, at) => one ^ product(coefficients[at - 1] ?? 0, root));
  }
  return coefficients.slice(1);
}

function remainderOf(block: Uint8Array, generator: readonly number[]): Uint8Array {
  const rest = new Uint8Array(generator.length);
  for (const byte of block) {
    const factor = byte ^ (rest[0] ?? 0);
    rest.copyWithin(0, 1);
    rest[rest.length - 1] = 0;
    for (const [n, coefficient] of generator.entries()) rest[n] = (rest[n] ?? 0) ^ product(coefficient, factor);
  }
  return rest;
}
