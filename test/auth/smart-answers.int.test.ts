// What SMART App Launch 2.2 asks of single answers: the way back to the app, the token answer, refresh, introspection, keys.

import { createPublicKey } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Consent, Pending } from '../../server/auth/interaction.ts';
import { setRelation } from '../../server/store/relations.ts';
import { observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { authorizeUrl, Browser, exchange, goThrough, redirectUri, refresh } from '../support/app-login.ts';
import {
  type Answer,
  addClient,
  assertion,
  assertionForm,
  fhirBase,
  issuer,
  type Keys,
  newKeys,
  nowS,
  post,
} from '../support/oauth.ts';

let t: TestApp;
let keys: Keys;
let patient: string;
const all = 'openid fhirUser launch/patient launch/encounter offline_access patient/*.cruds user/*.rs';
beforeAll(async () => {
  t = await startApp();
  keys = await newKeys();
  patient = (await t.system.create(patientNamed('試験', '花子', { birthDate: '2026-09-15' }))).id;
  const client = await t.pool.connect();
  const lasting = { status: 'active', starts: '2020-01-01T00:00:00Z', ends: 'infinity' } as const;
  await setRelation(client, { id: crypto.randomUUID(), basis: 'guardian', person: 'Person/p1', patient, ...lasting });
  client.release();
  const app = { kind: 'family-app' as const, redirectUris: [redirectUri], scopes: all };
  await addClient(t, { ...app, id: 'confidential', jwks: { keys: [keys.publicJwk] } });
  await addClient(t, { ...app, id: 'public' });
});
afterAll(() => t.close());

const context = { need_patient_banner: false, intent: 'reconcile', tenant: 'clinic-7', encounter: 'e1' };
const consent = ({ scopes }: Pending): Consent => ({
  ...{ scopes, patient, ...context, fhirContext: [{ reference: 'ImagingStudy/i1' }] },
  ...{ user: 'Person/p1', fhirUser: 'RelatedPerson/r1' },
});
const proof = async () => assertionForm(await assertion('confidential', keys));

async function launch(scope: string, client = 'confidential'): Promise<Answer> {
  const { url, verifier } = authorizeUrl(client, scope);
  const back = await goThrough(new Browser(t), url, { consent });
  return exchange(t, client, back.searchParams.get('code') ?? '', verifier, client === 'public' ? {} : await proof());
}

describe('the way back to the app', () => {
  test('carries a code and the state exactly as it was sent, at the registered address', async () => {
    const state = 'Zustand %20+&=日本/~';
    const back = await goThrough(new Browser(t), authorizeUrl('public', 'patient/*.rs', { state }).url, { consent });
    expect(back.href.startsWith(`${redirectUri}?`)).toBe(true);
    expect(back.searchParams.get('state')).toBe(state);
    expect(back.searchParams.get('code')).toMatch(/^[\x21-\x7e]{43,}$/);
    expect(back.searchParams.has('access_token')).toBe(false);
  });

  test('carries the state with an error too', async () => {
    const { location } = await new Browser(t).get(
      authorizeUrl('public', 'patient/*.rs', { aud: 'https://x.example', state: 's-1' }).url,
    );
    expect(new URL(location).searchParams.get('state')).toBe('s-1');
  });
});

describe('the token answer', () => {
  test('is JSON with what SMART requires, the token in characters of RFC 6750, the context beside it', async () => {
    const { status, headers, body } = await launch(all);
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(body.access_token).toMatch(/^[A-Za-z0-9\-._~+/]+=*$/);
    expect(body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 900,
      patient,
      ...context,
      fhirContext: [{ reference: 'ImagingStudy/i1' }],
    });
    expect(String(body.scope).split(' ')).toEqual(
      expect.arrayContaining(['openid', 'fhirUser', 'offline_access', 'patient/*.cruds']),
    );
  });

  test('gives a patient in context for any patient scope, asked for or not', async () => {
    expect((await launch('patient/Observation.rs')).body.patient).toBe(patient);
  });

  test('holds the token to the rights of the person behind it, whatever its scope says', async () => {
    const app = t.withToken(String((await launch('patient/*.cruds user/*.rs')).body.access_token));
    const other = await t.system.create(patientNamed('他人', '秘密'));
    const note = await t.system.create(observationOf(other.id));
    expect((await app.get(`Patient/${patient}`)).status).toBe(200);
    for (const path of [`Patient/${other.id}`, `Observation/${note.id}`])
      expect((await app.get(path)).status).toBe(404);
  });

  test('is a refusal of RFC 6749 for a code that is none', async () => {
    const { status, body, headers } = await exchange(t, 'public', 'made-up', 'x'.repeat(43));
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_grant' });
    expect([headers['cache-control'], headers.pragma].join()).toContain('no-store');
  });
});

