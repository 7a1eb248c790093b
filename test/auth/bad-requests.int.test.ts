// Whatever is sent to the authorization server, it answers in its own words: never 5xx, never a stack, never what was sent.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { authorizeUrl, redirectUri } from '../support/app-login.ts';
import { addClient, askToken, assertion, type Keys, newKeys } from '../support/oauth.ts';

let t: TestApp;
let keys: Keys;
beforeAll(async () => {
  t = await startApp();
  keys = await newKeys();
  await addClient(t, { id: 'app', kind: 'family-app', redirectUris: [redirectUri], scopes: 'openid patient/*.rs' });
  await addClient(t, { id: 'service', jwks: { keys: [keys.publicJwk] } });
});
afterAll(() => t.close());

const formType = 'application/x-www-form-urlencoded';
const send = async (method: string, url: string, payload?: string, type = formType) => {
  const headers = payload === undefined ? {} : { 'content-type': type };
  return t.app.inject({ method: method as 'POST', url, headers, ...(payload === undefined ? {} : { payload }) });
};

describe('is refused and no fault', () => {
  test.each<[string, string, string, string?, string?]>([
    ['NUL as client', 'POST', '/oauth/token', 'grant_type=authorization_code&client_id=%00&code=x&redirect_uri=x'],
    ['NUL as code', 'POST', '/oauth/token', 'grant_type=authorization_code&client_id=app&code=%00&redirect_uri=x'],
    ['NUL as state', 'GET', `${authorizeUrl('app', 'openid').url}&nonce=%00`],
    ['NUL as client of an app', 'GET', '/oauth/auth?client_id=%00&response_type=code'],
    ['a long client', 'GET', `/oauth/auth?client_id=${'x'.repeat(5_000)}&response_type=code`],
    ['a parameter twice', 'GET', `${authorizeUrl('app', 'openid').url}&state=2`],
    ['a broken escape', 'GET', '/oauth/auth?client_id=%zz'],
    ['JSON for a form', 'POST', '/oauth/token', '{"grant_type":"x"}', 'application/json'],
    ['a form that is too long', 'POST', '/oauth/token', 'x'.repeat(100_000)],
    ['a long form to authorize', 'POST', '/oauth/auth', 'x'.repeat(100_000)],
    ['JSON to authorize', 'POST', '/oauth/auth', '{}', 'application/json'],
    ['an address that is nothing', 'GET', '/oauth/%2e%2e/x'],
    ['a resume without a cookie', 'GET', '/oauth/auth/some-id'],
    [
      'NUL in a name',
      'POST',
      '/oauth/reg',
      '{"client_name":"\\u0000","redirect_uris":["https://a.example/"]}',
      'application/json',
    ],
    [
      'half a character',
      'POST',
      '/oauth/reg',
      '{"client_name":"\\ud800","redirect_uris":["https://a.example/"]}',
      'application/json',
    ],
    ['a client named like a prototype', 'POST', '/oauth/token', 'grant_type=__proto__&client_id=constructor'],
  ])('%s', async (_what, method, url, payload, type) => {
    const { statusCode, payload: answer } = await send(method, url, payload, type);
    expect([statusCode >= 300 && statusCode < 500, statusCode]).toEqual([true, statusCode]);
    expect(answer).not.toMatch(/at .*\.js:\d+|node_modules/);
  });

  test('any text in any parameter', async () => {
    const names = [
      'client_id',
      'scope',
      'aud',
      'redirect_uri',
      'state',
      'code_challenge',
      'prompt',
      'launch',
      'resource',
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.string({ unit: 'binary', maxLength: 40 }), async (name, value) => {
        const { url } = authorizeUrl('app', 'openid patient/*.rs', { [name]: value.toWellFormed() });
        expect((await send('GET', url)).statusCode).toBeLessThan(500);
        const form = { grant_type: 'authorization_code', client_id: 'app', code: 'x', redirect_uri: redirectUri };
        const text = new URLSearchParams({ ...form, [name]: value.toWellFormed() }).toString();
        expect((await send('POST', '/oauth/token', text)).statusCode).toBeLessThan(500);
      }),
      { numRuns: 60 },
    );
  });
});

test('a database whose connections were all cut is 503 for a while, and no fault', async () => {
  await askToken(t, await assertion('service', keys));
  const texts = await Promise.all(Array.from({ length: 12 }, () => assertion('service', keys)));
  await t.pool.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  const statuses = await Promise.all(texts.map(async (text) => (await askToken(t, text)).status));
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
});
