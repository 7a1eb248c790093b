// Files as a gzipped tar archive, byte for byte the same for the same files. POSIX.1-1988 ustar, RFC 1952.

import { gzipSync } from 'node:zlib';

/** `name` is a path of at most 100 ASCII characters. */
export type ArchivedFile = { name: string; text: string };

const BLOCK_BYTES = 512;
/** RFC 1952, OS "unknown": else the archive would say where it was made. */
const GZIP_OS = 9;
const UNKNOWN_OS = 255;

/** The archive with its files in the order of their names, all of them from 1970. Throws TypeError for a name that does not fit. */
export function tarball(files: readonly ArchivedFile[]): Buffer {
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const end = Buffer.alloc(2 * BLOCK_BYTES);
  const zipped = gzipSync(Buffer.concat([...sorted.flatMap(blocksOf), end]), { level: 9 });
  zipped[GZIP_OS] = UNKNOWN_OS;
  return zipped;
}

function blocksOf({ name, text }: ArchivedFile): Buffer[] {
  const content = Buffer.from(text);
  const padding = Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES);
  return [header(name, content.length), content, padding];
}

function header(name: string, bytes: number): Buffer {
  if (!/^[\x21-\x7e]{1,100}$/.test(name)) throw new TypeError(`${name} does not fit into a tar header`);
  const block = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(name, 0);
  block.write(octal(0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(bytes, 11), 124);
  block.write(octal(0, 11), 136);
  block.write('        0', 148);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
