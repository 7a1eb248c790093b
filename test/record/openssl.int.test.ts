// What an archive proves without any program of ours: the commands of its VERIFY.txt, pasted into a shell where it was unpacked,
// and a time stamp authority that is openssl (RFC 3161). Every certificate may have expired by the time somebody checks.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certificatesOf, certified, type DeploymentCertificates } from '../../server/record/certificates.ts';
import { askAuthority } from '../../server/record/time-stamp-authority.ts';
import { leftOut } from '../support/left-out.ts';
import { archiveOf, createdMs, filesOf, inMemory, newKey, packed, sealerOf, verify } from './sample.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'tsumugi-openssl-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The lines of VERIFY.txt that are commands, each once. */
const commandsIn = (text: string): string[] => [
  ...new Set(text.split('\n').filter((line) => /^(?:openssl|tr) /.test(line))),
];

async function unpacked(name: string, archive: Buffer): Promise<string> {
  const at = join(folder, name);
  for (const [path, content] of await filesOf(archive)) {
    mkdirSync(dirname(join(at, path)), { recursive: true });
    writeFileSync(join(at, path), content);
  }
  return at;
}

/** What a shell prints, errors as well, with each command as it stands in VERIFY.txt. */
function pasted(at: string): string[] {
  return commandsIn(readFileSync(join(at, 'VERIFY.txt'), 'utf8')).map((command) => {
    const { stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: at, encoding: 'utf8' });
    return stdout + stderr;
  });
}

