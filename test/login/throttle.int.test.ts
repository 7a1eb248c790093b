// How often may be tried, and that a stranger's tries never shut a family out.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { networkOf } from '../../server/login/gates.ts';
import { sweepLogins } from '../../server/store/login-sweep.ts';
import { giveBack, takeTry } from '../../server/store/login-throttle.ts';
import { familyWithTotp, goodPassword, letIn, logIn, opened, startLogin, type TestLogin, visit } from './support.ts';

let t: TestLogin;
beforeAll(async () => {
  t = await startLogin();
});
afterAll(() => t.close());

const gate = (name: string, more: object = {}) => ({
  key: Buffer.from(name),
  free: 3,
  mostPauseMs: 60_000,
  forgetMs: 3_600_000,
  ...more,
});

describe('a count of tries', () => {
  test('is free at first, then pauses for 1, 2, 4 … seconds up to its limit, and forgets', async () => {
    const nowMs = Date.parse('2026-11-23T00:00:00Z');
    let at = nowMs;
    for (let n = 1; n <= 3; n++) expect(await takeTry(t.pool, gate('a'), at)).toBe(0);
    for (const pauseMs of [1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1000)) {
      expect(await takeTry(t.pool, gate('a'), at)).toBe(pauseMs);
      expect(await takeTry(t.pool, gate('a'), at + pauseMs - 1)).toBe(1);
      at += pauseMs;
      expect(await takeTry(t.pool, gate('a'), at)).toBe(0);
    }
    at += 3_600_001;
    for (let n = 1; n <= 3; n++) expect(await takeTry(t.pool, gate('a'), at)).toBe(0);
    expect(await takeTry(t.pool, gate('a'), at)).toBe(1000);
  });

  test('lets exactly the free ones of 50 at the same time through, and then one behind each pause', async () => {
    const nowMs = Date.parse('2026-11-23T00:00:00Z');
    const isFree = (waitMs: number) => waitMs === 0;
    expect(await letIn(() => takeTry(t.pool, gate('b'), nowMs), isFree)).toBe(3);
    for (let round = 1; round <= 6; round++)
      expect(await letIn(() => takeTry(t.pool, gate('b'), nowMs + round * 120_000), isFree)).toBe(1);
    expect(await letIn(() => takeTry(t.pool, gate('one', { free: 1 }), nowMs), isFree)).toBe(1);
  });

  test('takes one back that was right, or all', async () => {
    const nowMs = Date.parse('2026-11-23T00:00:00Z');
    for (let n = 0; n < 20; n++) {
      expect(await takeTry(t.pool, gate('c'), nowMs)).toBe(0);
      await giveBack(t.pool, gate('c'), { all: n % 2 === 0 });
    }
  });

  test('is swept away when nobody needs it', async () => {
    await takeTry(t.pool, gate('old'), Date.now() - 3 * 86_400_000);
    await takeTry(t.pool, gate('new'), Date.now());
    expect(await sweepLogins(t.pool)).toBeGreaterThan(0);
    const { rows } = await t.pool.query('select from login_throttle where key = any($1)', [[Buffer.from('old')]]);
    expect(rows).toEqual([]);
    expect((await t.pool.query('select from login_throttle where key = $1', [Buffer.from('new')])).rows).toHaveLength(
      1,
    );
  });
});

const guess = (login: string, from = visit()) =>
  t.login.logInWithPassword(from, { login, password: 'wrong wrong wrong' });

describe('a stranger who guesses', () => {
  test('is paused from one address, whether anybody has the name or not', async () => {
    const { login } = await familyWithTotp(t);
    for (const name of [login, 'nobody-has-this']) {
      const from = visit();
      for (let n = 0; n < 5; n++) expect(await guess(name, from)).toEqual({ kind: 'refused', why: 'wrong' });
      expect(await guess(name, from)).toEqual({ kind: 'refused', why: 'wait', waitMs: 1000 });
      // The right password is not looked at in a pause.
      const right = await t.login.logInWithPassword(from, { login: name, password: goodPassword });
      expect(right).toMatchObject({ why: 'wait' });
    }
  });

  test('from 50 calls at the same time makes 5 guesses', async () => {
    const { login } = await familyWithTotp(t);
    const from = visit();
    expect(
      await letIn(
        () => guess(login, from),
        (answer) => 'why' in answer && answer.why === 'wrong',
      ),
    ).toBe(5);
  });

  test('at many names from one address is paused too', async () => {
    const from = visit();
    const answers = [];
    for (let n = 0; n < 31; n++) answers.push(await guess(`name-${n}`, from));
    expect(answers.filter((answer) => 'why' in answer && answer.why === 'wrong')).toHaveLength(30);
  });

  test('as hard as can be does not slow a browser that has logged in before, nor its codes', async () => {
    const family = await familyWithTotp(t);
    const from = visit();
    for (let n = 0; n < 6; n++) await guess(family.login, from);
    // Every count that there is, of this address and of the account too, is at its worst.
    const opens = new Date(t.clock.nowMs + 900_000).toISOString();
    await t.pool.query('update login_throttle set failures = 1000, opens = $1', [opens]);
    expect(await guess(family.login, from)).toEqual({ kind: 'refused', why: 'wait', waitMs: 900_000 });
    expect(await guess(family.login)).toMatchObject({ why: 'wait' });
    expect((await logIn(t, family, { ...from, device: family.device })).session.level).toBe('full');
  });

  test('with a browser known for another account is a stranger', async () => {
    const family = await familyWithTotp(t);
    const other = await familyWithTotp(t);
    const from = visit({ device: other.device });
    for (let n = 0; n < 5; n++) await guess(family.login, from);
    expect(await guess(family.login, from)).toMatchObject({ why: 'wait' });
  });

  test('with a name that ends in the address of a family does not use up their tries', async () => {
    const { login } = await familyWithTotp(t);
    const home = visit();
    const [elsewhere, name] = [visit(), `${login} ${home.address}`];
    for (let n = 0; n < 5; n++) await guess(name, elsewhere);
    for (let n = 0; n < 5; n++) expect(await guess(login, home)).toEqual({ kind: 'refused', why: 'wrong' });
  });

  test('who has the password guesses few codes, and a right login does not forgive them', async () => {
    const { login } = await familyWithTotp(t);
    const from = visit();
    const half = opened(await t.login.logInWithPassword(from, { login, password: goodPassword }));
    const ask = () => t.login.logInWithTotp(from, half.session, '000000');
    expect(await letIn(ask, (answer) => 'why' in answer && answer.why === 'wrong')).toBe(5);
    const again = opened(await t.login.logInWithPassword(from, { login, password: goodPassword }));
    expect(await t.login.logInWithTotp(from, again.session, '000000')).toMatchObject({ why: 'wait' });
  });
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:0db8:0001:0002:ffff::', '2001:db8:1:2'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
])('the network of %s is %s', (address, network) => expect(networkOf(address)).toBe(network));
