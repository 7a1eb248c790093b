// Is this archive what its signer made? Offline: the signature over the manifest, then every file against the manifest, none
// more and none less. Memory is constant, whatever the archive claims to hold.

import { createHash } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { ArchiveFault } from './archive-fault.ts';
import { checkSeals, type Proof } from './check-seals.ts';
import { publicJwkOf } from './keys.ts';
import {
  keysPath,
  type ListedFile,
  type Manifest,
  manifestPath,
  readManifest,
  sealPaths,
  signaturePath,
} from './manifest.ts';
import { signerOf } from './signature.ts';
import { type ByteSource, contentOf, isStored, readEntries, type ZipEntry } from './zip-reader.ts';

export type Verified = {
  thumbprint: string;
  manifest: Manifest;
  /** From version 2: what openssl can check too. */
  proof?: Proof;
};

const mostSmallFileBytes = 8 * 1024 * 1024;

/**
 * Resolves when nothing was changed, added or removed since the key of that thumbprint signed. Throws ArchiveFault naming the
 * first file at fault; with `expectedThumbprint`, also when another key signed.
 */
export async function verifyArchive(source: ByteSource, expectedThumbprint?: string): Promise<Verified> {
  const entries = new Map((await readEntries(source)).map((entry) => [entry.path, entry]));
  const manifestBytes = await smallFile(source, entries, manifestPath);
  const { thumbprint, seals } = await signerOf(await smallFile(source, entries, signaturePath), manifestBytes);
  if (expectedThumbprint !== undefined && thumbprint !== expectedThumbprint)
    throw new ArchiveFault(signaturePath, `it was signed by the key ${thumbprint}, not by ${expectedThumbprint}`);
  const manifest = readManifest(manifestBytes);
  const ownPaths = sealPaths[manifest.version];
  const listed = new Set(manifest.files.map(({ path }) => path));
  if (listed.size !== manifest.files.length) throw new ArchiveFault(manifestPath, 'it lists a file twice');
  for (const path of ownPaths) if (listed.has(path)) throw new ArchiveFault(manifestPath, `it lists ${path}`);
  for (const path of entries.keys()) {
    if (!listed.has(path) && !ownPaths.has(path)) throw new ArchiveFault(path, 'it is not listed in the manifest');
  }
  const repacked: string[] = [];
  for (const file of manifest.files) {
    if (!(await isAsPacked(source, entries.get(file.path), file))) repacked.push(file.path);
  }
  await checkKeys(await smallFile(source, entries, keysPath), thumbprint);
  if (manifest.version === 1) return { thumbprint, manifest };
  const read = (path: string) => smallFile(source, entries, path);
  const proof = await checkSeals({ manifest, manifestBytes, seals: seals ?? {}, read });
  for (const path of ownPaths) if (!(await isPlain(source, entries.get(path)))) repacked.push(path);
  const [first] = repacked;
  if (first !== undefined)
    throw new ArchiveFault(first, 'its content is what was signed, but not the bytes that it is packed in');
  return { thumbprint, manifest, proof };
}

/**
 * Throws ArchiveFault unless the content is what was signed; false when only its packed bytes are others. Version 1 did not
 * list those.
 */
async function isAsPacked(
  source: ByteSource,
  entry: ZipEntry | undefined,
  { path, size, sha256, packed }: ListedFile,
): Promise<boolean> {
  if (!entry) throw new ArchiveFault(path, 'it is missing');
  if (entry.bytes !== size)
    throw new ArchiveFault(path, `it has ${entry.bytes} bytes, not the ${size} that were signed`);
  const [whole, inZip] = [createHash('sha256'), createHash('sha256')];
  for await (const chunk of contentOf(source, entry, (bytes) => inZip.update(bytes))) whole.update(chunk);
  if (whole.digest('hex') !== sha256) throw new ArchiveFault(path, 'its content is not what was signed');
  return !packed || (entry.compressedBytes === packed.size && inZip.digest('hex') === packed.sha256);
}

/** The key set in the archive is there for other programs; it must hold the key that signed. */
async function checkKeys(bytes: Buffer, thumbprint: string): Promise<void> {
  let keys: unknown;
  try {
    keys = (JSON.parse(bytes.toString('utf8')) as { keys?: unknown }).keys;
  } catch {
    keys = undefined;
  }
  for (const one of Array.isArray(keys) ? keys : []) {
    const { crv, kty, x, y } = (one ?? {}) as Record<string, unknown>;
    const jwk = publicJwkOf({ crv, kty, x, y });
    if (jwk && (await calculateJwkThumbprint(jwk)) === thumbprint) return;
  }
  throw new ArchiveFault(keysPath, 'it does not hold the key that signed');
}

/** The seals are in no list: their packed bytes may have one form only. */
async function isPlain(source: ByteSource, entry: ZipEntry | undefined): Promise<boolean> {
  if (!entry) return false;
  const packed: Buffer[] = [];
  for await (const _ of contentOf(source, entry, (bytes) => packed.push(bytes)));
  return entry.method === 8 && isStored(Buffer.concat(packed));
}

async function smallFile(source: ByteSource, entries: ReadonlyMap<string, ZipEntry>, path: string): Promise<Buffer> {
  const entry = entries.get(path);
  if (!entry) throw new ArchiveFault(path, 'it is missing');
  if (entry.bytes > mostSmallFileBytes) throw new ArchiveFault(path, 'it is too large');
  const chunks: Buffer[] = [];
  for await (const chunk of contentOf(source, entry)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
