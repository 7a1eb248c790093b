// A small archive in memory, and ZIPs as a forger would pack them.

import { type Zippable, zipSync } from 'fflate';
import { sourceOf } from '../../server/record/byte-source.ts';
import { canonicalJson } from '../../server/record/canonical-json.ts';
import { newPrivateJwk, publishedKey, type SigningKey, signingKey } from '../../server/record/keys.ts';
import { archiveFormat, archiveVersion, type ListedFile, type Manifest } from '../../server/record/manifest.ts';
import { verifyArchive } from '../../server/record/verify-archive.ts';
import { type ArchiveFile, archiveBytes } from '../../server/record/write-archive.ts';
import { contentOf, readEntries } from '../../server/record/zip-reader.ts';

export const createdMs = Date.parse('2026-11-23T00:00:00.000Z');

export const newKey = async (): Promise<SigningKey> => signingKey(await newPrivateJwk());

export const manifestOf = (files: ListedFile[], more: Partial<Manifest> = {}): Manifest => ({
  format: archiveFormat,
  version: archiveVersion,
  patient: 'Patient/1',
  issuer: 'https://tsumugi.test/fhir',
  software: { name: 'Tsumugi', version: 'test' },
  created: '2026-11-23T00:00:00.000Z',
  language: 'ja',
  complete: true,
  resources: { Patient: 1 },
  files,
  ...more,
});

/** README.txt, fhir/bundle.json and keys.jwks.json unless told otherwise. */
export async function archiveOf(key: SigningKey, files?: ArchiveFile[], more: Partial<Manifest> = {}): Promise<Buffer> {
  const keys = canonicalJson({ keys: [await publishedKey(key.publicJwk)] });
  const chunks: Uint8Array[] = [];
  const bytes = archiveBytes({
    files: files ?? [
      { path: 'README.txt', content: ['これは試験です。\n'] },
      { path: 'fhir/bundle.json', content: ['{"resourceType":"Bundle",', '"type":"collection","entry":[]}'] },
      { path: 'keys.jwks.json', content: [keys] },
    ],
    describe: (listed) => manifestOf(listed, more),
    key,
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
