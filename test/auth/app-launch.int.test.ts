// SMART App Launch 2.2, standalone and EHR launch: authorization code with PKCE, the context on the token, refresh, session.

import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Consent, Pending } from '../../server/auth/interaction.ts';
import { openLaunch } from '../../server/auth/launch.ts';
import { endTokensOfAccount } from '../../server/store/issued-tokens.ts';
import { setRelation } from '../../server/store/relations.ts';
import { patientNamed, startApp, type TestApp } from '../support/app.ts';
import { authorizeUrl, Browser, exchange, goThrough, redirectUri, refresh } from '../support/app-login.ts';
import { type Answer, addClient, fhirBase, issuer, post } from '../support/oauth.ts';

let t: TestApp;
let patient: string;
const most = 'openid fhirUser launch launch/patient launch/encounter offline_access online_access patient/*.cruds';
beforeAll(async () => {
  t = await startApp();
  patient = (await t.system.create(patientNamed('試験', '花子', { birthDate: '2026-09-15' }))).id;
  await makeGuardian('Person/p1', patient);
  for (const id of ['family', 'other'])
    await addClient(t, {
      id,
      kind: 'family-app',
      redirectUris: [redirectUri],
      scopes: most,
      origins: ['https://app.example.com'],
    });
});
afterAll(() => t.close());

async function makeGuardian(person: string, child: string): Promise<void> {
  const client = await t.pool.connect();
  const lasting = { status: 'active', starts: '2020-01-01T00:00:00Z', ends: 'infinity' } as const;
  await setRelation(client, { id: crypto.randomUUID(), basis: 'guardian', person, patient: child, ...lasting });
  client.release();
}

const agree = (pending: Pending): Consent => ({
  scopes: pending.scopes,
  patient,
  user: 'Person/p1',
  fhirUser: 'RelatedPerson/r1',
  need_patient_banner: true,
});

async function launch(scope: string, { consent = agree, more = {}, browser = new Browser(t) } = {}): Promise<Answer> {
  const { url, verifier } = authorizeUrl('family', scope, more);
  const back = await goThrough(browser, url, { consent });
  const code = back.searchParams.get('code');
  if (code === null) throw new Error(`no code: ${back.search}`);
  expect(back.searchParams.get('iss')).toBe(issuer);
  return exchange(t, 'family', code, verifier);
}

