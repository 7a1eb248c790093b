// $diff over the whole server.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let id: string;
beforeAll(async () => {
  t = await startApp();
  id = (await t.system.create(patientNamed('試験', '花子', { gender: 'female' }))).id;
  await t.system.put(`Patient/${id}`, { ...patientNamed('試験', '花子', { birthDate: '2020-01-01' }), id });
  await t.system.delete(`Patient/${id}`);
});
afterAll(() => t.close());

const part = (name: string, value: object) => ({ name, ...value });

test('gives the patch from one version to the other, in either direction', async () => {
  const { status, body } = await t.system.get(`Patient/${id}/$diff?from=1&to=2`);
  expect([status, body.resourceType]).toEqual([200, 'Parameters']);
  expect(body.parameter.map(({ part: parts }) => parts)).toEqual([
    [
      part('type', { valueCode: 'add' }),
      part('path', { valueString: 'Patient' }),
      part('name', { valueString: 'birthDate' }),
      part('value', { valueDate: '2020-01-01' }),
    ],
    [part('type', { valueCode: 'delete' }), part('path', { valueString: 'Patient.gender' })],
  ]);
  expect((await t.system.get(`Patient/${id}/$diff?from=2&to=1`)).body.parameter).toHaveLength(2);
  expect((await t.system.get(`Patient/${id}/$diff?from=2&to=2`)).body).toEqual({ resourceType: 'Parameters' });
});

test.each([
  ['from=1', 400, '$diff needs "to"'],
  ['from=1&to=x', 400, '$diff needs "to"'],
  ['from=1&to=2&cat=1', 400, 'Known: from, to'],
  ['from=1&to=9', 404, 'is not known here'],
  ['from=1&to=3', 410, 'has been deleted'],
])('%s is refused', async (query, status, sentence) => {
  const answer = await t.system.get(`Patient/${id}/$diff?${query}`);
  expect([answer.status, answer.body.issue[0]?.diagnostics]).toEqual([status, expect.stringContaining(sentence)]);
});
