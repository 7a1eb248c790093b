// SMART App Launch 2.2, Backend Services: a signed assertion, an opaque token, a FHIR call.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClientRegistry } from '../../server/store/oauth-clients.ts';
import { patientNamed, startApp, type TestApp } from '../support/app.ts';
import { addClient, askToken, assertion, assertionForm, fhirBase, type Keys, newKeys, post } from '../support/oauth.ts';

let t: TestApp;
let keys: Keys;
beforeAll(async () => {
  t = await startApp();
  keys = await newKeys();
  const jwks = { keys: [keys.publicJwk] };
  await addClient(t, { id: 'hospital-1', jwks, scopes: 'system/*.rs system/Observation.c', organization: 'clinic' });
  await addClient(t, { id: 'hospital-2', jwks, scopes: 'system/Observation.c', organization: 'hospital-org' });
});
afterAll(() => t.close());

const ask = async (scope: string) => askToken(t, await assertion('hospital-1', keys), scope);

describe('a backend service', () => {
  test('gets a token for five minutes by its signed assertion, and calls with it', async () => {
    const { status, headers, body } = await ask('system/*.rs');
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { token_type: 'Bearer', expires_in: 300, scope: 'system/*.rs' },
    });
    expect(headers['cache-control']).toBe('no-store');
    expect(headers.pragma).toBe('no-cache');
    expect(body).not.toHaveProperty('refresh_token');
    const { id } = await t.system.create({ resourceType: 'Location', name: '診察室' });
    const service = t.withToken(String(body.access_token));
    expect((await service.get(`Location/${id}`)).status).toBe(200);
    expect((await service.post('Patient', patientNamed('試験', '次子'))).status).toBe(403);
  });

  test('of an organization has that with its token', async () => {
    const { body } = await askToken(t, await assertion('hospital-2', keys), 'system/Observation.c');
    const { rows } = await t.pool.query('select client, organization, scope from token where scope = $1', [body.scope]);
    expect(rows).toEqual([{ client: 'hospital-2', organization: 'hospital-org', scope: 'system/Observation.c' }]);
  });

  test('gets of what it asks for the part that it may have', async () => {
    expect((await ask('system/Patient.rs system/Patient.d patient/Patient.rs nonsense')).body.scope).toBe(
      'system/Patient.rs',
    );
    expect((await ask('system/*.cruds')).body.scope).toBe('system/*.rs system/Observation.c');
    expect((await ask('system/Patient.d')).body).toMatchObject({ error: 'invalid_scope' });
    expect((await ask('')).status).toBe(400);
  });

  test('names the FHIR base as resource, or nothing', async () => {
    const form = async (resource: string) => ({
      grant_type: 'client_credentials',
      scope: 'system/*.rs',
      resource,
      ...assertionForm(await assertion('hospital-1', keys)),
    });
    expect((await post(t, '/oauth/token', await form(fhirBase))).status).toBe(200);
    expect((await post(t, '/oauth/token', await form('https://other.example/fhir'))).body.error).toBe('invalid_target');
  });

  test('its token is nowhere stored in clear', async () => {
    const { body } = await ask('system/*.rs');
    const { rows } = await t.pool.query(
      'select token::text as row from token union all select p::text from oidc_payload p',
    );
    expect(JSON.stringify(rows)).not.toContain(body.access_token);
  });

  test('that revokes its token is refused at once, on another server too', async () => {
    const second = await t.second();
    try {
      const { body } = await ask('system/*.rs');
      const token = String(body.access_token);
      const there = second.withToken(token);
      expect((await there.get('Patient?_count=1')).status).toBe(200);
      const form = { token, ...assertionForm(await assertion('hospital-1', keys)) };
      expect((await post(t, '/oauth/token/revocation', form)).status).toBe(200);
      await expect.poll(async () => (await there.get('Patient?_count=1')).status).toBe(401);
    } finally {
      await second.close();
    }
  });

  test('that is suspended loses its tokens at once and gets no further ones, until it is let in again', async () => {
    const clients = createClientRegistry({ pool: t.pool });
    const { body } = await ask('system/*.rs');
    const service = t.withToken(String(body.access_token));
    expect((await service.get('Patient?_count=1')).status).toBe(200);
    expect(await clients.suspend('hospital-1')).toBe(true);
    await expect.poll(async () => (await service.get('Patient?_count=1')).status).toBe(401);
    expect(await ask('system/*.rs')).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    await clients.approve('hospital-1');
    expect((await ask('system/*.rs')).status).toBe(200);
    expect((await service.get('Patient?_count=1')).status).toBe(401);
  });
});
