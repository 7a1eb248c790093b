// Keeps up with a storage: one whole round, then what the system says has changed, and a whole round again from time to time, for
// network drives say nothing. The storage itself is the store of what could not be delivered yet: nothing is kept twice.

import { setTimeout as sleep } from 'node:timers/promises';
import { DeliveryFailed } from '../deliver.ts';
import { scanDefaults } from './import-storage.ts';
import { newScan, type Scan, type ScanOptions, scanStorage } from './scan.ts';
import { watchFolders } from './watch-folders.ts';

export type StorageWatch = Omit<ScanOptions, keyof typeof scanDefaults | 'entered' | 'signal'> &
  Partial<typeof scanDefaults> & {
    /** From the end of a whole round to the next. */
    roundEveryMs?: number;
    /** So long changes are gathered before they are looked at. */
    gatherMs?: number;
    mostWatches?: number;
  };

export type StorageConnector = {
  /** The first round is done. Rejects when the server takes nothing from us (401). */
  ready: Promise<Scan>;
  /** Resolves when what was under way has been answered. */
  close(): Promise<void>;
  /** Rejects when the connector ends by itself: what has to be mended by a person. */
  ended: Promise<void>;
};

const dayMs = 86_400_000;
const recentDays = 14;
/** A storage that cannot be read (a network drive that is away) is tried again so soon. */
const awayMs = 60_000;

export function startStorageWatch({
  roundEveryMs = 900_000,
  gatherMs = 500,
  mostWatches = 8000,
  ...given
}: StorageWatch): StorageConnector {
  const stopping = new AbortController();
  const { signal } = stopping;
  // A server that is away is waited for, however long.
  const options = { ...scanDefaults, attempts: Infinity, ...given, signal };
  const log = given.log ?? (() => undefined);
  const changes = createChanges(signal);
  const folders = watchFolders({
    root: given.root,
    most: mostWatches,
    recentSince: () => dayOf(options.nowMs() - recentDays * dayMs),
    changed: changes.add,
  });

  async function round(below: string): Promise<Scan> {
    const entered = (path: string): void => folders.entered(path, below !== '');
    const scan = await scanStorage({ ...options, entered }, newScan(), below);
    if (scan.stored + scan.waiting + scan.refused > 0)
      log(`ssmix2: ${scan.stored} files stored, ${scan.waiting} waiting for a link, ${scan.refused} refused`);
    if (scan.left > 0 && below === '') log(`ssmix2: ${scan.left} files and folders are left out`);
    // The system tells of the last byte, not that nothing has followed it.
    if (scan.folders.size > 0) setTimeout(() => [...scan.folders].forEach(changes.add), options.settleMs).unref();
    return scan;
  }

  /** Milliseconds until the next whole round. */
  async function wholeRound(): Promise<number> {
    try {
      await round('');
      return roundEveryMs;
    } catch (error) {
      if (signal.aborted || !isOfFiles(error)) throw error;
      log(`ssmix2: the storage cannot be read (${error.code}); it is tried again`);
      return Math.min(awayMs, roundEveryMs);
    }
  }

  async function follow(): Promise<void> {
    await first;
    log(`ssmix2: the storage is read; ${folders.count()} folders are watched`);
    let nextMs = performance.now() + roundEveryMs;
    while (!signal.aborted) {
      if (performance.now() >= nextMs) nextMs = (await wholeRound()) + performance.now();
      await changes.wait(nextMs - performance.now());
      if (changes.isEmpty()) continue;
      await sleep(gatherMs, undefined, { signal });
      for (const path of outermost(changes.take())) await round(path);
    }
  }

  const first = round('');
  const ended = follow().catch((error: unknown) => {
    if (signal.aborted) return;
    if (error instanceof DeliveryFailed) log(`ssmix2: ended: ${error.message}`);
    throw error;
  });
  // Whoever waits for one of them hears of it.
  for (const promise of [first, ended]) promise.catch(() => undefined);
  return {
    ready: first,
    ended,
    async close() {
      stopping.abort();
      folders.close();
      await ended.catch(() => undefined);
    },
  };
}

/** The folders that are to be looked at, and a way to wait for the first of them. */
function createChanges(signal: AbortSignal) {
  const paths = new Set<string>();
  let wake = (): void => undefined;
  return {
    add(path: string): void {
      paths.add(path);
      wake();
    },
    isEmpty: (): boolean => paths.size === 0,
    take(): string[] {
      const all = [...paths];
      paths.clear();
      return all;
    },
    /** Resolves when there is one, when the time is over, or when all ends. */
    async wait(timeoutMs: number): Promise<void> {
      if (paths.size > 0 || timeoutMs <= 0 || signal.aborted) return;
      const timer = setTimeout(() => wake(), Math.min(timeoutMs, 2 ** 31 - 1));
      const aborted = (): void => wake();
      signal.addEventListener('abort', aborted);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    },
  };
}

const isOfFiles = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && 'syscall' in error;

/** Without those inside others. */
function outermost(paths: readonly string[]): string[] {
  return paths.filter(
    (path) => !paths.some((other) => other !== path && (other === '' || path.startsWith(`${other}/`))),
  );
}

const dayOf = (ms: number): string => new Date(ms + 9 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '');
