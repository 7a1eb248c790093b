// A database of its own for a test file, in the PostgreSQL that global-setup.ts started for the run.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import type { Connection } from '../../server/store/embedded/connection.ts';

export type FreshDatabase = {
  connection: Connection;
  /** The same as a DATABASE_URL. */
  url: string;
  /** Removes it, cutting connections that are still open. */
  drop(): Promise<void>;
};

/** Makes a new empty database (0.1 to 0.2 seconds). Call it in `beforeAll`, and its `drop` in `afterAll`. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const server = inject('testServer');
  const connection = { ...server, database: `test_${randomBytes(6).toString('hex')}` };
  await onServer(server, `create database ${connection.database} strategy file_copy`);
  return {
    connection,
    url: urlOf(connection),
    drop: () => onServer(server, `drop database if exists ${connection.database} with (force)`),
  };
}

async function onServer(server: Connection, statement: string): Promise<void> {
  const client = new pg.Client(server);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A socket folder stands in the query, because the host part of a URL cannot hold a path. */
function urlOf({ user, password, host, port, database }: Connection): string {
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  if (!host.startsWith('/')) return `postgresql://${login}@${host}:${port}/${database}`;
  return `postgresql://${login}@/${database}?host=${encodeURIComponent(host)}&port=${port}`;
}
