// Ways to cheat with signed JWTs (RFC 8725 and the field's bug reports), on assertions of clients and on DPoP proofs: none is
// accepted. Each row changes one thing in what is accepted otherwise.

import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { forged, hmacByPublicKey, unsigned } from '../support/forged-jwt.ts';
import {
  addClient,
  askToken,
  assertion,
  fhirBase,
  issuer,
  type Keys,
  newKeys,
  nowS,
  proof,
  tokenUrl,
} from '../support/oauth.ts';

let t: TestApp;
let keys: Keys;
let evil: Keys;
let proofKeys: Keys;
beforeAll(async () => {
  t = await startApp();
  [keys, evil, proofKeys] = [await newKeys(), await newKeys(), await newKeys('ES256')];
  const rsa = await newKeys('RS384', 'rsa');
  await addClient(t, { id: 'clinic', jwks: { keys: [keys.publicJwk, rsa.publicJwk] } });
  await addClient(t, { id: 'fapi', jwks: { keys: [keys.publicJwk] }, fapi: true });
  await addClient(t, { id: 'twins', jwks: { keys: [keys.publicJwk, { ...evil.publicJwk, kid: 'k1' }] } });
  await addClient(t, { id: 'bound', jwks: { keys: [keys.publicJwk] }, binding: 'dpop' });
});
afterAll(() => t.close());

const usualHeader = { alg: 'ES384', kid: 'k1', typ: 'JWT' };
const claims = (more: object = {}) => ({
  ...{ iss: 'clinic', sub: 'clinic', aud: tokenUrl, exp: nowS() + 240, iat: nowS(), jti: randomUUID() },
  ...more,
});
const withHeader = (more: object) => () => forged({ ...usualHeader, ...more }, claims(), keys);
const withClaims = (more: object | (() => object)) => () =>
  forged(usualHeader, claims(typeof more === 'function' ? more() : more), keys);
const doubled = (text: string, member: string) => text.replace('{', `{${member},`);

