// Writes a backup while the server goes on: one state of every table, streamed, each patient's rows under the patient's own key.
// Memory holds a few frames, whatever the database holds.

import { isNobody } from '../store/backup-tables.ts';
import { createPatientKeys } from '../store/patient-keys.ts';
import type { Pool } from '../store/pool.ts';
import { type HeldTable, type Snapshot, withSnapshot } from '../store/snapshot.ts';
import { type BackupManifest, backupFormat, backupVersion, type TableManifest } from './manifest.ts';
import { createLineCutter, createRowDigest } from './row-digest.ts';
import { mostTextBytes, rowsFrame, rowsKind } from './rows-frame.ts';
import { createSealed, type SealedWriter } from './sealed-file.ts';

export type BackupOptions = {
  pool: Pool;
  /** The new file. */
  path: string;
  /** What the key file holds. */
  keyText: string;
  /** A compact JWS by the deployment's key, whose thumbprint `signer` is. */
  sign: (payload: Uint8Array) => Promise<string>;
  signer: string;
  software: { name: string; version: string };
  onTable?: (table: TableManifest) => void;
};

type Keys = ReturnType<typeof createPatientKeys>;

const frameBytes = 128 * 1024;

/** The manifest and the size of what was written. Throws SnapshotRefused. */
export async function writeBackup(options: BackupOptions): Promise<{ manifest: BackupManifest; bytes: number }> {
  const { pool, path, keyText, sign, signer, software, onTable } = options;
  return withSnapshot(pool, async (snapshot) => {
    const keys = createPatientKeys(pool, snapshot.sees);
    const file = await createSealed(path, { kind: 'backup', keyText, signer });
    try {
      const tables: TableManifest[] = [];
      for (const [n, table] of snapshot.tables.entries()) {
        const written = await writeTable(file, n, table, snapshot, keys);
        tables.push(written);
        onTable?.(written);
      }
      await keys.store();
      const { taken, postgres, migrations } = snapshot;
      const manifest: BackupManifest = {
        format: backupFormat,
        version: backupVersion,
        software,
        taken,
        postgres,
        migrations,
        tables,
        sequences: await snapshot.sequences(),
        sha256: file.sha256(),
      };
      await file.end(Buffer.from(await sign(Buffer.from(JSON.stringify(manifest)))));
      return { manifest, bytes: file.bytes() };
    } finally {
      await file.close();
    }
  });
}

async function writeTable(
  file: SealedWriter,
  number: number,
  table: HeldTable,
  snapshot: Snapshot,
  keys: Keys,
): Promise<TableManifest> {
  const digest = createRowDigest();
  let lines: Buffer[] = [];
  const cutter = createLineCutter((line) => lines.push(line));
  let group = '';
  let rows: Buffer[] = [];
  let bytes = 0;
  const flush = async () => {
    if (bytes === 0) return;
    const key = isNobody(group) ? undefined : await keys.keyOf(group);
    const text = Buffer.concat(rows);
    for (let at = 0; at < text.length; at += mostTextBytes) {
      const isLast = at + mostTextBytes >= text.length;
      await file.add(rowsKind, rowsFrame(number, key, isLast ? rows.length : 0, text.subarray(at, at + mostTextBytes)));
    }
    [rows, bytes] = [[], 0];
  };
  for await (const chunk of snapshot.rows(table)) {
    cutter.add(chunk);
    const cut = lines;
    lines = [];
    for (const line of cut) {
      const tab = line.indexOf(9);
      const patient = line.toString('latin1', 0, tab);
      const row = line.subarray(tab + 1);
      if (patient !== group || bytes >= frameBytes) await flush();
      group = patient;
      digest.add(row);
      rows.push(row);
      bytes += row.length;
    }
  }
  await flush();
  return { ...table, rows: digest.rows, digest: digest.text() };
}
