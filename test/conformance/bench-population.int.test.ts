// The bench's population is written through the door; here is what the loader does beside that.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadPopulation } from '../../conformance/bench/population.ts';
import type { WriteReport } from '../../conformance/bench/population-writer.ts';
import { stopAll } from '../../conformance/bench/processes.ts';
import { migrate } from '../../server/store/migrate.ts';
import { consume } from '../../server/store/outbox.ts';
import { openPool, type Pool } from '../../server/store/pool.ts';
import { freshDatabase } from '../support/database.ts';

let pool: Pool;
let drop: () => Promise<void>;
let before: unknown[];
let loaded: WriteReport;
const shape = { oneFullIn: 25, doses: 2, measurements: 1 };

const indexes = async (): Promise<unknown[]> =>
  (await pool.query('select indexdef from pg_indexes where schemaname = current_schema() order by indexname')).rows;

beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  pool = openPool(database.connection, 4, 30_000);
  await migrate(pool);
  before = await indexes();
  loaded = await loadPopulation(
    pool,
    database.connection,
    'http://tsumugi.test/fhir',
    { patients: 50, shape },
    () => {},
  );
});

afterAll(async () => {
  await stopAll();
  await pool.end();
  await drop();
});

test('stores full and small records in the shares that it names', async () => {
  const { rows } = await pool.query('select owner, count(*)::int as resources from resource group by owner');
  const full = rows.filter(({ resources }) => resources === 51).map(({ owner }) => owner);
  const small = rows.filter(({ resources }) => resources === 4).map(({ owner }) => owner);
  expect([full.length, small.length, rows.length]).toEqual([2, 48, 50]);
  expect(loaded.families.map(({ id }) => id).sort()).toEqual(full.sort());
  expect(loaded.others.map(({ id }) => id).sort()).toEqual(small.sort());
});

test('leaves the indexes as they were', async () => {
  expect(await indexes()).toEqual(before);
});

test('leaves the relay nothing to read', async () => {
  expect(await consume(pool, 'jobs', 10, async () => {})).toBe(0);
});
