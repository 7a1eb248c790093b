// $forecast over the whole server: bytes on the wire, text inside a batch, another form on demand.
import type { ImmunizationEvaluation } from '@medplum/fhirtypes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VACCINE_SYSTEM } from '../../server/fhir/canonical.ts';
import { keyOf } from '../../server/search/keys.ts';
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

test.each([
  ['a day told twice', '&assessmentDate=2026-04-02', undefined],
  ['rules of no day', '&rulesOf=', undefined],
  ['a query beside a body', '', { resourceType: 'Parameters' }],
])('refuses %s', async (_, more, body) => {
  const { status, body: answer } = await t.system.send(body ? 'POST' : 'GET', `${path}${more}`, body);
  expect([status, answer.resourceType]).toEqual([400, 'OperationOutcome']);
});

test('judges the doses of the patient asked for, however many ask at once, and leaves one audit row for each', async () => {
  const children = await Promise.all(
    ['BCG', 'MR', 'VAR'].map(async (code, n) => {
      const { id } = await t.system.create(patientNamed('試験', `子${n}`, { birthDate: '2025-01-15' }));
      const dose = await t.system.create({
        resourceType: 'Immunization',
        status: 'completed',
        patient: { reference: `Patient/${id}` },
        vaccineCode: { coding: [{ system: VACCINE_SYSTEM, code }] },
        occurrenceDateTime: '2026-02-01',
      });
      return { id, dose: dose.id };
    }),
  );
  const asked = [...children, ...children, { id: 'nobody', dose: '' }];
  const answers = await Promise.all(
    asked.map(({ id }) => t.system.get(`Patient/${id}/$forecast?assessmentDate=2026-04-01`)),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 404]);
  for (const [n, { body }] of answers.slice(0, -1).entries()) {
    const events = body.parameter
      .filter(({ name }) => name === 'evaluation')
      .map(({ resource }) => (resource as unknown as ImmunizationEvaluation).immunizationEvent.reference);
    expect([...new Set(events)]).toEqual([`Immunization/${asked[n]?.dose}`]);
  }
  const { rows } = await t.pool.query<{ owner: string; count: number }>(
    "select owner, count(*)::int as count from audit where interaction = 'forecast' and owner = any($1::uuid[]) group by owner",
    [children.map(({ id }) => keyOf('Patient', id))],
  );
  expect(rows.map(({ count }) => count)).toEqual([2, 2, 2]);
});
