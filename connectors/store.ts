// The local store of a connector: what could not be delivered waits here, on the disk, in its order. Where reading stands is
// written behind what was delivered, so that after a crash something may be delivered twice (which intake knows), but
// nothing is left out. What was delivered is removed.
//
//     0000000001.log …   deliveries, see store-line.ts     delivered   the place up to which they were delivered
//     aside.log          what the server does not take     damaged     lines that are not what was written     lock

import { appendFile, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Delivery, DeliveryFailed } from './deliver.ts';
import { deliveryIn, lineOf } from './store-line.ts';
import { lockFolder } from './store-lock.ts';
import { openSegments, type Place, type Segments } from './store-segments.ts';

export type Store = {
  /** Resolves when they will survive a crash. Throws DeliveryFailed when they were not kept: the disk or the store is full. */
  keep(deliveries: readonly Delivery[]): Promise<void>;
  /** True when nothing is kept that was not delivered. */
  isEmpty(): boolean;
  /** The first of what is kept, at most so many and about so many bytes of lines; one at least, if there is any. */
  first(most: number, mostBytes: number): Promise<Kept[]>;
  /** Forgets what `first` gave, up to this one. */
  forget(last: Kept): Promise<void>;
  /** Puts one away that the server does not take, and forgets it; it is tried again when the store is opened next. */
  setAside(one: Kept): Promise<void>;
  close(): Promise<void>;
};

/** A delivery and the place behind its line. */
export type Kept = { delivery: Delivery; next: Place };

export type StoreOptions = {
  folder: string;
  /** Beyond this nothing more is kept. */
  maxBytes?: number;
  segmentBytes?: number;
  log?: (line: string) => void;
};

/** Opens the folder, which it makes if there is none. Throws FolderInUse when another process has it. */
export async function openStore({ folder, ...options }: StoreOptions): Promise<Store> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const unlock = await lockFolder(folder);
  let segments: Segments | undefined;
  try {
    segments = await openSegments(folder, options.segmentBytes ?? 16 * 2 ** 20);
    await takeBackAside(folder, segments);
    return storeOn(segments, await readPlace(folder, segments), unlock, { folder, ...options });
  } catch (error) {
    await segments?.close();
    await unlock();
    throw error;
  }
}

type Write = { lines: Buffer[]; settle: (error: unknown) => void };

function storeOn(segments: Segments, from: Place, unlock: () => Promise<void>, options: StoreOptions): Store {
  const { folder, maxBytes = 2 ** 30, log = () => undefined } = options;
  let place = from;
  let writes: Write[] = [];
  let isWriting = false;
  // Whatever touches the files goes one after another.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };

  /** What has come since the last write goes to the disk together. */
  async function flush(): Promise<void> {
    const all = writes;
    writes = [];
    isWriting = true;
    const error = await append(Buffer.concat(all.flatMap(({ lines }) => lines))).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    isWriting = false;
    for (const { settle } of all) settle(error);
  }

  async function append(lines: Buffer): Promise<void> {
    if (lines.length === 0) return;
    if (segments.bytes() + lines.length > maxBytes)
      throw new DeliveryFailed(`The local store is full (${maxBytes} bytes).`, undefined);
    try {
      await segments.append(lines);
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      throw new DeliveryFailed(`The local store cannot be written (${code}).`, undefined, error);
    }
  }

  async function first(most: number, mostBytes: number): Promise<Kept[]> {
    const kept: Kept[] = [];
    while (kept.length === 0 && !segments.isEnd(place)) {
      for (const { line, next } of await segments.from(place, mostBytes)) {
        const delivery = deliveryIn(line);
        if (delivery) kept.push({ delivery, next });
        else if (line.length > 0) await noteDamage(line);
        if (kept.length === most) break;
        // Damage in front of the first sound line is behind us now.
        if (kept.length === 0) place = next;
      }
    }
    return kept;
  }

  async function noteDamage(line: Buffer): Promise<void> {
    log(`a line of the local store is damaged; it is in ${join(folder, 'damaged')}`);
    await appendFile(join(folder, 'damaged'), Buffer.concat([line, Buffer.from('\n')]), { mode: 0o600 });
  }

  async function forget({ next }: Kept): Promise<void> {
    place = await segments.dropBefore(next);
    await writePlace(folder, place);
  }

  return {
    keep: (deliveries) =>
      new Promise((resolve, reject) => {
        const settle = (error: unknown) => (error === undefined ? resolve() : reject(error));
        writes.push({ lines: deliveries.map(lineOf), settle });
        void inTurn(flush);
      }),
    isEmpty: () => writes.length === 0 && !isWriting && segments.isEnd(place),
    first: (most, mostBytes) => inTurn(() => first(most, mostBytes)),
    forget: (one) => inTurn(() => forget(one)),
    setAside: (one) =>
      inTurn(async () => {
        await synced(join(folder, asideName), lineOf(one.delivery));
        await forget(one);
      }),
    close: () =>
      inTurn(async () => {
        await flush();
        await segments.close();
        await unlock();
      }),
  };
}

const asideName = 'aside.log';
const placeName = 'delivered';

/** What was set aside comes behind everything else, to be tried again. */
async function takeBackAside(folder: string, segments: Segments): Promise<void> {
  const lines = await readFile(join(folder, asideName)).catch(() => undefined);
  if (lines === undefined) return;
  const whole = lines.subarray(0, lines.lastIndexOf(0x0a) + 1);
  if (whole.length > 0) await segments.append(whole);
  await rm(join(folder, asideName));
}

/** Without a word about it, everything is delivered once more. */
async function readPlace(folder: string, segments: Segments): Promise<Place> {
  const text = await readFile(join(folder, placeName), 'latin1').catch(() => '');
  const [, segment, at] = /^(\d+) (\d+)\n$/.exec(text) ?? [];
  const start = segments.start();
  const said = { segment: Number(segment), at: Number(at) };
  return segments.dropBefore(said.segment >= start.segment ? said : start);
}

async function writePlace(folder: string, { segment, at }: Place): Promise<void> {
  const path = join(folder, placeName);
  await rm(`${path}.new`, { force: true });
  await appendFile(`${path}.new`, `${segment} ${at}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

async function synced(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    await file.appendFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}
