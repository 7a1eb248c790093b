// Reads a .tar.gz into memory: the form in which the shared test data comes. POSIX ustar with pax and GNU long names.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const BLOCK_BYTES = 512;

/** Regular files by path. Throws when the file is missing or no gzip. */
export function filesInArchive(path: string): Map<string, Buffer> {
  const bytes = gunzipSync(readFileSync(path));
  const files = new Map<string, Buffer>();
  let longName: string | undefined;
  for (let at = 0; at + BLOCK_BYTES <= bytes.length && bytes[at] !== 0; ) {
    const size = Number.parseInt(text(bytes, at + 124, 12), 8) || 0;
    const content = bytes.subarray(at + BLOCK_BYTES, at + BLOCK_BYTES + size);
    const kind = text(bytes, at + 156, 1);
    if (kind === 'L') longName = text(content, 0, size);
    else if (kind === 'x') longName = /^\d+ path=(.*)$/m.exec(content.toString('utf8'))?.[1];
    else {
      if (kind === '0' || kind === '') files.set(longName ?? shortName(bytes, at), content);
      longName = undefined;
    }
    at += BLOCK_BYTES * (1 + Math.ceil(size / BLOCK_BYTES));
  }
  return files;
}

function shortName(bytes: Buffer, at: number): string {
  const prefix = text(bytes, at + 345, 155);
  const name = text(bytes, at, 100);
  return prefix ? `${prefix}/${name}` : name;
}

function text(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? length : end);
}
