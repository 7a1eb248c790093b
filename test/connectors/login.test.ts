// A connector's own login: SMART Backend Services, its token until it ends, another when it is no longer accepted.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../connectors/deliver.ts';
import { createDeliverAllAs, readCredentials } from '../../connectors/login.ts';

let server: Server;
let base: string;
let keys: { own: JWK; publicKey: CryptoKey };
/** Forms that came to the token endpoint, and tokens that came with deliveries. */
let forms: URLSearchParams[];
let tokens: string[];
let lifetimeS: number;
let accepts: (token: string) => boolean;
let tokenStatus: number;

beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
  keys = { own: { ...(await exportJWK(privateKey)), alg: 'ES384', kid: 'k1' }, publicKey };
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const answer = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
    if (request.url === '/fhir/.well-known/smart-configuration')
      return answer(200, { token_endpoint: `${base}/oauth/token` });
    if (request.url === '/oauth/token') {
      forms.push(new URLSearchParams(Buffer.concat(chunks).toString()));
      if (tokenStatus !== 200) return answer(tokenStatus, { error: 'invalid_client' });
      return answer(200, { access_token: `T${forms.length}`, expires_in: lifetimeS, token_type: 'bearer' });
    }
    const token = String(request.headers.authorization).slice('Bearer '.length);
    tokens.push(token);
    if (!accepts(token)) return answer(401, { resourceType: 'OperationOutcome' });
    const part = [
      { name: 'delivery', valueString: 'D-1' },
      { name: 'fate', valueCode: 'stored' },
    ];
    return answer(200, { resourceType: 'Parameters', parameter: [{ name: 'delivery', part }] });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  [forms, tokens, lifetimeS, accepts, tokenStatus] = [[], [], 300, () => true, 200];
});

const delivery: Delivery = {
  patient: undefined,
  original: Buffer.from('original'),
  contentType: 'text/plain',
  record: undefined,
  problem: 'why',
};
const connector = () =>
  createDeliverAllAs({
    fhirBase: `${base}/fhir`,
    credentials: { clientId: 'clinic', key: keys.own, scope: 'system/*.crus' },
  });

describe('createDeliverAllAs', () => {
  it('logs in once for many deliveries, with an assertion that its key has signed', async () => {
    const deliverAll = connector();
    await Promise.all([deliverAll([delivery]), deliverAll([delivery])]);
    await deliverAll([delivery]);
    expect(tokens).toEqual(['T1', 'T1', 'T1']);
    expect(forms).toHaveLength(1);
    expect(Object.fromEntries(forms[0] ?? [])).toMatchObject({
      grant_type: 'client_credentials',
      scope: 'system/*.crus',
    });
    const { payload, protectedHeader } = await jwtVerify(forms[0]?.get('client_assertion') ?? '', keys.publicKey, {
      ...{ issuer: 'clinic', subject: 'clinic', audience: `${base}/oauth/token` },
      requiredClaims: ['exp', 'iat', 'jti'],
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(300);
    expect(protectedHeader).toMatchObject({ alg: 'ES384', kid: 'k1', typ: 'JWT' });
  });

  it('logs in again before the token ends', async () => {
    lifetimeS = 0;
    const deliverAll = connector();
    await deliverAll([delivery]);
    await deliverAll([delivery]);
    expect(tokens).toEqual(['T1', 'T2']);
  });

  it('logs in again when the token is no longer accepted, once', async () => {
    const deliverAll = connector();
    await deliverAll([delivery]);
    accepts = (token) => token !== 'T1';
    expect(await deliverAll([delivery])).toEqual([{ delivery: 'D-1', fate: 'stored' }]);
    accepts = () => false;
    await expect(deliverAll([delivery])).rejects.toMatchObject({ name: 'DeliveryFailed', status: 401 });
    expect(tokens).toEqual(['T1', 'T1', 'T2', 'T2', 'T3']);
  });

  it('says that the server does not let it in, and tries anew with the next delivery', async () => {
    const deliverAll = connector();
    tokenStatus = 401;
    await expect(deliverAll([delivery])).rejects.toThrow('does not let the client log in (HTTP 401 invalid_client)');
    tokenStatus = 200;
    expect(await deliverAll([delivery])).toHaveLength(1);
  });

  it('tells a server that is away from one that refuses', async () => {
    const credentials = { clientId: 'clinic', key: keys.own, scope: 'system/*.crus' };
    const deliverAll = createDeliverAllAs({ fhirBase: 'http://127.0.0.1:1/fhir', credentials });
    await expect(deliverAll([delivery])).rejects.toMatchObject({ name: 'DeliveryFailed', status: undefined });
  });
});

describe('readCredentials', () => {
  it('reads a client with its private key', () => {
    const text = JSON.stringify({ client_id: 'clinic', key: keys.own });
    expect(readCredentials(text)).toEqual({ clientId: 'clinic', key: keys.own, scope: 'system/*.crus' });
  });

  it.each([
    ['no JSON', 'x', 'not JSON'],
    ['no client', '{"key":{}}', 'client_id and key'],
    ['a public key', '{"client_id":"a","key":{"kty":"EC","alg":"ES384"}}', 'no private JWK'],
    ['a shared secret', '{"client_id":"a","client_secret":"himitsu"}', 'client_id and key'],
  ])('refuses %s', (_, text, why) => expect(() => readCredentials(text)).toThrow(why));
});
