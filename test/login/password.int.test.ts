// Accounts and passwords: what opens a session, how far it reaches, and what a stranger learns. OWASP ASVS 5.0, V6
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPasswordHasher, hashing } from '../../server/login/password-hash.ts';
import { actsOf, goodPassword, opened, startLogin, type TestLogin, visit } from './support.ts';

let t: TestLogin;
beforeAll(async () => {
  t = await startLogin();
});
afterAll(() => t.close());

let made = 0;
async function family() {
  made += 1;
  const login = `hanako-${made}@example.jp`;
  const answer = opened(await t.login.signUp(visit(), { login, password: goodPassword, name: '試験 花子' }));
  return { login, subject: answer.session.subject, ...answer };
}

describe('signing up', () => {
  test('makes a Person that is linked to nobody, and a session in which factors are set up', async () => {
    const { session } = await family();
    const { body } = await t.system.get(session.subject);
    expect(body).toMatchObject({ resourceType: 'Person', active: true, name: [{ text: '試験 花子' }] });
    expect(body).not.toHaveProperty('link');
    expect(session).toMatchObject({ level: 'enrol', acr: '0', organization: undefined });
    expect(await actsOf(t, session.subject)).toEqual(expect.arrayContaining(['account-created']));
  });

  test('refuses a name that is taken, in any spelling, and leaves no Person behind', async () => {
    const { login } = await family();
    const before = (await t.system.get('Person?_summary=count')).body.total;
    for (const one of [login, login.toUpperCase(), ` ${login}`]) {
      const answer = await t.login.signUp(visit(), { login: one, password: goodPassword, name: '見本 太郎' });
      expect(answer).toEqual({ kind: 'refused', why: 'taken' });
    }
    expect((await t.system.get('Person?_summary=count')).body.total).toBe(before);
  });

  test('at the same time with one name makes one account', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        t.login.signUp(visit(), { login: 'twice@example.jp', password: goodPassword, name: '見本 太郎' }),
      ),
    );
    expect(answers.filter(({ kind }) => kind === 'opened')).toHaveLength(1);
  });

  test('refuses a weak password, a bad name and My Number before anything is stored', async () => {
    const ask = (more: object) =>
      t.login.signUp(visit(), { login: 'weak@example.jp', password: goodPassword, name: '試験', ...more });
    expect(await ask({ password: 'short' })).toEqual({ kind: 'refused', why: 'password', fault: 'short' });
    expect(await ask({ name: '' })).toEqual({ kind: 'refused', why: 'login-name', fault: 'name' });
    expect(await ask({ login: '123456789018' })).toEqual({ kind: 'refused', why: 'login-name', fault: 'my-number' });
    await expect(ask({ name: '個人番号 123456789018' })).rejects.toMatchObject({ status: 422 });
  });
});

