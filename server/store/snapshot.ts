// One state of the whole database, read as text while the server goes on writing: a transaction in which nothing changes
// (REPEATABLE READ), and COPY for each table, in the order in which foreign keys let them be stored again.

import type { ClientBase, Pool } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type BackupTable, heldTables, leftOutTables } from './backup-tables.ts';

export type HeldTable = { name: string; columns: string[] };
export type Sequence = { table: string; column: string; last: string };
export type Migration = { name: string; digest: string };
export type Facts = {
  /** ISO 8601, UTC: of the database's clock. */
  taken: string;
  postgres: string;
  migrations: Migration[];
  tables: HeldTable[];
};

export type Snapshot = Facts & {
  /** Which transactions it sees, as PostgreSQL writes it (pg_snapshot). */
  sees: string;
  /** The rows of a table in COPY's text form, each behind the key of the patient whose it is (`\N`: nobody's) and a tab. */
  rows(table: HeldTable): AsyncIterable<Buffer>;
  /** Numbers given out so far; not of this state, but no earlier. */
  sequences(): Promise<Sequence[]>;
};

// Any number will do as long as every server of the product uses the same.
const backupLock = 7_205_762;

/** Thrown when the database cannot be backed up now. */
export class SnapshotRefused extends Error {
  readonly isForPeople = true;
}

/** Runs `work` on a state of the database; one at a time, because keys that it makes are stored at its end. */
export async function withSnapshot<T>(pool: Pool, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    const { rows: locked } = await client.query('select pg_try_advisory_lock($1) as mine', [backupLock]);
    if (!locked[0]?.mine) throw new SnapshotRefused('another backup of this database is being made');
    await client.query('begin isolation level repeatable read read only');
    await client.query(freely);
    const facts = await factsOf(client);
    const { rows } = await client.query('select pg_current_snapshot()::text as sees');
    return await work({
      ...facts,
      sees: rows[0]?.sees,
      rows: (table) => rowsOf(client, table),
      sequences: () => sequencesOf(client),
    });
  } finally {
    // Its transaction and its lock end with the connection, whatever state it was left in.
    client.release(true);
  }
}

/** Whole tables are read and sorted here, which the settings of the pool would make walks along an index. */
export const freely = ['seqscan', 'bitmapscan', 'mergejoin', 'hashjoin']
  .map((way) => `set local enable_${way} = on;`)
  .join(' ')
  .concat(" set local statement_timeout = 0; set local work_mem = '64MB'; set local plan_cache_mode = auto");

async function factsOf(client: ClientBase): Promise<Facts> {
  const one = async <T>(text: string): Promise<T[]> => (await client.query(text)).rows as T[];
  const [server] = await one<{ taken: string; postgres: string }>(
    `select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as taken, current_setting('server_version') as postgres`,
  );
  const migrations = await one<Migration>('select name, digest from migration order by name');
  const tables = await one<HeldTable>(tablesText);
  const held = tables.filter(({ name }) => !Object.hasOwn(leftOutTables, name));
  for (const { name } of held) {
    if (!Object.hasOwn(heldTables, name)) throw new SnapshotRefused(`the table ${name} is not of this server`);
  }
  const references = await one<{ from: string; to: string }>(referencesText);
  const order = inOrder(
    held.map(({ name }) => name),
    references,
  );
  return {
    taken: server?.taken ?? '',
    postgres: server?.postgres ?? '',
    migrations,
    tables: order.map((name) => ({
      name,
      columns: (held.find((table) => table.name === name)?.columns ?? []).filter(
        (column) => !heldTables[name]?.anew?.includes(column),
      ),
    })),
  };
}

const tablesText = `
select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
group by c.relname order by c.relname`;

const referencesText = `
select f.relname as "from", t.relname as "to" from pg_constraint o
join pg_class f on f.oid = o.conrelid join pg_class t on t.oid = o.confrelid
where o.contype = 'f' and f.oid <> t.oid and f.relnamespace = 'public'::regnamespace`;

/** Each behind those that it refers to. */
function inOrder(names: readonly string[], references: readonly { from: string; to: string }[]): string[] {
  const placed = new Set<string>();
  const place = (name: string): void => {
    if (placed.has(name)) return;
    for (const { from, to } of references) if (from === name) place(to);
    placed.add(name);
  };
  for (const name of names) place(name);
  return [...placed].filter((name) => names.includes(name));
}

/** The rows of a table as a snapshot gives them. */
export function rowsOf(client: ClientBase, { name, columns }: HeldTable): AsyncIterable<Buffer> {
  const table: BackupTable = heldTables[name] ?? {};
  const values = columns.map((column) => table.instead?.[column] ?? `x."${column}"`);
  const text = `copy (
    select ${table.patient ?? 'null::uuid'}, ${values.join(', ')} from "${name}" x
    ${table.where === undefined ? '' : `where ${table.where}`} ${table.patient === undefined ? '' : 'order by 1'}
  ) to stdout`;
  return client.query(copyTo(text)) as unknown as AsyncIterable<Buffer>;
}

async function sequencesOf(client: ClientBase): Promise<Sequence[]> {
  const { rows } = await client.query<{ table: string; column: string; sequence: string }>(`
    select c.relname as "table", a.attname as "column", pg_get_serial_sequence(quote_ident(c.relname), a.attname) as sequence
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attidentity <> ''
    where c.relnamespace = 'public'::regnamespace order by 1, 2`);
  const sequences: Sequence[] = [];
  for (const { table, column, sequence } of rows) {
    const { rows: last } = await client.query(`select last_value::text as last from ${sequence}`);
    sequences.push({ table, column, last: last[0]?.last });
  }
  return sequences;
}
