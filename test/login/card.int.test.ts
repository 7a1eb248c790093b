// A My Number Card through the whole server: the calls, their cookies and audit rows, a responder and a list on loopback.
// server/decisions/0012-my-number-card.md

import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { URI } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildApp } from '../../server/app.ts';
import { readCertificate } from '../../server/login/jpki/certificate.ts';
import { createFetchStatus } from '../../server/login/jpki/fetch-status.ts';
import type { LoginOptions } from '../../server/login/login.ts';
import { isIdentityProven } from '../../server/store/identity-proof.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { newLogin } from '../support/login-name.ts';
import { type ApiBrowser, apiBrowser } from './api-browser.ts';
import { type StatusServer, startStatusServer } from './jpki/status-server.ts';
import { authorityCertificate, authorityName, crl, ext, makeKeys, ocspAnswer } from './jpki/test-authority.ts';
import { cardFacts, type TestCard, testCard } from './jpki/test-card.ts';
import { goodPassword } from './support.ts';

const origin = 'https://tsumugi.test';
const authority = makeKeys();
let t: TestApp;
let service: StatusServer;
/** Asks the operator's responder; asks the list that the certificate names; takes no cards. */
let app: FastifyInstance;
let listApp: FastifyInstance;
let log = '';

beforeAll(async () => {
  t = await startApp();
  service = await startStatusServer();
  const anchors = [readCertificate(authorityCertificate(authority))];
  const fetchStatus = createFetchStatus({ isRefused: () => false, ports: service.ports });
  app = await server({ anchors, ocspUrl: service.ocspUrl });
  listApp = await server({ anchors, fetchStatus });
});
afterAll(async () => {
  await app.close();
  await listApp.close();
  await service.close();
  await t.close();
});
beforeEach(() => {
  service.asked.splice(0);
  answersOcsp();
});

const server = (jpki: LoginOptions['jpki']) =>
  buildApp({
    pool: t.pool,
    cursorKey: randomBytes(32),
    version: 'test',
    workDir: tmpdir(),
    logLevel: 'trace',
    logStream: new Writable({
      write(chunk, _, done) {
        log += chunk;
        done();
      },
    }),
    baseUrl: () => origin,
    nowMs: () => t.clock.nowMs,
    ...(jpki && { jpki }),
  });

const answersOcsp = (status: 'good' | 'revoked' = 'good') =>
  service.answerWith((body) => {
    const updated = { producedAtMs: t.clock.nowMs, thisUpdateMs: t.clock.nowMs, nextUpdateMs: null };
    return ocspAnswer(body, { signer: authority, responder: { name: authorityName }, status, ...updated });
  });

let serials = 0x0a0000;
const newCard = (wishes: Partial<Parameters<typeof testCard>[0]> = {}): TestCard =>
  testCard({ authority, serial: `0${(++serials).toString(16)}`, ...wishes });

let addresses = 0;
const browser = (on = app) => apiBrowser(on, origin, `10.9.${addresses >> 8}.${++addresses & 255}`);

/** A family that has signed up with a password and an authenticator app, in a browser that is logged in. */
async function family(on = app) {
  const b = browser(on);
  const login = newLogin();
  await b.post('sign-up', { login, password: goodPassword, name: '試験 花子' });
  const { body } = await b.post('own/totp-offer', {});
  const generator = URI.parse(body.uri);
  const code = () => {
    t.clock.nowMs += 30_000;
    return generator.generate({ timestamp: t.clock.nowMs } as never);
  };
  expect(await b.post('own/totp', { code: code() })).toMatchObject({ status: 200, body: { level: 'full' } });
  const { rows } = await t.pool.query('select id, subject from account where login = $1', [login]);
  return { b, login, code, account: String(rows[0].id), subject: String(rows[0].subject) };
}

/** Asks for a challenge and has the card answer it. */
async function answered(b: ApiBrowser, card: TestCard, path = 'card/challenge') {
  const { status, body } = await b.post(path, {});
  expect(status, JSON.stringify(body)).toBe(200);
  return card.answer(body);
}
const logIn = async (b: ApiBrowser, card: TestCard) => b.post('card', await answered(b, card));
const bind = async (b: ApiBrowser, card: TestCard) => b.post('own/card', await answered(b, card, 'own/card/challenge'));

async function actsOf(subject: string): Promise<string[]> {
  const { rows } = await t.pool.query('select interaction from audit where key = $1 order by id', [
    subject.split('/')[1],
  ]);
  return rows.map(({ interaction }) => interaction);
}
const refusedCard = (reason: string) => ({ status: 422, body: { why: 'card', reason } });

