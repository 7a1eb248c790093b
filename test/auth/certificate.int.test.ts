// Tokens that are bound to a client certificate (RFC 8705): good with that certificate, and only from where it is believed.

import forge from 'node-forge';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { addClient, askToken, assertion, type Keys, newKeys } from '../support/oauth.ts';

const header = 'x-client-certificate';
let t: TestApp;
let keys: Keys;
let own: string;
let other: string;
beforeAll(async () => {
  t = await startApp({ certificateHeader: 'X-Client-Certificate' });
  keys = await newKeys();
  [own, other] = [certificate('clinic'), certificate('other')];
  await addClient(t, { id: 'clinic', jwks: { keys: [keys.publicJwk] }, binding: 'mtls' });
});
afterAll(() => t.close());

const ask = async (certificateText?: string) =>
  askToken(
    t,
    await assertion('clinic', keys),
    'system/*.rs',
    certificateText === undefined ? {} : { [header]: certificateText },
  );
const call = async (token: string, certificateText?: string) => {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(certificateText === undefined ? {} : { [header]: certificateText }),
  };
  return (await t.app.inject({ url: '/fhir/Patient?_count=1', headers })).statusCode;
};

describe('a token of a client that is bound by certificate', () => {
  test('is not issued without one', async () => {
    expect((await ask()).status).toBe(400);
    expect((await ask('not a certificate')).status).toBe(400);
  });

  test.each([
    ['percent-encoded PEM', () => own],
    ['base64 of DER, as RFC 9440 has it', () => `:${decodeURIComponent(own).replace(/-----[A-Z ]+-----|\s/g, '')}:`],
  ])('is good with its certificate alone, sent as %s', async (_what, form) => {
    const { status, body } = await ask(form());
    expect(status).toBe(200);
    const token = String(body.access_token);
    expect(await call(token, form())).toBe(200);
    expect(await call(token)).toBe(401);
    expect(await call(token, other)).toBe(401);
    expect(await call(token, 'nonsense')).toBe(401);
  });
});

test('the header is not believed where the settings do not name it', async () => {
  const plain = await startApp();
  try {
    await addClient(plain, { id: 'clinic', jwks: { keys: [keys.publicJwk] }, binding: 'mtls' });
    expect((await askToken(plain, await assertion('clinic', keys), 'system/*.rs', { [header]: own })).status).toBe(400);
  } finally {
    await plain.close();
  }
});

function certificate(commonName: string): string {
  const { privateKey, publicKey } = forge.pki.rsa.generateKeyPair(2048);
  const made = forge.pki.createCertificate();
  Object.assign(made, { publicKey, serialNumber: '01' });
  made.validity.notAfter = new Date(Date.now() + 3_600_000);
  made.setSubject([{ name: 'commonName', value: commonName }]);
  made.setIssuer([{ name: 'commonName', value: commonName }]);
  made.sign(privateKey, forge.md.sha256.create());
  return encodeURIComponent(forge.pki.certificateToPem(made));
}
