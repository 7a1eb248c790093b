// The other side written by somebody else: OpenSSL makes the authority, the card's certificate, the list and the OCSP answers.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createPrivateKey, sign } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadAnchors } from '../../../server/login/jpki/anchors.ts';
import { createFetchStatus } from '../../../server/login/jpki/fetch-status.ts';
import { type CardAnswer, jpkiLogin } from '../../../server/login/jpki/jpki-login.ts';
import { freePort } from '../../../server/store/embedded/free-port.ts';
import { leftOut } from '../../support/left-out.ts';
import { type StatusServer, startStatusServer } from './status-server.ts';
import { heldChallenges } from './test-authority.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) leftOut('openssl: no openssl found');

describe.runIf(hasOpenssl)('a card whose certificate OpenSSL made', () => {
  let folder: string;
  let responder: ChildProcess;
  let lists: StatusServer;
  let ports: number[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'openssl-'));
    lists = await startStatusServer();
    const port = await freePort('127.0.0.1');
    ports = [port, ...lists.ports];
    await writeFile(join(folder, 'conf'), configuration(`http://127.0.0.1:${port}`, lists.crlUrl));
    await writeFile(join(folder, 'index'), '');
    await writeFile(join(folder, 'serial'), '1000');
    await writeFile(join(folder, 'list-number'), '01');
    const name = '/C=JP/O=OPENSSL TEST/OU=JPKI TEST for user authentication';
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-subj',
      name,
      '-days',
      '30',
      '-config',
      'conf',
      '-extensions',
      'authority',
    );
    for (const person of ['asked', 'listed', 'responder']) {
      openssl(
        'req',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        `${person}.key`,
        '-out',
        `${person}.csr`,
        '-subj',
        `/C=JP/CN=${person}`,
        '-config',
        'conf',
      );
      openssl(
        'ca',
        '-config',
        'conf',
        '-batch',
        '-notext',
        '-in',
        `${person}.csr`,
        '-out',
        `${person}.crt`,
        '-extensions',
        person,
      );
    }
    responder = spawn(
      'openssl',
      [
        'ocsp',
        '-port',
        String(port),
        '-index',
        'index',
        '-CA',
        'ca.pem',
        '-rsigner',
        'responder.crt',
        '-rkey',
        'responder.key',
        '-nmin',
        '5',
      ],
      { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    await new Promise((resolve) => responder.stdout?.once('data', resolve));
  }, 30_000);

  afterAll(async () => {
    responder.kill();
    await lists.close();
    await rm(folder, { recursive: true });
  });

  test('is accepted by OCSP, and refused once it is revoked', async () => {
    expect(await present('asked')).toMatchObject({ card: { kind: 'authentication', serial: '1000' } });
    revoke('asked');
    await expect.poll(() => present('asked'), { timeout: 10_000 }).toEqual({ refused: 'revoked' });
  });

  test('is accepted by a list, and refused once it is in it', async () => {
    await publish();
    expect(await present('listed')).toMatchObject({ card: { serial: '1001' } });
    revoke('listed');
    await publish();
    expect(await present('listed')).toEqual({ refused: 'revoked' });
  });

  async function present(person: string): Promise<CardAnswer> {
    const anchors = await loadAnchors(await onlyAuthority());
    const login = jpkiLogin({
      anchors,
      fetchStatus: createFetchStatus({ isRefused: () => false, ports }),
      challenges: heldChallenges(),
      baseUrl: () => 'https://tsumugi.test',
      nowMs: () => Date.now(),
    });
    if (!login) throw new Error('it is off');
    const { challenge, toSign } = await login.challenge('session', 'authentication');
    const pem = await readFile(join(folder, `${person}.crt`), 'latin1');
    const key = createPrivateKey(await readFile(join(folder, `${person}.key`)));
    return login.verify('session', {
      challenge,
      certificate: pem.replace(/-----[A-Z ]+-----|\s/g, ''),
      signature: sign('sha256', Buffer.from(toSign), key).toString('base64'),
    });
  }

  async function onlyAuthority(): Promise<string> {
    const anchors = await mkdtemp(join(folder, 'anchors-'));
    await writeFile(join(anchors, 'ca.pem'), await readFile(join(folder, 'ca.pem')));
    return anchors;
  }

  async function publish(): Promise<void> {
    openssl('ca', '-config', 'conf', '-gencrl', '-out', 'list.pem');
    openssl('crl', '-in', 'list.pem', '-outform', 'DER', '-out', 'list.der');
    const list = await readFile(join(folder, 'list.der'));
    lists.answerWith(() => list);
  }

  const revoke = (person: string) => openssl('ca', '-config', 'conf', '-revoke', `${person}.crt`);

  function openssl(...args: string[]): void {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
  }
});

const configuration = (ocspUrl: string, crlUrl: string): string => `
[req]
distinguished_name = name
[name]
[ca]
default_ca = own
[own]
database = index
new_certs_dir = .
serial = serial
crlnumber = list-number
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 20
default_crl_days = 1
policy = any
unique_subject = no
[any]
countryName = supplied
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[asked]
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
certificatePolicies = critical, 1.2.392.200149.8.5.1.3.30
authorityInfoAccess = OCSP;URI:${ocspUrl}
authorityKeyIdentifier = keyid
[listed]
keyUsage = critical, digitalSignature
certificatePolicies = critical, 1.2.392.200149.8.5.1.3.30
crlDistributionPoints = URI:${crlUrl}
[responder]
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
`;
