// The folder of trust anchors: what may stand in it, and the one line that says what may not.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AnchorError, loadAnchors } from '../../../server/login/jpki/anchors.ts';
import { authorityCertificate, authorityName, ext, makeKeys, strangerName } from './test-authority.ts';

let folder: string;
const keys = makeKeys();
const others = makeKeys();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anchors-'));
});
afterAll(() => rm(folder, { recursive: true }));

const pem = (der: Buffer) => `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;

async function load(files: Record<string, string>) {
  const own = await mkdtemp(join(folder, 'a-'));
  for (const [file, text] of Object.entries(files)) await writeFile(join(own, file), text);
  return loadAnchors(own);
}

describe('loadAnchors', () => {
  test('reads every certificate of every .pem file, and no other file', async () => {
    const renewed = authorityCertificate(others);
    const found = await load({
      'sign.pem': pem(authorityCertificate(keys)),
      'both.pem': `# two\n${pem(authorityCertificate(keys, { serial: '02' }))}${pem(renewed)}`,
      'README.txt': 'not read',
    });
    expect(found?.map(({ serial }) => serial)).toEqual(['02', '01', '01']);
  });

  test('is undefined without the setting', async () => {
    expect(await loadAnchors(undefined)).toBeUndefined();
  });

  test.each([
    ['no certificate in it', () => 'nothing'],
    ['a certificate that is cut off', () => pem(authorityCertificate(keys).subarray(0, 300))],
    [
      'a certificate that is no authority',
      () => pem(authorityCertificate(keys, { extensions: [ext.certSignAndCrlSign()] })),
    ],
    [
      'an authority with an unknown critical extension',
      () =>
        pem(
          authorityCertificate(keys, {
            extensions: [ext.constraints(true), ext.certSignAndCrlSign(), ext.unknown(true)],
          }),
        ),
    ],
    [
      'an authority named as issued by another',
      () => pem(authorityCertificate(keys, { issuer: strangerName, subject: authorityName })),
    ],
    ["a person's certificate", () => pem(authorityCertificate(keys, { extensions: [ext.digitalSignature()] }))],
    [
      'an authority whose key is not for certificates',
      () => pem(authorityCertificate(keys, { extensions: [ext.constraints(true), ext.digitalSignature()] })),
    ],
    [
      'an authority below another',
      () => pem(authorityCertificate(keys, { signer: others, issuer: strangerName, subject: authorityName })),
    ],
    ['a signature by another key', () => pem(authorityCertificate(keys, { signer: others }))],
    ['a signature with SHA-1', () => pem(authorityCertificate(keys, { digest: 'sha1' }))],
    ['a key of 1024 bits', () => pem(authorityCertificate(makeKeys(1024)))],
  ])('refuses %s in one line that names setting and file', async (_, text) => {
    const refused = await load({ 'ca.pem': text() }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AnchorError);
    expect((refused as Error).message).toMatch(/^TSUMUGI_JPKI_ANCHORS: .*ca\.pem .+$/);
  });

  test.each(['', 'nowhere'])('refuses a folder without certificates: "%s"', async (name) => {
    const own = await mkdtemp(join(folder, 'b-'));
    await expect(loadAnchors(join(own, name))).rejects.toThrow(/^TSUMUGI_JPKI_ANCHORS: /);
  });
});
