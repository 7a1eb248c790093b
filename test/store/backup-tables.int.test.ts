// Every table is either held by backups or left out with a reason, and not both; and SQL makes the same key of an id as the server does.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyOf } from '../../server/search/keys.ts';
import { heldTables, leftOutTables, patientKeyText } from '../../server/store/backup-tables.ts';
import { startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

test('no table is forgotten', async () => {
  const { rows } = await t.pool.query(
    "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'",
  );
  const named = [...Object.keys(heldTables), ...Object.keys(leftOutTables)];
  expect(new Set(named).size).toBe(named.length);
  expect(rows.map(({ name }) => name).filter((name) => !named.includes(name))).toEqual([]);
});

test.each(['chosen', '1', '019f0000-0000-8abc-8123-0123456789ab', '019f0000-0000-4abc-8123-0123456789ab'])(
  'the key of Patient/%s',
  async (id) => {
    const { rows } = await t.pool.query(`select ${patientKeyText('$1::text')} as key`, [id]);
    expect(rows[0]?.key).toBe(keyOf('Patient', id));
  },
);
