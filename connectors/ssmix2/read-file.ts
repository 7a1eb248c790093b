// The bytes of one file of a storage, when it is whole: nothing outside the tree, no devices, nothing huge, nothing half-written.

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** `waits`: it may still be being written, look again later. `left`: it is not handed over, with why. */
export type StorageRead =
  | { kind: 'whole'; bytes: Buffer; size: number; mtimeMs: number; isCut: boolean }
  | { kind: 'waits' }
  | { kind: 'left'; reason: string };

export type ReadLimits = {
  maxBytes: number;
  /** So long a file has to be unchanged before it is read. */
  settleMs: number;
  /** So long one that does not end with a segment end is waited for. */
  patienceMs: number;
  nowMs(): number;
};

// A link in the place of the file is not followed, and a pipe there is not waited for. Windows has neither flag.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export async function readStorageFile(path: string, limits: ReadLimits): Promise<StorageRead> {
  let handle: FileHandle;
  try {
    handle = await open(path, FLAGS);
  } catch (error) {
    return unreadable(error);
  }
  try {
    return await readWhole(handle, limits);
  } catch (error) {
    return unreadable(error);
  } finally {
    await handle.close();
  }
}

async function readWhole(handle: FileHandle, limits: ReadLimits): Promise<StorageRead> {
  const { size, mtimeMs, ...stats } = await handle.stat();
  if (!isFile(stats.mode)) return { kind: 'left', reason: 'It is no file.' };
  if (size > limits.maxBytes) return { kind: 'left', reason: `It is larger than ${limits.maxBytes} bytes.` };
  // Either way round: a clock that runs ahead on a network drive is no reason to wait for ever.
  const ageMs = Math.abs(limits.nowMs() - mtimeMs);
  if (ageMs < limits.settleMs) return { kind: 'waits' };
  const bytes = Buffer.alloc(size);
  const { bytesRead } = await handle.read(bytes, 0, size, 0);
  // A file that has rested for long is looked at once; should somebody write it now, its new time shows in the next round.
  const after = ageMs < limits.patienceMs ? await handle.stat() : { size, mtimeMs };
  if (bytesRead !== size || after.size !== size || after.mtimeMs !== mtimeMs) return { kind: 'waits' };
  const isCut = !endsWithSegment(bytes);
  if (isCut && ageMs < limits.patienceMs) return { kind: 'waits' };
  if (size === 0) return { kind: 'left', reason: 'It is empty.' };
  return { kind: 'whole', bytes, size, mtimeMs, isCut };
}

// CR ends a segment, a storage puts FS behind the last one; LF is what editors make of it.
const endsWithSegment = (bytes: Buffer): boolean => [0x0d, 0x0a, 0x1c].includes(bytes.at(-1) ?? 0);

const isFile = (mode: number): boolean => (mode & constants.S_IFMT) === constants.S_IFREG;

function unreadable(error: unknown): StorageRead {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  // Renamed or removed since the folder was read: the next look at the folder sees what became of it.
  if (code === 'ENOENT') return { kind: 'waits' };
  if (code === 'ELOOP') return { kind: 'left', reason: 'It is a symbolic link; links are not followed.' };
  return { kind: 'left', reason: `It cannot be read (${code}).` };
}
