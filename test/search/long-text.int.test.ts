// Text longer than an index entry of PostgreSQL may be is stored and found like any other.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { matchIds, startApp, type TestApp } from '../support/app.ts';

let a: TestApp;
beforeAll(async () => {
  a = await startApp();
});
afterAll(() => a.close());

test('a name of 8,000 characters that cannot be compressed', async () => {
  const text = randomBytes(6_000).toString('base64');
  const other = `${text.slice(0, 300)}x`;
  const { id } = await a.system.create({ resourceType: 'Patient', name: [{ text }] });
  await a.system.create({ resourceType: 'Patient', name: [{ text: other }] });
  const search = (name: string) =>
    a.system.send('POST', 'Patient/_search', new URLSearchParams({ name }).toString(), form);
  expect(matchIds(await search(text))).toEqual([id]);
  expect(matchIds(await search(text.slice(0, 500)))).toEqual([id]);
  expect(matchIds(await search(text.slice(0, 250)))).toHaveLength(2);
});

const form = { 'content-type': 'application/x-www-form-urlencoded' };
