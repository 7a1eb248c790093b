// Recovery: two proofs or a code given in person, and what it ends. NIST SP 800-63B-4, 4.2
import { randomUUID } from 'node:crypto';
import { URI } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { issueRecoveryCode } from '../../server/login/recovery.ts';
import { createStaff } from '../../server/login/sign-up.ts';
import { createWriter } from '../../server/store/write.ts';
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
const nextPassword = 'ひつじを数えて 31 まで';

async function familyWithCodes() {
  const family = await familyWithTotp(t);
  const answer = await t.login.newRecoveryCodes(visit(), family.session);
  if (answer.kind !== 'codes') throw new Error('no codes were made');
  const half = async () =>
    opened(await t.login.logInWithPassword(visit(), { login: family.login, password: goodPassword }));
  return { ...family, codes: answer.codes, half };
}

async function noticesOf(account: string): Promise<string[]> {
  const { rows } = await t.pool.query('select kind from account_notice where account = $1 order by id', [account]);
  return rows.map(({ kind }) => kind);
}

/** What every recovery does. */
async function expectRecovered(family: { subject: string; account: string; text: string }): Promise<void> {
  expect(await t.login.findSession(family.text)).toBeUndefined();
  expect(t.endedTokensOf).toContain(family.subject);
  expect(await noticesOf(family.account)).toContain('recovered');
  expect(await actsOf(t, family.subject)).toContain('login-recovered');
}

describe('recovery codes', () => {
  test('are ten, shown once, kept as hashes, and replaced together', async () => {
    const { codes, session, account } = await familyWithCodes();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^([2-9A-HJKMNP-Z]{4}-){3}[2-9A-HJKMNP-Z]{4}$/);
    const { rows } = await t.pool.query('select * from account_code where account = $1', [account]);
    expect(JSON.stringify(rows)).not.toContain(codes[0]);
    expect(await t.login.recoveryCodesLeft(session)).toBe(10);
    await t.login.newRecoveryCodes(visit(), session);
    expect(await t.login.recoveryCodesLeft(session)).toBe(10);
  });

  test('stand for a lost app, beside the password', async () => {
    const family = await familyWithCodes();
    const half = await family.half();
    const code = family.codes[3]?.toLowerCase().replaceAll('-', ' ') ?? '';
    const { session } = opened(await t.login.recoverWithPassword(visit(), half.session, code));
    expect(session).toMatchObject({ level: 'full', amr: ['pwd', 'mfa'] });
    await expectRecovered(family);
    expect(t.login.refusalOfSensitive(session)).toMatchObject({ why: 'recovered' });
    const again = await family.half();
    expect(await t.login.recoverWithPassword(visit(), again.session, code)).toEqual(wrong);
    expect(await t.login.recoverWithPassword(visit(), session, family.codes[4] ?? '')).toEqual(stepUp);
  });

  test('stand for a lost password, beside the app', async () => {
    const family = await familyWithCodes();
    const [code = '', other = ''] = family.codes;
    const ask = (totp: string, one: string) =>
      t.login.recoverWithTotp(visit(), { login: family.login, totp, code: one });
    expect(await ask(family.nextCode(), 'AAAA-AAAA-AAAA-AAAA')).toEqual(wrong);
    expect(await ask('000000', code)).toEqual(wrong);
    const answer = opened(await ask(family.nextCode(), code));
    expect(answer.session.level).toBe('enrol');
    await expectRecovered(family);
    const next = opened(await t.login.setPassword(visit({ session: answer.text }), answer.session, nextPassword));
    expect(next.session.level).toBe('full');
    expect(await ask(family.nextCode(), code)).toEqual(wrong);
    expect((await ask(family.nextCode(), other)).kind).toBe('opened');
    expect(await t.login.logInWithPassword(visit(), { login: family.login, password: goodPassword })).toEqual(wrong);
  });

  test('open nothing by themselves', async () => {
    const { login, codes } = await familyWithCodes();
    for (const code of codes.slice(0, 3)) expect(await t.login.redeemCode(visit(), { login, code })).toEqual(wrong);
  });

  test('let one of 50 in with the same code', async () => {
    const family = await familyWithCodes();
    const half = await family.half();
    const devices = Array.from({ length: 50 }, (_, n) => 'e'.repeat(41) + String(n).padStart(2, '0'));
    await t.pool.query(
      "insert into login_device select sha256(convert_to(d, 'UTF8')), $1, now() from unnest($2::text[]) d",
      [family.account, devices],
    );
    const ask = (n: number) =>
      t.login.recoverWithPassword(visit({ device: devices[n] }), half.session, family.codes[0] ?? '');
    expect(await letIn(ask, ({ kind }) => kind === 'opened')).toBe(1);
  });
});

