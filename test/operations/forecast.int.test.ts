// $forecast over the whole server: bytes on the wire, text inside a batch, another form on demand.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let path: string;
beforeAll(async () => {
  t = await startApp();
  const { id } = await t.system.create(patientNamed('試験', '花子', { birthDate: '2026-01-15' }));
  path = `Patient/${id}/$forecast?assessmentDate=2026-04-01`;
});
afterAll(() => t.close());

test('says the same alone, indented and inside a batch', async () => {
  const alone = await t.system.get(path);
  expect([alone.status, alone.body.resourceType]).toEqual([200, 'Parameters']);
  expect((await t.system.get(`${path}&_pretty=true`)).body).toEqual(alone.body);
  const batch = { resourceType: 'Bundle', type: 'batch', entry: [{ request: { method: 'GET', url: path } }] };
  expect((await t.system.post('', batch)).body.entry[0]?.resource).toEqual(alone.body);
});
