// What is said about the authorization server, at every place, and that it is so. SMART App Launch 2.2, "FHIR Authorization
// Endpoint and Capabilities Discovery"; RFC 8414; OpenID Connect Discovery 1.0.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scopesSupported } from '../../server/auth/discovery.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { authorizeUrl, Browser, redirectUri } from '../support/app-login.ts';
import { addClient, askToken, assertion, fhirBase, issuer, type Keys, newKeys } from '../support/oauth.ts';

let t: TestApp;
let keys: Keys;
beforeAll(async () => {
  t = await startApp();
  keys = await newKeys();
  const scopes = scopesSupported.filter((one) => !one.startsWith('system/')).join(' ');
  await addClient(t, {
    id: 'app',
    kind: 'family-app',
    redirectUris: [redirectUri],
    scopes,
    origins: ['https://app.example.com'],
  });
  await addClient(t, { id: 'service', jwks: { keys: [keys.publicJwk] } });
});
afterAll(() => t.close());

const smartPlaces = ['/fhir/.well-known/smart-configuration', '/.well-known/smart-configuration'];
const openidPlaces = [
  '/.well-known/openid-configuration',
  '/oauth/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-authorization-server/oauth',
];
const at = async (url: string) => JSON.parse((await t.app.inject({ url })).payload) as Record<string, unknown>;

describe.each([...smartPlaces, ...openidPlaces])('%s', (url) => {
  test.each(['application/json', 'application/fhir+xml', 'text/html', 'image/png'])(
    'answers JSON to Accept: %s',
    async (accept) => {
      const { statusCode, headers } = await t.app.inject({ url, headers: { accept, origin: 'https://any.example' } });
      expect(statusCode).toBe(200);
      expect(headers['content-type']).toMatch(/^application\/json/);
      expect(headers['access-control-allow-origin']).toBe('*');
    },
  );

  test('answers a preflight request', async () => {
    const headers = { origin: 'https://any.example', 'access-control-request-method': 'GET' };
    const response = await t.app.inject({ method: 'OPTIONS', url, headers });
    expect([response.statusCode, response.headers['access-control-allow-origin']]).toEqual([204, '*']);
  });

  test('names absolute addresses of this server, PKCE with a hash alone, no shared secrets', async () => {
    const document = await at(url);
    for (const [name, value] of Object.entries(document))
      if (/_endpoint$|_uri$/.test(name)) expect(String(value), name).toMatch(/^https:\/\/tsumugi\.test\//);
    expect(document).toMatchObject({
      issuer,
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'],
      token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
      response_types_supported: ['code'],
    });
  });
});

test('SMART’s document has what SMART asks for', async () => {
  const document = await at('/fhir/.well-known/smart-configuration');
  expect(document.grant_types_supported).toEqual(['authorization_code', 'client_credentials']);
  for (const one of [
    'launch-standalone',
    'launch-ehr',
    'authorize-post',
    'sso-openid-connect',
    'permission-v1',
    'permission-v2',
  ])
    expect(document.capabilities).toContain(one);
  expect(document.capabilities).not.toContain('client-confidential-symmetric');
});

test('every endpoint that is named answers', async () => {
  const document = await at('/.well-known/openid-configuration');
  const named = Object.entries(document).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name));
  for (const [name, address] of named) {
    const { pathname } = new URL(String(address));
    const [get, post] = await Promise.all(
      (['GET', 'POST'] as const).map(async (method) => (await t.app.inject({ method, url: pathname })).statusCode),
    );
    expect(
      [get, post].some((status) => status !== 404 && status !== 500 && status !== undefined),
      name,
    ).toBe(true);
  }
});

test.each(scopesSupported)('scope %s works', async (scope) => {
  if (scope.startsWith('system/')) {
    expect((await askToken(t, await assertion('service', keys), scope)).body.scope).toBe(scope);
    return;
  }
  // The launch itself is in app-launch.int.test.ts; here it has to get as far as the person.
  const isLaunch = scope === 'launch';
  const { location } = await new Browser(t).get(authorizeUrl('app', isLaunch ? 'launch/patient' : scope).url);
  expect(location).toMatch(/^\/login\//);
});

test('the CapabilityStatement says where tokens come from', async () => {
  const { body } = await t.withToken(undefined).get('metadata');
  const [rest] = body.rest as {
    security: { extension: { extension: { url: string; valueUri: string }[] }[]; service: unknown };
  }[];
  const uris = Object.fromEntries(
    (rest?.security.extension[0]?.extension ?? []).map(({ url, valueUri }) => [url, valueUri]),
  );
  const document = await at('/fhir/.well-known/smart-configuration');
  expect(uris).toMatchObject({ authorize: document.authorization_endpoint, token: document.token_endpoint });
  expect(JSON.stringify(rest?.security.service)).toContain('SMART-on-FHIR');
});

describe('a page of another origin', () => {
  const ask = (url: string, origin: string, more: object = {}) => t.app.inject({ url, headers: { origin, ...more } });
  const preflight = (url: string, origin: string) =>
    t.app.inject({
      ...{ method: 'OPTIONS', url },
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    });

  test('may read the CapabilityStatement', async () => {
    const { headers } = await ask('/fhir/metadata', 'https://any.example');
    expect(headers['access-control-allow-origin']).toBe('*');
  });

  test('that is registered may call, before and with a token', async () => {
    const before = await preflight('/fhir/Patient', 'https://app.example.com');
    expect(before.statusCode).toBe(204);
    expect(before.headers['access-control-allow-headers']).toBe('authorization');
    const authorization = `Bearer ${t.system.token}`;
    const { statusCode, headers } = await ask('/fhir/Patient', 'https://app.example.com', { authorization });
    expect([statusCode, headers['access-control-allow-origin']]).toEqual([200, 'https://app.example.com']);
    expect((await ask('/fhir/Patient', 'https://app.example.com')).statusCode).toBe(401);
  });

  test('that is not registered may not', async () => {
    for (const origin of [
      'https://evil.example',
      'null',
      'http://app.example.com',
      'https://app.example.com.evil.example',
    ]) {
      expect((await ask('/fhir/Patient', origin)).headers).not.toHaveProperty('access-control-allow-origin');
      expect((await preflight('/fhir/Patient', origin)).statusCode).toBe(401);
    }
  });

  test('gets a token answer only for a client of its origin', async () => {
    const form = {
      method: 'POST' as const,
      url: '/oauth/token',
      payload: 'grant_type=authorization_code&client_id=app&code=x&redirect_uri=x',
    };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const own = await t.app.inject({ ...form, headers: { ...headers, origin: 'https://app.example.com' } });
    expect(own.headers['access-control-allow-origin']).toBe('https://app.example.com');
    const other = await t.app.inject({ ...form, headers: { ...headers, origin: 'https://evil.example' } });
    expect(other.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

test('the FHIR base and the issuer are those of the settings, whatever the Host header says', async () => {
  const { payload } = await t.app.inject({ url: smartPlaces[0] ?? '', headers: { host: 'evil.example' } });
  expect(payload).not.toContain('evil.example');
  const { url } = authorizeUrl('app', 'openid');
  const response = await t.app.inject({ url, headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' } });
  expect(JSON.stringify(response.headers)).not.toContain('evil.example');
  expect(fhirBase).toContain('tsumugi.test');
});
