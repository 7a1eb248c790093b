// POST /oauth/launch: staff open an app for a patient they see.

import { calculateJwkThumbprint } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchOf } from '../../server/auth/launch.ts';
import { setRelation } from '../../server/store/relations.ts';
import { mintToken } from '../../server/store/tokens.ts';
import { type Caller, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { redirectUri } from '../support/app-login.ts';
import { addClient, fhirBase, newKeys, proof } from '../support/oauth.ts';

let t: TestApp;
let own: string;
let other: string;
let staff: Caller;
beforeAll(async () => {
  t = await startApp();
  const clinic = (await t.system.create({ resourceType: 'Organization', name: '見本医院' })).id;
  staff = await t.caller('user/*.cruds', { user: 'Practitioner/d1', organization: clinic });
  own = (await t.system.create(patientNamed('試験', '花子', { birthDate: '2026-09-15' }))).id;
  await show(own, 'Practitioner/d1');
  other = (await t.system.create(patientNamed('他人', '秘密'))).id;
  await addClient(t, { id: 'app', kind: 'staff-app', redirectUris: [redirectUri], scopes: 'launch patient/*.rs' });
});
afterAll(() => t.close());

/** Staff see a patient by a row of permission; how it comes about is not the launch's affair. */
async function show(patient: string, person: string): Promise<void> {
  const client = await t.pool.connect();
  const lasting = { status: 'active', starts: '2020-01-01T00:00:00Z', ends: 'infinity' } as const;
  await setRelation(client, { id: crypto.randomUUID(), basis: 'guardian', person, patient, ...lasting });
  client.release();
}

async function open(caller: Caller, body: object) {
  const headers = {
    ...(caller.token === undefined ? {} : { authorization: `Bearer ${caller.token}` }),
    'content-type': 'application/json',
  };
  const response = await t.app.inject({ method: 'POST', url: '/oauth/launch', headers, payload: JSON.stringify(body) });
  return { status: response.statusCode, body: JSON.parse(response.payload) as Record<string, unknown> };
}

test('gives a value for a patient that they see, for one app', async () => {
  const { status, body } = await open(staff, { client_id: 'app', patient: own, intent: 'reconcile' });
  expect({ status, body }).toMatchObject({ status: 201, body: { iss: fhirBase, expires_in: 300 } });
  const { store } = t.app.oauth;
  const launch = { client: 'app', user: 'Practitioner/d1', patient: own, intent: 'reconcile' };
  expect(await launchOf(store, body.launch, 'app')).toEqual(launch);
  expect(await launchOf(store, body.launch, 'other')).toBeUndefined();
});

test('refuses a patient that they do not see as one that is not there', async () => {
  const hidden = await open(staff, { client_id: 'app', patient: other });
  const missing = await open(staff, { client_id: 'app', patient: 'nobody' });
  expect(hidden).toEqual(missing);
  expect(hidden.status).toBe(400);
});

test.each<[string, object]>([
  ['an app that is not there', { client_id: 'nobody' }],
  ['what it does not know', { client_id: 'app', patinet: 'x' }],
  ['an id that is none', { client_id: 'app', patient: '../Observation' }],
  ['a client that is no text', { client_id: { toString: 1, valueOf: 1 } }],
  ['an intent that is no text', { client_id: 'app', intent: 5 }],
  ['an intent that cannot be stored', { client_id: 'app', intent: 'a\0b' }],
  ['an intent of half a character', { client_id: 'app', intent: '\ud800' }],
  ['a banner that is neither yes nor no', { client_id: 'app', need_patient_banner: 'yes' }],
])('refuses %s', async (_what, body) => {
  expect((await open(staff, body)).status).toBe(400);
});

test('takes a token that is bound to a key, with one proof', async () => {
  const keys = await newKeys('ES256');
  const { kid: _kid, use: _use, alg: _alg, ...jwk } = keys.publicJwk;
  const token = await mintToken(t.pool, {
    ...{ client: 'ehr', scope: 'user/*.rs', lifetimeMs: 60_000, user: 'Practitioner/d1', organization: 'o1' },
    boundTo: `dpop:${await calculateJwkThumbprint(jwk)}`,
  });
  const headers = {
    authorization: `DPoP ${token}`,
    dpop: await proof(keys, 'POST', 'https://tsumugi.test/oauth/launch', token),
    'content-type': 'application/json',
  };
  const payload = JSON.stringify({ client_id: 'app' });
  const answer = () => t.app.inject({ method: 'POST', url: '/oauth/launch', headers, payload });
  expect((await answer()).statusCode).toBe(201);
  expect((await answer()).statusCode).toBe(401);
});

test('is for staff', async () => {
  expect((await open(t.withToken(undefined), { client_id: 'app' })).status).toBe(401);
  expect((await open(await t.caller('user/*.rs', { user: 'Person/p1' }), { client_id: 'app' })).status).toBe(403);
  expect((await open(t.system, { client_id: 'app' })).status).toBe(403);
});
