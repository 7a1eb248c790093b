// Migrations: numbered files, applied once each, in order, forward only. A file that changed after it was applied stops the
// start, and so does a database that is newer than this server.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { ClientBase, Pool } from 'pg';

const folder = new URL('./migrations/', import.meta.url);
// Any number will do as long as every server of the product uses the same.
const migrationLock = 7_205_759;

/** Brings the schema up to date; several servers may do this at once. Throws Error with one line when it cannot. */
export async function migrate(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await applyMigrations(client, migrationFiles());
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/** The names of all migrations, in order. */
export const migrationFiles = (): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();

/** As the database keeps it of what was applied. */
export const migrationDigest = (name: string): string => digestOf(readFileSync(new URL(name, folder), 'utf8'));

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Applies those of the files that the database has not yet, inside the transaction of `client`. */
export async function applyMigrations(client: ClientBase, files: readonly string[]): Promise<void> {
  // Another server may be at it, and a migration may take longer than a request.
  await client.query('set local statement_timeout = 0');
  await client.query('select pg_advisory_xact_lock($1)', [migrationLock]);
  await client.query(
    'create table if not exists migration (name text primary key, digest text not null, applied timestamptz not null default now())',
  );
  const { rows } = await client.query<{ name: string; digest: string }>('select name, digest from migration');
  const applied = new Map(rows.map(({ name, digest }) => [name, digest]));
  for (const name of applied.keys()) {
    if (!files.includes(name))
      throw new Error(`the database has migration ${name}, which this server does not know: it is newer`);
  }
  for (const name of files) {
    const text = readFileSync(new URL(name, folder), 'utf8');
    const digest = digestOf(text);
    const before = applied.get(name);
    if (before === digest) continue;
    if (before !== undefined) throw new Error(`migration ${name} was changed after it had been applied`);
    await client.query(text);
    await client.query('insert into migration (name, digest) values ($1, $2)', [name, digest]);
  }
}
