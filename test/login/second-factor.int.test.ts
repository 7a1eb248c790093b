// The second factor: codes that work once, and what a password alone cannot do. RFC 6238, 5.2
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  actsOf,
  familyWithTotp,
  goodPassword,
  letIn,
  logIn,
  opened,
  startLogin,
  type TestLogin,
  visit,
} from './support.ts';

let t: TestLogin;
beforeAll(async () => {
  t = await startLogin();
});
afterAll(() => t.close());

const wrong = { kind: 'refused', why: 'wrong' };
const stepUp = { kind: 'refused', why: 'step-up' };

describe('an authenticator app', () => {
  test('beside a password makes the session a full one', async () => {
    const { session, device, subject } = await familyWithTotp(t);
    expect(session).toMatchObject({ level: 'full', acr: 'https://refeds.org/profile/mfa', amr: ['pwd', 'otp', 'mfa'] });
    expect(session.authTimeMs).toBe(t.clock.nowMs);
    expect(device).toMatch(/^[\w-]{43}$/);
    expect(t.login.refusalOfSensitive(session)).toBeUndefined();
    expect(await actsOf(t, subject)).toEqual(expect.arrayContaining(['account-created', 'factor-added', 'login']));
  });

  test('is asked for after the password from then on', async () => {
    const family = await familyWithTotp(t);
    const half = opened(await t.login.logInWithPassword(visit(), { login: family.login, password: goodPassword }));
    expect(half.session).toMatchObject({ level: 'half', acr: '0' });
    expect(half.device).toBeUndefined();
    const whole = opened(await t.login.logInWithTotp(visit({ session: half.text }), half.session, family.nextCode()));
    expect(whole.session.level).toBe('full');
    expect(await t.login.findSession(half.text)).toBeUndefined();
  });

  test('keeps its seed sealed, bound to its account', async () => {
    const one = await familyWithTotp(t);
    const other = await familyWithTotp(t);
    const { rows } = await t.pool.query('select seed from account_totp where account = $1', [one.account]);
    expect(rows[0].seed).toHaveLength(12 + 20 + 16);
    await t.pool.query('update account_totp set seed = $2 where account = $1', [other.account, rows[0].seed]);
    const half = opened(await t.login.logInWithPassword(visit(), { login: other.login, password: goodPassword }));
    await expect(t.login.logInWithTotp(visit(), half.session, one.nextCode())).rejects.toThrow();
  });

  test('shows codes that work once, in order', async () => {
    const family = await familyWithTotp(t);
    const used = family.code();
    const later = family.nextCode();
    const ask = async (code: string) => {
      const half = opened(await t.login.logInWithPassword(visit(), { login: family.login, password: goodPassword }));
      return t.login.logInWithTotp(visit({ session: half.text }), half.session, code);
    };
    expect(await ask(used)).toEqual(wrong);
    expect((await ask(later)).kind).toBe('opened');
    expect(await ask(later)).toEqual(wrong);
    expect(await ask(used)).toEqual(wrong);
    expect(await ask('000000')).toEqual(wrong);
  });

  test('lets one of 50 in with the same code', async () => {
    const family = await familyWithTotp(t);
    const visits = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        // Browsers that have logged in before, so that what stops them is the code and not the pause.
        const from = visit({ device: 'd'.repeat(41) + String(n).padStart(2, '0') });
        return from;
      }),
    );
    const half = opened(await t.login.logInWithPassword(visit(), { login: family.login, password: goodPassword }));
    await t.pool.query(
      'insert into login_device select sha256(convert_to(d, $3)), $1, now() from unnest($2::text[]) d',
      [family.account, visits.map(({ device }) => device), 'UTF8'],
    );
    const code = family.nextCode();
    const isIn = ({ kind }: { kind: string }) => kind === 'opened';
    expect(await letIn((n) => t.login.logInWithTotp(visits[n] ?? visit(), half.session, code), isIn)).toBe(1);
  });

  test('offered and not shown yet changes nothing', async () => {
    const family = await familyWithTotp(t);
    const { session } = await logIn(t, family);
    expect(await t.login.offerTotpSeed(session)).toMatchObject({ kind: 'offered' });
    expect((await logIn(t, family)).kind).toBe('opened');
    expect(await t.login.confirmTotp(visit(), session, family.nextCode())).toEqual(wrong);
  });
});

describe('who knows only the password', () => {
  test('sets nothing up, and changes nothing', async () => {
    const { login } = await familyWithTotp(t);
    const { session } = opened(await t.login.logInWithPassword(visit(), { login, password: goodPassword }));
    expect(await t.login.offerTotpSeed(session)).toEqual(stepUp);
    expect(await t.login.confirmTotp(visit(), session, '123456')).toEqual(stepUp);
    expect(await t.login.setPassword(visit(), session, 'another good password')).toEqual(stepUp);
    expect(await t.login.newRecoveryCodes(visit(), session)).toEqual(stepUp);
    expect(await t.login.passkeyRegistrationOptions(session)).toEqual(stepUp);
    expect(await t.login.bindCertificate(visit(), session, 'card')).toEqual(stepUp);
    expect(await t.login.removeFactor(visit(), session, 'totp')).toEqual(stepUp);
  });

  test('neither, with a session from before the second factor', async () => {
    const login = 'early@example.jp';
    const early = opened(await t.login.signUp(visit(), { login, password: goodPassword, name: '試験' }));
    const other = opened(await t.login.logInWithPassword(visit(), { login, password: goodPassword }));
    await t.pool.query("insert into account_totp (account, seed) values ($1, '\\x00')", [early.session.account]);
    expect(await t.login.setPassword(visit(), other.session, 'another good password')).toEqual(stepUp);
    expect(await t.login.offerTotpSeed(other.session)).toEqual(stepUp);
  });
});

