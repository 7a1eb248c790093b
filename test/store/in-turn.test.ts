// A transaction's connection used like a pool.
import { setImmediate as turn } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { expect, test } from 'vitest';
import { inTurn } from '../../server/store/in-turn.ts';

/** Answers with the text; `bad` fails. Remembers what it was asked, and whether two were ever under way together. */
function fakeClient() {
  const asked: string[] = [];
  let underWay = 0;
  const query = async (text: string) => {
    asked.push(text);
    underWay += 1;
    if (underWay > 1) throw new Error('asked while it was answering');
    await turn();
    underWay -= 1;
    if (text === 'bad') throw new Error('bad');
    return text;
  };
  return { client: { query } as unknown as ClientBase, asked };
}

test('what is asked at once is answered one after the other', async () => {
  const { client, asked } = fakeClient();
  const answers = await inTurn(client, (pool) => Promise.all(['a', 'b', 'c'].map((text) => pool.query(text))));
  expect([answers, asked]).toEqual([
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
  ]);
});

test('once the work has failed nothing more is asked, and what was under way has ended', async () => {
  const { client, asked } = fakeClient();
  const waiting: Promise<unknown>[] = [];
  const work = inTurn(client, (pool) => {
    waiting.push(...['a', 'bad', 'c', 'd'].map((text) => pool.query(text).catch((error: Error) => error.message)));
    return Promise.all([pool.query('e'), Promise.reject(new Error('refused'))]);
  });
  await expect(work).rejects.toThrow('refused');
  expect(asked).toEqual(['a']);
  expect(await Promise.all(waiting)).toEqual(['a', ...Array.from({ length: 3 }, () => 'the transaction is over')]);
});
