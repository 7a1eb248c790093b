// MLLP over TLS: the listener's certificate, and senders that have to show one of their own.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DeliverAll } from '../../../connectors/deliver.ts';
import { type MllpListener, type MllpTls, startMllpListener } from '../../../connectors/mllp/listener.ts';
import { sendMllp } from '../../../connectors/mllp/send.ts';
import { readTls } from '../../../connectors/mllp/tls-files.ts';
import { mllpSend } from '../../../server/cli/mllp-send.ts';
import { certificateFor, type Signed } from '../../support/certificates.ts';
import { jis, vaccination } from '../../support/samples/hl7v2.ts';

const host = '127.0.0.1';
const message = jis(vaccination());
const stored: DeliverAll = async (all) => all.map(() => ({ delivery: 'D-1', fate: 'stored' }));
let listener: MllpListener | undefined;
let folder: string;
let authority: Signed;
let own: Signed;
let hospital: Signed;
let stranger: Signed;

beforeAll(async () => {
  authority = certificateFor('Test Authority');
  own = certificateFor('Test Listener', authority);
  hospital = certificateFor('Test Hospital', authority);
  stranger = certificateFor('Test Stranger');
  folder = await mkdtemp(join(tmpdir(), 'tsumugi-tls-'));
  for (const [name, { certificate, key }] of Object.entries({ authority, own, hospital })) {
    await writeFile(join(folder, `${name}.pem`), certificate);
    await writeFile(join(folder, `${name}-key.pem`), key);
  }
  await writeFile(join(folder, 'message.hl7'), message);
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(async () => {
  await listener?.close();
  listener = undefined;
});

const file = (name: string) => join(folder, `${name}.pem`);
const trusting = () => ({ ca: authority.certificate });
const as = ({ certificate, key }: Signed) => ({ ...trusting(), cert: certificate, key });

async function listen(tls: MllpTls, lines: string[] = []): Promise<number> {
  const log = (_: string, line: string) => void lines.push(line);
  listener = await startMllpListener({ port: 0, host, deliverAll: stored, tls, log });
  return listener.port;
}

describe('with a certificate of its own', () => {
  it('messages come and are answered, by a sender that knows the authority', async () => {
    const port = await listen(own);
    expect(await sendMllp({ host, port, message, tls: trusting() })).toContain('MSA|AA|');
    await expect(sendMllp({ host, port, message, tls: {} })).rejects.toThrow();
  });

  it('nothing is taken without TLS, and the others are served', async () => {
    const lines: string[] = [];
    const port = await listen(own, lines);
    await expect(sendMllp({ host, port, message, timeoutMs: 5000 })).rejects.toThrow();
    expect(lines.join()).toContain('a sender was not let in');
    const silent = connect({ host, port });
    expect(await sendMllp({ host, port, message, tls: trusting() })).toContain('MSA|AA|');
    silent.destroy();
  });
});

describe('with authorities of senders', () => {
  it('lets in who shows a certificate of theirs, and nobody else', async () => {
    const lines: string[] = [];
    const port = await listen({ ...own, clientAuthorities: authority.certificate }, lines);
    expect(await sendMllp({ host, port, message, tls: as(hospital) })).toContain('MSA|AA|');
    for (const tls of [trusting(), as(stranger)])
      await expect(sendMllp({ host, port, message, tls, timeoutMs: 5000 })).rejects.toThrow();
    expect(lines.filter((line) => line.includes('stored'))).toHaveLength(1);
  });

  it('mllp-send shows its certificate', async () => {
    const port = await listen({ ...own, clientAuthorities: authority.certificate });
    const lines: string[] = [];
    const out = { line: (text: string) => lines.push(text), error: (text: string) => lines.push(text) };
    const shown = ['--ca', file('authority'), '--certificate', file('hospital'), '--key', file('hospital-key')];
    expect(await mllpSend.run([join(folder, 'message.hl7'), '--to', `${host}:${port}`, ...shown], out)).toBe(0);
    expect(lines).toEqual(['message 1 of 1: AA']);
  });
});

describe('readTls', () => {
  it('reads what belongs together', async () => {
    const tls = await readTls({ certificate: file('own'), key: file('own-key'), clientAuthorities: file('authority') });
    expect(tls).toEqual({ ...own, clientAuthorities: authority.certificate });
    expect(await readTls({ certificate: undefined, key: undefined, clientAuthorities: undefined })).toBeUndefined();
  });

  it.each([
    ['a certificate without a key', 'own', undefined, undefined, 'one of them is missing'],
    ['authorities alone', undefined, undefined, 'authority', 'one of them is missing'],
    ['the key of another certificate', 'own', 'hospital-key', undefined, 'is not the key of the certificate'],
    ['a key in place of the certificate', 'own-key', 'own-key', undefined, 'holds no certificate'],
    ['a certificate in place of the key', 'own', 'own', undefined, 'holds no key'],
    ['a file that is not there', 'none', 'own-key', undefined, 'cannot be read (ENOENT)'],
    ['no authorities in their file', 'own', 'own-key', 'own-key', 'holds no certificate'],
  ])('refuses %s in one line', async (_, certificate, key, clientAuthorities, why) => {
    const named = (name: string | undefined) => name && file(name);
    const files = { certificate: named(certificate), key: named(key), clientAuthorities: named(clientAuthorities) };
    await expect(readTls(files)).rejects.toThrow(why);
  });
});
