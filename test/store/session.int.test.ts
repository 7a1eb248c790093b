// A given database may have settings of its own; ours hold in every session.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPool } from '../../server/store/pool.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';

let database: FreshDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

test('date style, zone and isolation are ours, whatever the database says', async () => {
  const pool = openPool(database.connection, 1, 30_000);
  const name = database.connection.database;
  await pool.query(`alter database ${name} set datestyle = 'German, DMY'`);
  await pool.query(`alter database ${name} set timezone = 'Asia/Tokyo'`);
  await pool.query(`alter database ${name} set default_transaction_isolation = 'repeatable read'`);
  await pool.end();
  const again = openPool(database.connection, 1, 30_000);
  const { rows } = await again.query(
    "select '2026-04-01T00:00:00Z'::timestamptz as at, current_setting('transaction_isolation') as isolation",
  );
  await again.end();
  expect(rows).toEqual([{ at: '2026-04-01 00:00:00+00', isolation: 'read committed' }]);
});
