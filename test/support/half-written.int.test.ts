// The check that the kill test relies on: it finds nothing in a sound database, and each kind of damage.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientNamed, startApp, type TestApp } from './app.ts';
import { halfWritten } from './half-written.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
  const person = (given: string) => patientNamed('試験', given, { identifier: [{ system: 'urn:x', value: given }] });
  const { id } = await t.system.create(person('一'));
  await t.system.put(`Patient/${id}`, { ...person('二'), id });
  await t.system.put('Patient/gone', { ...person('三'), id: 'gone' });
  await t.system.delete('Patient/gone');
  await t.system.put('Patient/gone', { ...person('四'), id: 'gone' });
  await t.system.get(`Patient/${id}`);
});
afterAll(() => t.close());

const faults = async (damage: string) => {
  const client = await t.pool.connect();
  try {
    await client.query('begin');
    // Of the audit nothing is ever changed or taken away, unless the owner of the database insists.
    await client.query('set local session_replication_role = replica');
    await client.query(damage);
    return (await client.query(halfWritten)).rows.map(({ fault }) => fault);
  } finally {
    await client.query('rollback');
    client.release();
  }
};

test('a sound database has no fault', async () => {
  expect(await faults('select 1')).toEqual([]);
});

test.each([
  ["delete from audit where interaction = 'update' and version = 2", 'version without audit'],
  ['delete from outbox where version = 1', 'version without outbox'],
  [
    'insert into outbox (bucket, created, method, type, key, version, owner) select bucket, created, method, type, key, 9, owner from outbox limit 1',
    'outbox without version',
  ],
  [
    'insert into outbox (bucket, created, method, type, key, version, owner) select bucket, created, method, type, key, version, owner from outbox limit 1',
    'event twice',
  ],
  ["update audit set version = 9 where interaction = 'update'", 'write audit without version'],
  ['delete from history where version = 1', 'gap in history'],
  ['delete from term', 'identifier without term'],
  ['delete from words', 'name without words'],
  ['update term set term = term + 1', 'term without row'],
  ["update term set at = at - interval '1 day'", 'term without row'],
  ['delete from resource', 'words without row'],
])('%s > %s', async (damage, fault) => {
  expect(await faults(damage)).toContain(fault);
});
