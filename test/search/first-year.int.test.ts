// Year 1, whose first hours in Japan are in year 0 of UTC, which PostgreSQL does not have.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { matchIds, startApp, type TestApp } from '../support/app.ts';

let a: TestApp;
beforeAll(async () => {
  a = await startApp();
});
afterAll(() => a.close());

test.each(['0001-01-01', '0001', '9999-12-31'])('%s is stored and found', async (birthDate) => {
  const { id } = await a.system.create({ resourceType: 'Patient', birthDate });
  for (const search of [birthDate, `ge${birthDate}`, `le${birthDate}`])
    expect(matchIds(await a.system.get(`Patient?birthdate=${search}`))).toContain(id);
});
