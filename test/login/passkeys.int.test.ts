// Passkeys, by an authenticator in software. Web Authentication Level 3, 7.1 and 7.2: each step that may fail, fails.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Authenticator, type Faults } from './authenticator.ts';
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

const origin = 'https://tsumugi.test';
const wrong = { kind: 'refused', why: 'wrong' };

async function registrationOptions(session: Parameters<TestLogin['login']['passkeyRegistrationOptions']>[0]) {
  const answer = await t.login.passkeyRegistrationOptions(session);
  if (answer.kind !== 'options') throw new Error(`refused: ${answer.why}`);
  return answer.options;
}

async function loginOptions() {
  const answer = await t.login.passkeyLoginOptions(visit());
  if (answer.kind !== 'options') throw new Error(`refused: ${answer.why}`);
  return answer.options;
}

let made = 0;
/** A family account with one passkey and no password. */
async function familyWithPasskey(authenticator = new Authenticator(origin)) {
  made += 1;
  const begun = opened(await t.login.signUp(visit(), { login: `passkey-${made}`, name: '試験 花子' }));
  const response = authenticator.create(await registrationOptions(begun.session));
  const answer = opened(
    await t.login.registerPasskey(visit({ session: begun.text }), begun.session, {
      response,
      name: '台所のタブレット',
    }),
  );
  return { ...answer, authenticator, subject: answer.session.subject, account: answer.session.account };
}

const logInWith = async (authenticator: Authenticator, faults?: Faults) =>
  t.login.logInWithPasskey(visit(), authenticator.get(await loginOptions(), faults));

