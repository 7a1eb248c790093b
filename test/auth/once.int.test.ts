// What is good once is used once, by however many at the same time: 50 at a time, over and over. oidc-provider by itself reads,
// then writes.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Consent, Pending } from '../../server/auth/interaction.ts';
import { createOidcStore } from '../../server/store/oidc.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { authorizeUrl, Browser, exchange, goThrough, redirectUri, refresh } from '../support/app-login.ts';
import { type Answer, addClient, askToken, assertion, type Keys, newKeys, proof, tokenUrl } from '../support/oauth.ts';

const atOnce = 50;
let t: TestApp;
let keys: Keys;
beforeAll(async () => {
  t = await startApp();
  keys = await newKeys();
  await addClient(t, { id: 'service', jwks: { keys: [keys.publicJwk] } });
  await addClient(t, {
    id: 'app',
    kind: 'family-app',
    redirectUris: [redirectUri],
    scopes: 'offline_access patient/*.rs',
  });
});
afterAll(() => t.close());

const times = (ask: () => Promise<Answer>): Promise<Answer[]> => Promise.all(Array.from({ length: atOnce }, ask));
const won = (answers: Answer[]): number => answers.filter(({ status }) => status === 200).length;
const consent = ({ scopes }: Pending): Consent => ({ scopes, patient: 'p1', user: 'Person/p1', fhirUser: 'Person/p1' });
const grant = async () => {
  const { url, verifier } = authorizeUrl('app', 'offline_access patient/Observation.rs');
  const back = await goThrough(new Browser(t), url, { consent });
  return { code: back.searchParams.get('code') ?? '', verifier };
};

describe.each([1, 2, 3])('round %i', () => {
  test('one assertion', async () => {
    const text = await assertion('service', keys);
    const answers = await times(() => askToken(t, text));
    expect(won(answers)).toBe(1);
    for (const { status, body } of answers) if (status !== 200) expect(body.error).toBe('invalid_client');
  });

  test('one code', async () => {
    const { code, verifier } = await grant();
    const answers = await times(() => exchange(t, 'app', code, verifier));
    expect(won(answers)).toBe(1);
    for (const { status, body } of answers) if (status !== 200) expect(body.error).toBe('invalid_grant');
  });

  test('one refresh token; what the first use gave ends, where another came after it', async () => {
    const { code, verifier } = await grant();
    const { body } = await exchange(t, 'app', code, verifier);
    const answers = await times(() => refresh(t, 'app', String(body.refresh_token)));
    expect(won(answers)).toBe(1);
    expect((await refresh(t, 'app', String(body.refresh_token))).status).toBe(400);
    const token = answers.find(({ status }) => status === 200)?.body.access_token;
    await expect.poll(async () => (await t.withToken(String(token)).get('Observation')).status).toBe(401);
  });

  test('one proof', async () => {
    const dpop = await proof(await newKeys('ES256'), 'POST', tokenUrl);
    const texts = await Promise.all(Array.from({ length: atOnce }, () => assertion('service', keys)));
    const answers = await times(() => askToken(t, texts.pop() ?? '', 'system/*.rs', { dpop }));
    expect(won(answers)).toBe(1);
  });
});

// The decision itself, without the JWT work around it.
test('100 rounds of each, in the store', async () => {
  const store = createOidcStore({ pool: t.pool });
  const winners: number[] = [];
  for (let round = 0; round < 100; round++) {
    const id = `round-${round}`;
    await store.put('AuthorizationCode', id, { kind: 'AuthorizationCode' }, 60);
    const uses = Array.from({ length: atOnce }, () => store.consume('AuthorizationCode', id));
    const ids = Array.from({ length: atOnce }, () => store.putOnce('ReplayDetection', id, {}, 60));
    winners.push((await Promise.all(uses)).filter(Boolean).length, (await Promise.all(ids)).filter(Boolean).length);
  }
  expect(new Set(winners)).toEqual(new Set([1]));
});

test('a client that nobody let in for 30 days is swept, and no other', async () => {
  const store = createOidcStore({ pool: t.pool });
  await t.pool.query(
    `insert into oauth_client (id, name_ja, name_en, kind, scopes, status, created)
     select status || days, 'x', 'x', 'family-app', 'openid', status, now() - days * interval '1 day'
     from unnest(array['pending', 'active', 'suspended']) status, unnest(array[29, 31]) days`,
  );
  await store.sweep();
  const { rows } = await t.pool.query("select id from oauth_client where name_en = 'x' order by id");
  expect(rows.map(({ id }) => id)).toEqual(['active29', 'active31', 'pending29', 'suspended29', 'suspended31']);
});

test('what has expired is swept, and nothing else', async () => {
  const store = createOidcStore({ pool: t.pool });
  await store.put('Session', 'old', { uid: 'u1' }, -1);
  await store.put('Session', 'young', { uid: 'u2' }, 60);
  const { body } = await askToken(t, await assertion('service', keys));
  while ((await store.sweep()) > 0);
  expect(await store.find('Session', 'old')).toBeUndefined();
  expect(await store.find('Session', 'young')).toMatchObject({ uid: 'u2', jti: 'young' });
  expect((await t.withToken(String(body.access_token)).get('Patient?_count=1')).status).toBe(200);
  const { rows } = await t.pool.query('select count(*)::int as count from oidc_payload where expires < now()');
  expect(rows[0].count).toBe(0);
});