describe('a card', () => {
  test('is bound by its signed-in holder, logs in by itself, and says how', async () => {
    const { b, subject, account } = await family();
    const card = newCard();
    expect(await logIn(browser(), card)).toMatchObject({ status: 401, body: { why: 'wrong' } });
    expect(await bind(b, card)).toMatchObject({ status: 200, body: { kind: 'opened', level: 'full' } });
    const other = browser();
    expect(await logIn(other, card)).toMatchObject({ status: 200, body: { kind: 'opened', level: 'full' } });
    expect((await other.own()).body).toMatchObject({ level: 'full', factors: { card: true } });
    expect((await actsOf(subject)).slice(-3)).toEqual(['factor-added', 'login', 'login']);
    const { rows } = await t.pool.query(
      'select amr from login_session where account = $1 order by created desc, auth_time desc limit 1',
      [account],
    );
    expect(rows[0]).toEqual({ amr: ['sc', 'pin'] });
    expect(service.asked.length).toBe(3);
  });

  test('adds no other card; a renewed one is bound after another proof, and the old one is nobody’s', async () => {
    const { b, login, code } = await family();
    const [old, renewed] = [newCard(), newCard()];
    await bind(b, old);
    const byCard = browser();
    await logIn(byCard, old);
    expect(await byCard.post('own/card/challenge', {})).toMatchObject({ status: 403, body: { why: 'step-up' } });
    const again = browser();
    await again.post('password', { login, password: goodPassword });
    await again.post('totp', { code: code() });
    expect(await bind(again, renewed)).toMatchObject({ status: 200 });
    expect(await logIn(browser(), old)).toMatchObject({ status: 401 });
    expect(await logIn(browser(), renewed)).toMatchObject({ status: 200 });
  });

  test('is bound within five minutes of the other proof, when the challenge was asked for in time too', async () => {
    const { b } = await family();
    const inTime = await answered(b, newCard(), 'own/card/challenge');
    t.clock.nowMs += 299_000;
    const late = await answered(b, newCard(), 'own/card/challenge');
    t.clock.nowMs += 2_000;
    expect(await b.post('own/card', inTime)).toMatchObject(refusedCard('unknown-challenge'));
    expect(await b.post('own/card', late)).toMatchObject({ status: 403, body: { why: 'step-up' } });
    expect(await b.post('own/card/challenge', {})).toMatchObject({ status: 403, body: { why: 'step-up' } });
  });

  test('that is removed logs nobody in', async () => {
    const { b, subject } = await family();
    const card = newCard();
    await bind(b, card);
    expect(await b.post('own/remove', { factor: 'card' })).toMatchObject({ status: 200, body: { kind: 'removed' } });
    expect(await logIn(browser(), card)).toMatchObject({ status: 401, body: { why: 'wrong' } });
    expect((await actsOf(subject)).slice(-3)).toEqual(['factor-added', 'login', 'factor-removed']);
  });

  test('of a locked account logs nobody in', async () => {
    const { b, account } = await family();
    const card = newCard();
    await bind(b, card);
    await t.pool.query("update account set status = 'locked' where id = $1", [account]);
    expect(await logIn(browser(), card)).toMatchObject({ status: 401, body: { why: 'wrong' } });
  });

  test('of another account is taken', async () => {
    const [first, second] = [await family(), await family()];
    const card = newCard();
    // A code moves the clock by less than the five minutes of a proof.
    expect(await bind(first.b, card)).toMatchObject({ status: 200 });
    expect(await bind(second.b, card)).toMatchObject({ status: 409, body: { why: 'taken' } });
  });

  test('that was revoked since is refused, by the responder and by the list', async () => {
    const { b } = await family();
    const card = newCard({ status: [ext.crl(service.crlUrl)] });
    await bind(b, card);
    answersOcsp('revoked');
    expect(await logIn(browser(), card)).toMatchObject(refusedCard('revoked'));
    const list = (revoked: { serial: string }[]) =>
      service.answerWith(() =>
        crl({ signer: authority, thisUpdateMs: t.clock.nowMs, nextUpdateMs: t.clock.nowMs + 60_000, revoked }),
      );
    list([]);
    service.asked.splice(0);
    expect(await logIn(browser(listApp), card)).toMatchObject({ status: 200 });
    expect(service.asked).toMatchObject([{ method: 'GET', url: '/crl' }]);
    list([{ serial: card.serial }]);
    expect(await logIn(browser(listApp), card)).toMatchObject(refusedCard('revoked'));
  });

  test('is refused while nobody answers for it, and after that is let in', async () => {
    const { b } = await family();
    const card = newCard();
    await bind(b, card);
    service.answerWith(() => Buffer.alloc(70_000));
    expect(await logIn(browser(), card)).toMatchObject(refusedCard('no-status'));
    answersOcsp();
    expect(await logIn(browser(), card)).toMatchObject({ status: 200 });
  });
});

