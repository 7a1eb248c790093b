// The folders of a standardized storage, one after the other in the order of their names, with the files in each. At no time
// is more in memory than the names of one folder at each of the five levels.

import { lstat, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { isFolderName, parseStorageFolder, type StorageFolder } from '../../mappings/ssmix2/storage-path.ts';

/** A folder of one data type; `path` is relative to the root, with `/` on every system. */
export type TypeFolder = { path: string; folder: StorageFolder; names: string[] };

export type Walked = {
  /** Something that is passed over; `path` is relative to the root and names a patient, so it belongs in no log. */
  leftOut(path: string, reason: string): void;
  /** A folder, of whatever level, before it is read. */
  entered?(path: string): void;
};

type LeftOut = Walked['leftOut'];

/** `below` is the folder to begin at, relative to the root; '' is the whole storage. `root` is a real path. */
export async function* walkStorage(
  root: string,
  walked: Walked,
  below = '',
  isStart = true,
): AsyncGenerator<TypeFolder> {
  const { leftOut } = walked;
  const depth = below === '' ? 0 : below.split('/').length;
  walked.entered?.(below);
  if ((isStart || depth === 3) && !(await isInPlace(join(root, below)))) {
    leftOut(below, 'It is a symbolic link; links are not followed.');
    return;
  }
  const entries = await entriesOf(root, below, leftOut);
  if (depth === 5) {
    const folder = parseStorageFolder(below);
    if (typeof folder === 'string') leftOut(below, folder);
    else
      yield { path: below, folder, names: entries.filter((entry) => isPlainFile(entry, below, leftOut)).map(nameOf) };
    return;
  }
  for (const entry of entries) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isSymbolicLink()) leftOut(path, 'It is a symbolic link; links are not followed.');
    else if (!entry.isDirectory()) leftOut(path, 'A storage has no files at this level.');
    else if (!isFolderName(entry.name, depth)) leftOut(path, 'A folder name is not one of the storage.');
    else yield* walkStorage(root, walked, path, false);
  }
}

/** How many patients have a folder. */
export async function countPatients(root: string, below = '', depth = 0): Promise<number> {
  const entries = await readdir(join(root, below), { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory());
  if (depth === 2) return folders.length;
  let patients = 0;
  for (const { name } of folders) patients += await countPatients(root, join(below, name), depth + 1);
  return patients;
}

/** The real path of a root. Throws when it is no folder that can be read. */
export async function storageRoot(path: string): Promise<string> {
  const root = await realpath(path);
  if (!(await lstat(root)).isDirectory()) throw new Error('not a folder');
  return root;
}

type Entry = { name: string; isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean };

const nameOf = ({ name }: Entry): string => name;

async function entriesOf(root: string, below: string, leftOut: LeftOut): Promise<Entry[]> {
  const path = join(root, below);
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    // The root itself must be there; anything below may go while it is read.
    if (below === '') throw error;
    if (!isCode(error, 'ENOENT')) leftOut(below, `It cannot be read (${codeOf(error)}).`);
    return [];
  }
}

/** A folder, or one above it, that was exchanged for a link since it was read leads elsewhere. */
async function isInPlace(path: string): Promise<boolean> {
  // What is no longer there leads nowhere.
  return (await realpath(path).catch(() => path)) === path;
}

function isPlainFile(entry: Entry, below: string, leftOut: LeftOut): boolean {
  if (entry.isFile()) return true;
  leftOut(
    `${below}/${entry.name}`,
    entry.isSymbolicLink() ? 'It is a symbolic link; links are not followed.' : 'It is no file.',
  );
  return false;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';

const isCode = (error: unknown, code: string): boolean => codeOf(error) === code;
