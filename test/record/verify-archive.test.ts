// An archive is valid as it was made, and in no other form.
import { readFileSync } from 'node:fs';
import { CompactSign } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { ArchiveFault } from '../../server/record/archive-fault.ts';
import type { SigningKey } from '../../server/record/keys.ts';
import { type ListedFile, type Manifest, manifestText } from '../../server/record/manifest.ts';
import { merkleRoot } from '../../server/record/merkle-root.ts';
import { signBytes } from '../../server/record/signature.ts';
import { archiveOf, filesOf, newKey, packed, verify } from './sample.ts';

let key: SigningKey;
let archive: Buffer;
let files: Map<string, Buffer>;
beforeAll(async () => {
  key = await newKey();
  archive = await archiveOf(key);
  files = await filesOf(archive);
});

const fileOf = (path: string) => files.get(path) ?? Buffer.alloc(0);
const withFiles = (changes: Record<string, Buffer | undefined>): Buffer => {
  const changed = new Map(files);
  for (const [path, content] of Object.entries(changes)) {
    if (content) changed.set(path, content);
    else changed.delete(path);
  }
  return packed(changed);
};
const fault = (bytes: Buffer, thumbprint?: string): Promise<string> =>
  verify(bytes, thumbprint).then(
    () => 'VALID',
    (error) => {
      if (!(error instanceof ArchiveFault)) throw error;
      return error.message;
    },
  );

describe('an archive', () => {
  test('is valid as it was made, and names its signer and its content', async () => {
    const { thumbprint, manifest } = await verify(archive, key.thumbprint);
    expect(thumbprint).toBe(key.thumbprint);
    expect(manifest.files.map(({ path }) => path)).toEqual([
      'README.txt',
      'fhir/bundle.json',
      'keys.jwks.json',
      'certificates/root.pem',
      'certificates/signing.pem',
    ]);
    expect(fileOf('fhir/bundle.json').toString()).toBe('{"resourceType":"Bundle","type":"collection","entry":[]}');
  });

  test('is not valid when another program packed the same files, and the files are said to be the same', async () => {
    expect(await fault(packed(files))).toBe(
      'README.txt: its content is what was signed, but not the bytes that it is packed in',
    );
  });

  // Every byte in turn is for the conformance suite archive-flips.
  test('is not valid with any one byte changed', async () => {
    for (let at = 0; at < archive.length; at += 41) {
      const changed = Buffer.from(archive);
      changed[at] = (changed[at] ?? 0) ^ (1 << ((at * 7) % 8));
      expect(await fault(changed), `byte ${at}`).not.toBe('VALID');
    }
  });

  test('is not valid when cut off anywhere, or with bytes before or behind it', async () => {
    for (let length = 0; length < archive.length; length += 5) {
      expect(await fault(archive.subarray(0, length))).not.toBe('VALID');
    }
    expect(await fault(Buffer.concat([archive, Buffer.from('x')]))).toContain('archive: ');
    expect(await fault(Buffer.concat([Buffer.from('x'), archive]))).toContain('archive: ');
  });
});

