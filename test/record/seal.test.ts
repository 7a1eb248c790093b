// The seals beside manifest.jws: a CMS signature and a time stamp that do not hold are named, and so is what is wrong with them.
import { beforeAll, describe, expect, test } from 'vitest';
import { ArchiveFault } from '../../server/record/archive-fault.ts';
import { certificatesOf, certified, type DeploymentCertificates, issue } from '../../server/record/certificates.ts';
import type { SigningKey } from '../../server/record/keys.ts';
import { merkleRoot } from '../../server/record/merkle-root.ts';
import type { Sealer } from '../../server/record/seal.ts';
import { oids, signedData } from '../../server/record/signed-data.ts';
import { stampItself } from '../../server/record/time-stamp.ts';
import { archiveOf, createdMs, filesOf, inMemory, newKey, packed, sealerOf, verify } from './sample.ts';

let key: SigningKey;
let own: DeploymentCertificates;
let files: Map<string, Buffer>;
beforeAll(async () => {
  key = await newKey();
  own = (await sealerOf(key)).certificates;
  files = await filesOf(await archiveOf(key));
});

const fileOf = (path: string) => files.get(path) ?? Buffer.alloc(0);
const fault = (archive: Buffer): Promise<string> =>
  verify(archive).then(
    () => 'VALID',
    (error) => {
      if (!(error instanceof ArchiveFault)) throw error;
      return error.message;
    },
  );
const faultWith = (path: string, content: Uint8Array) => fault(packed(new Map([...files, [path, content]])));
/** Of an archive that was sealed otherwise from the start. */
const faultSealed = async (sealing: Partial<Sealer>) => fault(await archiveOf(key, undefined, {}, sealing));
const of = (year: number) => certificatesOf(inMemory())(Date.parse(`${year}-06-01T00:00:00Z`));

