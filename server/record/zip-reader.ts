// Reading a ZIP that may have been made to deceive. Only plain ZIPs are taken (APPNOTE.TXT 6.3.3; stored or DEFLATE, no ZIP64,
// no encryption, no extra fields, no comments): one file follows the other without a gap, the directory at the end says the
// same as the header before each file, and so every byte is accounted for and no two programs can read it differently.

import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { ArchiveFault, wholeArchive } from './archive-fault.ts';
import { isSafePath } from './manifest.ts';

/** Random access to the archive's bytes; `read` answers fewer bytes than asked only behind the end. */
export type ByteSource = { size: number; read(offset: number, length: number): Promise<Buffer> };

export type ZipEntry = {
  path: string;
  method: number;
  crc: number;
  compressedBytes: number;
  bytes: number;
  dataOffset: number;
};

const mostEntries = 10_000;
const mostDirectoryBytes = 4 * 1024 * 1024;
const mostTotalBytes = 16 * 1024 ** 3;
const endBytes = 22;
const headerBytes = 30;
const directoryEntryBytes = 46;
const descriptorBytes = 16;
/** MS-DOS, version 2.0. */
const madeBy = 20;
const chunkBytes = 256 * 1024;
const hasDescriptor = 0x0008;
const isEncrypted = 0x0001 | 0x0040 | 0x2000;
/** Level of compression, data descriptor, UTF-8 names. */
const knownFlags = 0x0006 | hasDescriptor | 0x0800;

/** The files of a ZIP, in order. Throws ArchiveFault. */
export async function readEntries(source: ByteSource): Promise<ZipEntry[]> {
  const { count, offset, length } = await readEnd(source);
  const directory = await exactly(source, offset, length);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let at = 0;
  let expectedOffset = 0;
  let total = 0;
  for (let n = 0; n < count; n++) {
    const listed = readListed(directory, at);
    at += directoryEntryBytes + listed.path.length;
    // On a system without case, README.txt and readme.TXT are the same file.
    if (names.has(listed.path.toLowerCase())) throw new ArchiveFault(listed.path, 'it is in the ZIP twice');
    names.add(listed.path.toLowerCase());
    if (listed.offset !== expectedOffset) throw new ArchiveFault(listed.path, 'it does not follow the file before it');
    const { entry, end } = await readEntry(source, listed);
    total += entry.bytes;
    if (end > offset || total > mostTotalBytes) throw new ArchiveFault(listed.path, 'its size is not possible');
    expectedOffset = end;
    entries.push(entry);
  }
  if (at !== directory.length || expectedOffset !== offset) throw damaged('there are bytes that belong to no file');
  return entries;
}

/**
 * The content of a file, at most the bytes it is listed with; `onPacked` sees the bytes as they stand in the ZIP.
 * Throws ArchiveFault when it is not what was packed.
 */
export async function* contentOf(
  source: ByteSource,
  entry: ZipEntry,
  onPacked?: (bytes: Buffer) => void,
): AsyncGenerator<Buffer> {
  let size = 0;
  let crc = 0;
  const inflate = entry.method === 8 ? createInflateRaw() : undefined;
  const packed = packedBytes(source, entry, onPacked);
  const chunks: AsyncIterable<Buffer> = inflate ? pipeline(Readable.from(packed), inflate, () => undefined) : packed;
  try {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > entry.bytes) break;
      crc = crc32(chunk, crc);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
      throw new ArchiveFault(entry.path, 'its compressed bytes are damaged');
    throw error;
  }
  const isConsumed = inflate === undefined || inflate.bytesWritten === entry.compressedBytes;
  if (size !== entry.bytes || crc !== entry.crc || !isConsumed)
    throw new ArchiveFault(entry.path, 'its content is not what was packed');
}

/**
 * Whether these packed bytes are the content as it is, in stored blocks of DEFLATE (RFC 1951 section 3.2.4), with no bit that
 * could be another: the padding behind the three bits of a block's header is zero.
 */
export function isStored(packed: Buffer): boolean {
  let at = 0;
  for (;;) {
    if (at + 5 > packed.length) return false;
    const header = packed.readUInt8(at);
    const length = packed.readUInt16LE(at + 1);
    if (header > 1 || packed.readUInt16LE(at + 3) !== (length ^ 0xffff)) return false;
    at += 5 + length;
    if (header === 1) return at === packed.length;
  }
}