describe('who was signed out while a call was under way', () => {
  const acts: [string, (family: Family) => Promise<unknown>][] = [
    ['sets no password', ({ session }) => t.login.setPassword(visit(), session, 'another good password')],
    ['takes no app into use', ({ session, nextCode }) => t.login.confirmTotp(visit(), session, nextCode())],
    ['makes no recovery codes', ({ session }) => t.login.newRecoveryCodes(visit(), session)],
    ['binds no card', ({ session }) => t.login.bindCertificate(visit(), session, 'card-of-nobody')],
    ['removes nothing', ({ session }) => t.login.removeFactor(visit(), session, 'totp')],
    ['does not get in by a code', ({ half, nextCode }) => t.login.logInWithTotp(visit(), half, nextCode())],
    ['does not get in by a recovery code', ({ half, codes }) => t.login.recoverWithPassword(visit(), half, codes)],
  ];
  type Family = Awaited<ReturnType<typeof signedIn>>;
  async function signedIn() {
    const family = await familyWithTotp(t);
    await t.login.offerTotpSeed(family.session);
    const made = await t.login.newRecoveryCodes(visit(), family.session);
    const half = opened(await t.login.logInWithPassword(visit(), { login: family.login, password: goodPassword }));
    return { ...family, half: half.session, codes: made.kind === 'codes' ? String(made.codes[0]) : '' };
  }

  test.each(acts)('%s', async (_what, act) => {
    const family = await signedIn();
    const other = await logIn(t, family);
    await t.login.setPassword(visit(), other.session, 'another good password');
    expect(await act(family)).toEqual(wrong);
  });

  test.each(acts)('%s where the account was locked', async (_what, act) => {
    const family = await signedIn();
    const status = { subject: family.subject, status: 'locked', by: 'tsumugi-cli', request: randomUUID() } as const;
    await t.login.changeAccountStatus(status);
    expect(await act(family)).toEqual(wrong);
  });
});

test('a password alone makes no recovery codes, which would outlive the second factor', async () => {
  const first = { login: 'codes-first@example.jp', password: goodPassword, name: '試験' };
  const { session } = opened(await t.login.signUp(visit(), first));
  expect(await t.login.newRecoveryCodes(visit(), session)).toEqual(stepUp);
});

describe('a full session', () => {
  test('is too old for sensitive acts after ten minutes', async () => {
    const family = await familyWithTotp(t);
    const { session } = await logIn(t, family);
    const before = t.clock.nowMs;
    t.clock.nowMs += 600_001;
    expect(t.login.refusalOfSensitive(session)).toEqual(stepUp);
    expect(await t.login.setPassword(visit(), session, 'another good password')).toEqual(stepUp);
    t.clock.nowMs = before;
  });

  test('that changes its password ends all others and their tokens, and is no fresher for it', async () => {
    const family = await familyWithTotp(t);
    const other = await logIn(t, family);
    const here = await logIn(t, family);
    t.clock.nowMs += 60_000;
    const next = opened(
      await t.login.setPassword(visit({ session: here.text }), here.session, 'another good password'),
    );
    expect(next.session).toMatchObject({ level: 'full', authTimeMs: here.session.authTimeMs });
    for (const { text } of [other, here]) expect(await t.login.findSession(text)).toBeUndefined();
    expect(await t.login.findSession(next.text)).toBeDefined();
    expect(t.endedTokensOf).toContain(family.subject);
  });

  test('ends 12 hours after its login, however busy', async () => {
    const family = await familyWithTotp(t);
    const { text } = await logIn(t, family);
    const before = t.clock.nowMs;
    for (let minutes = 20; minutes < 720; minutes += 20) {
      t.clock.nowMs = before + minutes * 60_000;
      expect(await t.login.findSession(text)).toBeDefined();
    }
    t.clock.nowMs = before + 720 * 60_000;
    expect(await t.login.findSession(text)).toBeUndefined();
    t.clock.nowMs = before;
  });

  test('keeps a way in', async () => {
    const family = await familyWithTotp(t);
    const { session } = await logIn(t, family);
    const last = { kind: 'refused', why: 'last-factor' };
    expect(await t.login.removeFactor(visit(), session, 'totp')).toEqual(last);
    expect(await t.login.removeFactor(visit(), session, 'password')).toEqual(last);
    expect(await t.login.removeFactor(visit(), session, { passkey: 'x' })).toEqual({ kind: 'refused', why: 'missing' });
    expect(await t.login.factorsOf(session)).toMatchObject({ password: true, totp: true, passkeys: [] });
  });
});
