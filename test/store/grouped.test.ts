// Groups of callers: one bad item is its own caller's, a database that goes away is everybody's, and nothing runs twice then;
// and how they share the flushes of a slow disk.

import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
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

describe('behind a disk that takes 40 ms for a flush', () => {
  const flush = () => sleep(40);
  const gathering = { mostTogether: 16, mostInFlight: 3, gathers: true };

  test('callers who ask again when they were answered share each flush', async () => {
    const sizes: number[] = [];
    const one = grouped(async (items: number[]) => {
      sizes.push(items.length);
      await flush();
      return items;
    }, gathering);
    const rounds = 10;
    const caller = async (n: number) => {
      for (let round = 0; round < rounds; round++) {
        await one(n);
        // Some are back at once, others a moment later.
        if (n % 2 === 0) await nextTurn();
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, n) => caller(n)));
    expect(sizes.reduce((all, size) => all + size)).toBe(8 * rounds);
    expect(sizes.length).toBeLessThanOrEqual(rounds + 4);
  });

  test('nobody waits for a caller who does not come back', async () => {
    const one = grouped(async (items: number[]) => flush().then(() => items), gathering);
    await Promise.all([1, 2, 3].map(one));
    const startedAtMs = performance.now();
    expect(await one(4)).toBe(4);
    expect(performance.now() - startedAtMs).toBeLessThan(200);
  });
});
