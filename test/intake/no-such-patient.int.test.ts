// A delivery for a Patient that is not here is kept and refused: stored, it would lie in a record that nobody can open.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let a: TestApp;
beforeAll(async () => {
  a = await startApp();
});
afterAll(() => a.close());

const deliver = (patient: object, text: string) =>
  a.system.post('$deliver', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'patient', ...patient },
      {
        name: 'original',
        resource: { resourceType: 'Binary', contentType: 'text/plain', data: Buffer.from(text).toString('base64') },
      },
      { name: 'record', resource: { resourceType: 'Bundle', type: 'transaction' } },
    ],
  });

test('a wrong id', async () => {
  expect((await deliver({ valueReference: { reference: 'Patient/nobody' } }, 'x')).status).toBe(422);
  expect((await a.system.get('Provenance')).body.entry).toBeUndefined();
});

test('a Patient that was deleted after its number had been linked', async () => {
  const { id } = await a.system.create({ resourceType: 'Patient' });
  const number = { valueIdentifier: { system: 'urn:example:number', value: '7' } };
  await a.pool.query("insert into link values ('urn:example:number', '7', $1, 'o')", [id]);
  expect((await deliver(number, 'before')).status).toBe(200);
  await a.system.delete(`Patient/${id}`);
  expect((await deliver(number, 'after')).status).toBe(422);
});