describe('a challenge', () => {
  test('is used by one of 50 answers at the same time', async () => {
    const { b } = await family();
    const card = newCard();
    await bind(b, card);
    const visitor = browser();
    const answer = await answered(visitor, card);
    const cookie = `__Host-tsumugi-card=${visitor.jar.get('__Host-tsumugi-card')}`;
    const payload = JSON.stringify(answer);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        app.inject({
          method: 'POST',
          url: '/login/api/card',
          remoteAddress: `10.8.0.${n}`,
          headers: { 'content-type': 'application/json', origin, cookie },
          payload,
        }),
      ),
    );
    const counted = Object.groupBy(answers, ({ statusCode }) => String(statusCode));
    expect(counted['200']).toHaveLength(1);
    expect(counted['422']).toHaveLength(49);
    for (const one of counted['422'] ?? []) expect(one.json()).toEqual({ why: 'card', reason: 'unknown-challenge' });
  });

  test('of another browser, of a session, or of a stranger is unknown', async () => {
    const { b } = await family();
    const card = newCard();
    await bind(b, card);
    const [one, other] = [browser(), browser()];
    const answer = await answered(one, card);
    await other.post('card/challenge', {});
    expect(await other.post('card', answer)).toMatchObject(refusedCard('unknown-challenge'));
    expect(await browser().post('card', answer)).toMatchObject(refusedCard('unknown-challenge'));
    const { b: third } = await family();
    const ofSession = await answered(third, newCard(), 'own/card/challenge');
    expect(await third.post('card', ofSession)).toMatchObject(refusedCard('unknown-challenge'));
    const toLogIn = await answered(third, newCard());
    expect(await third.post('own/card', toLogIn)).toMatchObject(refusedCard('unknown-challenge'));
    const ofAnother = await answered(b, newCard(), 'own/card/challenge');
    expect(await third.post('own/card', ofAnother)).toMatchObject(refusedCard('unknown-challenge'));
    expect(await one.post('card', answer)).toMatchObject({ status: 200 });
  });

  test('is in a cookie that no script reads, and in the text that the card signs with the address of this server', async () => {
    const b = browser();
    const { body, headers } = await b.post('card/challenge', {});
    expect(headers['set-cookie']).toMatch(
      /^__Host-tsumugi-card=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=300$/,
    );
    expect(body).toEqual({
      kind: 'challenge',
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      toSign: `Tsumugi My Number Card 1\n${origin}\nauthentication\n${body.challenge}\n`,
    });
    const { rows } = await t.pool.query('select c::text as row from card_challenge c');
    const stored = rows.map(({ row }) => row).join();
    for (const secret of [body.challenge, b.jar.get('__Host-tsumugi-card')]) expect(stored).not.toContain(secret);
  });

  test('is not given to a half session, nor to a session without its token', async () => {
    const { login } = await family();
    const half = browser();
    await half.post('password', { login, password: goodPassword });
    expect(await half.post('own/card/challenge', {})).toMatchObject({ status: 403, body: { why: 'step-up' } });
    half.csrf = 'x';
    expect(await half.post('own/card/challenge', {})).toMatchObject({ status: 403, body: { why: 'csrf' } });
    expect(await browser().post('own/card/challenge', {})).toMatchObject({ status: 401, body: { why: 'session' } });
    const { status } = await browser().post('card/challenge', {}, { origin: 'https://evil.test' });
    expect(status).toBe(403);
  });
});

