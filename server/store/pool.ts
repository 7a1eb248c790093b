// The connections. Times come back as text, in UTC, so that no microsecond and no `infinity` is lost on the way.

import pg from 'pg';
import type { Sql } from '../search/sql.ts';

export type { ClientBase, Pool } from 'pg';

export type Connection =
  | { connectionString: string }
  | { host: string; port: number; user: string; password: string; database: string };

const timestamptz = 1184;
const bigint = 20;
const parsers: Record<number, (text: string) => unknown> = { [timestamptz]: (text) => text, [bigint]: (text) => text };

// With every plan generic, a fresh database without statistics would keep plans that read whole tables for one row. All
// statements of this server are index walks and look-ups, so the alternatives are struck.
const sessionSettings = [
  // Whatever a given database or role has set: times are read as ISO text, and what waits for a lock sees what was
  // committed meanwhile (conditional create).
  'datestyle=ISO',
  'timezone=UTC',
  'default_transaction_isolation=read\\ committed',
  'jit=off',
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_bitmapscan=off',
  'enable_mergejoin=off',
  'enable_hashjoin=off',
];

/**
 * At most `size` connections. Plans are generic on purpose: the layout leaves the planner nothing to choose, and a custom
 * plan per call costs more than it finds (storage measurements, "Plan stability").
 */
export function openPool(connection: Connection, size: number, statementTimeoutMs: number): pg.Pool {
  const pool = new pg.Pool({
    ...connection,
    max: size,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 10_000,
    statement_timeout: statementTimeoutMs,
    options: sessionSettings.map((setting) => `-c ${setting}`).join(' '),
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        parsers[oid] ?? pg.types.getTypeParser(oid, format as 'text'),
    },
  } as pg.PoolConfig);
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  // The pool takes its listener away while a connection is in use; one that breaks inside a transaction must only fail that.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

const names = new Map<string, string>();

// PostgreSQL keeps a prepared statement for as long as its connection lives, and callers choose how many filters there are.
const mostNames = 500;

/** Prepared once per connection and text; the rarest shapes, behind the first 500, are planned at every call. */
export function statement({ strings, values }: Sql): { name?: string; text: string; values: unknown[] } {
  let text = strings[0] ?? '';
  for (let n = 1; n < strings.length; n++) text += `$${n}${strings[n]}`;
  return { ...nameOf(text), text, values: [...values] };
}

/** The name by which the connections know a statement already; none for what comes after very many others. */
export function nameOf(text: string): { name?: string } {
  let name = names.get(text);
  if (name === undefined && names.size < mostNames) {
    name = `s${names.size}`;
    names.set(text, name);
  }
  return name === undefined ? {} : { name };
}

/** `2026-11-23 01:16:50.123+00` -> `2026-11-23T01:16:50.123Z` */
export function instant(text: string): string {
  const [head = '', fraction = ''] = text.slice(0, -3).split('.');
  return `${head.replace(' ', 'T')}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
}
