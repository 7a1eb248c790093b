// `tsumugi backup`: a consistent, encrypted copy of the whole database while the server runs; the key ring beside it; and the check of
// such a copy (server/decisions/0026-backups.md).

import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BackupFault } from '../backup/backup-fault.ts';
import { readKeyRing, writeKeyRing } from '../backup/key-ring.ts';
import { type CheckedBackup, readBackup } from '../backup/read-backup.ts';
import { writeBackup } from '../backup/write-backup.ts';
import { loadArchiveKeys } from '../record/keys.ts';
import { signBytes, signerOf } from '../record/signature.ts';
import { noteBackup } from '../store/backup-log.ts';
import type { Pool } from '../store/pool.ts';
import { secret } from '../store/secrets.ts';
import { type Command, CommandError, type Output } from './command.ts';
import { settingsOf, withDatabase } from './connect.ts';
import { joined, textOf } from './flags.ts';
import { softwareVersion } from './software-version.ts';

export const backupCommand: Command = {
  name: 'backup',
  summary: 'Write an encrypted backup while the server runs (found by DATA_DIR or DATABASE_URL), or check one.',
  usage: `tsumugi backup --out FOLDER --key-file FILE --keys FILE [--database-url URL]
       tsumugi backup --renew-keys --key-file FILE --keys FILE [--database-url URL]
       tsumugi backup --verify BACKUP --key-file FILE [--keys FILE] [--signed-by THUMBPRINT]

  --key-file   the key of the backups: made by tsumugi backup-key, or a passphrase of 16 characters or more
  --keys       the key ring: one file with the patients' keys, for all backups, written anew by each. Keep it where there are no
               backups of it: whoever is erased is gone from every backup as soon as the ring is written anew (--renew-keys)
  --signed-by  the thumbprint (RFC 7638) of the deployment that must have made it

  Exit code 0 when written or valid, 1 when a backup is not valid, 2 for a wrong call.`,
  run,
};

const text = { type: 'string' } as const;
const options = {
  out: text,
  'key-file': text,
  keys: text,
  'database-url': text,
  verify: text,
  'signed-by': text,
  'renew-keys': { type: 'boolean' },
} as const;

async function run(args: string[], out: Output): Promise<number> {
  const { values } = parseArgs({ args: joined(args, '--signed-by'), options });
  const { out: folder, keys, verify } = values;
  if (!values['key-file']) throw new CommandError('--key-file is required; tsumugi backup-key makes one');
  const keyText = await textOf(values['key-file']);
  if (verify !== undefined) return verifyFile(verify, { keyText, keys, signedBy: values['signed-by'] }, out);
  if (!keys) throw new CommandError('--keys takes the file of the key ring');
  if (!folder && !values['renew-keys']) throw new CommandError('--out takes the folder of the backups');
  const config = settingsOf();
  const url = values['database-url'];
  const settings = url === undefined ? config : { ...config, DATABASE_URL: url };
  const work = (pool: Pool) =>
    (folder ? backUp(pool, { folder, keys, keyText }, out) : renew(pool, { keys, keyText }, out)).catch((error) => {
      throw unreadable(error);
    });
  return withDatabase(settings, work, { connections: 3, statementTimeoutMs: 0 });
}

type Ring = { keys: string; keyText: string };