describe('a standalone launch', () => {
  test('ends in a token for one patient, which reads that patient', async () => {
    const scope = 'openid fhirUser launch/patient patient/Patient.rs offline_access';
    const { status, body, headers } = await launch(scope);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        token_type: 'Bearer',
        expires_in: 900,
        patient,
        need_patient_banner: true,
        refresh_token: expect.any(String),
      },
    });
    expect(String(body.scope).split(' ').sort()).toEqual(scope.split(' ').sort());
    expect([headers['cache-control'], headers.pragma]).toEqual(['no-store', 'no-cache']);
    const app = t.withToken(String(body.access_token));
    expect((await app.get(`Patient/${patient}`)).status).toBe(200);
    const other = await t.system.create(patientNamed('他人', '秘密'));
    expect((await app.get(`Patient/${other.id}`)).status).toBe(404);
  });

  test('gives an id_token that says who the user is, signed by the published key', async () => {
    const { body } = await launch('openid fhirUser patient/Patient.rs');
    const jwks = JSON.parse((await t.app.inject('/oauth/jwks')).payload);
    expect(JSON.stringify(jwks)).not.toMatch(/"d":/);
    const { payload } = await jwtVerify(String(body.id_token), createLocalJWKSet(jwks), { issuer, audience: 'family' });
    expect(payload).toMatchObject({ sub: 'account-1', fhirUser: `${fhirBase}/RelatedPerson/r1` });
  });

  test('stands in the token table with the person', async () => {
    await launch('launch/patient patient/Observation.rs');
    const { rows } = await t.pool.query(
      `select "user", patient, scope from token where scope = 'patient/Observation.rs'`,
    );
    expect(rows).toEqual([{ user: 'Person/p1', patient, scope: 'patient/Observation.rs' }]);
  });

  test('gives what the person agreed to and no more', async () => {
    const consent = (pending: Pending) => ({ ...agree(pending), scopes: ['openid', 'patient/Observation.rs'] });
    const { body } = await launch('openid fhirUser patient/Observation.rs patient/Condition.rs', { consent });
    expect(body.scope).toBe('openid patient/Observation.rs');
  });

  test('tells v1 words as they were asked', async () => {
    expect((await launch('launch/patient patient/Observation.read')).body.scope).toBe(
      'launch/patient patient/Observation.read',
    );
  });

  test.each([
    ['another aud', { aud: 'https://other.example/fhir' }, 'invalid_target'],
    ['no aud', { aud: undefined }, 'invalid_target'],
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['PKCE without a hash', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a token at once', { response_type: 'token' }, 'unsupported_response_type'],
    ['an experimental scope', { scope: 'launch/patient patient/Observation.rs?code:in=http://x' }, 'invalid_scope'],
    ['no scope it may have', { scope: 'patient/Nonsense.rs' }, 'invalid_scope'],
    ['scope launch without a launch', { scope: 'launch patient/Observation.rs' }, 'invalid_request'],
    ['a launch of its own making', { launch: 'made-up' }, 'invalid_request'],
  ])('is refused with %s', async (_what, more: Record<string, string | undefined>, error) => {
    const { url } = authorizeUrl('family', 'launch/patient patient/Observation.rs', more);
    const page = await new Browser(t).get(url);
    const back = new URL(page.location || 'x:', redirectUri);
    const told = new URLSearchParams(back.search || back.hash.slice(1));
    expect({ status: page.status, error: told.get('error') }).toEqual({ status: 303, error });
  });

  test.each([
    ['a redirect address that is not registered', { redirect_uri: 'https://evil.example/back' }],
    ['one that only begins like it', { redirect_uri: `${redirectUri}/../x` }],
    ['a client that is not known', { client_id: 'nobody' }],
  ])('shows a page and sends nowhere with %s', async (_what, more) => {
    const page = await new Browser(t).get(authorizeUrl('family', 'patient/Observation.rs', more).url);
    expect([page.status, page.location]).toEqual([400, '']);
    expect(page.text).toContain('アプリの要求を受け付けられません');
    expect(page.text).not.toContain('<script');
  });

  test('may be asked for by POST', async () => {
    const [path = '', query = ''] = authorizeUrl('family', 'patient/Observation.rs').url.split('?');
    const { statusCode, headers } = await t.app.inject({
      method: 'POST',
      url: path,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: query,
    });
    expect([statusCode, headers.location]).toEqual([303, `/oauth/auth?${query}`]);
  });

  test('is refused when the person refuses', async () => {
    const browser = new Browser(t);
    const { url } = authorizeUrl('family', 'patient/Observation.rs');
    const { location } = await browser.get(url);
    const next = await t.app.oauth.interactions.refuse(...browser.at(location));
    const back = new URL((await browser.get(next)).location);
    expect(back.searchParams.get('error')).toBe('access_denied');
  });

  test('cannot be ended by another browser', async () => {
    const { location } = await new Browser(t).get(authorizeUrl('family', 'patient/Observation.rs').url);
    const thief = new Browser(t);
    await expect(t.app.oauth.interactions.pending(...thief.at(location))).rejects.toThrow('no request');
  });

  test.each([
    ['a scope that was not asked', (p: Pending) => ({ ...agree(p), scopes: ['patient/*.cruds'] }), 'not asked'],
    ['no patient', ({ scopes }: Pending): Consent => ({ scopes, user: 'Person/p1', fhirUser: 'Person/p1' }), 'patient'],
  ])('takes no consent with %s', async (_what, consent, fault) => {
    await expect(launch('launch/patient patient/Observation.rs', { consent })).rejects.toThrow(fault);
  });
});

