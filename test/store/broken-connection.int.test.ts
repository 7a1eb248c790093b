// A connection that the database cuts while a transaction holds it fails that transaction, and nothing else.

import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPool } from '../../server/store/pool.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';

let database: FreshDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.connection, 2, 30_000);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

test('a connection cut between two statements of a transaction does not end the process', async () => {
  const faults: unknown[] = [];
  const hear = (error: unknown) => faults.push(error);
  process.prependListener('uncaughtException', hear);
  const client = await pool.connect();
  await client.query('begin');
  const { rows } = await client.query('select pg_backend_pid() as pid');
  const other = new pg.Client(database.connection);
  await other.connect();
  await other.query('select pg_terminate_backend($1)', [rows[0].pid]);
  await other.end();
  await expect
    .poll(
      () =>
        client.query('select 1').then(
          () => 'open',
          () => 'cut',
        ),
      { timeout: 5_000 },
    )
    .toBe('cut');
  await new Promise((resolve) => setTimeout(resolve, 100));
  client.release();
  process.removeListener('uncaughtException', hear);
  expect(faults).toEqual([]);
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});
