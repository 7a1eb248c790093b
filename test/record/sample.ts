// A small archive in memory, and ZIPs as a forger would pack them.

import { type Zippable, zipSync } from 'fflate';
import { sourceOf } from '../../server/record/byte-source.ts';
import { certificatesOf, type LoadSecret } from '../../server/record/certificates.ts';
import { newPrivateJwk, type SigningKey, signingKey } from '../../server/record/keys.ts';
import type { Described } from '../../server/record/manifest.ts';
import { proofFiles, type Sealer, seal } from '../../server/record/seal.ts';
import { verifyArchive } from '../../server/record/verify-archive.ts';
import { type ArchiveFile, archiveBytes } from '../../server/record/write-archive.ts';
import { contentOf, readEntries } from '../../server/record/zip-reader.ts';

export const createdMs = Date.parse('2026-11-23T00:00:00.000Z');

export const newKey = async (): Promise<SigningKey> => signingKey(await newPrivateJwk());

/** Secrets that are kept in memory, as store/secrets.ts keeps them with the database. */
export function inMemory(): LoadSecret {
  const kept = new Map<string, unknown>();
  return async <T extends object>(name: string, make: () => Promise<T> | T): Promise<T> => {
    if (!kept.has(name)) kept.set(name, await make());
    return kept.get(name) as T;
  };
}

const certificates = certificatesOf(inMemory());

/** Seals with this key, by a clock that stands still; the certificates are those of one deployment. */
export const sealerOf = async (key: SigningKey, more: Partial<Sealer> = {}): Promise<Sealer> => ({
  signing: key,
  certificates: await certificates(createdMs),
  nowMs: () => createdMs,
  ...more,
});

export const described: Described = {
  patient: 'Patient/1',
  issuer: 'https://tsumugi.test/fhir',
  software: { name: 'Tsumugi', version: 'test' },
  created: '2026-11-23T00:00:00.000Z',
  language: 'ja',
  complete: true,
  resources: { Patient: 1 },
};

/** README.txt and fhir/bundle.json unless told otherwise, and what an archive brings along for whoever checks it. */
export async function archiveOf(
  key: SigningKey,
  files?: ArchiveFile[],
  more: Partial<Described> = {},
  sealing: Partial<Sealer> = {},
): Promise<Buffer> {
  const sealer = await sealerOf(key, sealing);
  const chunks: Uint8Array[] = [];
  const bytes = archiveBytes({
    files: files ?? [
      { path: 'README.txt', content: ['これは試験です。\n'] },
      { path: 'fhir/bundle.json', content: ['{"resourceType":"Bundle",', '"type":"collection","entry":[]}'] },
      ...(await proofFiles(sealer)),
    ],
    seal: (listed) => seal(sealer, { ...described, ...more }, listed),
    createdMs,
  });
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Every file of an archive, without judging it. */
export async function filesOf(archive: Buffer): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const entry of await readEntries(sourceOf(archive))) {
    const chunks: Buffer[] = [];
    for await (const chunk of contentOf(sourceOf(archive), entry)) chunks.push(chunk);
    files.set(entry.path, Buffer.concat(chunks));
  }
  return files;
}

/** A plain ZIP of these files, packed by another writer than the server's. */
export function packed(files: Map<string, Uint8Array>): Buffer {
  const zippable: Zippable = Object.fromEntries(files);
  return Buffer.from(zipSync(zippable, { mtime: createdMs }));
}

export const verify = (archive: Buffer, thumbprint?: string) => verifyArchive(sourceOf(archive), thumbprint);
