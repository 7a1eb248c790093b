// The key of backups: a file of its own, which `tsumugi backup-key` makes, or one that holds a passphrase. Every backup and key ring
// has a salt, and is encrypted with a key of its own that is derived from the file: HKDF-SHA-256 (RFC 5869) from 32 random bytes,
// scrypt (RFC 7914, N = 2^17, r = 8, p = 1) from a passphrase.

import { createHash, hkdfSync, randomBytes, scryptSync } from 'node:crypto';
import { BackupFault } from './backup-fault.ts';

/** `id` tells two keys apart without saying anything of them. */
export type FileKey = { key: Buffer; id: string };

const prefix = 'tsumugi-backup-key:1:';
const shortestPassphrase = 16;

/** The text of a new key file. */
export const newBackupKey = (): string => `${prefix}${randomBytes(32).toString('base64url')}\n`;

/** The key of one file, from what the key file holds and the salt in the file's head. Throws BackupFault. */
export function fileKey(keyText: string, salt: Buffer): FileKey {
  const text = keyText.trim();
  const isMade = text.startsWith(prefix);
  const made = Buffer.from(isMade ? text.slice(prefix.length) : '', 'base64url');
  if (isMade && made.length !== 32) throw new BackupFault('the key file was damaged: its key does not have 32 bytes');
  if (!isMade && text.length < shortestPassphrase)
    throw new BackupFault(`the passphrase in the key file has fewer than ${shortestPassphrase} characters`);
  const master = isMade ? made : scryptSync(text, salt, 32, { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 });
  const derived = Buffer.from(hkdfSync('sha256', master, salt, 'tsumugi backup', 64));
  return {
    key: derived.subarray(0, 32),
    id: createHash('sha256').update(derived.subarray(32)).digest('hex').slice(0, 16),
  };
}