describe('a seal', () => {
  test('tells who signed, when, and by whose clock', async () => {
    const { manifest, proof } = await verify(await archiveOf(key));
    expect(proof?.signer.subject).toBe('CN=Tsumugi archive signature 2026');
    expect(proof?.root.fingerprint256).toBe(own.root.certificate.fingerprint256);
    expect(proof?.stamp.atMs).toBe(createdMs);
    expect(manifest).toMatchObject({ version: 2, timestamp: { clock: 'issuer' } });
  });

  test('of another archive is named', async () => {
    const other = await filesOf(await archiveOf(key, undefined, { patient: 'Patient/2' }));
    const from = (path: string) => faultWith(path, other.get(path) ?? Buffer.alloc(0));
    expect(await from('manifest.json')).toBe('manifest.jws: it signs another manifest.json');
    expect(await from('manifest.jws')).toBe('manifest.jws: it signs another manifest.json');
    expect(await from('manifest.p7s')).toBe('manifest.p7s: it signs other bytes');
    expect(await from('manifest.tsr')).toBe('manifest.tsr: it stamps another manifest.json');
    expect(await faultWith('VERIFY.txt', Buffer.from('Trust me.'))).toBe(
      'VERIFY.txt: it is not the one that manifest.jws signs',
    );
  });

  test('that is one of the right kind over the right bytes, but not the one that was made, is named', async () => {
    const manifest = fileOf('manifest.json');
    const stamp = stampItself(manifest, createdMs + 60_000, own.stamping);
    expect(await faultWith('manifest.tsr', stamp)).toBe('manifest.tsr: it is not the one that manifest.jws signs');
  });

  test('by another deployment is named', async () => {
    const foreign = await of(2026);
    const content = fileOf('manifest.json');
    const p7s = signedData({ content, contentType: oids.data, isEnclosed: false, by: foreign.signing });
    expect(await faultWith('manifest.p7s', p7s)).toBe(
      'manifest.p7s: its certificate (Tsumugi archive signature 2026) was not issued by the authority in the archive',
    );
    expect(await faultWith('manifest.tsr', stampItself(content, createdMs, foreign.stamping))).toBe(
      'manifest.tsr: its certificate (Tsumugi archive clock 2026) was not issued by the authority in the archive',
    );
    expect(await faultWith('certificates/root.pem', Buffer.from(foreign.root.pem))).toMatch(
      /^certificates\/root\.pem: (?:it has|its content)/,
    );
    expect(await faultSealed({ certificates: { ...own, root: foreign.root } })).toMatch(
      /^manifest\.tsr: its certificate .* was not issued by the authority in the archive$/,
    );
  });

  test('whose certificate had expired, or was not good yet, at the time of the stamp is named', async () => {
    expect(await faultSealed({ certificates: await of(2001) })).toBe(
      'manifest.tsr: the certificate of Tsumugi archive clock 2001 had expired at 2026-11-23T00:00:00.000Z',
    );
    expect(await faultSealed({ certificates: await of(2030) })).toBe(
      'manifest.tsr: the certificate of Tsumugi archive clock 2030 was not good yet at 2026-11-23T00:00:00.000Z',
    );
    const wanted = {
      name: 'Old',
      use: 'signing',
      nowMs: Date.parse('2001-06-01T00:00:00Z'),
      issuer: own.root,
    } as const;
    expect(await faultSealed({ certificates: { ...own, signing: certified(await issue(wanted)) } })).toBe(
      'manifest.p7s: the certificate of Old had expired at 2026-11-23T00:00:00.000Z',
    );
  });

  test('by a certificate for something else is named', async () => {
    expect(await faultSealed({ certificates: { ...own, stamping: own.signing } })).toBe(
      'manifest.tsr: its certificate is not one for time stamps alone',
    );
    // Signed by a certificate that is no authority's.
    const wanted = { name: 'Below', use: 'signing', nowMs: createdMs, issuer: own.stamping } as const;
    expect(await faultSealed({ certificates: { ...own, signing: certified(await issue(wanted)) } })).toMatch(
      /^manifest\.p7s: its certificate \(Below\) was not issued by/,
    );
  });

  test('that shows another certificate than the one that signed is named', async () => {
    const content = fileOf('manifest.json');
    const same = certified(
      await issue({ name: 'Tsumugi archive signature 2026', use: 'signing', nowMs: createdMs, issuer: own.root }),
    );
    const by = { ...own.signing, privateKey: same.privateKey };
    const p7s = signedData({ content, contentType: oids.data, isEnclosed: false, by });
    expect(await faultWith('manifest.p7s', p7s)).toBe('manifest.p7s: the signature does not fit');
  });

  test.each(['manifest.p7s', 'manifest.tsr'])('that is no %s at all is named', async (path) => {
    for (const content of [Buffer.alloc(0), Buffer.from('hello'), Buffer.from('3000', 'hex'), fileOf('README.txt')])
      expect(await faultWith(path, content)).toBe(`${path}: it cannot be read`);
    expect(await faultWith(path, Buffer.concat([fileOf(path), Buffer.of(0)]))).toBe(
      `${path}: there are bytes behind its end`,
    );
    expect(await faultWith('manifest.p7s', fileOf('manifest.tsr'))).toMatch(/^manifest\.p7s: it /);
  });

  test.each(['manifest.p7s', 'manifest.tsr'])('with any byte of %s changed is named', async (path) => {
    for (let at = 0; at < fileOf(path).length; at += 13) {
      const changed = Buffer.from(fileOf(path));
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << (at % 8)), at);
      expect(await faultWith(path, changed), `byte ${at}`).toMatch(`${path}: `);
    }
  });
});

describe('merkleRoot', () => {
  // The tree of RFC 9162 section 2.1.1 written out by hand for three leaves: ((1, 2), 3).
  test('is the tree hash of RFC 9162 over digest and path', async () => {
    const { createHash } = await import('node:crypto');
    const hash = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
    const file = (path: string) => ({ path, sha256: hash(Buffer.from(path)).toString('hex') });
    const leaf = (path: string) => hash(Buffer.of(0), hash(Buffer.from(path)), Buffer.from(path));
    const [a, b, c] = ['a', 'b', 'c'].map(leaf) as [Buffer, Buffer, Buffer];
    const tree = hash(Buffer.of(1), hash(Buffer.of(1), a, b), c);
    expect(merkleRoot(['a', 'b', 'c'].map(file))).toBe(tree.toString('hex'));
    expect(merkleRoot([file('a')])).toBe(a.toString('hex'));
    expect(merkleRoot([])).toBe(hash().toString('hex'));
    const roots = [['a', 'b'], ['b', 'a'], ['a'], ['a', 'b', 'b']].map((paths) => merkleRoot(paths.map(file)));
    expect(new Set(roots).size).toBe(4);
  });
});
