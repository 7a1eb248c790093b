// Calls to addresses that others have named: none leads inside, none takes long, none brings much.

import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import forge from 'node-forge';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkedUrl, createGuardedFetch } from '../../server/outgoing/guarded-fetch.ts';
import { isSpecialUse } from '../../server/outgoing/special-use.ts';

test.each([
  ['https://keys.example.org/jwks.json', true],
  ['http://keys.example.org/jwks.json', false],
  ['ftp://keys.example.org/jwks.json', false],
  ['https://someone:secret@keys.example.org/jwks.json', false],
  ['https://127.0.0.1/jwks.json', false],
  ['https://2130706433/jwks.json', false],
  ['https://0x7f.1/jwks.json', false],
  ['https://[::ffff:10.0.0.1]/jwks.json', false],
  ['https://localhost/jwks.json', false],
  ['not an address', false],
])('%s is called: %s', (url, isCalled) => {
  if (isCalled) expect(checkedUrl(url).href).toBe(url);
  else expect(() => checkedUrl(url)).toThrow();
});

test.each([
  ['8.8.8.8', false],
  ['1.1.1.1', false],
  ['2001:4860:4860::8888', false],
  ['2606:4700::1111', false],
  ['0.0.0.0', true],
  ['10.1.2.3', true],
  ['100.64.0.1', true],
  ['127.0.0.53', true],
  ['169.254.169.254', true],
  ['172.31.255.255', true],
  ['172.32.0.1', false],
  ['192.168.0.1', true],
  ['198.19.255.255', true],
  ['224.0.0.1', true],
  ['255.255.255.255', true],
  ['::', true],
  ['::1', true],
  ['::ffff:8.8.8.8', true],
  ['::127.0.0.1', true],
  ['64:ff9b::8.8.8.8', true],
  ['fc00::1', true],
  ['fe80::1', true],
  ['ff02::1', true],
  ['2001:db8::1', true],
  ['2002:7f00:1::', true],
  ['not an address', true],
])('%s is of special use: %s', (address, wanted) => {
  expect(isSpecialUse(address)).toBe(wanted);
});

describe('a call', () => {
  let server: Server;
  let base: string;
  let ca: string;
  let reached = 0;
  beforeAll(async () => {
    const { key, cert } = selfSigned();
    ca = cert;
    server = createServer({ key, cert }, (request, response) => {
      reached += 1;
      if (request.url === '/big') return void response.end(Buffer.alloc(100_000));
      if (request.url === '/slow') return void response.write('x');
      if (request.url === '/away') return void response.writeHead(302, { location: 'https://127.0.0.1/' }).end();
      response.setHeader('cache-control', 'max-age=7').end('{"keys":[]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `https://localhost:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const ports = () => [(server.address() as AddressInfo).port];
  const open = () => createGuardedFetch({ ports: ports(), ca, timeoutMs: 500, isRefused: () => false });

  test('brings status, headers and body', async () => {
    const { status, headers, body } = await open()(`${base}/keys`);
    expect([status, headers.get('cache-control'), body.toString()]).toEqual([200, 'max-age=7', '{"keys":[]}']);
  });

  test.each([
    ['/big', 'longer than'],
    ['/slow', 'aborted'],
    ['/away', 'redirect'],
  ])('of %s fails: %s', async (path, why) => {
    await expect(open()(`${base}${path}`)).rejects.toThrow(why);
  });

  test('does not connect where the name leads inside', async () => {
    const before = reached;
    // The name passes; what it resolves to is refused when the connection is about to be made.
    const isRefused = (address: string) => isSpecialUse(address);
    const guarded = createGuardedFetch({ ports: ports(), ca, isRefused });
    await expect(guarded(`${base}/keys`)).rejects.toThrow('not out in the world');
    await expect(createGuardedFetch({ ports: ports(), ca })(`https://127.0.0.1:${ports()[0]}/`)).rejects.toThrow();
    expect(reached).toBe(before);
  });

  test('fails with a certificate that nobody vouches for', async () => {
    const trusting = createGuardedFetch({ ports: ports(), isRefused: () => false });
    await expect(trusting(`${base}/keys`)).rejects.toThrow(/self-signed/);
  });
});

function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = forge.pki.rsa.generateKeyPair(2048);
  const cert = forge.pki.createCertificate();
  const name = [{ name: 'commonName', value: 'localhost' }];
  Object.assign(cert, { publicKey, serialNumber: '01' });
  cert.validity.notBefore = new Date(Date.now() - 60_000);
  cert.validity.notAfter = new Date(Date.now() + 3_600_000);
  cert.setSubject(name);
  cert.setIssuer(name);
  cert.setExtensions([
    { name: 'basicConstraints', cA: true },
    { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
  ]);
  cert.sign(privateKey, forge.md.sha256.create());
  return { key: forge.pki.privateKeyToPem(privateKey), cert: forge.pki.certificateToPem(cert) };
}
