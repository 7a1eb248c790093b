// Lines on the disk, in files of a folder that are only ever added to and are removed when nobody needs them any more:
// 0000000001.log, 0000000002.log, … Calls must not overlap.

import { type FileHandle, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A byte of a segment at which a line begins. */
export type Place = { segment: number; at: number };

export type Segments = {
  /** Resolves when the lines (with their ends) will survive a crash. Throws what the disk says; then none of them is there. */
  append(lines: Buffer): Promise<void>;
  /** Lines without their ends, each with the place behind it, so many bytes of them or one longer one; none at the end. */
  from(place: Place, mostBytes: number): Promise<{ line: Buffer; next: Place }[]>;
  /** Removes what is before a place, and gives the place where reading goes on. */
  dropBefore(place: Place): Promise<Place>;
  isEnd(place: Place): boolean;
  /** Where the first line is. */
  start(): Place;
  /** On the disk. */
  bytes(): number;
  close(): Promise<void>;
};

/** Opens a folder that exists. What a write that was cut short has left at the end is cut off: nobody was told of it. */
export async function openSegments(folder: string, segmentBytes: number): Promise<Segments> {
  const pathOf = (segment: number) => join(folder, `${String(segment).padStart(10, '0')}.log`);
  const sizes = await sizesIn(folder);
  let last = Math.max(0, ...sizes.keys());
  let file: FileHandle | undefined;
  // Behind a write that failed and could not be taken back, the next line needs a beginning of its own.
  let isTorn = false;

  async function begin(): Promise<void> {
    const next = await open(pathOf(last + 1), 'ax', 0o600);
    await syncFolder(folder);
    await file?.close();
    file = next;
    isTorn = false;
    last += 1;
    sizes.set(last, 0);
  }

  async function reopen(): Promise<void> {
    if (last === 0) return begin();
    const text = await readFile(pathOf(last));
    const whole = text.lastIndexOf(0x0a) + 1;
    file = await open(pathOf(last), 'a');
    await file.truncate(whole);
    await file.datasync();
    sizes.set(last, whole);
  }

  async function append(lines: Buffer): Promise<void> {
    if ((sizes.get(last) ?? 0) >= segmentBytes) await begin();
    const size = sizes.get(last) ?? 0;
    const bytes = isTorn ? Buffer.concat([Buffer.from('\n'), lines]) : lines;
    try {
      await file?.appendFile(bytes);
      await file?.datasync();
    } catch (error) {
      isTorn = !(await takenBack(size));
      if (isTorn) sizes.set(last, (await stat(pathOf(last))).size);
      throw error;
    }
    isTorn = false;
    sizes.set(last, size + bytes.length);
  }

  async function takenBack(size: number): Promise<boolean> {
    try {
      await file?.truncate(size);
      return true;
    } catch {
      return false;
    }
  }

  async function from({ segment, at }: Place, mostBytes: number): Promise<{ line: Buffer; next: Place }[]> {
    const size = sizes.get(segment) ?? 0;
    if (at >= size) return segment < last ? from({ segment: segment + 1, at: 0 }, mostBytes) : [];
    const source = await open(pathOf(segment), 'r');
    try {
      for (let length = Math.min(mostBytes, size - at); ; length = Math.min(length * 4, size - at)) {
        const { buffer, bytesRead } = await source.read(Buffer.alloc(length), 0, length, at);
        const read = buffer.subarray(0, bytesRead);
        const lines = linesIn(read, { segment, at });
        if (lines.length > 0) return length > mostBytes ? lines.slice(0, 1) : lines;
        // A last line without end: one that failed to be written.
        if (at + length >= size) return [{ line: read, next: { segment, at: size } }];
      }
    } finally {
      await source.close();
    }
  }

  async function dropBefore(place: Place): Promise<Place> {
    const isAll = place.segment === last && place.at > 0 && place.at >= (sizes.get(last) ?? 0);
    if (isAll) await begin();
    for (const [segment, size] of [...sizes]) {
      if (segment === last || segment > place.segment || (segment === place.segment && place.at < size)) break;
      await rm(pathOf(segment), { force: true });
      sizes.delete(segment);
    }
    return sizes.has(place.segment) ? place : start();
  }

  const start = (): Place => ({ segment: Math.min(...sizes.keys()), at: 0 });

  await reopen();
  return {
    append,
    from,
    dropBefore,
    isEnd: ({ segment, at }) => segment >= last && at >= (sizes.get(last) ?? 0),
    start,
    bytes: () => [...sizes.values()].reduce((sum, size) => sum + size, 0),
    close: async () => file?.close(),
  };
}

/** Of each segment, in order. */
async function sizesIn(folder: string): Promise<Map<number, number>> {
  const names = (await readdir(folder)).filter((name) => /^\d{10}\.log$/.test(name)).sort();
  const sizes = new Map<number, number>();
  for (const name of names) sizes.set(Number.parseInt(name, 10), (await stat(join(folder, name))).size);
  return sizes;
}

function linesIn(read: Buffer, { segment, at }: Place): { line: Buffer; next: Place }[] {
  const lines: { line: Buffer; next: Place }[] = [];
  for (let start = 0, end = read.indexOf(0x0a); end >= 0; start = end + 1, end = read.indexOf(0x0a, start))
    lines.push({ line: read.subarray(start, end), next: { segment, at: at + end + 1 } });
  return lines;
}

/** So that the name of a new file survives a crash as its content does. Windows knows no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
