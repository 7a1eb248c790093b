// An empty database filled from a backup, in one transaction: the schema as it was, the rows, then the indexes, then whatever the caller
// checks. A process that is killed in between leaves the database empty.

import type { ClientBase, Pool } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { applyMigrations, migrationDigest, migrationFiles } from './migrate.ts';
import type { ErasedKey, PatientKey } from './patient-keys.ts';
import { freely, type HeldTable, type Migration, rowsOf, type Sequence } from './snapshot.ts';

export type Restoring = {
  /** Takes rows of a table in COPY's text form. */
  into(table: HeldTable): { write(text: Buffer): Promise<void>; end(): Promise<void> };
  storeKeys(keys: readonly PatientKey[], erased: readonly ErasedKey[]): Promise<void>;
  /** Behind the rows: indexes, the numbers given out so far, and the order of the audit. */
  finish(sequences: readonly Sequence[]): Promise<void>;
  /** What is stored now, as a snapshot gives it. */
  rows(table: HeldTable): AsyncIterable<Buffer>;
};

/** Thrown when the database, or this program, cannot take the backup. */
export class RestoreRefused extends Error {
  readonly isForPeople = true;
}

/** Throws RestoreRefused unless the database is empty and this program knows the schema. Commits when `work` is done. */
export async function withEmptyDatabase<T>(
  pool: Pool,
  migrations: readonly Migration[],
  work: (restoring: Restoring) => Promise<T>,
): Promise<T> {
  checkKnown(migrations);
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{ name: string }>(
      "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S') order by 1 limit 1",
    );
    if (rows[0])
      throw new RestoreRefused(
        `the database is not empty (it has a table ${rows[0].name}): a backup is restored into an empty one only`,
      );
    await applyMigrations(
      client,
      migrations.map(({ name }) => name),
    );
    await client.query(freely);
    const indexes = await dropIndexes(client);
    const result = await work({
      into: (table) => sinkOf(client, table),
      storeKeys: (keys, erased) => storeKeys(client, keys, erased),
      finish: (sequences) => finish(client, indexes, sequences),
      rows: (table) => rowsOf(client, table),
    });
    await client.query('commit');
    return result;
  } finally {
    // Whatever was not committed ends with the connection.
    client.release(true);
  }
}

function checkKnown(migrations: readonly Migration[]): void {
  const files = migrationFiles();
  for (const [n, { name, digest }] of migrations.entries()) {
    if (!files.includes(name))
      throw new RestoreRefused(`the backup is of a newer server: this one does not know its migration ${name}`);
    if (files[n] !== name || migrationDigest(name) !== digest)
      throw new RestoreRefused(`the backup is of another schema: its migration ${name} is not the one of this server`);
  }
}

/** Those that no constraint needs; rows are stored several times faster without them. */
async function dropIndexes(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(`
    select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
    from pg_index i join pg_class c on c.oid = i.indrelid
    where c.relnamespace = 'public'::regnamespace
      and not exists (select from pg_constraint o where o.conindid = i.indexrelid)`);
  for (const { name } of rows) await client.query(`drop index ${name}`);
  return rows.map(({ definition }) => definition);
}

function sinkOf(client: ClientBase, { name, columns }: HeldTable) {
  const begin = async () => {
    // What a migration had put there; tables that are only added to have nothing, and refuse the statement.
    const { rowCount } = await client.query(`select from "${name}" limit 1`);
    if (rowCount) await client.query(`delete from "${name}"`);
    const stream = client.query(
      copyFrom(`copy "${name}" (${columns.map((column) => `"${column}"`).join(', ')}) from stdin`),
    );
    const ended = new Promise<void>((resolve, reject) => stream.once('finish', resolve).once('error', reject));
    // Awaited at the end; a fault before that is told there.
    ended.catch(() => undefined);
    return { stream, ended };
  };
  let begun: ReturnType<typeof begin> | undefined;
  return {
    async write(text: Buffer) {
      begun ??= begin();
      const { stream, ended } = await begun;
      if (!stream.write(text)) await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), ended]);
    },
    async end() {
      begun ??= begin();
      const { stream, ended } = await begun;
      stream.end();
      await ended;
    },
  };
}

async function storeKeys(client: ClientBase, keys: readonly PatientKey[], erased: readonly ErasedKey[]): Promise<void> {
  for (let at = 0; at < keys.length; at += 1000) {
    const some = keys.slice(at, at + 1000);
    await client.query(
      'insert into patient_key (patient, id, secret) select * from unnest($1::uuid[], $2::uuid[], $3::bytea[])',
      [some.map(({ patient }) => patient), some.map(({ id }) => id), some.map(({ secret }) => secret)],
    );
  }
  for (let at = 0; at < erased.length; at += 1000) {
    const some = erased.slice(at, at + 1000);
    await client.query(
      "insert into erased_key (patient, id, xid) select *, '0'::xid8 from unnest($1::uuid[], $2::uuid[])",
      [some.map(({ patient }) => patient), some.map(({ id }) => id)],
    );
  }
}

async function finish(client: ClientBase, indexes: readonly string[], sequences: readonly Sequence[]): Promise<void> {
  for (const definition of indexes) await client.query(definition);
  for (const { table, column, last } of sequences) {
    await client.query(
      `select setval(pg_get_serial_sequence('"${table}"', $1), greatest($2::bigint, (select max("${column}") from "${table}"), 1))`,
      [column, last],
    );
  }
  const { rows } = await client.query<{ last: string }>(
    'select xid::text as last from audit order by xid desc limit 1',
  );
  const behind = (own: string) => `((${own})::text::numeric + ${BigInt(rows[0]?.last ?? 0)})::text::xid8`;
  await client.query(
    `create or replace function audit_xid() returns xid8 language sql volatile as $$ select ${behind('pg_current_xact_id()')} $$`,
  );
  await client.query(
    `create or replace function audit_settled() returns xid8 language sql stable as $$ select ${behind('pg_snapshot_xmin(pg_current_snapshot())')} $$`,
  );
}