describe('a forgery', () => {
  const flipped = (path: string) => {
    const content = Buffer.from(fileOf(path));
    content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1;
    return content;
  };

  test.each(['README.txt', 'fhir/bundle.json', 'keys.jwks.json'])('is found by a changed %s', async (path) => {
    expect(await fault(withFiles({ [path]: flipped(path) }))).toBe(`${path}: its content is not what was signed`);
    const longer = Buffer.concat([fileOf(path), Buffer.from(' ')]);
    expect(await fault(withFiles({ [path]: longer }))).toMatch(`${path}: it has ${longer.length} bytes, not the`);
  });

  test('is found by a changed manifest or signature', async () => {
    const manifest = Buffer.from(fileOf('manifest.json').toString().replace('Patient/1', 'Patient/2'));
    expect(await fault(withFiles({ 'manifest.json': manifest }))).toBe('manifest.jws: it signs another manifest.json');
    expect(await fault(withFiles({ 'manifest.jws': flipped('manifest.jws') }))).toMatch(/^manifest\.jws: /);
  });

  test.each([
    ...['README.txt', 'fhir/bundle.json', 'keys.jwks.json', 'certificates/root.pem', 'certificates/signing.pem'],
    ...['manifest.json', 'manifest.jws', 'manifest.p7s', 'manifest.tsr', 'VERIFY.txt'],
  ])('is found by a missing %s', async (path) => {
    expect(await fault(withFiles({ [path]: undefined }))).toBe(`${path}: it is missing`);
  });

  test('is found by an added file', async () => {
    const message = 'fhir/more.json: it is not listed in the manifest';
    expect(await fault(withFiles({ 'fhir/more.json': Buffer.from('{}') }))).toBe(message);
  });

  test('is found by a signature in another text that has the same bytes', async () => {
    // 64 bytes are 86 letters, of which the last carries four bits that nobody reads.
    const text = fileOf('manifest.jws').toString();
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = letters[letters.indexOf(text.slice(-1)) + 1] ?? '';
    const signature = (jws: string) => Buffer.from(jws.split('.').at(-1) ?? '', 'base64url');
    expect(signature(text.slice(0, -1) + last)).toEqual(signature(text));
    const other = Buffer.from(text.slice(0, -1) + last);
    expect(await fault(withFiles({ 'manifest.jws': other }))).toBe('manifest.jws: it is not a JWS in compact form');
  });

  test('by another key is valid by itself, and not when the issuer’s key is named', async () => {
    const forger = await newKey();
    const forged = await archiveOf(forger);
    expect((await verify(forged)).thumbprint).toBe(forger.thumbprint);
    expect(await fault(forged, key.thumbprint)).toBe(
      `manifest.jws: it was signed by the key ${forger.thumbprint}, not by ${key.thumbprint}`,
    );
  });

  test('that claims the issuer’s thumbprint for another key is found', async () => {
    const forger = await newKey();
    const manifest = fileOf('manifest.json');
    const jws = await signBytes(manifest, { ...forger, thumbprint: key.thumbprint });
    const changed = withFiles({ 'manifest.jws': Buffer.from(jws) });
    expect(await fault(changed, key.thumbprint)).toBe(
      'manifest.jws: its key and the key it names (kid) are not the same',
    );
  });

  test('that shows the issuer’s key and signs with another is found', async () => {
    const forger = await newKey();
    const jws = await signBytes(fileOf('manifest.json'), { ...key, privateKey: forger.privateKey });
    const changed = withFiles({ 'manifest.jws': Buffer.from(jws) });
    expect(await fault(changed, key.thumbprint)).toBe('manifest.jws: the signature does not fit');
  });

  test('that signs with a shared secret or not at all is found', async () => {
    const payload = fileOf('manifest.json');
    const header = { alg: 'HS256', kid: key.thumbprint, jwk: key.publicJwk };
    const hmac = await new CompactSign(payload).setProtectedHeader(header).sign(new Uint8Array(32));
    const none = Buffer.from(JSON.stringify({ ...header, alg: 'none' })).toString('base64url');
    for (const jws of [hmac, `${none}.${payload.toString('base64url')}.AA`]) {
      const changed = withFiles({ 'manifest.jws': Buffer.from(jws) });
      expect(await fault(changed)).toBe('manifest.jws: it is not signed with ES256');
    }
  });
});

