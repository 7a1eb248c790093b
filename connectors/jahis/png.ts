// PNG pictures -> pixels, for the codes in them. W3C Portable Network Graphics (Third Edition), without interlacing; checksums
// are left to the code's own error correction.

import { inflateSync } from 'node:zlib';
import { UnreadableInput } from '../../mappings/record.ts';

export type Pixels = {
  width: number;
  height: number /** Red, green and blue of each pixel, row by row. */;
  data: Uint8Array;
};

export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, index) => bytes[index] === byte);

/** Throws UnreadableInput for a damaged picture, one of more than 40 million pixels, or an interlaced one. */
export function readPng(bytes: Uint8Array): Pixels {
  const { header, palette, data } = readChunks(bytes);
  if (!header || header.length < 13) throw new UnreadableInput('The picture is damaged: it has no header.');
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colour, interlace] = [view.getUint8(8), view.getUint8(9), view.getUint8(12)];
  const channels = CHANNELS[colour];
  if (!channels || !DEPTHS.includes(depth) || width === 0 || height === 0)
    throw new UnreadableInput('The picture is damaged: its header cannot be read.');
  if (interlace !== 0)
    throw new UnreadableInput('Interlaced PNG pictures cannot be read: save it without interlacing.');
  if (width * height > MOST_PIXELS) throw new UnreadableInput('The picture has more than 40 million pixels.');
  const stride = Math.ceil((width * channels * depth) / 8);
  const rows = unfiltered(inflated(data, (stride + 1) * height), {
    stride,
    height,
    step: Math.max(1, (channels * depth) >> 3),
  });
  return { width, height, data: coloured(rows, { width, height, stride, depth, colour, channels, palette }) };
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const MOST_PIXELS = 40_000_000;
const DEPTHS = [1, 2, 4, 8, 16];
// Grey, colours, palette, grey with alpha, colours with alpha.
const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

type Chunks = { header: Uint8Array | undefined; palette: Uint8Array; data: Uint8Array[] };

function readChunks(bytes: Uint8Array): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunks = { header: undefined, palette: new Uint8Array(), data: [] };
  for (let at = SIGNATURE.length; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (content.length < length) break;
    if (name === 'IHDR') chunks.header ??= content;
    if (name === 'PLTE') chunks.palette = content;
    if (name === 'IDAT') chunks.data.push(content);
    at += length + 12;
  }
  return chunks;
}

function inflated(data: readonly Uint8Array[], size: number): Uint8Array {
  try {
    const bytes = inflateSync(Buffer.concat(data), { maxOutputLength: size });
    if (bytes.length === size) return bytes;
  } catch {
    // Said below, whatever zlib says.
  }
  throw new UnreadableInput('The picture is damaged.');
}

/** Each row begins with the filter that was laid over it; `step` is the bytes from one pixel to the next. */
function unfiltered(rows: Uint8Array, shape: { stride: number; height: number; step: number }): Uint8Array {
  const { stride, height, step } = shape;
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x >= step ? (out[at - step] ?? 0) : 0;
      const up = y > 0 ? (out[at - stride] ?? 0) : 0;
      const corner = x >= step && y > 0 ? (out[at - stride - step] ?? 0) : 0;
      out[at] = (rows[y * (stride + 1) + 1 + x] ?? 0) + predicted(filter, left, up, corner);
    }
  }
  return out;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) return 0;
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

type Layout = {
  width: number;
  height: number;
  stride: number;
  depth: number;
  colour: number;
  channels: number;
  palette: Uint8Array;
};

/** Any kind of pixel as eight bits of each colour; what is transparent lies on white paper. */
function coloured(rows: Uint8Array, { width, height, stride, depth, colour, channels, palette }: Layout): Uint8Array {
  const out = new Uint8Array(width * height * 3);
  const most = 2 ** Math.min(depth, 8) - 1;
  const isGrey = colour === 0 || colour === 4;
  const hasAlpha = colour === 4 || colour === 6;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sample = (channel: number): number => sampleAt(rows, y * stride, x * channels + channel, depth);
      const alpha = hasAlpha ? sample(channels - 1) / most : 1;
      for (let channel = 0; channel < 3; channel++) {
        const value =
          colour === 3 ? (palette[sample(0) * 3 + channel] ?? 0) : (sample(isGrey ? 0 : channel) * 255) / most;
        out[(y * width + x) * 3 + channel] = value * alpha + 255 * (1 - alpha);
      }
    }
  }
  return out;
}

/** Of 16 bits the upper eight tell black from white. */
function sampleAt(rows: Uint8Array, row: number, index: number, depth: number): number {
  if (depth === 8) return rows[row + index] ?? 0;
  if (depth === 16) return rows[row + index * 2] ?? 0;
  const perByte = 8 / depth;
  const byte = rows[row + Math.floor(index / perByte)] ?? 0;
  return (byte >> (8 - depth * ((index % perByte) + 1))) & (2 ** depth - 1);
}
