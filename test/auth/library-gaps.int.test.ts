// What oidc-provider does not do for SMART by itself, one test each: the ten gaps that were found in it, and three more
// (the Host header as audience, old key sets that go on being good, tokens issued while their grant is being revoked).

import { exportJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClientKeys } from '../../server/auth/client-keys.ts';
import type { Consent, Pending } from '../../server/auth/interaction.ts';
import { createProvider } from '../../server/auth/provider.ts';
import { loadProviderKeys } from '../../server/auth/provider-keys.ts';
import { createIssuedTokens } from '../../server/store/issued-tokens.ts';
import { createClientRegistry } from '../../server/store/oauth-clients.ts';
import { createOidcStore } from '../../server/store/oidc.ts';
import { secret } from '../../server/store/secrets.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { authorizeUrl, Browser, exchange, goThrough, redirectUri, refresh } from '../support/app-login.ts';
import {
  addClient,
  askToken,
  assertion,
  assertionForm,
  fhirBase,
  issuer,
  type Keys,
  newKeys,
  post,
} from '../support/oauth.ts';

let t: TestApp;
let keys: Keys;
const vitals = 'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs';
beforeAll(async () => {
  t = await startApp();
  keys = await newKeys();
  const jwks = { keys: [keys.publicJwk] };
  const scopes = 'openid fhirUser launch/patient launch/encounter offline_access patient/*.cruds user/*.rs';
  await addClient(t, { id: 'app', kind: 'family-app', redirectUris: [redirectUri], scopes, jwks });
  const reader = { redirectUris: [redirectUri], scopes: 'launch/patient patient/*.rs' };
  await addClient(t, { id: 'reader', kind: 'family-app', ...reader });
  await addClient(t, { id: 'service', jwks, scopes: `system/*.rs` });
  const narrow = vitals.replace('patient/', 'system/');
  await addClient(t, { id: 'narrow', jwks, scopes: narrow });
});
afterAll(() => t.close());

const consent = ({ scopes }: Pending): Consent => ({
  ...{ scopes, patient: 'p1', encounter: 'e1', need_patient_banner: false },
  ...{ fhirContext: [{ reference: 'ImagingStudy/i1' }], user: 'Person/p1', fhirUser: 'RelatedPerson/r1' },
});
const proof = async () => assertionForm(await assertion('app', keys));
async function launch(scope: string, browser = new Browser(t)) {
  const { url, verifier } = authorizeUrl('app', scope);
  const back = await goThrough(browser, url, { consent });
  return exchange(t, 'app', back.searchParams.get('code') ?? '', verifier, await proof());
}

describe('1: granular scopes', () => {
  test('come through the code and the refresh grant unchanged', async () => {
    const { body } = await launch(`launch/patient ${vitals} offline_access`);
    expect(body.scope).toContain(vitals);
    expect((await refresh(t, 'app', String(body.refresh_token), await proof())).body.scope).toContain(vitals);
  });

  test('are asked of the person in the words that may be granted', async () => {
    const browser = new Browser(t);
    const { location } = await browser.get(
      authorizeUrl('reader', 'launch/patient patient/*.cruds patient/Patient.*').url,
    );
    const { scopes } = await t.app.oauth.interactions.pending(...browser.at(location));
    expect(scopes).toEqual(['launch/patient', 'patient/*.rs', 'patient/Patient.read']);
  });

  test('are the most that a client gets where they are its registration', async () => {
    const narrow = vitals.replace('patient/', 'system/');
    expect((await askToken(t, await assertion('narrow', keys), narrow)).body.scope).toBe(narrow);
    expect((await askToken(t, await assertion('narrow', keys), 'system/*.cruds')).body.scope).toBe(narrow);
  });
});

// 2, aud: app-launch.int.test.ts, "is refused with another aud", "no aud".

test('3 and 4: the context and every granted scope are in the token answer and in introspection', async () => {
  const scope = 'openid fhirUser launch/patient launch/encounter offline_access patient/Observation.rs';
  const { body } = await launch(scope);
  const context = {
    patient: 'p1',
    encounter: 'e1',
    need_patient_banner: false,
    fhirContext: [{ reference: 'ImagingStudy/i1' }],
  };
  expect(body).toMatchObject(context);
  expect(String(body.scope).split(' ').sort()).toEqual(scope.split(' ').sort());
  for (const token of [body.access_token, body.refresh_token]) {
    const told = await post(t, '/oauth/token/introspection', { token: String(token), ...(await proof()) });
    expect(told.body).toMatchObject({
      active: true,
      client_id: 'app',
      iss: issuer,
      sub: 'account-1',
      exp: expect.any(Number),
    });
    expect(String(told.body.scope).split(' ').sort()).toEqual(scope.split(' ').sort());
  }
  const told = await post(t, '/oauth/token/introspection', { token: String(body.access_token), ...(await proof()) });
  expect(told.body).toMatchObject({ ...context, fhirUser: `${fhirBase}/RelatedPerson/r1` });
  const stranger = assertionForm(await assertion('service', keys));
  expect((await post(t, '/oauth/token/introspection', { token: String(body.access_token), ...stranger })).body).toEqual(
    { active: false },
  );
  expect((await post(t, '/oauth/token/introspection', { token: String(body.access_token) })).status).toBe(400);
});

