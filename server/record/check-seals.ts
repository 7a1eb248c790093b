// The seals of an archive from version 2: a CMS signature over the manifest, a time stamp of it, and the digests by which
// manifest.jws answers for their every byte. The time of the stamp is the one at which certificates must have been good.

import type { X509Certificate } from 'node:crypto';
import { ArchiveFault } from './archive-fault.ts';
import { certificatesIn, checkPath, readSignature, SignatureFault } from './check-signed-data.ts';
import { checkTimeStamp, type TimeStamp } from './check-time-stamp.ts';
import { certificatePaths, cmsPath, furtherSeals, type Manifest, signaturePath, timeStampPath } from './manifest.ts';
import { sha256 } from './seal.ts';
import type { Seals } from './signature.ts';
import { oids } from './signed-data.ts';

export type Proof = { stamp: TimeStamp; signer: X509Certificate; root: X509Certificate };

type Sealed = {
  manifest: Manifest;
  manifestBytes: Buffer;
  /** What manifest.jws says. */
  seals: Seals;
  /** A file of the archive; throws when it is missing. */
  read: (path: string) => Promise<Buffer>;
};

/** Who signed and when. Throws ArchiveFault naming the file at fault. */
export async function checkSeals({ manifest, manifestBytes, seals, read }: Sealed): Promise<Proof> {
  const root = String(await read(certificatePaths.root));
  const isAuthority = manifest.version === 2 && manifest.timestamp.clock === 'authority';
  const anchors = isAuthority ? String(await read(certificatePaths.timeStamp)) : root;
  const tsr = await read(timeStampPath);
  const stamp = inFile(timeStampPath, () => checkTimeStamp(tsr, { content: manifestBytes, anchors }));
  const p7s = await read(cmsPath);
  const proof = inFile(cmsPath, () => {
    const signature = readSignature(p7s, oids.data, manifestBytes);
    const path = checkPath(signature, { anchors: root, atMs: stamp.atMs, isForStamping: false });
    return { stamp, signer: signature.certificate, root: path };
  });
  const shown = String(await read(certificatePaths.signing));
  inFile(certificatePaths.signing, () => {
    if (!certificatesIn(shown)[0]?.raw.equals(proof.signer.raw))
      throw new SignatureFault('it is not the certificate that signed');
  });
  for (const path of furtherSeals) {
    if (seals[path] !== sha256(await read(path)))
      throw new ArchiveFault(path, 'it is not the one that manifest.jws signs');
  }
  const unknown = Object.keys(seals).find((path) => !furtherSeals.some((one) => one === path));
  if (unknown !== undefined) throw new ArchiveFault(signaturePath, 'it signs a seal that this program does not know');
  return proof;
}

function inFile<T>(path: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof SignatureFault ? new ArchiveFault(path, error.message) : error;
  }
}