test('a refresh gives a new token, its lifetime and the scope of the first, and the id_token of a login stays the user’s', async () => {
  const first = await launch('openid fhirUser launch/patient patient/Observation.rs offline_access');
  const again = await refresh(t, 'confidential', String(first.body.refresh_token), await proof());
  expect(again).toMatchObject({
    status: 200,
    body: { token_type: 'Bearer', expires_in: 900, scope: first.body.scope, patient },
  });
  expect(again.body.access_token).not.toBe(first.body.access_token);
  expect(again.headers['cache-control']).toBe('no-store');
});

describe('introspection', () => {
  test('says activity, scope, client, end, context, issuer and subject as the token answer did', async () => {
    const { body } = await launch('openid fhirUser launch/patient patient/Observation.rs');
    const told = await post(t, '/oauth/token/introspection', { token: String(body.access_token), ...(await proof()) });
    const { exp, scope, ...rest } = told.body;
    expect(rest).toMatchObject({
      active: true,
      client_id: 'confidential',
      iss: issuer,
      sub: 'account-1',
      patient,
      ...context,
    });
    expect(String(scope).split(' ')).toEqual(expect.arrayContaining(['patient/Observation.rs']));
    expect(Math.abs(Number(exp) - nowS() - Number(body.expires_in))).toBeLessThan(60);
  });

  test('says of what is no token that it is not active, and nothing else', async () => {
    const told = await post(t, '/oauth/token/introspection', { token: 'made-up', ...(await proof()) });
    expect(told.body).toEqual({ active: false });
  });
});

describe('the id_token', () => {
  test('is signed by RSA with SHA-256, with a published bare key, and names the user by an absolute URL', async () => {
    const { body } = await launch('openid fhirUser patient/Patient.rs');
    const token = String(body.id_token);
    const { alg, kid } = decodeProtectedHeader(token);
    const { keys: published } = JSON.parse((await t.app.inject('/oauth/jwks')).payload) as {
      keys: Record<string, unknown>[];
    };
    expect(alg).toBe('RS256');
    const key = published.find((one) => one.kid === kid);
    expect(key).toMatchObject({ kty: 'RSA', n: expect.any(String), e: expect.any(String) });
    for (const one of published)
      for (const member of ['x5c', 'x5u', 'd', 'p', 'q']) expect(one).not.toHaveProperty(member);
    expect(() => createPublicKey({ key: key as never, format: 'jwk' })).not.toThrow();
    expect(decodeJwt(token).fhirUser).toMatch(
      new RegExp(`^${fhirBase}/(Patient|Practitioner|PractitionerRole|RelatedPerson|Person)/`),
    );
  });

  test('is not given without the scope openid', async () => {
    expect((await launch('launch/patient patient/Patient.rs')).body).not.toHaveProperty('id_token');
  });
});

test('the capabilities are whole sets: standalone and EHR launch, for patients and for clinicians', async () => {
  const { capabilities, token_endpoint_auth_methods_supported: methods } = JSON.parse(
    (await t.app.inject('/fhir/.well-known/smart-configuration')).payload,
  );
  const sets = [
    ['launch-standalone', 'client-public', 'context-standalone-patient', 'permission-patient'],
    ['launch-ehr', 'client-public', 'context-ehr-patient', 'permission-patient'],
    ['launch-standalone', 'client-public', 'permission-user', 'permission-patient'],
    [
      'launch-ehr',
      'client-public',
      'context-ehr-patient',
      'context-ehr-encounter',
      'permission-user',
      'permission-patient',
    ],
  ];
  for (const set of sets) expect(capabilities).toEqual(expect.arrayContaining(set));
  expect(methods).not.toContain('client_secret_basic');
});
