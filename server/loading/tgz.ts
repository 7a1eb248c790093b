// Reading a FHIR package as it is published: a tar (POSIX ustar and pax, GNU long names) packed by gzip, file after file.
// https://confluence.hl7.org/display/FHIR/NPM+Package+Specification

import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LoadFault } from '../store/load-fault.ts';
import { checkPath } from './safe-path.ts';
import { checkRatio } from './unpacked.ts';

const blockBytes = 512;
const mostFileBytes = 256 * 1024 * 1024;

/** Each file with its content. Throws LoadFault for what is cut off, damaged, too large, or holds a link. */
export async function* tgzFiles(archive: string): AsyncGenerator<{ path: string; content: Buffer }> {
  const take = takingFrom(archive);
  let longName: string | undefined;
  for (;;) {
    const header = await take(blockBytes);
    if (header.every((byte) => byte === 0)) return;
    const { path, size, type } = readHeader(header, archive);
    if (size > mostFileBytes)
      throw new LoadFault(`${path} is larger than ${mostFileBytes / 1024 ** 2} MB`, { file: archive });
    const content = await take(size);
    await take((blockBytes - (size % blockBytes)) % blockBytes);
    if (type === 'x') longName = paxPath(content) ?? longName;
    else if (type === 'L') longName = textOf(content);
    else if (type === '0' || type === '\0') {
      const name = longName ?? path;
      checkPath(name, archive);
      yield { path: name, content };
      longName = undefined;
    } else if (type === '5') longName = undefined;
    else if (type !== 'g') throw new LoadFault(`${path} is neither a file nor a folder`, { file: archive });
  }
}

/** A function that takes the next bytes of what is unpacked. */
function takingFrom(archive: string): (length: number) => Promise<Buffer> {
  const packed = createReadStream(archive);
  const chunks = pipeline(packed, createGunzip(), () => undefined)[Symbol.asyncIterator]();
  let waiting: Buffer[] = [];
  let bytes = 0;
  let total = 0;
  return async (length) => {
    while (bytes < length) {
      const { value, done } = await chunks.next().catch((error: NodeJS.ErrnoException) => {
        if (error.code?.startsWith('Z_')) throw cutOff(archive);
        throw error;
      });
      if (done) throw cutOff(archive);
      waiting.push(value as Buffer);
      bytes += value.length;
      total += value.length;
      checkRatio(packed.bytesRead, total, archive);
    }
    const [all] = waiting.length === 1 ? waiting : [Buffer.concat(waiting)];
    const joined = all ?? Buffer.alloc(0);
    waiting = [joined.subarray(length)];
    bytes -= length;
    return joined.subarray(0, length);
  };
}

function readHeader(header: Buffer, archive: string): { path: string; size: number; type: string } {
  const sum = header.reduce((all, byte, n) => all + (n >= 148 && n < 156 ? 32 : byte), 0);
  const size = Number.parseInt(textOf(header.subarray(124, 136)).trim(), 8);
  if (Number.parseInt(textOf(header.subarray(148, 156)).trim(), 8) !== sum || !(size >= 0))
    throw new LoadFault('it is no tar archive, or it is damaged', { file: archive });
  const isUstar = header.toString('latin1', 257, 262) === 'ustar';
  const prefix = isUstar ? textOf(header.subarray(345, 500)) : '';
  const name = textOf(header.subarray(0, 100));
  const type = header.toString('latin1', 156, 157);
  return { path: prefix && isUstar ? `${prefix}/${name}` : name, size, type };
}

/** Records `length key=value\n`; the length counts the whole record. */
function paxPath(content: Buffer): string | undefined {
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = Number(content.toString('latin1', at, space));
    if (space < 0 || !(length > 0)) return undefined;
    const record = content.toString('utf8', space + 1, at + length - 1);
    if (record.startsWith('path=')) return record.slice(5);
    at += length;
  }
  return undefined;
}

const textOf = (bytes: Buffer): string => bytes.toString('utf8').replace(/\0.*$/s, '');
const cutOff = (file: string): LoadFault => new LoadFault('it is cut off, or not packed by gzip', { file });
