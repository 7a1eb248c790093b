// Pictures of QR codes as a phone or a scanner would save them: PNG, in each of its kinds of pixels.

import { deflateSync } from 'node:zlib';
import encodeQr from 'qr';

export type PngKind = 'grey' | 'bits' | 'colours' | 'colours with alpha' | 'palette' | 'deep grey';

/** The dark modules of a code that holds `bytes`. */
function modulesOf(bytes: Uint8Array): boolean[][] {
  // The text is not looked at: its bytes are what the encoder is asked for.
  return encodeQr('-', 'raw', { ecc: 'low', encoding: 'byte', textEncoder: () => bytes, border: 4 });
}

/** One picture, codes side by side, a module `scale` pixels wide. */
export function qrPicture(codes: readonly Uint8Array[], kind: PngKind = 'grey', scale = 4): Uint8Array {
  const all = codes.map(modulesOf);
  const height = Math.max(...all.map((rows) => rows.length)) * scale;
  const width = all.reduce((sum, rows) => sum + rows.length, 0) * scale;
  const rows = Array.from({ length: height }, (_, y) =>
    all.flatMap((modules) =>
      modules.flatMap((_, x) => Array.from({ length: scale }, () => modules[Math.floor(y / scale)]?.[x] ?? false)),
    ),
  );
  return png(rows, width, kind);
}

/** White paper. */
export const blankPicture = (size: number): Uint8Array =>
  png(
    Array.from({ length: size }, () => new Array<boolean>(size).fill(false)),
    size,
    'grey',
  );

const KINDS: Record<PngKind, { depth: number; colour: number; pixel: (isDark: boolean) => number[] }> = {
  grey: { depth: 8, colour: 0, pixel: (isDark) => [isDark ? 0 : 255] },
  bits: { depth: 1, colour: 0, pixel: (isDark) => [isDark ? 0 : 1] },
  colours: { depth: 8, colour: 2, pixel: (isDark) => (isDark ? [20, 0, 40] : [250, 255, 240]) },
  // Transparent where there is no ink.
  'colours with alpha': { depth: 8, colour: 6, pixel: (isDark) => [0, 0, 0, isDark ? 255 : 0] },
  palette: { depth: 8, colour: 3, pixel: (isDark) => [isDark ? 1 : 0] },
  'deep grey': { depth: 16, colour: 0, pixel: (isDark) => (isDark ? [0, 9] : [255, 3]) },
};

function png(rows: readonly boolean[][], width: number, kind: PngKind): Uint8Array {
  const { depth, colour, pixel } = KINDS[kind];
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(rows.length, 4);
  header.set([depth, colour], 8);
  const lines = rows.map((row) =>
    packed(
      row.flatMap((isDark) => pixel(isDark)),
      depth,
    ),
  );
  // Each filter in turn, as encoders choose them.
  const filtered = lines.map((line, y) =>
    withFilter(y % 5, line, lines[y - 1], Math.max(1, Math.floor((lines[0]?.length ?? 1) / width))),
  );
  const palette = kind === 'palette' ? [chunk('PLTE', Buffer.from([255, 255, 255, 0, 0, 0]))] : [];
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...palette,
    chunk('IDAT', deflateSync(Buffer.concat(filtered))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function packed(samples: readonly number[], depth: number): number[] {
  if (depth !== 1) return [...samples];
  const bytes = new Array<number>(Math.ceil(samples.length / 8)).fill(0);
  for (const [index, bit] of samples.entries())
    bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (bit << (7 - (index & 7)));
  return bytes;
}

function withFilter(filter: number, line: readonly number[], above: readonly number[] = [], step: number): Buffer {
  const bytes = line.map((byte, x) => {
    const [left, up, corner] = [
      x >= step ? (line[x - step] ?? 0) : 0,
      above[x] ?? 0,
      x >= step ? (above[x - step] ?? 0) : 0,
    ];
    const guess = left + up - corner;
    const paeth = [left, up, corner].reduce((best, one) =>
      Math.abs(guess - one) < Math.abs(guess - best) ? one : best,
    );
    return (byte - ([0, left, up, (left + up) >> 1, paeth][filter] ?? 0)) & 255;
  });
  return Buffer.from([filter, ...bytes]);
}

function chunk(name: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, Buffer.from(name), content, Buffer.alloc(4)]);
}
