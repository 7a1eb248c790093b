// Accounts over HTTP: cookies, CSRF, origins, bodies, and logs that tell nothing. OWASP ASVS 5.0, V3 and V7

import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { URI } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../../server/app.ts';
import { isCsrf, isSameOrigin, readCookies, setCookie } from '../../server/login/session-cookie.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { apiBrowser } from './api-browser.ts';
import { goodPassword } from './support.ts';

let t: TestApp;
let app: FastifyInstance;
let log = '';
beforeAll(async () => {
  t = await startApp();
  const logStream = new Writable({
    write(chunk, _, done) {
      log += chunk;
      done();
    },
  });
  app = await buildApp({
    pool: t.pool,
    cursorKey: randomBytes(32),
    version: 'test',
    workDir: tmpdir(),
    logLevel: 'trace',
    logStream,
    baseUrl: () => 'https://tsumugi.test',
    nowMs: () => t.clock.nowMs,
  });
});
afterAll(async () => {
  await app.close();
  await t.close();
});

const origin = 'https://tsumugi.test';
const browser = () => apiBrowser(app, origin);

/** A whole life over HTTP: sign-up, app, codes, out, in, lost app, out. Everything secret that was seen. */
async function life(login: string) {
  const b = browser();
  const secrets = [login, goodPassword];
  const begun = await b.post('sign-up', { login, password: goodPassword, name: '試験 花子' });
  expect(begun).toMatchObject({ status: 200, body: { level: 'enrol' } });
  const offered = await b.post('own/totp-offer', {});
  const app = URI.parse(offered.body.uri);
  const code = () => {
    t.clock.nowMs += 30_000;
    const made = app.generate({ timestamp: t.clock.nowMs } as never);
    secrets.push(made);
    return made;
  };
  expect(await b.post('own/totp', { code: code() })).toMatchObject({ status: 200, body: { level: 'full' } });
  const { codes } = (await b.post('own/recovery-codes', {})).body;
  expect(await b.post('log-out', {})).toMatchObject({ status: 200 });
  expect((await b.own()).status).toBe(401);
  expect(await b.post('password', { login, password: goodPassword })).toMatchObject({ body: { level: 'half' } });
  expect(await b.post('totp', { code: code() })).toMatchObject({ body: { level: 'full' } });
  await b.post('password', { login, password: goodPassword });
  expect(await b.post('recovery-code', { code: codes[0] })).toMatchObject({ body: { level: 'full' } });
  secrets.push(offered.body.secret, ...codes, ...b.jar.values());
  return { b, secrets, code, codes };
}

