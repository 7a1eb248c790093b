// One delivery that cannot even be refused (a fault of ours, a database that goes away) does not keep the others waiting.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFhir, createIntake } from '../../server/app/fhir.ts';
import { takeIn } from '../../server/intake/take-in.ts';
import { newDelivery } from '../../server/store/deliveries.ts';
import { startApp, type TestApp } from '../support/app.ts';

let a: TestApp;
beforeAll(async () => {
  a = await startApp();
});
afterAll(() => a.close());

const number = { source: 'urn:example:number', number: '1' };

const linkTo = (patient: string, { source, number: value } = number) =>
  a.pool.query('insert into link (source, number, patient, organization) values ($1, $2, $3, $4)', [
    ...[source, value, patient, 'none'],
  ]);

test('150 faulty ones before a good one', async () => {
  const { id } = await a.system.create({ resourceType: 'Patient' });
  await linkTo(id);
  const intake = createIntake(a);
  for (let n = 0; n <= 150; n++) {
    const record = JSON.stringify({ resourceType: 'Bundle', type: 'transaction' });
    const given = { ...number, client: n < 150 ? 'faulty' : 'good', contentType: 'text/plain', record };
    const delivery = newDelivery({ ...given, original: Buffer.from(`${n}`) }, a.clock.nowMs + n);
    await intake.deliveries.keep([{ delivery, fate: 'waiting', reason: undefined }]);
  }
  const fhir = createFhir({ pool: a.pool, baseUrl: () => 'https://tsumugi.test', cursorKey: new Uint8Array(32) });
  const write: typeof fhir.write = (access, changes, context) =>
    access.client === 'faulty' ? Promise.reject(new TypeError('a fault')) : fhir.write(access, changes, context);
  await expect(
    takeIn({ ...fhir, write }, intake, { ...number, organization: 'none' }, id, randomUUID()),
  ).rejects.toThrow('a fault');
  const { rows } = await a.pool.query('select fate, count(*)::int as n from held group by fate order by fate');
  expect(rows).toEqual([
    { fate: 'stored', n: 1 },
    { fate: 'waiting', n: 150 },
  ]);
});

test('when the family ends the link in the middle, the rest goes on waiting', async () => {
  const { id } = await a.system.create({ resourceType: 'Patient' });
  const ended = { source: 'urn:example:number', number: '2' };
  await linkTo(id, ended);
  const intake = createIntake(a);
  for (let n = 0; n < 150; n++) {
    const record = JSON.stringify({ resourceType: 'Bundle', type: 'transaction' });
    const delivery = newDelivery(
      { ...ended, client: 'hospital', contentType: 'text/plain', record, original: Buffer.from(`${n}`) },
      a.clock.nowMs + n,
    );
    await intake.deliveries.keep([{ delivery, fate: 'waiting', reason: undefined }]);
  }
  const fhir = createFhir({ pool: a.pool, baseUrl: () => 'https://tsumugi.test', cursorKey: new Uint8Array(32) });
  const write: typeof fhir.write = async (...all) => {
    const written = await fhir.write(...all);
    await a.pool.query('delete from link where number = $1', [ended.number]);
    return written;
  };
  expect(await takeIn({ ...fhir, write }, intake, { ...ended, organization: 'none' }, id, randomUUID())).toBe(100);
  const { rows } = await a.pool.query('select fate, count(*)::int as n from held where number = $1 group by fate', [
    ended.number,
  ]);
  expect(rows).toContainEqual({ fate: 'waiting', n: 50 });
});
