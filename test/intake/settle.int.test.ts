// The fate of deliveries while something else happens: a link that ends, and one that is wrong among many.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemAccess } from '../../server/access/access.ts';
import { createFhir, createIntake } from '../../server/app/fhir.ts';
import { type Received, settleAll } from '../../server/intake/settle.ts';
import type { Fhir, FhirRequest } from '../../server/interaction/request.ts';
import { newDelivery } from '../../server/store/deliveries.ts';
import { startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let fhir: Fhir;
beforeAll(async () => {
  t = await startApp();
  fhir = createFhir({ pool: t.pool, baseUrl: () => 'https://tsumugi.test', cursorKey: new Uint8Array(32) });
});
afterAll(() => t.close());

const source = 'urn:example:number';
const request = (access = systemAccess('line')) => ({ access, id: randomUUID() }) as unknown as FhirRequest;

async function linked(): Promise<string> {
  const { id } = await t.system.create({ resourceType: 'Patient' });
  const number = `N-${randomUUID()}`;
  const text = 'insert into link (source, number, patient, organization) values ($1, $2, $3, $4)';
  await t.pool.query(text, [source, number, id, 'hospital']);
  return number;
}

function received(number: string, status = 'completed'): Received {
  const resource = {
    resourceType: 'Immunization',
    status,
    vaccineCode: { text: '見本ワクチン' },
    patient: { reference: `Patient?identifier=${source}|${number}` },
    occurrenceDateTime: '2026-06-01',
  };
  const entry = [{ resource, request: { method: 'POST', url: 'Immunization' } }];
  const record = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
  const about = { source, number, client: 'line', contentType: 'text/plain', original: Buffer.from(randomUUID()) };
  const delivery = newDelivery({ ...about, record }, Date.now());
  return { delivery, patient: { source, number }, problem: undefined, isAgain: false };
}

test('a link that ends while a message is written lets it wait, and nothing of it enters the record', async () => {
  const number = await linked();
  const intake = createIntake(t);
  const write: Fhir['write'] = async (...call) => {
    await t.pool.query('delete from link where number = $1', [number]);
    return fhir.write(...call);
  };
  const [fate] = await settleAll({ ...fhir, write }, request(), intake, [received(number)]);
  expect(fate?.fate).toBe('waiting');
  const { rows } = await t.pool.query("select count(*)::int as n from resource where content like '%見本ワクチン%'");
  expect(rows).toEqual([{ n: 0 }]);
});

test('one that is wrong among 64 is found in a few transactions', async () => {
  const number = await linked();
  let writes = 0;
  const write: Fhir['write'] = (...call) => {
    writes += 1;
    return fhir.write(...call);
  };
  const all = Array.from({ length: 64 }, (_, n) => received(number, n === 37 ? 'no such status' : 'completed'));
  const fates = await settleAll({ ...fhir, write }, request(), createIntake(t), all);
  expect(fates.map(({ fate }) => fate)).toEqual(all.map((_, n) => (n === 37 ? 'refused' : 'stored')));
  expect(writes).toBeLessThanOrEqual(13);
});
