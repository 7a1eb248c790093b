// The NDJSON files of an export: one after the other for each type, each ended at a line when it has its bytes. What was written
// behind the last note of progress is cut off when the work goes on after a kill, so no line is there twice or half.

import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file: what is in it, and how much of it counts. */
export type Piece = { name: string; type: string; bytes: number; count: number };

export type Pieces = NonNullable<Awaited<ReturnType<typeof openPieces>>>;

/**
 * The files of `folder` as `kept` says they are; others are removed. Undefined where one of them holds less than was noted: the
 * machine, and not only the process, has stopped, and all has to be written anew.
 */
export async function openPieces(folder: string, kept: readonly Piece[], mostBytes: number) {
  const known = new Set(kept.map(({ name }) => name));
  for (const name of await readdir(folder)) if (!known.has(name)) await rm(join(folder, name));
  for (const { name, bytes } of kept) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found === undefined || found.size < bytes) return undefined;
  }
  const pieces = kept.map((one) => ({ ...one }));
  const files = new Map<Piece, FileHandle>();
  const amidLine = new Set<Piece>();

  return {
    /** Adds whole lines, or the next bytes of lines; a type whose line is not yet at its end gets nothing else meanwhile. */
    async add(type: string, bytes: Buffer): Promise<void> {
      for (let rest = bytes; rest.length > 0; ) {
        const piece = currentOf(type);
        const end = endOf(rest, mostBytes - piece.bytes);
        const part = rest.subarray(0, end);
        await writeAll(await fileOf(piece), part);
        piece.bytes += part.length;
        piece.count += linesIn(part);
        if (part.at(-1) === lineFeed) amidLine.delete(piece);
        else amidLine.add(piece);
        rest = rest.subarray(end);
      }
    },
    /** As they are now; an empty one is none. */
    list: (): Piece[] => pieces.filter(({ bytes }) => bytes > 0).map((one) => ({ ...one })),
    close: async (): Promise<void> => {
      for (const file of files.values()) await file.close();
      files.clear();
    },
  };

  function currentOf(type: string): Piece {
    const last = pieces.findLast((one) => one.type === type);
    if (last && (last.bytes < mostBytes || amidLine.has(last))) return last;
    const n = pieces.filter((one) => one.type === type).length + 1;
    const piece = { name: `${type}-${n}.ndjson`, type, bytes: 0, count: 0 };
    pieces.push(piece);
    return piece;
  }

  async function fileOf(piece: Piece): Promise<FileHandle> {
    const opened = files.get(piece);
    if (opened) return opened;
    for (const [other, file] of files) {
      if (other.type !== piece.type) continue;
      await file.close();
      files.delete(other);
    }
    const file = await open(join(folder, piece.name), 'a', 0o600);
    await file.truncate(piece.bytes);
    files.set(piece, file);
    return file;
  }
}

const lineFeed = 0x0a;

/** Behind the line that passes the end of the room, or all of it. */
function endOf(bytes: Buffer, room: number): number {
  if (bytes.length < room) return bytes.length;
  const end = bytes.indexOf(lineFeed, Math.max(room - 1, 0));
  return end === -1 ? bytes.length : end + 1;
}

function linesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) count++;
  return count;
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
}