describe('a manifest that its signer made wrong', () => {
  const signed = async (text: string) =>
    withFiles({
      'manifest.json': Buffer.from(text),
      'manifest.jws': Buffer.from(await signBytes(Buffer.from(text), key)),
    });
  const listed = async () => (await verify(archive)).manifest.files;
  const listing = async (list: ListedFile[], more: Partial<Manifest> = {}) => {
    const manifest: Manifest = { ...JSON.parse(fileOf('manifest.json').toString()), files: list };
    return signed(manifestText({ ...manifest, merkleRoot: merkleRoot(list), ...more } as Manifest));
  };
  const none = { size: 0, sha256: '0'.repeat(64) };

  test.each([
    ['with spaces', (text: string) => text.replace('":', '": '), 'it is not in canonical form (RFC 8785)'],
    [
      'with a member twice',
      (text: string) => `{"complete":false,${text.slice(1)}`,
      'it is not in canonical form (RFC 8785)',
    ],
    [
      'of another format',
      (text: string) => text.replace('tsumugi-archive', 'other'),
      '"format" is not tsumugi-archive',
    ],
    [
      'of a later version',
      (text: string) => text.replace('"version":2}', '"version":3}'),
      'it is of format version 3; this program reads 1 and 2',
    ],
    ['that is no JSON', () => 'manifest', 'it is not JSON in UTF-8'],
  ])('%s is refused', async (_, change, why) => {
    const text = fileOf('manifest.json').toString();
    expect(change(text)).not.toBe(text);
    expect(await fault(await signed(change(text)))).toBe(`manifest.json: ${why}`);
  });

  test.each(['../evil', '/etc/evil', 'a/../b', 'a\\b', '.hidden', 'C:evil', 'a//b', 'ä'])(
    'that lists the path %s is refused',
    async (path) => {
      const files = [...(await listed()), { path, ...none, packed: none }];
      expect(await fault(await listing(files))).toMatch(/^manifest\.json: "files" is not/);
    },
  );

  test('that lists a file twice, or itself, is refused', async () => {
    const files = await listed();
    expect(await fault(await listing([...files, ...files]))).toBe('manifest.json: it lists a file twice');
    const itself = [...files, { path: 'manifest.jws', ...none, packed: none }];
    expect(await fault(await listing(itself))).toBe('manifest.json: it lists manifest.jws');
  });

  test('that leaves out what version 2 must say is refused', async () => {
    const files = await listed();
    const [first, ...others] = files;
    const bare = { path: first?.path ?? '', ...none };
    expect(await fault(await listing([bare, ...others]))).toBe('manifest.json: "packed" is missing from a file');
    expect(await fault(await listing(files, { merkleRoot: '0'.repeat(64) }))).toBe(
      'manifest.json: "merkleRoot" is not that of its files',
    );
    for (const timestamp of [{ clock: 'mine' }, { clock: 'authority' }, { clock: 'issuer', authority: 1 }])
      expect(await fault(await listing(files, { timestamp } as unknown as Partial<Manifest>))).toBe(
        'manifest.json: "timestamp" does not say whose clock it is',
      );
  });

  test('with a key set that lacks the signing key is refused', async () => {
    const other = await archiveOf(key, [
      { path: 'README.txt', content: ['x'] },
      { path: 'keys.jwks.json', content: ['{"keys":[]}'] },
    ]);
    expect(await fault(other)).toBe('keys.jwks.json: it does not hold the key that signed');
  });
});

describe('an archive of version 1', () => {
  const old = readFileSync(new URL('./samples/version-1.zip', import.meta.url));

  test('is still valid, and still found out', async () => {
    const { thumbprint, manifest, proof } = await verify(old, 'Vpj7Dc-Q_byyiaaVzvFtCBjEOshkEXn2ttmzQH2AybM');
    expect({ thumbprint, version: manifest.version, proof }).toMatchObject({ version: 1, proof: undefined });
    const contents = await filesOf(old);
    expect(await fault(packed(contents))).toBe('VALID');
    contents.set('README.txt', Buffer.from('これは私見です。\n'));
    expect(await fault(packed(contents))).toBe('README.txt: its content is not what was signed');
  });

  test('cannot be made of one of version 2', async () => {
    const manifest = fileOf('manifest.json').toString().replace('"version":2}', '"version":1}');
    const jws = await signBytes(fileOf('manifest.json'), key);
    expect(await fault(withFiles({ 'manifest.json': Buffer.from(manifest) }))).toBe(
      'manifest.jws: it signs another manifest.json',
    );
    // Signed anew by its own signer without the seals it had.
    expect(await fault(withFiles({ 'manifest.jws': Buffer.from(jws) }))).toBe(
      'manifest.p7s: it is not the one that manifest.jws signs',
    );
  });
});
