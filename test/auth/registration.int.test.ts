// Dynamic registration (RFC 7591) behind approval: a client that registered itself gets nothing before a person lets it in.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClientRegistry } from '../../server/store/oauth-clients.ts';
import { patientNamed, startApp, type TestApp } from '../support/app.ts';
import { authorizeUrl, Browser, redirectUri } from '../support/app-login.ts';
import { addClient, askToken, assertion, type Keys, newKeys } from '../support/oauth.ts';

let t: TestApp;
let keys: Keys;
beforeAll(async () => {
  t = await startApp();
  keys = await newKeys();
});
afterAll(() => t.close());

async function register(body: unknown, contentType = 'application/json') {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await t.app.inject({
    method: 'POST',
    url: '/oauth/reg',
    headers: { 'content-type': contentType },
    payload,
  });
  return { status: response.statusCode, body: JSON.parse(response.payload) as Record<string, unknown> };
}

const service = () => ({
  client_name: 'Test service',
  'client_name#ja': '試験サービス',
  grant_types: ['client_credentials'],
  jwks: { keys: [keys.publicJwk] },
  scope: 'system/*.rs system/Nonsense.rs',
});
const keyless = { client_name: 'Test service', grant_types: ['client_credentials'], scope: 'system/*.rs' };
const app = { client_name: 'Test app', redirect_uris: [redirectUri], scope: 'launch/patient patient/*.rs' };

test('a service that registered gets a token only after it was approved', async () => {
  const { status, body } = await register(service());
  expect({ status, body }).toMatchObject({
    status: 201,
    body: { scope: 'system/*.rs', token_endpoint_auth_method: 'private_key_jwt', 'client_name#ja': '試験サービス' },
  });
  expect(body).not.toHaveProperty('client_secret');
  const id = String(body.client_id);
  expect(await askToken(t, await assertion(id, keys))).toMatchObject({
    status: 401,
    body: { error: 'invalid_client' },
  });
  const clients = createClientRegistry({ pool: t.pool });
  expect(await clients.approve(id)).toBe(false);
  expect(await clients.approve(id, 'clinic')).toBe(true);
  expect((await askToken(t, await assertion(id, keys))).status).toBe(200);
});

test('a service without an organization is nobody, and not the deployment', async () => {
  const hidden = await t.system.create(patientNamed('試験', '花子'));
  const location = { resourceType: 'Location', name: '診察室' };
  const { id: place } = await t.system.create(location);
  await addClient(t, { id: 'nobodys-service', jwks: { keys: [keys.publicJwk] } });
  const { body } = await askToken(t, await assertion('nobodys-service', keys), 'system/*.cruds');
  const service = t.withToken(String(body.access_token));
  expect((await service.get(`Patient/${hidden.id}`)).status).toBe(404);
  expect((await service.get('Patient')).body.total).toBe(0);
  expect((await service.get(`Location/${place}`)).status).toBe(200);
  expect((await service.put(`Location/${place}`, { ...location, id: place, name: '占拠' })).status).toBe(403);
  expect((await service.post('Location', location)).status).toBe(403);
  expect((await service.post('Patient', patientNamed('試験', '次郎'))).status).toBe(403);
});

test('staff without an organization change nothing of the directory', async () => {
  const location = { resourceType: 'Location', name: '診察室' };
  const { id } = await t.system.create(location);
  const operator = await t.caller('user/*.cruds', { user: 'Practitioner/operator' });
  expect((await operator.put(`Location/${id}`, { ...location, id, name: '占拠' })).status).toBe(403);
  expect((await operator.post('Location', location)).status).toBe(403);
});

test('an app that registered is not asked about before it was approved', async () => {
  const { body } = await register(app);
  const { url } = authorizeUrl(String(body.client_id), 'launch/patient patient/*.rs');
  expect((await new Browser(t).get(url)).status).toBe(400);
  await createClientRegistry({ pool: t.pool }).approve(String(body.client_id));
  expect((await new Browser(t).get(url)).status).toBe(303);
});