describe('a password', () => {
  test('is kept as argon2id with its parameters, and nowhere as text', async () => {
    const { session } = await family();
    const { rows } = await t.pool.query('select hash from account_password where account = $1', [session.account]);
    expect(rows[0].hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(hashing.memoryKiB).toBeGreaterThanOrEqual(19_456);
    expect(hashing.passes).toBeGreaterThanOrEqual(2);
  });

  test('is right however it is typed, and wrong with another pepper', async () => {
    const hasher = createPasswordHasher(Buffer.alloc(32, 1));
    const stored = await hasher.make('ﾊﾟﾝ屋さんの角を右へ曲がる');
    expect(await hasher.check('パン屋さんの角を右へ曲がる', stored)).toEqual({ isRight: true, isOld: false });
    expect(await hasher.check('パン屋さんの角を左へ曲がる', stored)).toMatchObject({ isRight: false });
    const other = createPasswordHasher(Buffer.alloc(32, 2));
    expect(await other.check('パン屋さんの角を右へ曲がる', stored)).toMatchObject({ isRight: false });
  });

  test('made with other parameters is hashed anew at the next login', async () => {
    const { login, session } = await family();
    const pepper = (await t.pool.query("select value ->> 'pepper' as pepper from secret where name = 'login'")).rows[0]
      .pepper;
    const weaker = createPasswordHasher(Buffer.from(pepper, 'base64url'), { ...hashing, passes: 1 });
    await t.pool.query('update account_password set hash = $2 where account = $1', [
      session.account,
      await weaker.make(goodPassword),
    ]);
    opened(await t.login.logInWithPassword(visit(), { login, password: goodPassword }));
    const { rows } = await t.pool.query('select hash from account_password where account = $1', [session.account]);
    expect(rows[0].hash).toContain('m=19456,t=2,p=1');
    opened(await t.login.logInWithPassword(visit(), { login, password: goodPassword }));
  });

  test('alone opens a session that proves nothing', async () => {
    const { login } = await family();
    const { session } = opened(
      await t.login.logInWithPassword(visit(), { login: login.toUpperCase(), password: goodPassword }),
    );
    expect(session).toMatchObject({ level: 'enrol', acr: '0', amr: ['pwd'] });
    expect(t.login.refusalOfSensitive(session)).toEqual({ kind: 'refused', why: 'step-up' });
  });

  test('that is wrong, a name that nobody has and an account that is locked get the same answer', async () => {
    const { login, session } = await family();
    const wrong = { kind: 'refused', why: 'wrong' };
    expect(await t.login.logInWithPassword(visit(), { login, password: 'wrong wrong wrong' })).toEqual(wrong);
    expect(await t.login.logInWithPassword(visit(), { login: 'nobody', password: goodPassword })).toEqual(wrong);
    expect(await t.login.logInWithPassword(visit(), { login: 'x'.repeat(5000), password: goodPassword })).toEqual(
      wrong,
    );
    await t.pool.query("update account set status = 'locked' where id = $1", [session.account]);
    expect(await t.login.logInWithPassword(visit(), { login, password: goodPassword })).toEqual(wrong);
    expect(await actsOf(t, session.subject)).toContain('login-failed refused');
  });
});

test('of 200 logins at the same time those that would wait for long are told to come back', async () => {
  const { login } = await family();
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      t.login.logInWithPassword(visit(), { login: n % 2 ? login : `nobody-${n}`, password: 'not the password at all' }),
    ),
  );
  const words = answers.map((answer) => ('why' in answer ? answer.why : answer.kind));
  expect(new Set(words)).toEqual(new Set(['wrong', 'wait']));
  expect(words.filter((word) => word === 'wrong').length).toBeGreaterThanOrEqual(100);
});

describe('a session', () => {
  test('is kept as a hash, and is found by its text alone', async () => {
    const { text, session } = await family();
    const { rows } = await t.pool.query('select * from login_session where id = $1', [session.id]);
    expect(JSON.stringify(rows)).not.toContain(text);
    expect(await t.login.findSession(text)).toMatchObject({ id: session.id, csrf: session.csrf });
    for (const other of [undefined, '', 'x', `${text}x`, text.toUpperCase(), session.csrf])
      expect(await t.login.findSession(other)).toBeUndefined();
  });

  test('is exchanged at each login', async () => {
    const { login, text } = await family();
    const { text: next } = opened(
      await t.login.logInWithPassword(visit({ session: text }), { login, password: goodPassword }),
    );
    expect(next).not.toBe(text);
    expect(await t.login.findSession(text)).toBeUndefined();
    expect(await t.login.findSession(next)).toBeDefined();
  });

  test('ends by idleness and by age', async () => {
    const { text } = await family();
    const before = t.clock.nowMs;
    try {
      t.clock.nowMs += 14 * 60_000;
      expect(await t.login.findSession(text)).toBeDefined();
      t.clock.nowMs += 60_001;
      expect(await t.login.findSession(text)).toBeUndefined();
    } finally {
      t.clock.nowMs = before;
    }
  });

  test('is listed and ended by its person only', async () => {
    const one = await family();
    const other = await family();
    const lines = await t.login.listSessions(one.session);
    expect(lines).toEqual([
      { id: one.session.id, agent: 'test', created: expect.any(String), seen: expect.any(String) },
    ]);
    const { request } = visit();
    expect(await t.login.logOut(other.session, one.session.id, request)).toBe(false);
    expect(await t.login.findSession(one.text)).toBeDefined();
    expect(await t.login.logOut(one.session, one.session.id, request)).toBe(true);
    expect(await t.login.logOut(one.session, one.session.id, request)).toBe(false);
    expect(await t.login.findSession(one.text)).toBeUndefined();
    expect(await actsOf(t, one.session.subject)).toContain('logout');
  });
});