describe('registering', () => {
  test('asks for a passkey that is found without a name and whose holder is verified', async () => {
    const { session, authenticator } = await familyWithPasskey();
    const options = await registrationOptions(session);
    expect(options).toMatchObject({
      rp: { id: 'tsumugi.test' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: [{ id: authenticator.id.toString('base64url') }],
    });
    expect(Buffer.from(options.challenge, 'base64url')).toHaveLength(32);
  });

  test('makes the session a full one, by two factors', async () => {
    const { session, subject } = await familyWithPasskey();
    expect(session).toMatchObject({ level: 'full', acr: 'phr', amr: ['pop', 'hwk', 'user', 'mfa'] });
    expect(await actsOf(t, subject)).toEqual(expect.arrayContaining(['factor-added', 'login']));
  });

  const faults: [string, Faults][] = [
    ['of another origin', { origin: 'https://evil.test' }],
    ['of a page without https', { origin: 'http://tsumugi.test' }],
    ['of another site', { rpId: 'evil.test' }],
    ['of an answer to a login', { type: 'webauthn.get' }],
    ['of a challenge that was never given', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['of an unverified holder', { isVerified: false }],
    ['of nobody at the device', { isPresent: false }],
    ['with an algorithm that was not offered', { algorithm: -65535 }],
  ];
  test.each(faults)('refuses what is %s', async (_, fault) => {
    const { session, text } = opened(await t.login.signUp(visit(), { login: `bad-${++made}`, name: '試験' }));
    const response = new Authenticator(origin).create(await registrationOptions(session), fault);
    expect(await t.login.registerPasskey(visit(), session, { response, name: 'x' })).toEqual(wrong);
    expect(await t.login.listPasskeys(session)).toEqual([]);
    expect(await t.login.findSession(text)).toMatchObject({ level: 'enrol' });
  });

  test.each([
    undefined,
    null,
    'x',
    [],
    {},
    { response: null },
    { response: { clientDataJSON: 1 } },
    { response: { clientDataJSON: '' } },
    { response: { clientDataJSON: Buffer.from('null').toString('base64url') } },
    { response: { clientDataJSON: Buffer.from('{"challenge":5}').toString('base64url') } },
  ])('refuses %j', async (response) => {
    const { session } = opened(await t.login.signUp(visit(), { login: `bad-${++made}`, name: '試験' }));
    expect(await t.login.registerPasskey(visit(), session, { response, name: 'x' })).toEqual(wrong);
    expect(await t.login.logInWithPasskey(visit(), response)).toEqual(wrong);
  });

  test('refuses a broken object behind a good challenge, without failing', async () => {
    const { session } = opened(await t.login.signUp(visit(), { login: `bad-${++made}`, name: '試験' }));
    for (const attestationObject of ['', 'oA', Buffer.alloc(300, 0xff).toString('base64url')]) {
      const response = new Authenticator(origin).create(await registrationOptions(session));
      Object.assign(response.response, { attestationObject });
      expect(await t.login.registerPasskey(visit(), session, { response, name: 'x' })).toEqual(wrong);
    }
  });

  test.each([
    ['a text', 'usb', []],
    ['an object', { map: 1 }, []],
    ['odd members', ['usb', '\0', '\ud800', null, { toString: 1 }], ['usb']],
  ])('keeps of transports that are %s what the standard knows', async (_what, transports, kept) => {
    const { session } = opened(await t.login.signUp(visit(), { login: `bad-${++made}`, name: '試験' }));
    const response = new Authenticator(origin).create(await registrationOptions(session));
    Object.assign(response.response, { transports });
    expect((await t.login.registerPasskey(visit(), session, { response, name: 'x' })).kind).toBe('opened');
    const { rows } = await t.pool.query('select transports from account_passkey where account = $1', [session.account]);
    expect(rows).toEqual([{ transports: kept }]);
  });

  test('refuses who was signed out between the two steps', async () => {
    const { session } = await familyWithPasskey();
    const response = new Authenticator(origin).create(await registrationOptions(session));
    await t.login.logOut(session, session.id, randomUUID());
    expect(await t.login.registerPasskey(visit(), session, { response, name: 'x' })).toEqual(wrong);
  });

  test('refuses another account’s challenge, and another account’s key', async () => {
    const one = await familyWithPasskey();
    const other = await familyWithPasskey();
    const stolen = new Authenticator(origin).create(await registrationOptions(one.session));
    expect(await t.login.registerPasskey(visit(), other.session, { response: stolen, name: 'x' })).toEqual(wrong);
    const same = one.authenticator.create(await registrationOptions(other.session));
    expect(await t.login.registerPasskey(visit(), other.session, { response: same, name: 'x' })).toEqual(wrong);
  });

  test('lets one of 50 in with the same challenge', async () => {
    const { session } = opened(await t.login.signUp(visit(), { login: `race-${++made}`, name: '試験' }));
    const response = new Authenticator(origin).create(await registrationOptions(session));
    const ask = () => t.login.registerPasskey(visit(), session, { response, name: 'x' });
    expect(await letIn(ask, ({ kind }) => kind === 'opened')).toBe(1);
  });
});

describe('logging in', () => {
  test('names nobody, and finds the account by the key', async () => {
    const { authenticator, account } = await familyWithPasskey();
    const options = await loginOptions();
    expect(options).toMatchObject({ rpId: 'tsumugi.test', userVerification: 'required' });
    expect(options.allowCredentials ?? []).toEqual([]);
    const { session } = opened(await t.login.logInWithPasskey(visit(), authenticator.get(options)));
    expect(session).toMatchObject({ account, level: 'full', acr: 'phr' });
  });

  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const faults: [string, Faults][] = [
    ['from another origin', { origin: 'https://evil.test' }],
    ['for another site', { rpId: 'evil.test' }],
    ['that answers a registration', { type: 'webauthn.create' }],
    ['of a challenge that was never given', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
    ['of an unverified holder', { isVerified: false }],
    ['of nobody at the device', { isPresent: false }],
    ['by another key', { signWith: stranger }],
    ['without a user handle', { userHandle: undefined }],
    ['with another user handle', { userHandle: Buffer.from('somebody').toString('base64url') }],
  ];
  test.each(faults)('refuses a signature %s', async (_, fault) => {
    const { authenticator, subject } = await familyWithPasskey();
    expect(await logInWith(authenticator, fault)).toEqual(wrong);
    if (!fault.challenge) expect(await actsOf(t, subject)).toContain('login-failed refused');
    expect((await logInWith(authenticator)).kind).toBe('opened');
  });

  test('refuses a key that nobody has, and a challenge that has expired', async () => {
    expect(await logInWith(new Authenticator(origin))).toEqual(wrong);
    const { authenticator } = await familyWithPasskey();
    const options = await loginOptions();
    const before = t.clock.nowMs;
    t.clock.nowMs += 300_000;
    expect(await t.login.logInWithPasskey(visit(), authenticator.get(options))).toEqual(wrong);
    t.clock.nowMs = before;
  });

  test('refuses a counter that does not grow, and tells the person', async () => {
    const { authenticator, account } = await familyWithPasskey();
    for (let n = 0; n < 3; n++) expect((await logInWith(authenticator)).kind).toBe('opened');
    authenticator.counter = 1;
    expect(await logInWith(authenticator)).toEqual(wrong);
    authenticator.counter = 2;
    expect(await logInWith(authenticator)).toEqual(wrong);
    const { rows } = await t.pool.query('select kind from account_notice where account = $1', [account]);
    expect(rows.map(({ kind }) => kind)).toContain('passkey-copied');
    expect((await logInWith(authenticator)).kind).toBe('opened');
  });

  test('takes keys that do not count', async () => {
    const { authenticator } = await familyWithPasskey(new Authenticator(origin, { counts: false }));
    for (let n = 0; n < 3; n++) expect((await logInWith(authenticator)).kind).toBe('opened');
  });

  test('lets one of 50 in with the same challenge', async () => {
    const { authenticator } = await familyWithPasskey(new Authenticator(origin, { counts: false }));
    const response = authenticator.get(await loginOptions());
    const ask = () => t.login.logInWithPasskey(visit(), response);
    expect(await letIn(ask, ({ kind }) => kind === 'opened')).toBe(1);
  });

  test('is not stopped by strangers who guess at the account', async () => {
    const { authenticator } = await familyWithPasskey();
    for (let n = 0; n < 8; n++)
      await t.login.logInWithPassword(visit({ address: '192.0.2.1' }), { login: `passkey-${made}`, password: 'guess' });
    expect((await logInWith(authenticator)).kind).toBe('opened');
  });

  test('of an account that is locked is refused, and its sessions are', async () => {
    const { authenticator, account, text } = await familyWithPasskey();
    await t.pool.query("update account set status = 'locked' where id = $1", [account]);
    expect(await logInWith(authenticator)).toEqual(wrong);
    expect(await t.login.findSession(text)).toBeUndefined();
  });
});

describe('several passkeys', () => {
  test('have names, and go one by one, but not the last way in', async () => {
    const { session, authenticator } = await familyWithPasskey();
    const second = new Authenticator(origin);
    const response = second.create(await registrationOptions(session));
    opened(await t.login.registerPasskey(visit(), session, { response, name: '  ママの\u202eスマホ  ' }));
    const lines = await t.login.listPasskeys(session);
    expect(lines.map(({ name }) => name).sort()).toEqual(['ママの スマホ', '台所のタブレット']);
    const [one, two] = [authenticator, second].map(({ id }) => id.toString('base64url')) as [string, string];
    expect(await t.login.renamePasskey(session, one, '居間')).toBe(true);
    expect(await t.login.renamePasskey((await familyWithPasskey()).session, one, 'x')).toBe(false);
    const answers = await Promise.all([one, two].map((passkey) => t.login.removeFactor(visit(), session, { passkey })));
    expect(answers.map((answer) => ('why' in answer ? answer.why : answer.kind)).sort()).toEqual([
      'last-factor',
      'removed',
    ]);
    expect(await t.login.listPasskeys(session)).toHaveLength(1);
  });

  test('beside a password and an app may all go', async () => {
    const family = await familyWithTotp(t);
    const authenticator = new Authenticator(origin);
    const response = authenticator.create(await registrationOptions(family.session));
    const { session } = opened(await t.login.registerPasskey(visit(), family.session, { response, name: '' }));
    const passkey = authenticator.id.toString('base64url');
    expect(await t.login.removeFactor(visit(), session, { passkey })).toEqual({ kind: 'removed' });
    expect(await logInWith(authenticator)).toEqual(wrong);
    expect((await logIn(t, family)).session.level).toBe('full');
  });

  test('make a password alone worth nothing', async () => {
    const { session, text } = await familyWithPasskey();
    opened(await t.login.setPassword(visit({ session: text }), session, goodPassword));
    const half = opened(await t.login.logInWithPassword(visit(), { login: session.login, password: goodPassword }));
    expect(half.session).toMatchObject({ level: 'half', acr: '0' });
    expect(await t.login.logInWithTotp(visit(), half.session, '000000')).toEqual(wrong);
  });
});