describe('what it claims for itself is not believed', () => {
  test.each([
    ['client_id', { client_id: 'chosen' }],
    ['status', { status: 'active' }],
    ['organization', { organization_id: 'hospital', organization: 'hospital' }],
    ['scopes', { allowed_scopes: 'system/*.cruds' }],
    ['software statement', { software_statement: 'x.y.z' }],
  ])('%s', async (_what, more) => {
    const { status, body } = await register({ ...service(), ...more });
    expect(status).toBe(201);
    expect(body.client_id).not.toBe('chosen');
    const client = await createClientRegistry({ pool: t.pool }).find(String(body.client_id));
    expect(client).toMatchObject({ status: 'pending', scopes: 'system/*.rs' });
    expect(client).not.toHaveProperty('organization');
  });
});

describe('is refused', () => {
  test.each<[string, unknown]>([
    ['no JSON', 'x'],
    ['a list', []],
    ['a secret', { ...app, token_endpoint_auth_method: 'client_secret_basic' }],
    ['a service without a key', { ...keyless }],
    ['a private key', { ...app, jwks: { keys: [{ kty: 'EC', kid: 'k', d: 'x' }] } }],
    ['a symmetric key', { ...app, jwks: { keys: [{ kty: 'oct', kid: 'k', k: 'x' }] } }],
    [
      'two keys of one kid',
      {
        ...app,
        jwks: {
          keys: [
            { kty: 'EC', kid: 'k' },
            { kty: 'EC', kid: 'k' },
          ],
        },
      },
    ],
    [
      'keys in two ways',
      { ...app, jwks: { keys: [{ kty: 'EC', kid: 'k' }] }, jwks_uri: 'https://app.example.com/jwks' },
    ],
    ['keys inside', { ...keyless, jwks_uri: 'https://127.0.0.1/jwks' }],
    ['keys without https', { ...keyless, jwks_uri: 'http://app.example.com/jwks' }],
    ['no redirect address', { ...app, redirect_uris: [] }],
    ['a redirect to http', { ...app, redirect_uris: ['http://app.example.com/back'] }],
    ['a redirect to script', { ...app, redirect_uris: ['javascript:alert(1)'] }],
    ['a redirect with a fragment', { ...app, redirect_uris: [`${redirectUri}#x`] }],
    ['a redirect with a password', { ...app, redirect_uris: ['https://:x@app.example.com/back'] }],
    ['a redirect with a line break', { ...app, redirect_uris: ['https://app.example.com/\nback'] }],
    ['a redirect with a backslash', { ...app, redirect_uris: ['https://app.example.com\\@evil.example.com'] }],
    ['a redirect in other letters', { ...app, redirect_uris: ['https://ａpp.example.com/back'] }],
    ['keys at odd letters', { ...keyless, jwks_uri: 'https://app.example.com/\u001b[2J' }],
    ['a name that moves the cursor', { ...app, client_name: 'App\u001b[2J' }],
    ['a name that is read backwards', { ...app, client_name: '\u202eppa' }],
    ['a redirect that is no address', { ...app, redirect_uris: ['/back'] }],
    ['redirects that are no list', { ...app, redirect_uris: redirectUri }],
    ['a grant that is not there', { ...app, grant_types: ['password'] }],
    ['two kinds at once', { ...app, grant_types: ['authorization_code', 'client_credentials'] }],
    ['system scopes for an app', { ...app, scope: 'system/*.cruds' }],
    ['no known scope', { ...app, scope: 'everything' }],
    ['no name', { ...app, client_name: '' }],
    ['a huge body', { ...app, more: 'x'.repeat(20_000) }],
  ])('with %s', async (_what, body) => {
    expect(await register(body)).toMatchObject({ status: 400, body: { error: 'invalid_client_metadata' } });
  });

  test('as a form', async () => {
    expect((await register('client_name=x', 'application/x-www-form-urlencoded')).status).toBe(400);
  });

  test('when too many wait', async () => {
    await t.pool.query(
      `insert into oauth_client (id, name_ja, name_en, kind, scopes)
       select 'waiting-' || n, 'x', 'x', 'family-app', 'openid' from generate_series(1, 200) n`,
    );
    expect((await register(app)).status).toBe(503);
  });
});
