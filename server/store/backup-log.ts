// When backups were made, and when their key ring was written anew: what a certificate of erasure can say of them.

import type { ClientBase, Pool } from 'pg';

export type BackupTimes = {
  /** When the last backup was made, ISO 8601; null: none ever. */
  last: string | null;
  /** When the key ring was written last. */
  ring: string | null;
};

/** Notes that a backup, or the key ring alone, has been written. */
export async function noteBackup(pool: Pool, kind: 'backup' | 'keys', name: string): Promise<void> {
  await pool.query('insert into backup (at, kind, name) values (clock_timestamp(), $1, $2)', [kind, name]);
}

/** All of it in two times. */
export async function backupTimes(connection: Pool | ClientBase): Promise<BackupTimes> {
  const { rows } = await connection.query<BackupTimes>(
    `select to_char(max(at) filter (where kind = 'backup'), ${iso}) as last, to_char(max(at), ${iso}) as ring from backup`,
  );
  return rows[0] ?? { last: null, ring: null };
}

const iso = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;
