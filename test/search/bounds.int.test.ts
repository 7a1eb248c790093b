// What a caller may make the server hold or plan is bounded.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let a: TestApp;
beforeAll(async () => {
  a = await startApp();
});
afterAll(() => a.close());

test('2,000 sort terms', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const { status } = await a.system.send('POST', 'Patient/_search', `_sort=${'birthdate,'.repeat(2000)}_id`, form);
  expect(status).toBe(400);
});

test.each([
  ['below a URL of slashes', 'ValueSet', `url:below=http://a${'/'.repeat(200_000)}x`, 200],
  ['above a URL of slashes', 'ValueSet', `url:above=http://a${'/'.repeat(200_000)}x`, 400],
  ['20,000 words', 'Patient', `_content=${'a+'.repeat(20_000)}`, 400],
])('%s > answered at once', async (_, type, search, expected) => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const startedAt = performance.now();
  const { status } = await a.system.send('POST', `${type}/_search`, search, form);
  expect([status, performance.now() - startedAt < 3000]).toEqual([expected, true]);
});

test('connections do not keep every shape of search prepared', async () => {
  for (let n = 0; n < 700; n++) {
    const dates = Array.from({ length: 10 }, (_, bit) => `birthdate=${(n >> bit) & 1 ? 'ge' : 'le'}2026`);
    expect((await a.system.get(`Patient?${dates.join('&')}`)).status).toBe(200);
  }
  const { rows } = await a.pool.query('select count(*)::int as n from pg_prepared_statements');
  expect(rows[0].n).toBeLessThan(600);
});
