// Keys of this deployment, made once and kept with the database, so that all its servers share them.

import type { Pool } from 'pg';

/** The secret of that name; `make` is used only the first time, whoever is first. */
export async function secret<T extends object>(pool: Pool, name: string, make: () => Promise<T> | T): Promise<T> {
  const found = await stored<T>(pool, name);
  if (found) return found;
  await pool.query('insert into secret (name, value) values ($1, $2) on conflict do nothing', [
    name,
    JSON.stringify(await make()),
  ]);
  const made = await stored<T>(pool, name);
  if (!made) throw new Error(`secret ${name} could not be stored`);
  return made;
}

async function stored<T>(pool: Pool, name: string): Promise<T | undefined> {
  const { rows } = await pool.query<{ value: T }>('select value from secret where name = $1', [name]);
  return rows[0]?.value;
}
