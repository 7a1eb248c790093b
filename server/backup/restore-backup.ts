// Restores a backup: reads and checks all of it, then reads it again into an empty database, and compares what is stored with what was
// read before anything is committed. Rows whose patient was erased since stay unreadable and are left out.

import type { Pool } from '../store/pool.ts';
import { withEmptyDatabase } from '../store/restoring.ts';
import { BackupFault } from './backup-fault.ts';
import { storedKeys } from './key-ring.ts';
import { type CheckedBackup, type ReadOptions, readBackup } from './read-backup.ts';
import { createLineCutter, createRowDigest } from './row-digest.ts';

export type RestoreOptions = Omit<ReadOptions, 'onText' | 'ring'> & {
  pool: Pool;
  ring: NonNullable<ReadOptions['ring']>;
  onChecked?: (checked: CheckedBackup) => void;
};

/** What was restored. Throws BackupFault before the first write when anything is wrong, and RestoreRefused. */
export async function restoreBackup({ pool, onChecked, ...source }: RestoreOptions): Promise<CheckedBackup> {
  const checked = await readBackup(source);
  onChecked?.(checked);
  const { tables, migrations, sequences } = checked.manifest;
  await withEmptyDatabase(pool, migrations, async (restoring) => {
    const { keys, erased } = storedKeys(source.ring);
    await restoring.storeKeys(keys, erased);
    const sinks = tables.map((table) => restoring.into(table));
    let current = 0;
    const through = async (table: number) => {
      for (; current < table; current++) await sinks[current]?.end();
    };
    const again = await readBackup({
      ...source,
      onText: async (table, text) => {
        if (table < current) throw new BackupFault('the tables of the backup are not in order');
        await through(table);
        await sinks[table]?.write(text);
      },
    });
    if (again.manifest.sha256 !== checked.manifest.sha256)
      throw new BackupFault(`${source.path} has changed while it was restored`);
    await through(tables.length);
    await restoring.finish(sequences);
    for (const [n, table] of tables.entries()) {
      const expected = checked.opened[n];
      const stored = await storedDigest(restoring.rows(table));
      if (stored.rows !== expected?.rows || stored.digest !== expected.digest)
        throw new BackupFault(
          `the table ${table.name} was not restored as it was: ${stored.rows} rows, not ${expected?.rows}`,
        );
    }
  });
  return checked;
}

async function storedDigest(rows: AsyncIterable<Buffer>): Promise<{ rows: number; digest: string }> {
  const digest = createRowDigest();
  const cutter = createLineCutter((line) => digest.add(line.subarray(line.indexOf(9) + 1)));
  for await (const chunk of rows) cutter.add(chunk);
  return { rows: digest.rows, digest: digest.text() };
}
