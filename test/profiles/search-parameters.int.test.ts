// The search parameters of the guide: a server that they are stored on serves them.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stepReindex } from '../../server/store/reindex.ts';
import { matchIds, startApp, type TestApp } from '../support/app.ts';
import { refusalsOf } from '../support/valid.ts';
import { examples } from './guide.ts';

const folder = new URL('../../profiles/search-parameters/', import.meta.url);
const parameters = readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')));

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

test.each([
  [
    'patient-number-system',
    'hospital',
    'urn:oid:1.2.392.100495.20.3.51.11319999991',
    'urn:oid:1.2.392.100495.20.3.51.1',
  ],
  ['plan-date', 'two-month-doses', 'ge2026-09-11', 'ge2026-09-12'],
  ['ground', 'dpt-ipv-hib-1', 'https://tsumugi.example/fhir/CodeSystem/vaccination-category|routine-A', 'voluntary'],
])('%s finds %s', async (code, id, fitting, other) => {
  const parameter = parameters.find((one) => one.code === code);
  const example = examples.find((one) => one.id === id);
  expect(refusalsOf(parameter)).toEqual([]);
  const { id: _, meta: __, ...sent } = example ?? { id, meta: {}, resourceType: '' };
  const stored = await t.system.create(withoutReferences(sent));
  await t.system.create(parameter);
  while (await stepReindex(t.pool));
  const search = (value: string) => t.system.get(`${sent.resourceType}?${code}=${encodeURIComponent(value)}`);
  await expect.poll(async () => (await search(fitting)).status, { timeout: 10_000 }).toBe(200);
  expect(matchIds(await search(fitting))).toEqual([stored.id]);
  expect(matchIds(await search(other))).toEqual([]);
});

/** What an example refers to is not stored here: it is named by its display alone. */
const withoutReferences = (value: object): object =>
  JSON.parse(JSON.stringify(value).replace(/"reference":"[A-Z]\w+\/[\w-]+"/g, '"display":"試験"'));
