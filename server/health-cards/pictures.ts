// The modules of a QR code as a picture, with the quiet zone of four modules that ISO/IEC 18004 asks for. SVG 1.1; PNG (RFC 2083) of one
// bit a pixel.

import { crc32, deflateSync } from 'node:zlib';

const quiet = 4;

/** In millimetres a module: a code of version 22 is 9 cm wide, which phones read from paper. */
const moduleMm = 0.8;

export function svgOf(rows: readonly boolean[][]): string {
  const size = rows.length + 2 * quiet;
  const path = rows.flatMap((row, y) =>
    runsOf(row).map(([x, length]) => `M${x + quiet} ${y + quiet}h${length}v1h-${length}z`),
  );
  const side = `${(size * moduleMm).toFixed(1)}mm`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><rect width="${size}" height="${size}" fill="#fff"/><path d="${path.join('')}"/></svg>`;
}

function runsOf(row: readonly boolean[]): [start: number, length: number][] {
  const runs: [number, number][] = [];
  for (let x = 0; x < row.length; x++) {
    if (!row[x]) continue;
    const start = x;
    while (row[x + 1]) x++;
    runs.push([start, x + 1 - start]);
  }
  return runs;
}

const pixelsPerModule = 6;

export function pngOf(rows: readonly boolean[][]): Buffer {
  const size = (rows.length + 2 * quiet) * pixelsPerModule;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // One bit, greyscale.
  header.set([1, 0], 8);
  const lineBytes = 1 + Math.ceil(size / 8);
  const lines = Buffer.alloc(size * lineBytes, 0xff);
  for (let y = 0; y < size; y++) {
    // No filter.
    lines[y * lineBytes] = 0;
    const row = rows[Math.floor(y / pixelsPerModule) - quiet] ?? [];
    for (let x = 0; x < size; x++) {
      const at = y * lineBytes + 1 + (x >> 3);
      if (row[Math.floor(x / pixelsPerModule) - quiet]) lines[at] = (lines[at] ?? 0) & ~(0x80 >> (x & 7));
    }
  }
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    magic,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name), content]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(content.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
