// Observation/$lastn over the whole server.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { matchIds, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let patient: string;
let other: string;
const weights: string[] = [];
const heights: string[] = [];
beforeAll(async () => {
  t = await startApp();
  patient = (await t.system.create(patientNamed('試験', '花子'))).id;
  other = (await t.system.create(patientNamed('他人', '太郎'))).id;
  const vital = [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
  ];
  const made = async (code: string, effectiveDateTime: string, of = patient) => {
    const coding = [{ system: 'http://loinc.org', code }];
    return (await t.system.create(observationOf(of, { category: vital, effectiveDateTime, code: { coding } }))).id;
  };
  // Stored in another order than they were taken.
  for (const day of [2, 4, 1, 3]) weights[day] = await made('29463-7', `2026-07-0${day}`);
  for (const day of [1, 2]) heights[day] = await made('8302-2', `2026-08-0${day}`);
  await made('29463-7', '2026-09-01', other);
});
afterAll(() => t.close());

test('gives the latest of each code, the latest kind first; max gives more of each', async () => {
  const of = `Observation/$lastn?patient=${patient}&category=vital-signs`;
  expect(matchIds(await t.system.get(of))).toEqual([heights[2], weights[4]]);
  const three = await t.system.get(`${of}&max=3`);
  expect(matchIds(three)).toEqual([heights[2], heights[1], weights[4], weights[3], weights[2]]);
  expect(three.body.total).toBe(5);
});

test('takes any search parameter of Observation, in the query or as a form', async () => {
  const query = `subject=Patient/${patient}&code=http://loinc.org|29463-7&date=le2026-07-02`;
  expect(matchIds(await t.system.get(`Observation/$lastn?${query}`))).toEqual([weights[2]]);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect(matchIds(await t.system.post('Observation/$lastn', query, form))).toEqual([weights[2]]);
});

test('a patient’s app need not say whose, and sees nobody else’s', async () => {
  const own = await t.caller('patient/Observation.rs', { patient });
  expect(matchIds(await own.get('Observation/$lastn?code=29463-7'))).toEqual([weights[4]]);
  expect(matchIds(await own.get(`Observation/$lastn?code=29463-7&patient=${other}`))).toEqual([]);
  const { rows: before } = await t.pool.query('select max(id) as last from audit');
  await own.get('Observation/$lastn?code=29463-7');
  const after = await t.pool.query('select interaction, owner from audit where id > $1', [before[0].last]);
  expect(after.rows).toEqual([{ interaction: 'lastn', owner: patient }]);
});

describe('is refused', () => {
  test.each([
    ['patient=1', 400, '$lastn needs category or code'],
    ['code=x', 400, '$lastn needs patient or subject'],
    ['patient=1&code=x&max=0', 400, 'max takes one whole number from 1 to 100'],
    ['patient=1&code=x&max=1&max=2', 400, 'max takes one whole number'],
    ['patient=1&code=x&_sort=date', 400, 'no _sort'],
    ['patient=1&code=x&cat=1', 400, 'Observation has no search parameter "cat"'],
  ])('%s', async (query, status, sentence) => {
    const answer = await t.system.get(`Observation/$lastn?${query}`);
    expect(answer.status).toBe(status);
    expect(answer.body.issue[0]?.diagnostics).toContain(sentence);
  });

  test('without the scope for it', async () => {
    const reader = await t.caller('patient/Observation.r', { patient });
    expect((await reader.get('Observation/$lastn?code=x')).status).toBe(403);
  });
});