const assertionAttacks: [string, () => Promise<string> | string][] = [
  ['alg none', () => unsigned({ ...usualHeader, alg: 'none' }, claims())],
  ['alg NoNe', () => unsigned({ ...usualHeader, alg: 'NoNe' }, claims())],
  ['alg none with a signature', () => unsigned({ ...usualHeader, alg: 'none' }, claims(), 'AAAA')],
  ['an empty signature', () => unsigned(usualHeader, claims())],
  ['a signature of zeros', () => unsigned(usualHeader, claims(), Buffer.alloc(96).toString('base64url'))],
  ['HS384 by the public JWK', () => hmacByPublicKey({ ...usualHeader, alg: 'HS384' }, claims(), keys.publicJwk, 'jwk')],
  ['HS384 by the public PEM', () => hmacByPublicKey({ ...usualHeader, alg: 'HS384' }, claims(), keys.publicJwk, 'pem')],
  ['another algorithm named than signed with', withHeader({ alg: 'RS384' })],
  ['the RSA key named for an EC signature', withHeader({ kid: 'rsa' })],
  ['an algorithm that is not offered', withHeader({ alg: 'ES256' })],
  ['alg as a list', withHeader({ alg: ['ES384'] })],
  ['no alg', withHeader({ alg: undefined })],
  ['a stranger’s key', () => forged(usualHeader, claims(), evil)],
  ['a stranger’s key, embedded', () => forged({ ...usualHeader, jwk: evil.publicJwk }, claims(), evil)],
  ['a stranger’s key set at jku', () => forged({ ...usualHeader, jku: 'https://evil.example/jwks' }, claims(), evil)],
  ['a foreign jku with the right key', withHeader({ jku: 'https://evil.example/jwks' })],
  ['x5u', withHeader({ x5u: 'https://evil.example/cert.pem' })],
  ['x5c', withHeader({ x5c: ['MIIB'] })],
  ['the own key, embedded', withHeader({ jwk: {} })],
  ['crit', withHeader({ crit: ['exp'] })],
  ['b64 false', withHeader({ b64: false, crit: ['b64'] })],
  ['b64 false without crit', withHeader({ b64: false })],
  ['zip', withHeader({ zip: 'DEF' })],
  ['cty JWT', withHeader({ cty: 'JWT' })],
  ['no kid', withHeader({ kid: undefined })],
  ['kid as a path', withHeader({ kid: '../../../../dev/null' })],
  ['kid as SQL', withHeader({ kid: "k1' or '1'='1" })],
  ['kid as a list', withHeader({ kid: ['k1'] })],
  ['no typ', withHeader({ typ: undefined })],
  ['typ of an access token', withHeader({ typ: 'at+jwt' })],
  ['typ of a proof', withHeader({ typ: 'dpop+jwt' })],
  ['a doubled alg', () => forged(doubled(JSON.stringify(usualHeader), '"alg":"none"'), claims(), keys)],
  ['a doubled claim', () => forged(usualHeader, doubled(JSON.stringify(claims()), '"sub":"other"'), keys)],
  [
    'a claim doubled by an escape',
    () => forged(usualHeader, doubled(JSON.stringify(claims()), '"s\\u0075b":"x"'), keys),
  ],
  ['sub of another', withClaims({ sub: 'fapi' })],
  ['iss of another', withClaims({ iss: 'fapi' })],
  ['both of another without its aud', withClaims({ iss: 'fapi', sub: 'fapi' })],
  ['aud of the FHIR base', withClaims({ aud: fhirBase })],
  ['aud of another server', withClaims({ aud: 'https://other.example/oauth/token' })],
  ['aud that begins alike', withClaims({ aud: `${tokenUrl}/x` })],
  ['aud as an object', withClaims({ aud: { 0: tokenUrl } })],
  ['aud of strangers only', withClaims({ aud: ['https://x', 'https://y'] })],
  ['no aud', withClaims({ aud: undefined })],
  ['no exp', withClaims({ exp: undefined })],
  ['exp as text', withClaims(() => ({ exp: String(nowS() + 240) }))],
  ['exp in the past', withClaims(() => ({ exp: nowS() - 1 }))],
  ['exp after six minutes', withClaims(() => ({ exp: nowS() + 360 }))],
  ['exp without end', withClaims({ exp: 1e300 })],
  ['iat in the future', withClaims(() => ({ iat: nowS() + 120 }))],
  ['iat as text', withClaims({ iat: 'now' })],
  ['nbf in the future', withClaims(() => ({ nbf: nowS() + 120 }))],
  ['no jti', withClaims({ jti: undefined })],
  ['jti as an object', withClaims({ jti: {} })],
  ['a huge jti', withClaims({ jti: 'x'.repeat(300) })],
  ['a huge payload', withClaims({ more: 'x'.repeat(20_000) })],
  ['a payload that is a list', () => forged(usualHeader, '[]', keys)],
  ['a payload that is no JSON', () => forged(usualHeader, 'iss=clinic', keys)],
  ['a byte-order mark', () => forged(`\uFEFF${JSON.stringify(usualHeader)}`, claims(), keys)],
  ['padding', async () => (await assertion('clinic', keys)).replaceAll('.', '=.')],
  ['four parts', async () => `${await assertion('clinic', keys)}.x`],
  ['two parts', async () => (await assertion('clinic', keys)).split('.').slice(0, 2).join('.')],
  [
    'a changed payload',
    async () =>
      (await assertion('clinic', keys)).replace(
        /\.[^.]*\./,
        `.${Buffer.from(JSON.stringify(claims())).toString('base64url')}.`,
      ),
  ],
];

