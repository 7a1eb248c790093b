// A search that names one patient reads that patient's rows only, by `patient` as well as by what the compartment names.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemAccess } from '../../server/access/access.ts';
import { parseQuery } from '../../server/search/parse-query.ts';
import { searchStatement } from '../../server/search/plan.ts';
import { resolveChains } from '../../server/store/chains.ts';
import { statement } from '../../server/store/pool.ts';
import { matchIds, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let a: TestApp;
const rows = 3000;
beforeAll(async () => {
  a = await startApp();
  const resource = (n: number) => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: '見本' },
    subject: { reference: `Patient/p${n % 300}` },
  });
  for (let from = 0; from < rows; from += 1000) {
    const entry = Array.from({ length: 1000 }, (_, n) => ({
      request: { method: 'POST', url: 'Observation' },
      resource: resource(from + n),
    }));
    await a.system.post('', { resourceType: 'Bundle', type: 'transaction', entry });
  }
  await a.pool.query('analyze');
});
afterAll(() => a.close());

test.each(['patient=p7', 'patient=Patient/p7', 'subject=Patient/p7'])('%s', async (search) => {
  const query = parseQuery('Observation', new URLSearchParams(search), { lenient: false, nowMs: 0, base: '' });
  const { text, values } = statement(searchStatement(query, { kind: 'all' }, 51));
  const { rows: lines } = await a.pool.query(`explain (analyze, buffers, format json) ${text}`, values);
  const { Plan: plan } = lines[0]['QUERY PLAN'][0];
  expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThan(100);
  expect(matchIds(await a.system.get(`Observation?${search}`))).toHaveLength(rows / 300);
});

test('a bare id of this server’s making leads to the patient it is of', async () => {
  const { id } = await a.system.create(patientNamed('見本', '花子'));
  await a.system.create(observationOf(id));
  expect(matchIds(await a.system.get(`Observation?subject=${id}`))).toHaveLength(1);
  const query = parseQuery('Observation', [['subject', id]], { lenient: false, nowMs: 0, base: '' });
  const { filters } = await resolveChains(a.pool, systemAccess('test'), query);
  expect(filters).toMatchObject([{ kind: 'marks', patients: [id] }]);
});
