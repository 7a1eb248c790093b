// One round through a storage, or through a part of it: what is new or was changed since the ledger's last word is handed over, and
// what is gone is said. Nothing is ever written into the storage.

import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StorageFile } from '../../mappings/ssmix2/map.ts';
import { parseStorageName } from '../../mappings/ssmix2/storage-path.ts';
import type { DeliverAll, Receipt } from '../deliver.ts';
import type { Tally } from '../import-original.ts';
import { type Composed, composeDelivery, composeUnnamed } from './compose.ts';
import { type ListedFile, type NamedFile, planFolder, type SeenFile, type Step, stem } from './folder-plan.ts';
import type { Ledger } from './ledger.ts';
import { type ReadLimits, readStorageFile, type StorageRead } from './read-file.ts';
import { createSender, type Sender } from './sender.ts';
import { type TypeFolder, type Walked, walkStorage } from './walk.ts';

export type ScanOptions = ReadLimits & {
  /** A real path (storageRoot). */
  root: string;
  institution?: string | undefined;
  deliverAll: DeliverAll;
  ledger: Ledger;
  /** How often a batch is tried. */
  attempts: number;
  signal?: AbortSignal | undefined;
  /** A line for whoever looks after the server: nothing of a patient. */
  log?: ((line: string) => void) | undefined;
  /** What became of one file, for the eyes of the hospital: the path names a patient. */
  file?: ((path: string, fate: string, reason?: string) => void) | undefined;
  /** Called with each folder of whatever level. */
  entered?: ((path: string) => void) | undefined;
};

export type Scan = Tally & {
  /** Files looked at, the ones that were handed over in an earlier round among them. */
  seen: number;
  /** What was passed over: links, huge files, names that are none of a storage. */
  left: number;
  /** Files that may still be being written. */
  unfinished: number;
  /** Files that were handed over once and are no longer there. What they said stays in the record. */
  gone: number;
  /** Folders with unfinished files. */
  folders: Set<string>;
};

export const newScan = (): Scan => ({
  stored: 0,
  waiting: 0,
  refused: 0,
  seen: 0,
  left: 0,
  unfinished: 0,
  gone: 0,
  folders: new Set(),
});

/** Network drives answer slowly: so many folders are read at a time. */
const FOLDERS_AT_ONCE = 8;

/** `scan` counts while it goes on. Throws DeliveryFailed when the server keeps nothing for as long as `attempts` last. */
export async function scanStorage(options: ScanOptions, scan: Scan = newScan(), below = ''): Promise<Scan> {
  const { ledger } = options;
  const isWhole = below === '';
  const round = isWhole ? ledger.nextRound() : Math.max(1, ledger.nextRound() - 1);
  const sender = createSender(options);
  const leftOut: Walked['leftOut'] = (path, reason) => {
    scan.left += 1;
    options.file?.(path, 'left out', reason);
  };
  const { entered } = options;
  let met = 0;
  const folders = walkStorage(options.root, { leftOut, ...(entered && { entered }) }, below);
  try {
    await forEach(folders, FOLDERS_AT_ONCE, async (folder) => {
      options.signal?.throwIfAborted();
      met += 1;
      await scanFolder(folder, { ...options, scan, sender, leftOut });
      ledger.visit(folder.path, round);
    });
    await sender.finish();
    if (isWhole && met > 0) noteGoneFolders(options, scan, round);
    // A drive that is not mounted looks like that.
    else if (isWhole && round > 1) options.log?.('ssmix2: the storage is empty; is it where it should be?');
  } finally {
    await sender.finish().catch(() => undefined);
    ledger.flush();
  }
  if (scan.gone > 0) options.log?.(`ssmix2: gone from the storage, what they said stays in the record: ${scan.gone}`);
  return scan;
}

type Part = ScanOptions & { scan: Scan; sender: Sender; leftOut: Walked['leftOut'] };

async function scanFolder({ path: folder, folder: parts, names }: TypeFolder, part: Part): Promise<void> {
  const { ledger, scan } = part;
  const seen = ledger.filesOf(folder);
  const named: NamedFile[] = [];
  for (const file of await listed(join(part.root, folder), names, seen)) {
    scan.seen += 1;
    const name = parseStorageName(file.fileName, parts);
    if (typeof name === 'string') await takeUnnamed({ folder, file, reason: name, seen }, part);
    else named.push({ ...file, name });
  }
  const gone = seen.map(({ fileName }) => fileName).filter((fileName) => !names.includes(fileName));
  const steps = planFolder(named, seen);
  for (const step of steps) {
    // Under another flag, the same file.
    const formerly = gone.filter((fileName) => stem(fileName) === stem(step.file.fileName));
    await takeStep(folder, step, formerly, part);
  }
  const renamed = new Set(steps.map(({ file }) => stem(file.fileName)));
  for (const fileName of gone.filter((one) => !renamed.has(stem(one)))) noteGone(folder, fileName, part);
}