// 5, exp, jku, typ, kid: jwt-attacks.int.test.ts. 6, one use: once.int.test.ts.

test('7: no algorithm, flow or page of the library is on that is not meant to be', async () => {
  for (const path of [
    '/oauth/me',
    '/oauth/request',
    '/oauth/device',
    '/oauth/device/auth',
    '/oauth/backchannel',
    '/oauth/interaction/x',
    '/oauth/par',
  ])
    expect((await t.app.inject({ url: path })).statusCode, path).toBe(404);
  const form = { grant_type: 'password', username: 'x', password: 'y', ...(await proof()) };
  expect((await post(t, '/oauth/token', form)).body.error).toBe('unsupported_grant_type');
  const asApp = { grant_type: 'client_credentials', scope: 'patient/*.rs', ...(await proof()) };
  expect((await post(t, '/oauth/token', asApp)).status).toBe(400);
});

describe('8: keys that a client keeps at an address', () => {
  const uri = 'https://clinic.example.com/jwks';
  let served: { keys: object[]; cacheControl: string; status?: number };
  let fetched = 0;
  let server: TestApp;
  beforeAll(async () => {
    server = t;
    await addClient(t, { id: 'remote', jwksUri: uri });
    const clientKeys = createClientKeys(async () => {
      fetched += 1;
      const body = Buffer.from(JSON.stringify({ keys: served.keys }));
      return { status: served.status ?? 200, headers: new Headers({ 'cache-control': served.cacheControl }), body };
    });
    const { pool } = t;
    const provider = createProvider({
      ...{ issuer, fhirBase, keys: await loadProviderKeys((name, make) => secret(pool, name, make)) },
      ...{
        clients: createClientRegistry({ pool }),
        store: createOidcStore({ pool }),
        tokens: createIssuedTokens({ pool }),
      },
      ...clientKeys,
    });
    const { default: Fastify } = await import('fastify');
    const { oauthRoutes } = await import('../../server/auth/oauth-routes.ts');
    const app = Fastify();
    await app.register((scope) => oauthRoutes(scope, { provider, issuer, onBug: () => undefined }), {
      prefix: '/oauth',
    });
    server = { ...t, app: app as never };
  });
  const ask = async (by = keys) => (await askToken(server, await assertion('remote', by))).status;

  test('are fetched once while they may be kept, and a withdrawn one is good no longer than that', async () => {
    served = { keys: [keys.publicJwk], cacheControl: 'max-age=600' };
    expect([await ask(), await ask(), fetched]).toEqual([200, 200, 1]);
  });

  test('are fetched each time where they may not be kept: a withdrawn key is refused at once', async () => {
    await t.pool.query("update oauth_client set jwks_uri = $1 where id = 'remote'", [`${uri}/2`]);
    served = { keys: [keys.publicJwk], cacheControl: 'no-store' };
    expect(await ask()).toBe(200);
    const next = await newKeys();
    served = { keys: [next.publicJwk], cacheControl: 'no-store' };
    expect(await ask()).toBe(401);
    expect(await ask(next)).toBe(200);
  });

  test('do not help where the address answers badly', async () => {
    await t.pool.query("update oauth_client set jwks_uri = $1 where id = 'remote'", [`${uri}/3`]);
    served = { keys: [], cacheControl: '', status: 500 };
    expect([400, 401]).toContain(await ask());
    served = { keys: [await exportJWK(keys.privateKey)], cacheControl: 'no-store' };
    expect([400, 401]).toContain(await ask());
  });
});

test('9: nothing that opens anything is stored in clear', async () => {
  const browser = new Browser(t);
  const { url, verifier } = authorizeUrl('app', 'openid launch/patient patient/Observation.rs offline_access');
  const back = await goThrough(browser, url, { consent });
  const code = back.searchParams.get('code') ?? '';
  const { body } = await exchange(t, 'app', code, verifier, await proof());
  const { rows } = await t.pool.query(
    'select p::text as row from oidc_payload p union all select k::text from token k',
  );
  const stored = JSON.stringify(rows);
  const session = browser.cookies.find(({ name }) => name === '_session')?.value ?? '';
  for (const secretText of [code, body.access_token, body.refresh_token, session]) {
    expect(String(secretText)).toMatch(/^[\w-]{20,}$/);
    expect(stored).not.toContain(secretText);
  }
});

// 10, our own pages: the login and consent pages' tests.

test('a token that is issued while its grant is being revoked is born revoked', async () => {
  const tokens = createIssuedTokens({ pool: t.pool });
  const payload = { kind: 'AccessToken' };
  await tokens.put('late-token', { client: 'app', scope: 'patient/*.rs', grantId: 'gone', payload, expiresInS: 60 });
  await tokens.put('stranger-token', { client: 'nobody', scope: 'system/*.rs', payload, expiresInS: 60 });
  for (const text of ['late-token', 'stranger-token'])
    expect((await t.withToken(text).get('Patient')).status).toBe(401);
});