/** An authority that answers with `answer`, and counts how often it is asked. */
async function withAuthority<T>(answer: (query: Buffer) => Buffer | number, work: (url: string) => Promise<T>) {
  let asked = 0;
  const listener: RequestListener = async (request, response) => {
    asked += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const given = answer(Buffer.concat(chunks));
    if (typeof given === 'number') response.writeHead(given).end();
    else response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(given);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return { result: await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/tsa`), asked };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

if (!hasOpenssl) leftOut('openssl: no openssl found');

describe.skipIf(!hasOpenssl)('openssl alone', () => {
  let at: string;
  beforeAll(async () => {
    at = await unpacked('own', await archiveOf(await newKey()));
  });

  test('finds the archive good by the commands of its VERIFY.txt', async () => {
    const [signature, stamp, time, files, fingerprint, ...more] = pasted(at);
    expect(signature).toContain('CMS Verification successful');
    expect(stamp).toContain('Verification: OK');
    expect(time).toContain('Time stamp: Nov 23 00:00:00 2026 GMT');
    expect(files?.trim().split('\n')).toEqual(
      ['README.txt', 'fhir/bundle.json', 'keys.jwks.json', 'certificates/root.pem', 'certificates/signing.pem'].map(
        (path) => `OK ${path}`,
      ),
    );
    const shown = /Fingerprint=(\S+)/.exec(fingerprint ?? '')?.[1] ?? '-';
    expect(readFileSync(join(at, 'VERIFY.txt'), 'utf8').split(shown)).toHaveLength(3);
    expect(more).toEqual([]);
  });

  test('finds a changed file, a changed manifest and a replaced authority', async () => {
    writeFileSync(join(at, 'README.txt'), 'これは私見です。\n');
    expect(pasted(at)[3]).toMatch(/^CHANGED README\.txt\nOK fhir/);
    const manifest = readFileSync(join(at, 'manifest.json'), 'utf8');
    writeFileSync(join(at, 'manifest.json'), manifest.replace('Patient/1', 'Patient/2'));
    const [signature, stamp] = pasted(at);
    expect(signature).toContain('CMS Verification failure');
    expect(stamp).toContain('Verification: FAILED');
    writeFileSync(join(at, 'manifest.json'), manifest);
    const { root } = await certificatesOf(inMemory())(createdMs);
    writeFileSync(join(at, 'certificates/root.pem'), root.pem);
    const [foreign, foreignStamp] = pasted(at);
    expect(foreign).toContain('CMS Verification failure');
    expect(foreignStamp).toContain('Verification: FAILED');
  });

  test('makes signatures that are too weak to be taken: SHA-1, or RSA of 1,024 bits', async () => {
    const key = await newKey();
    const { certificates } = await sealerOf(key);
    const pem = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const signer = pem('signer.pem', certificates.signing.pem);
    const signerKey = pem(
      'signer.key',
      certificates.signing.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    );
    const files = await filesOf(await archiveOf(key));
    const content = pem('signed.json', files.get('manifest.json')?.toString() ?? '');
    const out = join(folder, 'weak.p7s');
    const sign = ['cms', '-sign', '-binary', '-cades', '-outform', 'DER', '-in', content, '-out', out];
    execFileSync('openssl', [...sign, '-md', 'sha1', '-signer', signer, '-inkey', signerKey], { stdio: 'ignore' });
    const refused = packed(new Map([...files, ['manifest.p7s', readFileSync(out)]]));
    await expect(verify(refused)).rejects.toThrow('manifest.p7s: it is signed by an algorithm that is not accepted');
    const [weakPem, weakKey] = [join(folder, 'weak.pem'), join(folder, 'weak.key')];
    const request = ['req', '-x509', '-newkey', 'rsa:1024', '-nodes', '-subj', '/CN=Weak', '-keyout', weakKey];
    execFileSync('openssl', [...request, '-out', weakPem], { stdio: 'ignore' });
    const weak = certified({ certificate: readFileSync(weakPem, 'utf8'), key: readFileSync(weakKey, 'utf8') });
    const root = { ...certificates.root, pem: certificates.root.pem + weak.pem };
    const archive = await archiveOf(key, undefined, {}, { certificates: { ...certificates, root, signing: weak } });
    await expect(verify(archive)).rejects.toThrow('manifest.p7s: its key is of a kind or length that is not accepted');
  });

  test('finds an archive good whose certificates have expired since', async () => {
    const longAgoMs = Date.parse('2001-04-01T00:00:00Z');
    const certificates = await certificatesOf(inMemory())(longAgoMs);
    const archive = await archiveOf(await newKey(), undefined, {}, { certificates, nowMs: () => longAgoMs });
    const [signature, stamp] = pasted(await unpacked('old', archive));
    expect(signature).toContain('CMS Verification successful');
    expect(stamp).toContain('Verification: OK');
    expect(certificates.signing.certificate.validToDate.getTime()).toBeLessThan(Date.now());
    expect((await verify(archive)).proof?.stamp.atMs).toBe(longAgoMs);
  });
});

describe.skipIf(!hasOpenssl)('a time stamp authority', () => {
  let tsa: DeploymentCertificates;
  let anchors: string;
  /** openssl as the authority. */
  const reply = (query: Buffer): Buffer => {
    writeFileSync(join(folder, 'query.tsq'), query);
    const args = ['ts', '-reply', '-config', join(folder, 'tsa.cnf'), '-queryfile', join(folder, 'query.tsq')];
    execFileSync('openssl', [...args, '-out', join(folder, 'reply.tsr')], { stdio: 'ignore' });
    return readFileSync(join(folder, 'reply.tsr'));
  };
  beforeAll(async () => {
    // Its clock is the real one.
    tsa = await certificatesOf(inMemory())(Date.now());
    anchors = tsa.root.pem;
    writeFileSync(join(folder, 'tsa.pem'), tsa.stamping.pem);
    writeFileSync(join(folder, 'tsa.key'), tsa.stamping.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const lines = ['[tsa]', 'default_tsa = one', '[one]', `serial = ${folder}/serial`, 'crypto_device = builtin'];
    lines.push(`signer_cert = ${folder}/tsa.pem`, `signer_key = ${folder}/tsa.key`, 'signer_digest = sha256');
    lines.push('default_policy = 1.2.3.4.1', 'digests = sha256, sha384, sha512', 'accuracy = secs:1', 'tsa_name = yes');
    writeFileSync(join(folder, 'tsa.cnf'), `${lines.join('\n')}\ness_cert_id_chain = no\n`);
    writeFileSync(join(folder, 'serial'), '01\n');
  });

  const from = (url: string) => ({ authority: { url, anchors, timeoutMs: 2_000, pauseMs: 1 } });
  const content = Buffer.from('{"これは":"試験"}');

  test('stamps the archive: the manifest names it, we and openssl find it good', async () => {
    const { result: archive, asked } = await withAuthority(reply, async (url) =>
      archiveOf(await newKey(), undefined, { language: 'en' }, from(url)),
    );
    expect(asked).toBe(1);
    const { manifest, proof } = await verify(archive);
    expect(manifest).toMatchObject({ timestamp: { clock: 'authority', authority: expect.stringMatching(/\/tsa$/) } });
    expect(proof?.stamp.anchor.fingerprint256).toBe(tsa.root.certificate.fingerprint256);
    const at = await unpacked('authority', archive);
    expect(pasted(at)[1]).toContain('Verification: OK');
    expect(readFileSync(join(at, 'VERIFY.txt'), 'utf8')).toMatch(/another party, the time stamp authority http:/);
  });

  test('that does not answer is asked three times; the archive then says that the clock is the issuer’s own', async () => {
    const { result: archive, asked } = await withAuthority(
      () => 503,
      async (url) => archiveOf(await newKey(), undefined, {}, from(url)),
    );
    expect(asked).toBe(3);
    const { manifest, proof } = await verify(archive);
    expect(manifest).toMatchObject({ timestamp: { clock: 'issuer', authority: expect.stringMatching(/\/tsa$/) } });
    expect(proof?.stamp.atMs).toBe(createdMs);
    const text = (await filesOf(archive)).get('VERIFY.txt')?.toString();
    expect(text).toContain('was asked and did not answer');
    expect(pasted(await unpacked('alone', archive))[1]).toContain('Verification: OK');
  });

  const refusal = (answer: (query: Buffer) => Buffer | number, more = {}) =>
    withAuthority(answer, (url) =>
      askAuthority({ ...from(url).authority, ...more }, content).then(
        () => 'taken',
        (error: Error) => error.message,
      ),
    ).then(({ result }) => result);

  test('is not believed when it answers another question, stamps other bytes, refuses, or is another', async () => {
    expect(await refusal(reply)).toBe('taken');
    let first: Buffer | undefined;
    // The answer to the first try, over and over.
    await refusal((query) => {
      first ??= reply(query);
      return 503;
    });
    expect(await refusal(() => first ?? 500)).toMatch(/its nonce is not the one that was sent/);
    const [mine, other] = [content, Buffer.from('x')].map((one) => createHash('sha256').update(one).digest());
    const elsewhere = (query: Buffer) => {
      const changed = Buffer.from(query);
      other?.copy(changed, changed.indexOf(mine ?? ''));
      return reply(changed);
    };
    expect(await refusal(elsewhere)).toBe('it stamps another manifest.json');
    expect(await refusal(() => Buffer.from('300530030201020000', 'hex').subarray(0, 7))).toMatch(
      /refused|cannot be read/,
    );
    expect(await refusal(() => Buffer.from('hello'))).toBe('it cannot be read');
    expect(await refusal(() => Buffer.alloc(100_000))).toMatch(/longer than/);
    expect(await refusal(() => 200)).toBe('it cannot be read');
    const foreign = await certificatesOf(inMemory())(Date.now());
    expect(await refusal(reply, { anchors: foreign.root.pem })).toMatch(/was not issued by the authority/);
  });
});