describe('a client assertion', () => {
  test('is accepted as it should be', async () => {
    expect((await askToken(t, await forged(usualHeader, claims(), keys))).status).toBe(200);
    expect((await askToken(t, await assertion('clinic', keys, { aud: [tokenUrl, 'https://x'] }))).status).toBe(200);
    expect((await askToken(t, await assertion('fapi', keys, { aud: issuer }))).status).toBe(200);
  });

  test.each(assertionAttacks)('is refused with %s', async (_what, make) => {
    const { status, body } = await askToken(t, await make());
    expect([400, 401], String(status)).toContain(status);
    expect(['invalid_client', 'invalid_request']).toContain(body.error);
    expect(body).not.toHaveProperty('access_token');
  });

  test('is refused by a client of FAPI unless it names the issuer', async () => {
    expect((await askToken(t, await assertion('fapi', keys, { aud: tokenUrl }))).status).toBe(401);
  });

  test('is refused where two keys fit', async () => {
    expect((await askToken(t, await assertion('twins', keys))).status).toBe(401);
  });

  test('made for another server is refused, whatever the Host header says', async () => {
    const text = await assertion('clinic', keys, { aud: 'https://other.example/oauth/token' });
    const headers = { host: 'other.example', 'x-forwarded-host': 'other.example', forwarded: 'host=other.example' };
    expect((await askToken(t, text, 'system/*.rs', headers)).status).toBe(401);
  });

  test('is good once', async () => {
    const text = await assertion('clinic', keys);
    expect((await askToken(t, text)).status).toBe(200);
    expect(await askToken(t, text)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  test('does not come with a secret, and not twice', async () => {
    const basic = { authorization: `Basic ${Buffer.from('clinic:secret').toString('base64')}` };
    expect((await askToken(t, await assertion('clinic', keys), 'system/*.rs', basic)).status).toBe(400);
    const { statusCode } = await t.app.inject({
      ...{ method: 'POST', url: '/oauth/token', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      payload: 'grant_type=client_credentials&scope=system/*.rs&client_id=clinic',
    });
    expect(statusCode).toBe(401);
  });
});

const url = `${fhirBase}/Patient`;
const proofHeader = () => {
  const { kid: _kid, use: _use, alg: _alg, ...jwk } = proofKeys.publicJwk;
  return { alg: 'ES256', typ: 'dpop+jwt', jwk };
};
type Target = { htm: string; htu: string; ath?: string };
const proofClaims = (target: Target) => ({ ...target, iat: nowS(), jti: randomUUID() });
const changedHeader = (more: object) => (target: Target) =>
  forged({ ...proofHeader(), ...more }, proofClaims(target), proofKeys);
const changedClaims = (more: object | (() => object)) => (target: Target) =>
  forged(proofHeader(), { ...proofClaims(target), ...(typeof more === 'function' ? more() : more) }, proofKeys);

const proofAttacks: [string, (target: Target) => Promise<string> | string][] = [
  ['alg none', (target) => unsigned({ ...proofHeader(), alg: 'none' }, proofClaims(target))],
  ['an empty signature', (target) => unsigned(proofHeader(), proofClaims(target))],
  [
    'HS256 by the public key',
    (target) => hmacByPublicKey({ ...proofHeader(), alg: 'HS256' }, proofClaims(target), proofKeys.publicJwk, 'jwk'),
  ],
  ['a symmetric key', changedHeader({ alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } })],
  ['another algorithm', changedHeader({ alg: 'ES384' })],
  ['a key that did not sign', (target) => forged(proofHeader(), proofClaims(target), { ...evil, alg: 'ES384' })],
  ['no key', changedHeader({ jwk: undefined })],
  [
    'a private key',
    async (target) => {
      const { exportJWK } = await import('jose');
      return forged({ ...proofHeader(), jwk: await exportJWK(proofKeys.privateKey) }, proofClaims(target), proofKeys);
    },
  ],
  ['kid instead', changedHeader({ jwk: undefined, kid: 'k1' })],
  ['jku', changedHeader({ jku: 'https://evil.example/jwks' })],
  ['x5u', changedHeader({ x5u: 'https://evil.example/x' })],
  ['crit', changedHeader({ crit: ['jti'] })],
  ['b64 false', changedHeader({ b64: false, crit: ['b64'] })],
  ['typ JWT', changedHeader({ typ: 'JWT' })],
  ['no typ', changedHeader({ typ: undefined })],
  ['another method', changedClaims({ htm: 'DELETE' })],
  ['a method in small letters', (target) => changedClaims({ htm: target.htm.toLowerCase() })(target)],
  ['another address', changedClaims({ htu: 'https://evil.example/' })],
  ['another path', (target) => changedClaims({ htu: `${target.htu}/1` })(target)],
  ['no address', changedClaims({ htu: undefined })],
  ['an old iat', changedClaims(() => ({ iat: nowS() - 400 }))],
  ['a future iat', changedClaims(() => ({ iat: nowS() + 400 }))],
  ['iat as text', changedClaims({ iat: 'now' })],
  ['no iat', changedClaims({ iat: undefined })],
  ['no jti', changedClaims({ jti: undefined })],
  ['jti as a number', changedClaims({ jti: 1 })],
  [
    'a doubled claim',
    (target) => forged(proofHeader(), doubled(JSON.stringify(proofClaims(target)), '"htm":"GET"'), proofKeys),
  ],
  ['a nonce that is not ours', changedClaims({ nonce: 'made-up' })],
  ['a huge jti', changedClaims({ jti: 'x'.repeat(9_000) })],
];

describe('a proof at the token endpoint', () => {
  const target = { htm: 'POST', htu: tokenUrl };
  const ask = async (text: string) => askToken(t, await assertion('bound', keys), 'system/*.rs', { dpop: text });

  test('binds the token to its key', async () => {
    const { status, body } = await ask(await forged(proofHeader(), proofClaims(target), proofKeys));
    expect({ status, body }).toMatchObject({ status: 200, body: { token_type: 'DPoP' } });
  });

  test.each(proofAttacks)('is refused with %s', async (_what, make) => {
    const { status, body } = await ask(await make(target));
    expect(status).toBe(400);
    expect(body).not.toHaveProperty('access_token');
  });

  test('is good once, and cannot be left out by a client that is bound', async () => {
    const text = await forged(proofHeader(), proofClaims(target), proofKeys);
    expect((await ask(text)).status).toBe(200);
    expect((await ask(text)).status).toBe(400);
    expect((await askToken(t, await assertion('bound', keys))).status).toBe(400);
  });
});

describe('a proof with a call', () => {
  let token: string;
  beforeAll(async () => {
    const dpop = await proof(proofKeys, 'POST', tokenUrl);
    token = String((await askToken(t, await assertion('bound', keys), 'system/*.rs', { dpop })).body.access_token);
  });
  const call = async (dpop: string | undefined, scheme = 'DPoP') => {
    const headers = { authorization: `${scheme} ${token}`, ...(dpop === undefined ? {} : { dpop }) };
    const { statusCode, headers: told } = await t.app.inject({ url: '/fhir/Patient?_count=1', headers });
    return { status: statusCode, challenge: String(told['www-authenticate'] ?? '') };
  };
  const ath = () => createHash('sha256').update(token).digest('base64url');

  test('opens what the token gives, once', async () => {
    const text = await proof(proofKeys, 'GET', url, token);
    expect((await call(text)).status).toBe(200);
    expect(await call(text)).toMatchObject({ status: 401, challenge: expect.stringMatching(/^DPoP .*invalid_token/) });
  });

  test('is not asked for by whoever holds the token only', async () => {
    expect((await call(undefined)).status).toBe(401);
    expect((await call(undefined, 'Bearer')).status).toBe(401);
    expect((await call(await proof(proofKeys, 'GET', url, token), 'Bearer')).status).toBe(401);
  });

  test.each([
    ['another key', async () => proof(await newKeys('ES256'), 'GET', url, token)],
    ['another token', () => proof(proofKeys, 'GET', url, 'other')],
    ['no token', () => proof(proofKeys, 'GET', url)],
  ])('is refused with %s', async (_what, make) => {
    expect((await call(await make())).status).toBe(401);
  });

  test.each(proofAttacks.filter(([what]) => !what.includes('nonce')))('is refused with %s', async (_what, make) => {
    expect((await call(await make({ htm: 'GET', htu: url, ath: ath() }))).status).toBe(401);
  });

  test('does not make a token better that is not bound', async () => {
    const { token: free } = await t.caller('system/*.rs');
    const dpop = await proof(proofKeys, 'GET', url, free);
    const headers = { authorization: `DPoP ${free}`, dpop };
    expect((await t.app.inject({ url: '/fhir/Patient', headers })).statusCode).toBe(401);
  });
});
