// The seal of an archive: manifest.json and what proves it. A CMS signature and a time stamp, which openssl alone can check;
// VERIFY.txt, which says how; and last manifest.jws, which signs the manifest and, by their digests, the three others.

import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { DeploymentCertificates } from './certificates.ts';
import { type ArchiveKeys, publishedKey, type SigningKey } from './keys.ts';
import {
  archiveFormat,
  type Clock,
  certificatePaths,
  cmsPath,
  type Described,
  keysPath,
  type ListedFile,
  type Manifest,
  manifestPath,
  manifestText,
  signaturePath,
  timeStampPath,
  verifyPath,
} from './manifest.ts';
import { merkleRoot } from './merkle-root.ts';
import { signBytes } from './signature.ts';
import { oids, signedData } from './signed-data.ts';
import { stampItself } from './time-stamp.ts';
import { askAuthority, type TimeStampAuthority } from './time-stamp-authority.ts';
import { verifyText } from './verify-text.ts';

export type Sealer = {
  signing: SigningKey;
  certificates: DeploymentCertificates;
  /** The time stamp authority that is asked; without it this deployment stamps itself. */
  authority?: TimeStampAuthority | undefined;
  nowMs: () => number;
};

/** What seals now, by the keys of this deployment. */
export async function sealerOf(keys: ArchiveKeys, nowMs: () => number): Promise<Sealer> {
  const { signing, authority } = keys;
  return { signing, certificates: await keys.certificates(nowMs()), authority, nowMs };
}

export type SealFile = { path: string; bytes: Buffer };

/** What an archive brings along for whoever checks it, to be listed like every other file. */
export async function proofFiles({
  signing,
  certificates,
  authority,
}: Sealer): Promise<{ path: string; content: string[] }[]> {
  const keySet = canonicalJson({ keys: [await publishedKey(signing.publicJwk)] });
  return [
    { path: keysPath, content: [keySet] },
    { path: certificatePaths.root, content: [certificates.root.pem] },
    { path: certificatePaths.signing, content: [certificates.signing.pem] },
    ...(authority ? [{ path: certificatePaths.timeStamp, content: [authority.anchors] }] : []),
  ];
}

/** The files behind the listed ones, in their order. An authority that does not answer is no reason to have no archive. */
export async function seal(sealer: Sealer, described: Described, files: ListedFile[]): Promise<SealFile[]> {
  const { signing, certificates } = sealer;
  const { manifest, stamp, stampedMs } = await stamped(sealer, described, files);
  const bytes = Buffer.from(manifestText(manifest));
  const instructions = verifyText({ manifest, stampedMs, certificates, thumbprint: signing.thumbprint });
  const further: SealFile[] = [
    {
      path: cmsPath,
      bytes: signedData({ content: bytes, contentType: oids.data, isEnclosed: false, by: certificates.signing }),
    },
    { path: timeStampPath, bytes: stamp },
    { path: verifyPath, bytes: Buffer.from(instructions) },
  ];
  const seals = Object.fromEntries(further.map((one) => [one.path, sha256(one.bytes)]));
  const jws = await signBytes(bytes, signing, seals);
  return [{ path: manifestPath, bytes }, ...further, { path: signaturePath, bytes: Buffer.from(jws) }];
}

/** The digest as it is named in `seals`. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

type Stamped = { manifest: Manifest; stamp: Buffer; stampedMs: number };

/** The manifest says whose clock it is, so that it is another one when the authority has not answered. */
async function stamped(sealer: Sealer, described: Described, files: ListedFile[]): Promise<Stamped> {
  const { authority, certificates, nowMs } = sealer;
  const withClock = (timestamp: Clock): Manifest => ({
    ...described,
    format: archiveFormat,
    version: 2,
    files,
    merkleRoot: merkleRoot(files),
    timestamp,
  });
  if (authority) {
    const manifest = withClock({ clock: 'authority', authority: authority.url });
    const answer = await askAuthority(authority, Buffer.from(manifestText(manifest))).catch(() => undefined);
    if (answer) return { manifest, stamp: answer.response, stampedMs: answer.atMs };
  }
  const manifest = withClock({ clock: 'issuer', ...(authority && { authority: authority.url }) });
  const stampedMs = Math.floor(nowMs() / 1000) * 1000;
  return {
    manifest,
    stamp: stampItself(Buffer.from(manifestText(manifest)), stampedMs, certificates.stamping),
    stampedMs,
  };
}
