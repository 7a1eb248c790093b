// A standardized storage of an invented hospital in a folder of its own, whose files look as if they were written an hour ago.

import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { storageRoot } from '../../../connectors/ssmix2/walk.ts';
import { jis, PATIENT_NUMBER } from './hl7v2.ts';

export type StoredName = {
  patient?: string;
  date?: string;
  type: string;
  key?: string;
  time?: string;
  department?: string;
  flag?: string;
};

/** The path of a file, relative to the root. */
export function storagePath({
  patient = PATIENT_NUMBER,
  date = '20260915',
  type,
  key = '999999999999999',
  time = '20260915101500000',
  department = '09',
  flag = '1',
}: StoredName): string {
  const folder = [patient.slice(0, 3), patient.slice(3, 6), patient, date, type].join('/');
  return `${folder}/${[patient, date, type, key, time, department, flag].join('_')}`;
}

export type Storage = {
  root: string;
  /** A folder beside the storage, for ledgers. */
  beside: string;
  /** Writes a file (text as ISO-2022-JP with the end mark of a storage) and returns its path. */
  write(name: StoredName, content: string | Uint8Array, ageMs?: number): Promise<string>;
  put(path: string, content: Uint8Array, ageMs?: number): Promise<void>;
  /** Another flag, as storages say that a file no longer stands. */
  flag(path: string, flag: string): Promise<string>;
  remove(): Promise<void>;
};

export async function makeStorage(): Promise<Storage> {
  const folder = await storageRoot(await mkdtemp(join(tmpdir(), 'tsumugi-storage-')));
  const root = join(folder, 'storage');
  await mkdir(root);
  const put = async (path: string, content: Uint8Array, ageMs = 3_600_000): Promise<void> => {
    const whole = join(root, path);
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(whole, content);
    const at = new Date(Date.now() - ageMs);
    await utimes(whole, at, at);
  };
  return {
    root,
    beside: folder,
    put,
    async write(name, content, ageMs) {
      const path = storagePath(name);
      await put(path, typeof content === 'string' ? Buffer.concat([jis(content), Buffer.of(0x1c)]) : content, ageMs);
      return path;
    },
    async flag(path, flag) {
      const renamed = `${path.slice(0, -1)}${flag}`;
      await rename(join(root, path), join(root, renamed));
      return renamed;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