function noteGone(folder: string, fileName: string, { ledger, scan, file }: ScanOptions & { scan: Scan }): void {
  scan.gone += 1;
  file?.(`${folder}/${fileName}`, 'gone', 'What it said stays in the record.');
  ledger.remove(folder, fileName);
}

/** Of files that were never handed over nothing but the name is asked yet: they are new whatever their size. */
async function listed(
  folder: string,
  names: readonly string[],
  seen: readonly SeenFile[],
): Promise<readonly ListedFile[]> {
  const known = new Set(seen.map(({ fileName }) => fileName));
  const files = names.map(async (fileName): Promise<ListedFile> => {
    const stats = known.has(fileName) ? await lstat(join(folder, fileName)).catch(() => undefined) : undefined;
    return { fileName, size: stats?.size ?? -1, mtimeMs: stats?.mtimeMs ?? -1 };
  });
  return Promise.all(files);
}

async function takeStep(folder: string, step: Step, formerly: readonly string[], part: Part): Promise<void> {
  const read = await readStorageFile(join(part.root, folder, step.file.fileName), part);
  if (read.kind !== 'whole') return passOver(folder, step.file, read, part);
  const others = await Promise.all(step.replaces.map((one) => readOther(folder, one, part)));
  const standing =
    step.standing && step.standing !== step.file ? await readOther(folder, step.standing, part) : undefined;
  const { fileName, name } = step.file;
  const composed: Composed = {
    file: { fileName, name, bytes: read.bytes },
    role: step.role,
    turn: step.turn,
    isCut: read.isCut,
    replaces: others.filter((one) => one !== undefined),
    standing,
  };
  await part.sender.add({
    patient: name.patient,
    delivery: composeDelivery(composed, part.institution),
    settle: (receipt) => {
      settle(
        folder,
        { fileName, size: read.size, mtimeMs: read.mtimeMs, role: step.role, turn: step.turn },
        receipt,
        part,
      );
      for (const one of step.replaces) part.ledger.setRole(folder, one.fileName, 'kept');
      for (const one of formerly) part.ledger.remove(folder, one);
    },
  });
}

async function readOther(folder: string, { fileName, name }: NamedFile, part: Part): Promise<StorageFile | undefined> {
  const read = await readStorageFile(join(part.root, folder, fileName), part);
  return read.kind === 'whole' && !read.isCut ? { fileName, name, bytes: read.bytes } : undefined;
}

/** A file that is none of the storage by its name, but holds a message, is kept; nobody knows what it means. */
async function takeUnnamed(
  { folder, file, reason, seen }: { folder: string; file: ListedFile; reason: string; seen: readonly SeenFile[] },
  part: Part,
): Promise<void> {
  const before = seen.find(({ fileName }) => fileName === file.fileName);
  if (before?.size === file.size && before.mtimeMs === file.mtimeMs) return;
  const read = await readStorageFile(join(part.root, folder, file.fileName), part);
  if (read.kind !== 'whole') return passOver(folder, file, read, part);
  const { size, mtimeMs, bytes } = read;
  const row = { fileName: file.fileName, size, mtimeMs, role: 'kept' as const, turn: 0 };
  if (!bytes.subarray(0, 4).includes('MSH')) {
    part.ledger.put({ folder, ...row, fate: 'left out', reason });
    return part.leftOut(`${folder}/${file.fileName}`, reason);
  }
  const delivery = composeUnnamed(bytes, reason);
  await part.sender.add({ patient: folder, delivery, settle: (receipt) => settle(folder, row, receipt, part) });
}

function passOver(folder: string, { fileName }: ListedFile, read: StorageRead, { scan, leftOut }: Part): void {
  if (read.kind === 'left') {
    leftOut(`${folder}/${fileName}`, read.reason);
    return;
  }
  scan.unfinished += 1;
  scan.folders.add(folder);
}

function settle(folder: string, file: SeenFile, { fate, reason }: Receipt, { ledger, scan, file: tell }: Part): void {
  scan[fate] += 1;
  ledger.put({ folder, ...file, fate, reason });
  tell?.(`${folder}/${file.fileName}`, fate, reason);
}

/** Whole folders that an earlier round met. */
function noteGoneFolders(options: ScanOptions, scan: Scan, round: number): void {
  const { ledger } = options;
  ledger.flush();
  for (let paths = ledger.goneSince(round); paths.length > 0; paths = ledger.goneSince(round)) {
    for (const path of paths) {
      for (const { fileName } of ledger.filesOf(path)) noteGone(path, fileName, { ...options, scan });
      ledger.forget(path);
    }
  }
}

/** `work` for each, some at a time. After the first that fails no more begin, and the failure is thrown when the others are done. */
async function forEach<T>(items: AsyncGenerator<T>, atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  let failed = false;
  const worker = async (): Promise<void> => {
    for (;;) {
      const next = failed ? undefined : await items.next();
      if (!next || next.done) return;
      await work(next.value).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const results = await Promise.allSettled(Array.from({ length: atOnce }, worker));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}
