// A login name that nobody has takes as long as one that somebody has: pairs in turns, so that a slow moment hits both alike.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LoginContext } from '../../server/login/context.ts';
import { createPasswordHasher, hashing } from '../../server/login/password-hash.ts';
import { logInWithPassword } from '../../server/login/password-login.ts';
import { createSeal } from '../../server/login/seal.ts';
import { familyWithTotp, startLogin, type TestLogin, visit } from './support.ts';

let t: TestLogin;
beforeAll(async () => {
  t = await startLogin();
});
afterAll(() => t.close());

const pairs = 150;
// A tenth of the work of a real one: what else differs shows ten times as well, on a busy machine too.
const quick = { ...hashing, memoryKiB: 4096, passes: 1 };
const device = 'd'.repeat(43);
const password = 'not the password at all';

async function tookMs(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

test('who guesses by the time whether a name is taken is right about half the time', async () => {
  const { login, account } = await familyWithTotp(t);
  const hasher = createPasswordHasher(Buffer.alloc(32, 1), quick);
  await t.pool.query('update account_password set hash = $2 where account = $1', [account, await hasher.make('x')]);
  const context: LoginContext = {
    pool: t.pool,
    write: () => Promise.reject(new Error('nothing is written')),
    nowMs: () => t.clock.nowMs,
    hasher,
    seal: createSeal(Buffer.alloc(32)),
    throttleKey: Buffer.alloc(32),
    card: undefined,
    baseUrl: () => 'https://tsumugi.test',
    endTokensOf: async () => undefined,
  };
  const ask = (name: string) => () => {
    // The wide count of an account would pause both after a hundred tries.
    t.clock.nowMs += 60_000;
    return logInWithPassword(context, visit({ device }), {
      login: name === '' ? 'nobody@example.jp' : name,
      password,
    });
  };
  for (let n = 0; n < 5; n++) await ask(n % 2 ? login : '')();
  const known: number[] = [];
  const unknown: number[] = [];
  for (let n = 0; n < pairs; n++) {
    const isKnownFirst = n % 2 === 0;
    const first = await tookMs(ask(isKnownFirst ? login : ''));
    const second = await tookMs(ask(isKnownFirst ? '' : login));
    known.push(isKnownFirst ? first : second);
    unknown.push(isKnownFirst ? second : first);
  }
  const rightGuesses = known.filter((ms, n) => ms > (unknown[n] ?? 0)).length;
  const share = Math.max(rightGuesses, pairs - rightGuesses) / pairs;
  console.info(
    `known ${median(known).toFixed(1)} ms, nobody ${median(unknown).toFixed(1)} ms, guessed right ${(share * 100).toFixed(0)} %`,
  );
  // Three and a half standard deviations of a coin thrown 150 times are 14 %.
  expect(share).toBeLessThan(0.64);
});