describe('a code that was given out in person', () => {
  const issue = (login: string) =>
    issueRecoveryCode(
      { pool: t.pool, nowMs: () => t.clock.nowMs },
      { login, by: 'tsumugi-cli', request: randomUUID() },
    );

  test('changes nothing until it is used, and then lets factors be set up and nothing else', async () => {
    const family = await familyWithTotp(t);
    const code = (await issue(family.login)) ?? '';
    expect(await t.login.findSession(family.text)).toBeDefined();
    expect(await noticesOf(family.account)).toContain('recovery-code-issued');
    expect(await actsOf(t, family.subject)).toContain('recovery-code-issued');
    const begun = opened(await t.login.redeemCode(visit(), { login: family.login, code }));
    expect(begun.session).toMatchObject({ level: 'enrol', acr: '0' });
    await expectRecovered(family);
    expect(await t.login.redeemCode(visit(), { login: family.login, code })).toEqual(wrong);
    expect(await t.login.removeFactor(visit(), begun.session, 'totp')).toEqual(stepUp);

    const withPassword = opened(await t.login.setPassword(visit({ session: begun.text }), begun.session, nextPassword));
    expect(withPassword.session.level).toBe('enrol');
    const offered = await t.login.offerTotpSeed(withPassword.session);
    expect(offered.kind).toBe('offered');
  });

  test('works for a day, for its own account, and the last one only', async () => {
    const family = await familyWithTotp(t);
    const other = await familyWithTotp(t);
    const first = (await issue(family.login)) ?? '';
    const code = (await issue(family.login)) ?? '';
    expect(await t.login.redeemCode(visit(), { login: other.login, code })).toEqual(wrong);
    expect(await t.login.redeemCode(visit(), { login: 'nobody', code })).toEqual(wrong);
    expect(await t.login.redeemCode(visit(), { login: family.login, code: first })).toEqual(wrong);
    t.clock.nowMs += 86_400_000;
    expect(await t.login.redeemCode(visit(), { login: family.login, code })).toEqual(wrong);
    expect(await issue('nobody')).toBeUndefined();
  });

  test('lets one of 50 in', async () => {
    const { login } = await familyWithTotp(t);
    const code = (await issue(login)) ?? '';
    // 20 tries from different addresses are free.
    expect(
      await letIn(
        () => t.login.redeemCode(visit(), { login, code }),
        ({ kind }) => kind === 'opened',
      ),
    ).toBe(1);
  });
});

describe('a recovery', () => {
  test('ends what the authorization server has given out for the account, and nobody else’s', async () => {
    const family = await familyWithCodes();
    const other = await familyWithTotp(t);
    const patient = (await t.system.create({ resourceType: 'Patient' })).id;
    const give = async (account: string, grant: string) => {
      await t.pool.query(
        `insert into oidc_payload (model, id_hash, payload, grant_id, account, expires)
values ('Grant', sha256($1::bytea), '{}', $2, $3, now() + interval '1 h'),
  ('RefreshToken', sha256($1::bytea), '{}', $2, $3, now() + interval '1 h')`,
        [Buffer.from(grant), grant, account],
      );
      const caller = await t.caller('patient/*.rs', { patient });
      await t.pool.query('update token set grant_id = $2 where hash = sha256($1::bytea)', [
        Buffer.from(caller.token ?? ''),
        grant,
      ]);
      expect((await caller.get(`Patient/${patient}`)).status).toBe(200);
      return caller;
    };
    const byId = await give(family.account, 'grant-1');
    const bySubject = await give(family.subject, 'grant-2');
    const others = await give(other.account, 'grant-3');
    const half = await family.half();
    opened(await t.login.recoverWithPassword(visit(), half.session, family.codes[0] ?? ''));
    for (const caller of [byId, bySubject])
      await vi.waitFor(async () => expect((await caller.get(`Patient/${patient}`)).status).toBe(401));
    expect((await others.get(`Patient/${patient}`)).status).toBe(200);
    const { rows } = await t.pool.query('select grant_id from oidc_payload');
    expect(rows.map(({ grant_id }) => grant_id)).toEqual(['grant-3', 'grant-3']);
  });
});