describe('a browser', () => {
  test('signs up, sets an app up, goes and comes back', async () => {
    const { b } = await life('browser@example.jp');
    const { body } = await b.own();
    expect(body).toMatchObject({ level: 'full', factors: { password: true, totp: true, recoveryCodesLeft: 9 } });
    expect(body.sessions).toHaveLength(1);
    expect(await b.post('own/remove', { factor: 'totp' })).toMatchObject({ status: 403, body: { why: 'recovered' } });
    for (const id of ['', 'x', '-'.repeat(36), '0'.repeat(36)])
      expect(await b.post('own/end-session', { id })).toMatchObject({ status: 404, body: { why: 'missing' } });
    expect(await b.post('own/end-session', { id: body.id })).toMatchObject({ status: 200 });
    expect((await b.own()).status).toBe(401);
  });

  test('holds cookies that no script reads and no other site sends', async () => {
    const b = browser();
    const { headers } = await b.post('sign-up', { login: 'cookies@example.jp', password: goodPassword, name: '試験' });
    expect(headers['set-cookie']).toMatch(
      /^__Host-tsumugi-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect(headers['cache-control']).toBe('no-store');
  });

  test('of another origin, or without the token of its session, is refused', async () => {
    const b = browser();
    const good = { login: 'origin@example.jp', password: goodPassword, name: '試験' };
    for (const headers of [{ origin: 'https://evil.test' }, { origin: 'null' }, { origin: '' }])
      expect(await b.post('sign-up', good, headers)).toMatchObject({ status: 403, body: { why: 'origin' } });
    await b.post('sign-up', good);
    for (const token of ['', 'x', randomBytes(32).toString('base64url')])
      expect(await b.post('own/totp-offer', {}, { 'x-csrf-token': token })).toMatchObject({
        status: 403,
        body: { why: 'csrf' },
      });
    expect((await b.post('own/totp-offer', {})).status).toBe(200);
    b.jar.clear();
    expect(await b.post('own/totp-offer', {})).toMatchObject({ status: 401, body: { why: 'session' } });
  });

  test('with a half session sees nothing of the account', async () => {
    const { b } = await life('half@example.jp');
    await b.post('password', { login: 'half@example.jp', password: goodPassword });
    const { body } = await b.own();
    expect(Object.keys(body).sort()).toEqual(['csrf', 'level']);
    for (const path of ['own/passkey-options', 'own/totp-offer', 'own/recovery-codes'])
      expect(await b.post(path, {})).toMatchObject({ status: 403, body: { why: 'step-up' } });
  });

  test('is told how long to wait', async () => {
    const b = browser();
    for (let n = 0; n < 5; n++) await b.post('password', { login: 'x@example.jp', password: 'wrong wrong' });
    const { status, headers, body } = await b.post('password', { login: 'x@example.jp', password: 'wrong wrong' });
    expect({ status, body }).toEqual({ status: 429, body: { why: 'wait', waitMs: 1000 } });
    expect(headers['retry-after']).toBe('1');
    t.clock.nowMs += 3_600_000;
  });
});

describe('a body', () => {
  test.each([
    '',
    '{',
    '[]',
    'null',
    '5',
    '{}',
    '{"login":1,"password":"x"}',
    '{"login":"x"}',
    '{"login":"x","password":null}',
    '{"login":"x","password":"y","more":1}',
    '{"login":{"toString":1},"password":"y"}',
    '{"__proto__":{"x":1},"login":"x","password":"y"}',
  ])('%s is refused with 400', async (body) => {
    const { status, body: answer } = await browser().post('password', body);
    expect({ status, why: answer.why }).toEqual({ status: 400, why: 'malformed' });
  });

  test('that is large, of another type, or full of odd characters never fails with 5xx', async () => {
    expect((await browser().post('password', JSON.stringify({ login: 'x'.repeat(70_000) }))).status).toBe(413);
    const text = { 'content-type': 'text/plain' };
    expect((await browser().post('password', 'x', text)).status).toBe(415);
    for (const odd of ['\u0000', '\ud800', '\u202e', "' or 1=1 --", '😀'.repeat(400)]) {
      const login = `odd${odd}name`;
      expect((await browser().post('password', { login, password: odd })).status).toBeLessThan(500);
      expect((await browser().post('sign-up', { login, password: goodPassword, name: odd })).status).toBeLessThan(500);
      expect((await browser().post('redeem', { login, code: odd })).status).toBeLessThan(500);
      expect(
        (await browser().post('passkey', { response: { id: odd, response: { clientDataJSON: odd } } })).status,
      ).toBe(401);
      t.clock.nowMs += 3_600_001;
    }
  });
});

test('no login name, password, code, seed, cookie or token is in any log line', async () => {
  log = '';
  const { secrets, b, codes } = await life('canary-7f3a@example.jp');
  await b.post('password', { login: 'canary-7f3a@example.jp', password: 'canary-wrong-9d1e' });
  await b.post('redeem', { login: 'canary-7f3a@example.jp', code: codes[1] });
  await b.post('password', '{"login":"canary-7f3a');
  await b.post('sign-up', { login: 'canary-7f3a@example.jp', password: goodPassword, name: 'カナリア' });
  expect(log.split('\n').length).toBeGreaterThan(10);
  for (const one of [...secrets, 'canary', 'カナリア', '試験']) expect(log).not.toContain(one);
  const metrics = (await app.inject({ url: '/metrics' })).payload;
  for (const one of [...secrets.filter((text) => text.length > 6), 'canary']) expect(metrics).not.toContain(one);
});

test('what is stored gives no secret away', async () => {
  const { secrets } = await life('stored-51c2@example.jp');
  const { rows: tables } = await t.pool.query(
    "select table_name from information_schema.tables where table_schema = 'public' and table_name ~ '^(account|login|passkey|audit|outbox|token)'",
  );
  expect(tables.length).toBeGreaterThan(10);
  for (const { table_name } of tables) {
    const { rows } = await t.pool.query(`select v::text as row from ${table_name} v`);
    const text = rows.map(({ row }) => row).join('\n');
    for (const one of secrets.filter((part) => part.length > 6 && !part.includes('@'))) expect(text).not.toContain(one);
    // Only the account itself knows its login name.
    if (table_name !== 'account') expect(text).not.toContain('stored-51c2');
  }
});

describe('cookies', () => {
  const text = 'a'.repeat(43);
  test.each([
    [undefined, {}],
    ['', {}],
    [`__Host-tsumugi-session=${text}`, { session: text }],
    [`a=b; __Host-tsumugi-device=${text};__Host-tsumugi-session=${text}`, { session: text, device: text }],
    [`tsumugi-session=${text}`, {}],
    ['__Host-tsumugi-session=short', {}],
    ['; = ;;=', {}],
  ])('%s > %j', (header, found) => expect(readCookies(header, origin)).toEqual(found));

  test('are plain without https, and taken back', () => {
    expect(setCookie('session', text, 'http://localhost:1')).toBe(
      `tsumugi-session=${text}; Path=/; HttpOnly; SameSite=Lax`,
    );
    expect(setCookie('session', undefined, origin)).toContain('Max-Age=0');
  });

  test('carry no CSRF token of another session', () => {
    expect(isCsrf(undefined, text)).toBe(false);
    expect(isCsrf(text, undefined)).toBe(false);
    expect(isSameOrigin({}, origin)).toBe(false);
    expect(isSameOrigin({ 'sec-fetch-site': 'same-origin' }, origin)).toBe(true);
    expect(isSameOrigin({ 'sec-fetch-site': 'same-site' }, origin)).toBe(false);
    expect(isSameOrigin({ origin: 'https://evil.test', 'sec-fetch-site': 'same-origin' }, origin)).toBe(false);
  });
});
