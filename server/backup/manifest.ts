// What a backup says of itself, in its last frame: a JWS (ES256) by the key of the deployment, whose payload is the manifest.

import { isObject } from '../fhir/json.ts';
import type { HeldTable, Migration, Sequence } from '../store/snapshot.ts';
import { BackupFault } from './backup-fault.ts';

/** `digest`: of the rows (row-digest.ts). */
export type TableManifest = HeldTable & { rows: number; digest: string };

export type BackupManifest = {
  format: typeof backupFormat;
  version: typeof backupVersion;
  software: { name: string; version: string };
  /** The moment whose state it is, ISO 8601, UTC. */
  taken: string;
  /** The version of PostgreSQL. */
  postgres: string;
  migrations: Migration[];
  /** In the order in which their rows follow one another. */
  tables: TableManifest[];
  sequences: Sequence[];
  /** Of the file up to the frame with this manifest, in hexadecimal. */
  sha256: string;
};

export const backupFormat = 'tsumugi-backup';
export const backupVersion = 1;

/** The thumbprint of the key that signed; throws an Error where the signature does not fit. */
export type SignerOf = (jws: Uint8Array, payload: Uint8Array) => Promise<{ thumbprint: string }>;

/** The manifest in the last frame and the key that signed it. Throws BackupFault. */
export async function readManifest(
  content: Buffer,
  signerOf: SignerOf,
): Promise<{ manifest: BackupManifest; signer: string }> {
  const payload = Buffer.from(content.toString('latin1').split('.')[1] ?? '', 'base64url');
  const { thumbprint: signer } = await signerOf(content, payload).catch((cause) => {
    throw new BackupFault('the signature of the manifest does not fit', { cause });
  });
  const manifest: unknown = JSON.parse(payload.toString('utf8'));
  if (!isObject(manifest) || manifest.format !== backupFormat) throw new BackupFault('the manifest is not of a backup');
  if (manifest.version !== backupVersion)
    throw new BackupFault(
      `the backup is of format version ${JSON.stringify(manifest.version)}; this program reads ${backupVersion}`,
    );
  return { manifest: manifest as unknown as BackupManifest, signer };
}
