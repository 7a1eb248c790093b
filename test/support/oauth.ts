// Clients of the authorization server for tests: keys, signed assertions, DPoP proofs, forms.

import { createHash, randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import { createClientRegistry, type OauthClient } from '../../server/store/oauth-clients.ts';
import type { TestApp } from './app.ts';

export const issuer = 'https://tsumugi.test/oauth';
export const tokenUrl = `${issuer}/token`;
export const fhirBase = 'https://tsumugi.test/fhir';

/** What of a test's server is needed here. */
export type Served = Pick<TestApp, 'app' | 'pool'>;
export type Keys = { alg: string; privateKey: CryptoKey; publicJwk: JWK };
export type Answer = { status: number; headers: Record<string, string>; body: Record<string, unknown>; text: string };

export async function newKeys(alg = 'ES384', kid = 'k1'): Promise<Keys> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

export const nowS = (): number => Math.floor(Date.now() / 1000);

/** A client of the registry, let in unless `more` says otherwise. */
export async function addClient(t: Served, client: Partial<OauthClient> & { id: string }): Promise<OauthClient> {
  const whole: OauthClient = {
    name: { ja: '試験', en: 'Test' },
    kind: 'backend',
    status: 'active',
    redirectUris: [],
    scopes: 'system/*.cruds',
    origins: [],
    fapi: false,
    ...client,
  };
  if (!(await createClientRegistry({ pool: t.pool }).add(whole))) throw new Error(`no client ${client.id}`);
  return whole;
}

/** A client assertion as SMART wants it, with whatever a test changes. */
export function assertion(client: string, keys: Keys, claims: object = {}, header: object = {}): Promise<string> {
  const usual = { iss: client, sub: client, aud: tokenUrl, exp: nowS() + 240, iat: nowS(), jti: randomUUID() };
  return new SignJWT({ ...usual, ...claims })
    .setProtectedHeader({ alg: keys.alg, kid: 'k1', typ: 'JWT', ...header } as JWTHeaderParameters)
    .sign(keys.privateKey);
}

/** A proof of RFC 9449. */
export async function proof(
  keys: Keys,
  method: string,
  url: string,
  token?: string,
  claims: object = {},
  header: object = {},
) {
  const { kid: _kid, use: _use, alg: _alg, ...jwk } = keys.publicJwk;
  const ath = token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') };
  return new SignJWT({ htm: method, htu: url, jti: randomUUID(), iat: nowS(), ...ath, ...claims })
    .setProtectedHeader({ alg: keys.alg, typ: 'dpop+jwt', jwk, ...header } as JWTHeaderParameters)
    .sign(keys.privateKey);
}

export async function post(
  t: Served,
  path: string,
  form: Record<string, string>,
  headers: object = {},
): Promise<Answer> {
  const {
    statusCode,
    payload,
    headers: sent,
  } = await t.app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(form).toString(),
  });
  const isJson = String(sent['content-type']).includes('json');
  const body = isJson ? (JSON.parse(payload) as Record<string, unknown>) : {};
  return { status: statusCode, headers: sent as Record<string, string>, body, text: payload };
}

export const assertionForm = (text: string): Record<string, string> => ({
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: text,
});

/** The Backend Services request. */
export const askToken = (t: Served, text: string, scope = 'system/*.rs', headers: object = {}): Promise<Answer> =>
  post(t, '/oauth/token', { grant_type: 'client_credentials', scope, ...assertionForm(text) }, headers);
