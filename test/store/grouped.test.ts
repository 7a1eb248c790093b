// Groups of callers: one bad item is its own caller's, a database that goes away is everybody's, and nothing runs twice then.

import { expect, test } from 'vitest';
import { grouped } from '../../server/store/grouped.ts';

const limits = { mostTogether: 16, mostInFlight: 1 };

test('one bad item', async () => {
  const run = async (items: number[]) => {
    if (items.includes(3)) throw Object.assign(new Error('bad'), { severity: 'ERROR', code: '54000' });
    return items.map((item) => item * 10);
  };
  const one = grouped(run, limits);
  const settled = await Promise.allSettled([1, 2, 3, 4].map(one));
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
});

test('a connection that breaks behind the commit', async () => {
  const stored = new Set<number>();
  let calls = 0;
  const run = async (items: number[]) => {
    calls += 1;
    if (items.some((item) => stored.has(item))) throw Object.assign(new Error('duplicate key'), { code: '23505' });
    for (const item of items) stored.add(item);
    throw new Error('Connection terminated unexpectedly');
  };
  const one = grouped(run, limits);
  const settled = await Promise.allSettled([1, 2, 3].map(one));
  expect(settled.map((each) => each.status === 'rejected' && each.reason.message)).toEqual(
    new Array(3).fill('Connection terminated unexpectedly'),
  );
  expect(calls).toBe(1);
});