describe('the code', () => {
  const codeOf = async (more = {}) => {
    const { url, verifier } = authorizeUrl('family', 'launch/patient patient/Observation.rs', more);
    const back = await goThrough(new Browser(t), url, { consent: agree });
    return { code: back.searchParams.get('code') ?? '', verifier };
  };

  test.each<[string, Record<string, string>]>([
    ['another verifier', { code_verifier: 'x'.repeat(43) }],
    ['another client', { client_id: 'other' }],
    ['another redirect address', { redirect_uri: 'https://app.example.com/other' }],
    ['another resource', { resource: 'https://other.example/fhir' }],
  ])('is worth nothing with %s', async (_what, more) => {
    const { code, verifier } = await codeOf();
    expect((await exchange(t, 'family', code, verifier, more)).status).toBe(400);
  });

  test('used twice ends what the first use gave', async () => {
    const { code, verifier } = await codeOf();
    const first = await exchange(t, 'family', code, verifier);
    const app = t.withToken(String(first.body.access_token));
    expect((await app.get('Observation?_count=1')).status).toBe(200);
    expect(await exchange(t, 'family', code, verifier)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    await expect.poll(async () => (await app.get('Observation?_count=1')).status).toBe(401);
  });
});

describe('a refresh token', () => {
  const scope = 'launch/patient patient/Observation.rs patient/Condition.rs offline_access';

  test('is replaced at each use and keeps the context; fewer scopes may be asked for', async () => {
    const first = await launch(scope);
    const second = await refresh(t, 'family', String(first.body.refresh_token), { scope: 'patient/Condition.rs' });
    expect(second).toMatchObject({ status: 200, body: { patient, scope: 'patient/Condition.rs' } });
    const third = await refresh(t, 'family', String(second.body.refresh_token));
    expect(third.body.scope).toContain('patient/Observation.rs');
  });

  test('used again ends everything that came of it', async () => {
    const first = await launch(scope);
    const second = await refresh(t, 'family', String(first.body.refresh_token));
    const app = t.withToken(String(second.body.access_token));
    expect((await app.get('Observation?_count=1')).status).toBe(200);
    expect((await refresh(t, 'family', String(first.body.refresh_token))).body.error).toBe('invalid_grant');
    await expect.poll(async () => (await app.get('Observation?_count=1')).status).toBe(401);
    expect((await refresh(t, 'family', String(second.body.refresh_token))).body.error).toBe('invalid_grant');
  });

  test('asks for no more than was granted, and is its own client’s', async () => {
    const { body } = await launch(scope);
    expect((await refresh(t, 'family', String(body.refresh_token), { scope: 'patient/*.cruds' })).body.error).toBe(
      'invalid_scope',
    );
    expect((await refresh(t, 'other', String(body.refresh_token))).body.error).toBe('invalid_grant');
  });

  test('for online access ends with the session', async () => {
    const browser = new Browser(t);
    const { body } = await launch('launch/patient patient/Observation.rs online_access', { browser });
    const app = t.withToken(String(body.access_token));
    const again = await refresh(t, 'family', String(body.refresh_token));
    expect(again.status).toBe(200);
    expect((await app.get('Observation?_count=1')).status).toBe(200);
    await t.app.oauth.endSessions('account-1');
    await expect.poll(async () => (await app.get('Observation?_count=1')).status).toBe(401);
    expect((await refresh(t, 'family', String(again.body.refresh_token))).body.error).toBe('invalid_grant');
  });

  test('ends with everything else when the account ends what it granted', async () => {
    const { url, verifier } = authorizeUrl('family', scope);
    const back = await goThrough(new Browser(t), url, { login: { accountId: 'account-2' }, consent: agree });
    const { body } = await exchange(t, 'family', back.searchParams.get('code') ?? '', verifier);
    const app = t.withToken(String(body.access_token));
    expect((await app.get('Observation?_count=1')).status).toBe(200);
    const client = await t.pool.connect();
    await endTokensOfAccount(client, ['account-2']);
    client.release();
    await expect.poll(async () => (await app.get('Observation?_count=1')).status).toBe(401);
    expect((await refresh(t, 'family', String(body.refresh_token))).body.error).toBe('invalid_grant');
  });

  test('is not given without being asked for', async () => {
    expect((await launch('launch/patient patient/Observation.rs')).body).not.toHaveProperty('refresh_token');
  });
});

describe('an EHR launch', () => {
  const context = { client: 'family', patient: '', encounter: 'e1', user: 'Practitioner/d1', intent: 'reconcile' };
  const consent = ({ scopes }: Pending): Consent => ({ scopes, user: 'Practitioner/d1', fhirUser: 'Practitioner/d1' });

  test('gives the context of whoever opened it, once', async () => {
    const value = await openLaunch(t.app.oauth.store, { ...context, patient });
    const scope = 'launch patient/Observation.rs';
    const { body } = await launch(scope, { consent, more: { launch: value } });
    expect(body).toMatchObject({ patient, encounter: 'e1', intent: 'reconcile', scope });
    await expect(launch(scope, { consent, more: { launch: value } })).rejects.toThrow();
  });

  test('is for its client and its user', async () => {
    const foreign = await openLaunch(t.app.oauth.store, { ...context, patient, client: 'other' });
    const { url } = authorizeUrl('family', 'launch patient/Observation.rs', { launch: foreign });
    expect(new URL((await new Browser(t).get(url)).location).searchParams.get('error')).toBe('invalid_request');
    const value = await openLaunch(t.app.oauth.store, { ...context, patient, user: 'Practitioner/other' });
    const asked = launch('launch patient/Observation.rs', { consent, more: { launch: value } });
    await expect(asked).rejects.toThrow('another user');
  });
});

test('a public client cannot introspect, but revoke what is its own', async () => {
  const { body } = await launch('launch/patient patient/Observation.rs');
  const token = String(body.access_token);
  expect((await post(t, '/oauth/token/introspection', { token, client_id: 'family' })).body).toEqual({ active: false });
  expect((await post(t, '/oauth/token/revocation', { token, client_id: 'other' })).status).toBe(200);
  expect((await t.withToken(token).get('Observation?_count=1')).status).toBe(200);
  expect((await post(t, '/oauth/token/revocation', { token, client_id: 'family' })).status).toBe(200);
  await expect.poll(async () => (await t.withToken(token).get('Observation?_count=1')).status).toBe(401);
});