describe('a day after a recovery', () => {
  test('what cannot be undone may be done again', async () => {
    const family = await familyWithCodes();
    const half = await family.half();
    opened(await t.login.recoverWithPassword(visit(), half.session, family.codes[0] ?? ''));
    const soon = await logIn(t, family);
    const untilMs = (soon.session.recoveredMs ?? 0) + 86_400_000;
    expect(t.login.refusalOfSensitive(soon.session)).toEqual({ kind: 'refused', why: 'recovered', untilMs });
    expect(await t.login.removeFactor(visit(), soon.session, 'totp')).toMatchObject({ why: 'recovered' });
    t.clock.nowMs = untilMs;
    expect(t.login.refusalOfSensitive((await logIn(t, family)).session)).toBeUndefined();
  });
});

describe('an account that is locked', () => {
  test('ends everywhere at once, and opens again with its factors', async () => {
    const family = await familyWithTotp(t);
    const about = { subject: family.subject, by: 'tsumugi-cli', request: randomUUID() };
    expect(await t.login.changeAccountStatus({ ...about, status: 'locked' })).toBe(true);
    expect(await t.login.findSession(family.text)).toBeUndefined();
    expect(t.endedTokensOf).toContain(family.subject);
    const ask = () => t.login.logInWithPassword(visit(), { login: family.login, password: goodPassword });
    expect(await ask()).toEqual(wrong);
    await t.login.changeAccountStatus({ ...about, status: 'active' });
    expect(await t.login.findSession(family.text)).toBeUndefined();
    expect((await logIn(t, family)).session.level).toBe('full');
    expect((await actsOf(t, family.subject)).filter((act) => act === 'account-status')).toHaveLength(2);
    expect(await t.login.changeAccountStatus({ ...about, subject: 'Person/no', status: 'closed' })).toBe(false);
  });
});

describe('staff', () => {
  test('begin with a code, and have two factors before they are in', async () => {
    const organization = (await t.system.create({ resourceType: 'Organization', name: '見本医院' })).id;
    const write = createWriter({ pool: t.pool, nowMs: () => t.clock.nowMs, base: t.base });
    const make = () =>
      createStaff(
        { write, nowMs: () => t.clock.nowMs },
        { login: 'kangoshi', name: '見本 次郎', organization, request: randomUUID() },
      );
    const made = await make();
    if (made.kind !== 'created') throw new Error('not created');
    expect(await make()).toEqual({ kind: 'refused', why: 'taken' });
    const roles = await t.system.get(`PractitionerRole?practitioner=${made.subject}&organization=${organization}`);
    expect(roles.body.total).toBe(1);

    const begun = opened(await t.login.redeemCode(visit(), { login: 'Kangoshi', code: made.code }));
    expect(begun.session).toMatchObject({
      level: 'enrol',
      organization,
      subject: made.subject,
      recoveredMs: undefined,
    });
    const more = opened(await t.login.setPassword(visit({ session: begun.text }), begun.session, goodPassword));
    expect(more.session).toMatchObject({ level: 'enrol', acr: '0' });
    const alone = opened(await t.login.logInWithPassword(visit(), { login: 'kangoshi', password: goodPassword }));
    expect(alone.session).toMatchObject({ level: 'half', acr: '0' });
    expect(await t.login.offerTotpSeed(alone.session)).toEqual(stepUp);
    const again = opened(await t.login.setPassword(visit({ session: more.text }), more.session, nextPassword));
    const offered = await t.login.offerTotpSeed(again.session);
    if (offered.kind !== 'offered') throw new Error('no seed was offered');
    const code = URI.parse(offered.uri).generate({ timestamp: t.clock.nowMs } as never);
    const whole = opened(await t.login.confirmTotp(visit({ session: again.text }), again.session, code));
    expect(whole.session).toMatchObject({ level: 'full', organization, amr: ['pwd', 'otp', 'mfa'] });
    expect(await t.login.accountOf(made.subject)).toMatchObject({ id: made.account, organization, status: 'active' });
  });
});
