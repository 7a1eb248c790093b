// The key ring: the patients' keys, in a file of their own beside the backups, encrypted with the key of the backups. There is one ring
// for all backups; it is written anew at each of them, without the keys of those who were erased meanwhile, and it names those
// keys, so that a restore can tell what was erased from what it cannot open.

import { randomBytes } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { type ErasedKey, type PatientKey, withAllKeys } from '../store/patient-keys.ts';
import type { Pool } from '../store/pool.ts';
import { BackupFault } from './backup-fault.ts';
import { createSealed, endKind, readSealed } from './sealed-file.ts';

export type KeyRing = {
  /** By the key's id in hexadecimal digits. */
  keys: Map<string, { patient: string; secret: Buffer }>;
  erased: Map<string, { patient: string }>;
  /** ISO 8601, UTC. */
  written: string;
  /** The thumbprint of the deployment whose it is. */
  signer: string;
};

type RingFacts = { keys: number; erased: number };
const keysKind = 1;
const erasedKind = 2;
const keyBytes = 64;
const erasedBytes = 32;

export type RingOptions = { pool: Pool; path: string; keyText: string; signer: string; nowMs: () => number };

/** Writes the ring anew in the place of the one that is there, whose bytes are overwritten. */
export async function writeKeyRing({ pool, path, keyText, signer, nowMs }: RingOptions): Promise<RingFacts> {
  const part = `${path}.part`;
  await rm(part, { force: true });
  const file = await createSealed(part, { kind: 'keys', keyText, signer });
  const facts = { keys: 0, erased: 0 };
  try {
    await withAllKeys(pool, async (keys, erased) => {
      for await (const page of keys) {
        await file.add(
          keysKind,
          Buffer.concat(page.flatMap(({ id, patient, secret }) => [raw(id), raw(patient), secret])),
        );
        facts.keys += page.length;
      }
      for await (const page of erased) {
        await file.add(erasedKind, Buffer.concat(page.flatMap(({ id, patient }) => [raw(id), raw(patient)])));
        facts.erased += page.length;
      }
    });
    await file.end(Buffer.from(JSON.stringify({ written: new Date(nowMs()).toISOString(), signer, ...facts })));
  } finally {
    await file.close();
  }
  await replace(part, path);
  return facts;
}

const raw = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

/** The new ring takes the old one's name first; then the old one's bytes are written over. */
async function replace(part: string, path: string): Promise<void> {
  const old = `${path}.old`;
  await overwrite(old);
  await link(path, old).catch((error) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
  await rename(part, path);
  await overwrite(old);
}

async function overwrite(path: string): Promise<void> {
  const handle = await open(path, 'r+').catch((error) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  });
  if (!handle) return;
  try {
    const { size } = await handle.stat();
    for (let at = 0; at < size; at += 1 << 20)
      await handle.write(randomBytes(Math.min(1 << 20, size - at)), 0, undefined, at);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rm(path);
}

/** The ring in a file. Throws BackupFault. */
export async function readKeyRing(path: string, keyText: string): Promise<KeyRing> {
  const ring: KeyRing = { keys: new Map(), erased: new Map(), written: '', signer: '' };
  for await (const { kind, content } of readSealed(path, { kind: 'keys', keyText })) {
    const size = kind === keysKind ? keyBytes : erasedBytes;
    if (kind === endKind) {
      const { written, signer, keys, erased } = JSON.parse(content.toString('utf8')) as KeyRingEnd;
      if (keys !== ring.keys.size || erased !== ring.erased.size)
        throw new BackupFault(`${path} does not hold as many keys as it says`);
      Object.assign(ring, { written, signer });
    } else {
      for (let at = 0; at < content.length; at += size) {
        const entry = content.subarray(at, at + size);
        const patient = uuidOf(entry.toString('hex', 16, 32));
        if (kind === keysKind)
          ring.keys.set(entry.toString('hex', 0, 16), { patient, secret: Buffer.from(entry.subarray(32)) });
        else ring.erased.set(entry.toString('hex', 0, 16), { patient });
      }
    }
  }
  return ring;
}

type KeyRingEnd = { written: string; signer: string; keys: number; erased: number };

/** As they stand in the database. */
export function storedKeys({ keys, erased }: KeyRing): { keys: PatientKey[]; erased: ErasedKey[] } {
  return {
    keys: [...keys].map(([id, { patient, secret }]) => ({ id: uuidOf(id), patient, secret })),
    erased: [...erased].map(([id, { patient }]) => ({ id: uuidOf(id), patient })),
  };
}

const uuidOf = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
