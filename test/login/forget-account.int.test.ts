// An account that is locked from the command line, and one whose Person is erased: what ends at once, and what is left.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { accountCommand } from '../../server/cli/account.ts';
import { bindSubject } from '../../server/store/account-certificates.ts';
import { accountTables } from '../../server/store/forget-account.ts';
import { inTransaction } from '../../server/store/write.ts';
import { actsOf, familyWithTotp, goodPassword, logIn, startLogin, type TestLogin, visit } from './support.ts';

let t: TestLogin;
beforeAll(async () => {
  t = await startLogin();
  vi.stubEnv('DATABASE_URL', t.databaseUrl);
  // Vitest has one of its own, which is no address.
  vi.stubEnv('BASE_URL', '');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await t.close();
});

async function account(...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  const line = (text: string) => void lines.push(text);
  expect(await accountCommand.run(args, { line, error: line })).toBe(0);
  return lines;
}

const statusOf = async ({ account: id }: { account: string }) =>
  (await t.pool.query('select status from account where id = $1', [id])).rows[0]?.status;

/** A family that is logged in, with a token of an app. */
async function family() {
  const one = await familyWithTotp(t);
  const app = await t.caller('user/Person.r', { user: one.subject });
  expect((await app.get('metadata')).status).toBe(200);
  expect((await app.get(one.subject)).status).not.toBe(401);
  return { ...one, app };
}

describe('tsumugi account', () => {
  test('locks: sessions and tokens end at once, and nobody logs in; unlocks', async () => {
    const one = await family();
    const other = await family();
    expect(await account('lock', '--login', one.login.toUpperCase())).toEqual(['the account is locked']);
    expect(await statusOf(one)).toBe('locked');
    expect(await t.login.findSession(one.text)).toBeUndefined();
    await expect.poll(async () => (await one.app.get(one.subject)).status).toBe(401);
    expect(await t.login.logInWithPassword(visit(), { login: one.login, password: goodPassword })).toMatchObject({
      why: 'wrong',
    });
    expect(await t.login.findSession(other.text)).toBeDefined();
    expect((await other.app.get(other.subject)).status).not.toBe(401);
    expect(await account('unlock', '--login', one.login)).toEqual(['the account is active']);
    expect((await logIn(t, one)).session.level).toBe('full');
    const { rows } = await t.pool.query("select client from audit where interaction = 'account-status' and key = $1", [
      one.subject.slice('Person/'.length),
    ]);
    expect(rows).toEqual([{ client: 'tsumugi-cli' }, { client: 'tsumugi-cli' }]);
    const noticed = await t.pool.query('select kind from account_notice where account = $1 order by id', [one.account]);
    expect(noticed.rows.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['account-locked', 'account-active']));
  });

  test('closes for good', async () => {
    const one = await family();
    expect(await account('close', '--login', one.login)).toEqual(['the account is closed']);
    expect(await t.login.findSession(one.text)).toBeUndefined();
    for (const act of ['unlock', 'lock', 'close'])
      await expect(account(act, '--login', one.login)).rejects.toThrow('closed, for good');
    expect(await statusOf(one)).toBe('closed');
  });

  test.each([
    [[], 'account takes one of lock, unlock, close'],
    [['open'], 'account takes one of lock, unlock, close'],
    [['toString'], 'account takes one of lock, unlock, close'],
    [['lock'], '--login is required'],
    [['lock', '--login', 'nobody'], 'there is no account of this login name'],
    [['lock', '--login', '\u0000'], 'there is no account of this login name'],
    [['lock', '--name', 'x'], "Unknown option '--name'"],
  ])('%j > %s', async (args, words) => {
    await expect(account(...args)).rejects.toThrow(words);
  });
});

describe('$expunge of a Person', () => {
  const erase = (subject: string) =>
    t.system.post(`${subject}/$expunge`, {
      resourceType: 'Parameters',
      parameter: [{ name: 'confirm', valueString: subject.split('/')[1] }],
    });

  test('forgets its account, ends what it holds, and leaves the audit and everybody else', async () => {
    const [one, other] = [await family(), await family()];
    await inTransaction(t.pool, (client) => bindSubject(client, 'jpki:forget', one.account, t.clock.nowMs));
    expect((await erase(one.subject)).status).toBe(200);
    expect(await t.login.findSession(one.text)).toBeUndefined();
    await expect.poll(async () => (await one.app.get(one.subject)).status).toBe(401);
    for (const table of ['account', ...accountTables]) {
      const { rows } = await t.pool.query(`select x::text as row from ${table} x`);
      for (const { row } of rows) expect(row).not.toMatch(new RegExp(`${one.account}|${one.login}|${one.subject}`));
    }
    expect(await actsOf(t, one.subject)).toEqual(expect.arrayContaining(['account-created', 'login', 'expunge']));
    expect(await statusOf(other)).toBe('active');
    expect(await t.login.findSession(other.text)).toBeDefined();
    // The name is free again.
    const again = await t.login.signUp(visit(), { login: one.login, password: goodPassword, name: '試験 花子' });
    expect(again.kind).toBe('opened');
  });

  test('tells how many rows went', async () => {
    const one = await family();
    const { body } = await erase(one.subject);
    const parts = body.parameter as unknown as { name: string; part: { valueCode: string; valueInteger: number }[] }[];
    const rows = parts.filter(({ name }) => name === 'rows').map(({ part }) => part[0]?.valueCode);
    expect(rows).toEqual(expect.arrayContaining(['account', 'account_password', 'account_totp', 'login_session']));
  });

  test('knows every table that refers to an account', async () => {
    const { rows } = await t.pool.query(
      "select conrelid::regclass::text as table from pg_constraint where contype = 'f' and confrelid = 'account'::regclass",
    );
    for (const { table } of rows) expect(accountTables).toContain(table);
  });
});
