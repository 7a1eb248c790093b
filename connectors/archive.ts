// The files of a ZIP that somebody handed in, read into memory without trusting it: nothing is written to a disk, so a path in it
// leads nowhere, links are refused, and no file becomes larger than its entry says. APPNOTE.TXT 6.3.3, without ZIP64.

import { crc32, inflateRawSync } from 'node:zlib';
import { tryDecode } from '../mappings/charset.ts';

/** What is read at most: of all files together, unpacked, and how many. */
export type ArchiveLimits = { mostBytes: number; mostFiles: number };

const usual: ArchiveLimits = { mostBytes: 64 * 1024 * 1024, mostFiles: 200 };

export type Archive = { files: ReadonlyMap<string, Uint8Array> };

/** True for bytes that begin as a ZIP does. */
export const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;

/** The files by path, without folders; or, in a sentence, why the archive is not opened. */
export function openArchive(bytes: Uint8Array, asked: Partial<ArchiveLimits> = {}): Archive | string {
  const limits = { ...usual, ...asked };
  try {
    const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const entries = entriesOf(source, limits).filter(({ name }) => !name.endsWith('/'));
    const refusal = refusalOf(entries, limits);
    return refusal ?? { files: new Map(entries.map((entry) => [entry.name, contentOf(source, entry)])) };
  } catch (error) {
    // Reading past the end (RangeError), or what zlib says of its input.
    if (!(error instanceof Damaged || error instanceof RangeError || isOfZlib(error))) throw error;
    return 'The archive is damaged.';
  }
}

type Entry = {
  name: string;
  isLink: boolean;
  flags: number;
  method: number;
  crc: number;
  packedBytes: number;
  bytes: number;
  offset: number;
};

class Damaged extends Error {}

const END = 0x06054b50;
const LISTED = 0x02014b50;
const LOCAL = 0x04034b50;
const ENCRYPTED = 0x0001;
const UTF8_NAME = 0x0800;

/** What the directory at the end lists, folders too; of a long one no more is read than tells that it is too long. */
function entriesOf(source: Buffer, { mostFiles }: ArchiveLimits): Entry[] {
  const end = source.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || source.readUInt32LE(end) !== END) throw new Damaged();
  const count = source.readUInt16LE(end + 10);
  let at = source.readUInt32LE(end + 16);
  const entries: Entry[] = [];
  for (let n = 0; n < Math.min(count, 2 * mostFiles); n++) {
    if (source.readUInt32LE(at) !== LISTED) throw new Damaged();
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => source.readUInt16LE(at + field));
    const flags = source.readUInt16LE(at + 8);
    const name = source.subarray(at + 46, at + 46 + (nameBytes ?? 0));
    const isUnix = source.readUInt8(at + 5) === 3;
    entries.push({
      name: nameOf(name, flags),
      // The file type of Unix: 0120000 is a symbolic link.
      isLink: isUnix && ((source.readUInt32LE(at + 38) >>> 16) & 0o170000) === 0o120000,
      flags,
      method: source.readUInt16LE(at + 10),
      crc: source.readUInt32LE(at + 16),
      packedBytes: source.readUInt32LE(at + 20),
      bytes: source.readUInt32LE(at + 24),
      offset: source.readUInt32LE(at + 42),
    });
    at += 46 + (nameBytes ?? 0) + (extraBytes ?? 0) + (commentBytes ?? 0);
  }
  return entries;
}

function refusalOf(entries: readonly Entry[], { mostBytes, mostFiles }: ArchiveLimits): string | undefined {
  const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > mostBytes || entries.length > mostFiles) return 'The archive is too large.';
  if (entries.some(({ flags }) => flags & ENCRYPTED)) return 'The archive is encrypted.';
  if (entries.some(({ isLink }) => isLink)) return 'The archive holds a link.';
  if (entries.some(({ method }) => method !== 0 && method !== 8))
    return 'The archive is packed in a way that is not read.';
  if (!entries.every(({ name }) => isPlainPath(name))) return 'The archive holds a file whose name leads out of it.';
  if (new Set(entries.map(({ name }) => name)).size < entries.length) return 'The archive holds a file twice.';
  return undefined;
}

function contentOf(source: Buffer, { offset, method, packedBytes, bytes, crc }: Entry): Uint8Array {
  if (source.readUInt32LE(offset) !== LOCAL) throw new Damaged();
  const start = offset + 30 + source.readUInt16LE(offset + 26) + source.readUInt16LE(offset + 28);
  const packed = source.subarray(start, start + packedBytes);
  const content = method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, bytes) });
  if (content.length !== bytes || crc32(content) !== crc) throw new Damaged();
  return content;
}

/** Names are UTF-8 when the entry says so; Windows in Japan writes them in its own character set. */
function nameOf(name: Buffer, flags: number): string {
  const text =
    flags & UTF8_NAME ? tryDecode(name, 'utf-8') : (tryDecode(name, 'utf-8') ?? tryDecode(name, 'shift_jis'));
  if (text === undefined) throw new Damaged();
  return text;
}

const isPlainPath = (name: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  name !== '' && !/^(?:[/\\]|[A-Za-z]:)|[\x00-\x1f]/.test(name) && !name.split(/[/\\]/).includes('..');

// ERR_BUFFER_TOO_LARGE: it holds more than its entry says.
const isOfZlib = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(?:Z_|ERR_BUFFER_TOO_LARGE)/.test(String(error.code));
