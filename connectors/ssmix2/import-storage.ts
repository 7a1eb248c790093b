// The whole of a storage to the server, once: with a line that says how far it is, and what was left for the next run.
// A run that was killed is taken up where it stopped by calling it again.

import { newScan, type Scan, type ScanOptions, scanStorage } from './scan.ts';
import { countPatients } from './walk.ts';

export type ImportProgress = {
  seen: number;
  /** As many as there would be if all patients had as many as those before; undefined while patients are being counted. */
  total: number | undefined;
  /** Files handed over in each second of this run. */
  perSecond: number;
  /** Undefined while nothing can be said. */
  leftSeconds: number | undefined;
};

export type StorageImport = Omit<
  ScanOptions,
  'entered' | 'attempts' | 'settleMs' | 'patienceMs' | 'maxBytes' | 'nowMs'
> & {
  progress?: (progress: ImportProgress) => void;
  everyMs?: number;
};

/** About half a minute of tries for a batch, and limits that fit a hospital's storage. */
export const scanDefaults = {
  attempts: 7,
  maxBytes: 4 * 1024 * 1024,
  settleMs: 2000,
  patienceMs: 300_000,
  nowMs: Date.now,
};

/** Throws DeliveryFailed when the server keeps nothing. What was handed over until then is in the ledger. */
export async function importStorage({ progress, everyMs = 1000, ...options }: StorageImport): Promise<Scan> {
  const scan = newScan();
  let patients: number | undefined;
  let entered = 0;
  const startedMs = performance.now();
  const show = (): void => {
    const total = patients && entered > 0 ? Math.round((scan.seen / entered) * Math.max(patients, entered)) : undefined;
    progress?.(progressOf(scan, total, (performance.now() - startedMs) / 1000));
  };
  const note = (path: string): void => {
    if (path.split('/').length === 3) entered += 1;
  };
  // What cannot be read is met by the import itself, which says so.
  void countPatients(options.root).then((count) => {
    patients = count;
  });
  const timer = setInterval(show, everyMs);
  try {
    await scanStorage({ ...scanDefaults, ...options, entered: note }, scan);
    show();
    return scan;
  } finally {
    clearInterval(timer);
  }
}

function progressOf(scan: Scan, total: number | undefined, seconds: number): ImportProgress {
  const done = scan.seen;
  const handedOver = scan.stored + scan.waiting + scan.refused;
  const perSecond = seconds > 0 ? handedOver / seconds : 0;
  const eachSecond = seconds > 0 ? done / seconds : 0;
  const leftSeconds = total === undefined || eachSecond === 0 ? undefined : Math.max(0, total - done) / eachSecond;
  return { seen: done, total, perSecond, leftSeconds };
}