describe('an answer', () => {
  const long = (length: number) => 'A'.repeat(length);
  test.each<[string, (good: Record<string, unknown>) => unknown, number, string]>([
    ['that is no JSON', () => '{', 400, 'malformed'],
    ['that is a list', () => [], 400, 'malformed'],
    ['without a signature', ({ signature: _, ...rest }) => rest, 400, 'malformed'],
    ['with one member more', (good) => ({ ...good, serial: '01' }), 400, 'malformed'],
    ['whose certificate is a number', (good) => ({ ...good, certificate: 1 }), 400, 'malformed'],
    ['whose certificate is null', (good) => ({ ...good, certificate: null }), 400, 'malformed'],
    ['whose challenge is empty', (good) => ({ ...good, challenge: '' }), 422, 'malformed-request'],
    ['whose challenge is NUL', (good) => ({ ...good, challenge: '\u0000'.repeat(43) }), 422, 'malformed-request'],
    ['whose challenge is another', (good) => ({ ...good, challenge: long(43) }), 422, 'unknown-challenge'],
    ['whose certificate is PEM', (good) => ({ ...good, certificate: '-----BEGIN' }), 422, 'malformed-request'],
    ['whose certificate is 16 kB', (good) => ({ ...good, certificate: long(16_388) }), 422, 'malformed-request'],
    ['whose certificate is zeros', (good) => ({ ...good, certificate: long(400) }), 422, 'unreadable-certificate'],
    ['whose signature is 3 kB', (good) => ({ ...good, signature: long(3_000) }), 422, 'malformed-request'],
    ['whose signature is zeros', (good) => ({ ...good, signature: long(344) }), 422, 'wrong-signature'],
    ['that is 70 kB', (good) => ({ ...good, certificate: long(70_000) }), 413, 'malformed'],
  ])('%s is refused, and leaves an audit row where a card was looked at', async (_, alter, status, why) => {
    const b = browser();
    const failed = async () =>
      (await t.pool.query("select from audit where interaction = 'login-failed' and outcome = 4")).rowCount ?? 0;
    const before = await failed();
    const answer = await b.post('card', alter(await answered(b, newCard())));
    expect({ status: answer.status, why: answer.body.reason ?? answer.body.why }).toEqual({ status, why });
    expect((await failed()) - before).toBe(status === 422 ? 1 : 0);
    expect(service.asked).toEqual([]);
  });

  test('with the certificate for signatures logs nobody in and binds nothing', async () => {
    const { b } = await family();
    const card = newCard({ kind: 'signature' });
    expect(await logIn(browser(), card)).toMatchObject(refusedCard('wrong-policy'));
    expect(await bind(b, card)).toMatchObject(refusedCard('wrong-policy'));
  });

  test('that is right is no try: a family logs in as often as it likes', async () => {
    const { b } = await family();
    const card = newCard();
    await bind(b, card);
    const visitor = browser();
    for (let n = 0; n < 32; n++) expect(await logIn(visitor, card)).toMatchObject({ status: 200 });
  });

  test('after answers that were wrong from one address has to wait, and asks nobody', async () => {
    const b = browser();
    const card = newCard();
    for (let n = 0; n < 30; n++) await b.post('card', { ...(await answered(b, card)), signature: long(344) });
    const wrong = await b.post('card', { challenge: long(43), certificate: long(40), signature: long(40) });
    expect(wrong).toMatchObject({ status: 429, body: { why: 'wait' } });
    expect(wrong.headers['retry-after']).toBe('1');
    expect(await b.post('card/challenge', {})).toMatchObject({ status: 429 });
    expect(service.asked).toEqual([]);
  });
});

