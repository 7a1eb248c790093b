// `_lastUpdated` over everyone walks what has changed, newest first, and not the whole type in the order of its main date.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseQuery } from '../../server/search/parse-query.ts';
import { searchStatement } from '../../server/search/plan.ts';
import { statement } from '../../server/store/pool.ts';
import { allPages, startApp, type TestApp } from '../support/app.ts';

let a: TestApp;
beforeAll(async () => {
  a = await startApp();
  for (let n = 0; n < 5; n++) {
    a.clock.nowMs += 86_400_000;
    await a.system.create({ resourceType: 'Basic', code: { text: `${n}` }, created: `20${20 - n}-01-01` });
  }
});
afterAll(() => a.close());

test.each([
  ['_lastUpdated=gt2026-11-24', /order by r\.updated desc, r\.key desc/],
  ['_lastUpdated=gt2026-11-24&_sort=created', /order by r\.at asc/],
  ['_lastUpdated=gt2026-11-24&patient=p', /order by s0 desc, key desc/],
])('%s', (search, order) => {
  const query = parseQuery('Basic', new URLSearchParams(search), { lenient: false, nowMs: 0, base: '' });
  expect(statement(searchStatement(query, { kind: 'all' }, 51)).text).toMatch(order);
});

test('its pages', async () => {
  const pages = await allPages(a.system, 'Basic?_lastUpdated=gt2026-11-24&_count=2');
  expect(pages.map((ids) => ids.length)).toEqual([2, 2]);
});