async function readEnd(source: ByteSource): Promise<{ count: number; offset: number; length: number }> {
  if (source.size < endBytes) throw damaged('it is not a ZIP file');
  const end = await exactly(source, source.size - endBytes, endBytes);
  if (end.readUInt32LE(0) !== 0x06054b50) throw damaged('it is not a ZIP file, or it was cut off or added to');
  const [disk, startDisk, here, count] = [
    end.readUInt16LE(4),
    end.readUInt16LE(6),
    end.readUInt16LE(8),
    end.readUInt16LE(10),
  ];
  const [length, offset] = [end.readUInt32LE(12), end.readUInt32LE(16)];
  if (disk !== 0 || startDisk !== 0 || here !== count || end.readUInt16LE(20) !== 0)
    throw damaged('its directory is damaged');
  if (count > mostEntries || length > mostDirectoryBytes) throw damaged('it holds more files than an archive may');
  if (offset + length !== source.size - endBytes) throw damaged('its directory is damaged');
  return { count, offset, length };
}

type Listed = { path: string; common: Buffer; offset: number };

function readListed(directory: Buffer, at: number): Listed {
  if (at + directoryEntryBytes > directory.length || directory.readUInt32LE(at) !== 0x02014b50)
    throw damaged('its directory is damaged');
  const nameBytes = directory.readUInt16LE(at + 28);
  const path = directory.toString('latin1', at + directoryEntryBytes, at + directoryEntryBytes + nameBytes);
  if (path.length !== nameBytes || !isSafePath(path)) throw damaged('a file in it has a name that is not allowed');
  // Extra fields, comments and attributes could tell two programs two things.
  const isPlain =
    directory.readUInt16LE(at + 4) === madeBy && directory.subarray(at + 30, at + 42).every((byte) => byte === 0);
  if (!isPlain) throw new ArchiveFault(path, 'it was packed by another program');
  return { path, common: directory.subarray(at + 6, at + 28), offset: directory.readUInt32LE(at + 42) };
}

async function readEntry(
  source: ByteSource,
  { path, common, offset }: Listed,
): Promise<{ entry: ZipEntry; end: number }> {
  const [flags, method] = [common.readUInt16LE(2), common.readUInt16LE(4)];
  if ((flags & isEncrypted) !== 0) throw new ArchiveFault(path, 'it is encrypted');
  if ((flags & ~knownFlags) !== 0 || (method !== 0 && method !== 8))
    throw new ArchiveFault(path, 'it is packed in a way that is not supported');
  const [crc, compressedBytes, bytes] = [common.readUInt32LE(10), common.readUInt32LE(14), common.readUInt32LE(18)];
  if (method === 0 && compressedBytes !== bytes) throw new ArchiveFault(path, 'its size is not possible');
  const header = await exactly(source, offset, headerBytes + path.length);
  const dataOffset = offset + header.length;
  // With a data descriptor, checksum and sizes stand behind the content and are zero in the header.
  const sums = (flags & hasDescriptor) === 0 ? common.subarray(10, 22) : Buffer.alloc(12);
  const wanted = Buffer.concat([
    signature(0x04034b50),
    common.subarray(0, 10),
    sums,
    uint16(path.length),
    uint16(0),
    Buffer.from(path),
  ]);
  if (!header.equals(wanted)) throw new ArchiveFault(path, 'its header and the directory of the ZIP do not agree');
  const dataEnd = dataOffset + compressedBytes;
  const entry = { path, method, crc, compressedBytes, bytes, dataOffset };
  if ((flags & hasDescriptor) === 0) return { entry, end: dataEnd };
  const descriptor = await exactly(source, dataEnd, descriptorBytes);
  if (!descriptor.equals(Buffer.concat([signature(0x08074b50), common.subarray(10, 22)])))
    throw new ArchiveFault(path, 'its sizes and the directory of the ZIP do not agree');
  return { entry, end: dataEnd + descriptorBytes };
}

async function* packedBytes(
  source: ByteSource,
  { dataOffset, compressedBytes }: ZipEntry,
  onPacked?: (bytes: Buffer) => void,
): AsyncGenerator<Buffer> {
  for (let at = 0; at < compressedBytes; at += chunkBytes) {
    const bytes = await exactly(source, dataOffset + at, Math.min(chunkBytes, compressedBytes - at));
    onPacked?.(bytes);
    yield bytes;
  }
}

async function exactly(source: ByteSource, offset: number, length: number): Promise<Buffer> {
  const bytes = await source.read(offset, length);
  if (bytes.length !== length) throw damaged('it is cut off');
  return bytes;
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

const damaged = (why: string): ArchiveFault => new ArchiveFault(wholeArchive, why);
