// When backups were made, and when their key ring was written anew: what a certificate of erasure can say of them.

import type { ClientBase, Pool } from 'pg';

export type BackupTimes = {
  /** Since when there are backups; undefined: none was ever made. ISO text of PostgreSQL. */
  first: string | null;
  last: string | null;
  /** When the key ring was written last. */
  ring: string | null;
};

/** Notes that a backup, or the key ring alone, has been written. */
export async function noteBackup(pool: Pool, kind: 'backup' | 'keys', name: string): Promise<void> {
  await pool.query('insert into backup (at, kind, name) values (clock_timestamp(), $1, $2)', [kind, name]);
}

/** All of it in three times. */
export async function backupTimes(connection: Pool | ClientBase): Promise<BackupTimes> {
  const { rows } = await connection.query<BackupTimes>(
    `select min(at) filter (where kind = 'backup') as first, max(at) filter (where kind = 'backup') as last, max(at) as ring from backup`,
  );
  return rows[0] ?? { first: null, last: null, ring: null };
}
