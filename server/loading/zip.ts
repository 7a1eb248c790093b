// Reading the ZIPs that code systems are released in (APPNOTE.TXT 6.3.9: stored or deflated, ZIP64, no encryption), by their
// directory. Nothing is unpacked to disk. A file that unpacks to far more than code tables do, or to more than it says, is refused.

import { type FileHandle, open } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { LoadFault } from '../store/load-fault.ts';
import type { InputFile } from './input-file.ts';
import { checkPath } from './safe-path.ts';
import { checkRatio } from './unpacked.ts';

const mostFiles = 100_000;
const mostDirectoryBytes = 64 * 1024 * 1024;
const endBytes = 22;
const longestComment = 0xffff;
const chunkBytes = 256 * 1024;
const isEncrypted = 0x0001 | 0x0040 | 0x2000;

type Entry = { path: string; method: number; crc: number; packedBytes: number; bytes: number; offset: number };

/** The files of a ZIP by path. Throws LoadFault. */
export async function zipFiles(path: string): Promise<{ files: InputFile[]; close(): Promise<void> }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const { count, offset, length } = await directoryPlace(file, size, path);
    if (count > mostFiles || length > mostDirectoryBytes)
      throw new LoadFault(`there are more than ${mostFiles} files in it`, { file: path });
    const entries = readDirectory(await exactly(file, offset, length, path), count, path);
    const paths = new Set<string>();
    for (const { path: inside } of entries) {
      if (paths.has(inside)) throw new LoadFault(`${inside} is in it twice`, { file: path });
      paths.add(inside);
    }
    const files = entries
      .filter(({ path: inside }) => !inside.endsWith('/'))
      .map((entry) => ({ path: entry.path, bytes: entry.bytes, read: () => contentOf(file, entry, path) }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    return { files, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function directoryPlace(
  file: FileHandle,
  size: number,
  path: string,
): Promise<{ count: number; offset: number; length: number }> {
  const tailBytes = Math.min(size, endBytes + longestComment);
  const tail = await exactly(file, size - tailBytes, tailBytes, path);
  for (let at = tail.length - endBytes; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== 0x06054b50 || at + endBytes + tail.readUInt16LE(at + 20) !== tail.length) continue;
    const place = {
      count: tail.readUInt16LE(at + 10),
      length: tail.readUInt32LE(at + 12),
      offset: tail.readUInt32LE(at + 16),
    };
    const is64 = place.count === 0xffff || place.length === 0xffffffff || place.offset === 0xffffffff;
    return is64 ? directoryPlace64(file, size - tail.length + at, path) : place;
  }
  throw new LoadFault('the ZIP is cut off: it has no directory at its end', { file: path });
}

async function directoryPlace64(
  file: FileHandle,
  endOffset: number,
  path: string,
): Promise<{ count: number; offset: number; length: number }> {
  if (endOffset < 20) throw damaged(path);
  const locator = await exactly(file, endOffset - 20, 20, path);
  if (locator.readUInt32LE(0) !== 0x07064b50) throw damaged(path);
  const end = await exactly(file, numberAt(locator, 8), 56, path);
  if (end.readUInt32LE(0) !== 0x06064b50) throw damaged(path);
  return { count: numberAt(end, 32), length: numberAt(end, 40), offset: numberAt(end, 48) };
}

function readDirectory(directory: Buffer, count: number, file: string): Entry[] {
  const entries: Entry[] = [];
  let at = 0;
  for (let n = 0; n < count; n++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) throw damaged(file);
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((place) => directory.readUInt16LE(at + place)) as [
      number,
      number,
      number,
    ];
    const nameEnd = at + 46 + nameBytes;
    if (nameEnd + extraBytes + commentBytes > directory.length) throw damaged(file);
    const path = directory.toString('utf8', at + 46, nameEnd);
    checkPath(path, file);
    const flags = directory.readUInt16LE(at + 8);
    const method = directory.readUInt16LE(at + 10);
    if ((flags & isEncrypted) !== 0) throw new LoadFault('it is encrypted', { file: `${file}: ${path}` });
    if (method !== 0 && method !== 8)
      throw new LoadFault('it is packed by another method than deflate', { file: `${file}: ${path}` });
    const entry = {
      ...{ path, method, crc: directory.readUInt32LE(at + 16) },
      packedBytes: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    };
    widen(entry, directory.subarray(nameEnd, nameEnd + extraBytes));
    checkRatio(entry.packedBytes, entry.bytes, `${file}: ${path}`);
    entries.push(entry);
    at = nameEnd + extraBytes + commentBytes;
  }
  return entries;
}

/** ZIP64: the numbers that do not fit stand in the extra field 1, in this order. */
function widen(entry: Entry, extra: Buffer): void {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    for (const name of ['bytes', 'packedBytes', 'offset'] as const) {
      if (entry[name] !== 0xffffffff || next + 8 > extra.length) continue;
      entry[name] = numberAt(extra, next);
      next += 8;
    }
  }
}

async function* contentOf(file: FileHandle, entry: Entry, zip: string): AsyncGenerator<Buffer> {
  const name = `${zip}: ${entry.path}`;
  const packed = packedBytes(file, entry, zip);
  const chunks: AsyncIterable<Buffer> =
    entry.method === 8 ? pipeline(Readable.from(packed), createInflateRaw(), () => undefined) : packed;
  let bytes = 0;
  let crc = 0;
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > entry.bytes) throw new LoadFault('it unpacks to more than the ZIP says', { file: name });
      crc = crc32(chunk, crc);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
      throw new LoadFault('its packed bytes are damaged', { file: name });
    throw error;
  }
  if (bytes !== entry.bytes || crc !== entry.crc) throw new LoadFault('it is not what was packed', { file: name });
}

async function* packedBytes(file: FileHandle, { offset, packedBytes }: Entry, zip: string): AsyncGenerator<Buffer> {
  const header = await exactly(file, offset, 30, zip);
  if (header.readUInt32LE(0) !== 0x04034b50) throw damaged(zip);
  const start = offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  for (let at = 0; at < packedBytes; at += chunkBytes)
    yield await exactly(file, start + at, Math.min(chunkBytes, packedBytes - at), zip);
}

async function exactly(file: FileHandle, offset: number, length: number, path: string): Promise<Buffer> {
  if (!Number.isSafeInteger(offset) || offset < 0 || length < 0 || length > mostDirectoryBytes) throw damaged(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
  if (bytesRead !== length) throw new LoadFault('the ZIP is cut off', { file: path });
  return buffer;
}

const numberAt = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));
const damaged = (file: string): LoadFault => new LoadFault('the directory of the ZIP is damaged', { file });
