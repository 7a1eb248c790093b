// A passkey in a real browser: Chromium with a virtual authenticator (Chrome DevTools Protocol, WebAuthn domain).
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import Fastify, { type FastifyInstance } from 'fastify';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogin } from '../../server/login/login.ts';
import { loginRoutes } from '../../server/login/login-routes.ts';
import { freePort } from '../../server/store/embedded/free-port.ts';
import { secret } from '../../server/store/secrets.ts';
import { createWriter } from '../../server/store/write.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { leftOut } from '../support/left-out.ts';

const executablePath = '/usr/bin/chromium';
const isThere = existsSync(executablePath);
if (!isThere) leftOut('chromium: no /usr/bin/chromium found');

let t: TestApp;
let site: FastifyInstance;
let browser: Browser;
let page: Page;
let base: string;

beforeAll(async () => {
  if (!isThere) return;
  t = await startApp();
  // WebAuthn takes no IP address for a site.
  base = `http://localhost:${await freePort('127.0.0.1')}`;
  const nowMs = () => t.clock.nowMs;
  const login = await createLogin({
    pool: t.pool,
    write: createWriter({ pool: t.pool, nowMs, base: t.base }),
    nowMs,
    baseUrl: () => base,
    loadSecret: (name, make) => secret(t.pool, name, make),
    endTokensOf: async () => undefined,
  });
  site = Fastify({ genReqId: () => randomUUID() });
  site.get('/', async (_, reply) => reply.type('text/html').send('<!doctype html><title>試験</title>'));
  await site.register(async (scope) => loginRoutes(scope, { login, baseUrl: () => base }), { prefix: '/login/api' });
  await site.listen({ host: '127.0.0.1', port: Number(new URL(base).port) });
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  page = await browser.newPage();
  await page.goto(base);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await t?.close();
});

/** A call of the page's own script; the answer's status and body. */
const call = (path: string, body: object, csrf = '') =>
  page.evaluate(
    async ([where, sent, token]) => {
      const headers = { 'content-type': 'application/json', 'x-csrf-token': token };
      const answer = await fetch(where, { method: 'POST', headers, body: sent });
      return { status: answer.status, body: await answer.json() };
    },
    [`/login/api/${path}`, JSON.stringify(body), csrf] as const,
  );

// As text, because the types of the browser are not those of the server.
const create = (options: object) =>
  page.evaluate(`(async () => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(options)});
    return (await navigator.credentials.create({ publicKey })).toJSON();
  })()`) as Promise<object>;
const get = (options: object) =>
  page.evaluate(`(async () => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(${JSON.stringify(options)});
    return (await navigator.credentials.get({ publicKey })).toJSON();
  })()`) as Promise<object>;

async function virtualAuthenticator(isUserVerified: boolean) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified,
    automaticPresenceSimulation: true,
  } as const;
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options });
  return { session, authenticatorId };
}

describe.skipIf(!isThere)('Chromium', () => {
  test('registers a passkey, logs out, and logs in with it alone', async () => {
    const { session, authenticatorId } = await virtualAuthenticator(true);
    const begun = await call('sign-up', { login: 'chromium@example.jp', name: '試験 花子' });
    expect(begun).toMatchObject({ status: 200, body: { kind: 'opened', level: 'enrol' } });
    const offered = await call('own/passkey-options', {}, begun.body.csrf);
    const response = await create(offered.body.options);
    const registered = await call('own/passkey', { response, name: 'Chromium' }, begun.body.csrf);
    expect(registered).toMatchObject({ status: 200, body: { level: 'full' } });
    expect((await call('log-out', {}, registered.body.csrf)).status).toBe(200);
    expect((await call('own/recovery-codes', {}, registered.body.csrf)).status).toBe(401);

    const asked = await call('passkey-options', {});
    const signed = await get(asked.body.options);
    expect(await call('passkey', { response: signed })).toMatchObject({ status: 200, body: { level: 'full' } });
    expect(await call('passkey', { response: signed })).toMatchObject({ status: 401, body: { why: 'wrong' } });
    const cookies = await page.context().cookies();
    expect(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]).sort()).toEqual([
      ['tsumugi-device', true, 'Lax'],
      ['tsumugi-session', true, 'Lax'],
    ]);
    await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
  });
});