async function backUp(pool: Pool, { folder, keys, keyText }: Ring & { folder: string }, out: Output): Promise<number> {
  const { signing } = await loadArchiveKeys((name, make) => secret(pool, name, make));
  await checkRing({ keys, keyText }, signing.thumbprint);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await removeOldParts(folder);
  const startedMs = Date.now();
  const name = `tsumugi-${new Date(startedMs).toISOString().replace(/[-:.]/g, '')}.backup`;
  const part = join(folder, `${name}.part`);
  try {
    const { manifest, bytes } = await writeBackup({
      pool,
      path: part,
      keyText,
      sign: (payload) => signBytes(payload, signing),
      signer: signing.thumbprint,
      software: { name: 'Tsumugi', version: softwareVersion },
    });
    // The ring first: a backup that has its name can be restored.
    const ring = await writeKeyRing({ pool, path: keys, keyText, signer: signing.thumbprint, nowMs: Date.now });
    await rename(part, join(folder, name));
    await syncFolder(folder);
    await noteBackup(pool, 'backup', name);
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
    const seconds = (Date.now() - startedMs) / 1000;
    out.line(`${join(folder, name)}: ${rows} rows, ${bytes} bytes, ${seconds.toFixed(1)} s`);
    out.line(`${keys}: ${ring.keys} keys, ${ring.erased} erased`);
    return 0;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function renew(pool: Pool, { keys, keyText }: Ring, out: Output): Promise<number> {
  const { signing } = await loadArchiveKeys((name, make) => secret(pool, name, make));
  await checkRing({ keys, keyText }, signing.thumbprint);
  const ring = await writeKeyRing({ pool, path: keys, keyText, signer: signing.thumbprint, nowMs: Date.now });
  await noteBackup(pool, 'keys', 'key ring');
  out.line(`${keys}: ${ring.keys} keys, ${ring.erased} erased`);
  return 0;
}

/** A ring that is there is replaced only where it is this deployment's. */
async function checkRing({ keys, keyText }: Ring, thumbprint: string): Promise<void> {
  const isThere = await stat(keys).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  const { signer } = await readKeyRing(keys, keyText);
  if (signer !== thumbprint)
    throw new BackupFault(`${keys} is the key ring of another deployment (${signer}); it is left as it is`);
}

const partHours = 24;

/** What a killed backup left. */
async function removeOldParts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^tsumugi-.*\.backup\.part$/.test(name)) continue;
    const { mtimeMs } = await stat(join(folder, name));
    if (mtimeMs < Date.now() - partHours * 3_600_000) await rm(join(folder, name), { force: true });
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(resolve(dirname(join(folder, 'x'))), 'r');
  await handle.sync();
  await handle.close();
}

type Check = { keyText: string; keys: string | undefined; signedBy: string | undefined };

async function verifyFile(path: string, { keyText, keys, signedBy }: Check, out: Output): Promise<number> {
  try {
    const ring = keys === undefined ? undefined : await readKeyRing(keys, keyText);
    const checked = await readBackup({ path, keyText, ring, signerOf });
    checkSigner(checked, signedBy);
    for (const line of backupLines(checked, ring !== undefined)) out.line(line);
    out.line('VALID');
    return 0;
  } catch (error) {
    if (!(error instanceof BackupFault)) throw unreadable(error);
    out.line(`INVALID: ${error.message}`);
    return 1;
  }
}

/** Throws BackupFault when another deployment made it than was expected. */
export function checkSigner({ signer }: CheckedBackup, expected: string | undefined): void {
  if (expected !== undefined && signer !== expected)
    throw new BackupFault(`the backup was made by the deployment ${signer}, not by ${expected}`);
}

/** What a person wants to know of a backup. */
export function backupLines({ manifest, signer, erased }: CheckedBackup, hasRing: boolean): string[] {
  const { taken, software, postgres, tables } = manifest;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return [
    `taken     ${taken} by ${software.name} ${software.version}, PostgreSQL ${postgres}`,
    `signed    ES256, key ${signer}`,
    `rows      ${rows} in ${tables.length} tables`,
    hasRing
      ? `erased    ${erased.rows} rows of ${erased.patients} keys: erased since, and gone for ever`
      : `closed    ${erased.rows} rows of ${erased.patients} patients' keys were not opened: no key ring was given`,
  ];
}

/** A file that cannot be read is a wrong call. */
export function unreadable(error: unknown): unknown {
  const { code, path } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return code !== undefined && path !== undefined ? new CommandError(`${path}: cannot be read (${code})`) : error;
}
