// The signed heads of the audit's chains, one set for a day.

import type { Pool } from 'pg';

export type StoredRoot = { number: number; day: string; jws: string };

/** In the order in which they were made. */
export async function storedRoots(pool: Pool): Promise<StoredRoot[]> {
  const { rows } = await pool.query<StoredRoot>('select number, day::text, jws from audit_root order by number');
  return rows;
}

/** The latest; undefined when there is none. */
export async function lastRoot(pool: Pool): Promise<StoredRoot | undefined> {
  const text = 'select number, day::text, jws from audit_root order by number desc limit 1';
  const { rows } = await pool.query<StoredRoot>({ name: 'last-root', text });
  return rows[0];
}

/** False when another server was first. */
export async function storeRoot(pool: Pool, { number, day, jws }: StoredRoot): Promise<boolean> {
  const text = 'insert into audit_root (number, day, jws) values ($1, $2, $3) on conflict do nothing';
  const { rowCount } = await pool.query(text, [number, day, jws]);
  return rowCount === 1;
}
