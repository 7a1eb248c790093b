// How a connector logs in by itself: SMART Backend Services with a signed assertion (private_key_jwt), and a new access token
// whenever the old one is about to end or is no longer accepted. https://hl7.org/fhir/smart-app-launch/backend-services.html

import { randomUUID } from 'node:crypto';
import { importJWK, type JWK, SignJWT } from 'jose';
import { isObject } from '../server/fhir/json.ts';
import { createDeliverAll, type DeliverAll, DeliveryFailed, notReached } from './deliver.ts';

/** A client that the server has let in, with its private key. */
export type Credentials = { clientId: string; key: JWK; scope: string };

/** The file is not what `tsumugi connector key` writes. The message is for people and names no content. */
export class CredentialsError extends Error {
  readonly isForPeople = true;
}

/** Reads the JSON that `tsumugi connector key` writes. Throws CredentialsError. */
export function readCredentials(text: string): Credentials {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw new CredentialsError('the credentials are not JSON');
  }
  if (!isObject(read) || typeof read.client_id !== 'string' || !isObject(read.key))
    throw new CredentialsError('the credentials need client_id and key');
  const { client_id: clientId, key, scope = usualScope } = read;
  if (typeof key.kty !== 'string' || typeof key.d !== 'string' || typeof key.alg !== 'string')
    throw new CredentialsError('the key in the credentials is no private JWK with an alg');
  if (typeof scope !== 'string') throw new CredentialsError('the scope in the credentials is no text');
  return { clientId, key: key as JWK, scope };
}

/** What handing in needs: to create, to correct, and to search for what is there already. */
export const usualScope = 'system/*.crus';

/** As `createDeliverAll`, with tokens of these credentials. */
export function createDeliverAllAs(options: {
  fhirBase: string;
  credentials: Credentials;
  timeoutMs?: number;
}): DeliverAll {
  const { credentials, ...rest } = options;
  let current: { deliverAll: DeliverAll; untilMs: number } | undefined;
  let login: Promise<{ deliverAll: DeliverAll; untilMs: number }> | undefined;

  const loggedIn = async () => {
    if (current && Date.now() < current.untilMs) return current;
    // Several batches at once need one token.
    login ??= logIn(rest, credentials)
      .then(({ token, lifetimeMs }) => ({
        deliverAll: createDeliverAll({ ...rest, token }),
        untilMs: Date.now() + lifetimeMs * 0.8,
      }))
      .finally(() => {
        login = undefined;
      });
    current = await login;
    return current;
  };

  return async (deliveries) => {
    const used = await loggedIn();
    try {
      return await used.deliverAll(deliveries);
    } catch (error) {
      if (!(error instanceof DeliveryFailed) || error.status !== 401) throw error;
      // It was revoked, or the server has another key now.
      if (current === used) current = undefined;
      return (await loggedIn()).deliverAll(deliveries);
    }
  };
}

const assertionLifetimeS = 240;

async function logIn({ fhirBase, timeoutMs = 30_000 }: { fhirBase: string; timeoutMs?: number }, of: Credentials) {
  const tokenUrl = await tokenEndpoint(fhirBase, timeoutMs);
  const form = {
    grant_type: 'client_credentials',
    scope: of.scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertion(of, tokenUrl),
  };
  const { status, body } = await ask(tokenUrl, timeoutMs, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token: token, expires_in: lifetimeS } = body;
  if (status === 200 && typeof token === 'string')
    return { token, lifetimeMs: 1000 * (typeof lifetimeS === 'number' ? lifetimeS : 300) };
  const error = typeof body.error === 'string' ? ` ${body.error}` : '';
  throw new DeliveryFailed(`The server does not let the client log in (HTTP ${status}${error}).`, 401);
}

async function assertion({ clientId, key }: Credentials, tokenUrl: string): Promise<string> {
  const { alg = '', kid } = key;
  return new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg, typ: 'JWT', ...(kid !== undefined && { kid }) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(tokenUrl)
    .setIssuedAt()
    .setExpirationTime(`${assertionLifetimeS}s`)
    .sign(await importJWK(key, alg));
}

async function tokenEndpoint(fhirBase: string, timeoutMs: number): Promise<string> {
  const { status, body } = await ask(`${fhirBase}/.well-known/smart-configuration`, timeoutMs, {});
  if (status === 200 && typeof body.token_endpoint === 'string') return body.token_endpoint;
  throw new DeliveryFailed(`The server does not say where to log in (HTTP ${status}).`, status === 200 ? 404 : status);
}

async function ask(url: string, timeoutMs: number, init: RequestInit) {
  try {
    // A token is for nobody but the address that was named.
    const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs), ...init });
    const body: unknown = await answer.json().catch(() => undefined);
    return { status: answer.status, body: isObject(body) ? body : {} };
  } catch (error) {
    throw notReached(error);
  }
}