describe('the certificate for signatures', () => {
  const facts = (changed: Record<number, string>) => ({
    kind: 'signature' as const,
    facts: { ...cardFacts, ...changed },
  });
  const prove = async (b: ApiBrowser, card: TestCard) =>
    b.post('own/card/identity', await answered(b, card, 'own/card/identity/challenge'));
  const person = async ({ subject }: { subject: string }) => (await t.system.get(subject)).body;

  test('proves who the person is, and enters what their Person did not say', async () => {
    const one = await family();
    expect(await isIdentityProven(t.pool, one.subject)).toBe(false);
    expect(await prove(one.b, newCard(facts({})))).toMatchObject({ status: 200, body: { kind: 'done' } });
    expect(await isIdentityProven(t.pool, one.subject)).toBe(true);
    expect(await person(one)).toMatchObject({
      birthDate: '1990-05-03',
      gender: 'female',
      name: [{ text: '試験 花子' }],
    });
    expect(JSON.stringify(await person(one))).not.toContain('東京都');
    expect(await actsOf(one.subject)).toContain('identity-proven');
    // The same again changes nothing.
    const { meta } = await person(one);
    expect(await prove(one.b, newCard(facts({})))).toMatchObject({ status: 200 });
    expect((await person(one)).meta).toEqual(meta);
  });

  test('proves as long as the Person says the same', async () => {
    const one = await family();
    await prove(one.b, newCard(facts({})));
    const put = async (more: object) => {
      const { status } = await t.system.put(one.subject, { ...(await person(one)), ...more });
      expect(status).toBe(200);
      return isIdentityProven(t.pool, one.subject);
    };
    expect(await put({ active: false })).toBe(true);
    expect(await put({ name: [{ family: '試験', given: ['花子'] }] })).toBe(true);
    expect(await put({ birthDate: '1990-05-04' })).toBe(false);
    expect(await put({ birthDate: '1990-05-03' })).toBe(true);
    expect(await put({ name: [{ text: '試験 花代' }] })).toBe(false);
  });

  test.each([
    ['name', { 1: '見本　花子' }, {}],
    ['name', { 1: '試験　花' }, {}],
    ['birthDate', {}, { birthDate: '1990-05-04' }],
    ['birthDate', { 4: '319900500' }, {}],
    ['birthDate', { 4: '000000000' }, {}],
    ['gender', { 3: '1' }, { gender: 'female' }],
    ['gender', { 3: '3' }, { gender: 'female' }],
  ])('of another %s proves nothing: %j of %j', async (fault, changed, said) => {
    const one = await family();
    await t.system.put(one.subject, { ...(await person(one)), ...said });
    const before = await person(one);
    expect(await prove(one.b, newCard(facts(changed)))).toMatchObject({
      status: 422,
      body: { why: 'identity', fault },
    });
    expect(await isIdentityProven(t.pool, one.subject)).toBe(false);
    expect(await person(one)).toEqual(before);
  });

  test('is asked of a fresh session of a family, and the other certificate does not do', async () => {
    const one = await family();
    expect(await prove(one.b, newCard())).toMatchObject(refusedCard('wrong-policy'));
    const bound = await answered(one.b, newCard(), 'own/card/challenge');
    expect(await one.b.post('own/card/identity', bound)).toMatchObject(refusedCard('wrong-policy'));
    const signature = await answered(one.b, newCard(facts({})), 'own/card/identity/challenge');
    expect(await one.b.post('own/card', signature)).toMatchObject(refusedCard('wrong-policy'));
    expect((await one.b.own()).body).toMatchObject({ factors: { card: false } });
    t.clock.nowMs += 601_000;
    expect(await one.b.post('own/card/identity/challenge', {})).toMatchObject({
      status: 403,
      body: { why: 'step-up' },
    });
  });
});

test('a deployment that trusts no authority has no calls for cards', async () => {
  const off = await server(undefined);
  const b = browser(off);
  const { b: own } = await family(off);
  for (const [one, path] of [
    [b, 'card/challenge'],
    [own, 'own/card/challenge'],
  ] as const)
    expect(await one.post(path, {})).toMatchObject({ status: 404 });
  const answer = { challenge: 'A'.repeat(43), certificate: 'AAAA', signature: 'AAAA' };
  for (const [one, path] of [
    [b, 'card'],
    [own, 'own/card'],
  ] as const)
    expect(await one.post(path, answer)).toMatchObject({ status: 404 });
  await off.close();
});

test('no certificate, fact, serial, challenge or signature is in a log line, a metric or a table', async () => {
  log = '';
  const { b } = await family();
  const secrets: string[] = [];
  const card = newCard({ serial: '0ca4a21e5e71a1' });
  const answer = await answered(b, card, 'own/card/challenge');
  secrets.push(...Object.values(answer).map((text) => text.slice(0, 40)), card.certificate.slice(-40), card.serial);
  expect(await b.post('own/card', answer)).toMatchObject({ status: 200 });
  const visitor = browser();
  const entry = await answered(visitor, card);
  secrets.push(entry.challenge, entry.signature.slice(0, 40), ...visitor.jar.values());
  expect(await visitor.post('card', { ...entry, signature: 'AAAA' })).toMatchObject({ status: 422 });
  const signing = newCard({ kind: 'signature', facts: { ...cardFacts, 1: 'カナリア　五郎', 5: 'カナリア県鳥籠市' } });
  secrets.push(signing.certificate.slice(-40));
  expect(await logIn(visitor, signing)).toMatchObject({ status: 422 });
  const proof = await answered(b, signing, 'own/card/identity/challenge');
  expect(await b.post('own/card/identity', proof)).toMatchObject({ status: 422, body: { fault: 'name' } });
  expect(log.split('\n').length).toBeGreaterThan(5);
  const { payload: metrics } = await app.inject({ url: '/metrics' });
  const { rows: tables } = await t.pool.query(
    "select table_name from information_schema.tables where table_schema = 'public'",
  );
  let stored = '';
  for (const { table_name } of tables) {
    const { rows } = await t.pool.query(`select v::text as row from "${table_name}" v`);
    stored += rows.map(({ row }) => row).join('\n');
  }
  for (const one of [...secrets, 'カナリア', '鳥籠']) {
    expect(log).not.toContain(one);
    expect(metrics).not.toContain(one);
    expect(stored).not.toContain(one);
  }
});
