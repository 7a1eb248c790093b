// Whether a key has signed: RSASSA-PKCS1-v1_5, RFC 8017 section 8.2, by OpenSSL. Digests that can be forged are not in the table.

import { type KeyObject, verify } from 'node:crypto';
import type { Signed } from './certificate.ts';
import { must } from './refusal.ts';

/** False where the signature is not the key's. Refuses an algorithm that is not in the table. */
export function isSignedBy({ tbs, algorithm, signature }: Signed, key: KeyObject): boolean {
  const digest = digests.get(algorithm);
  must(digest !== undefined, 'weak-cryptography');
  return isSignature(digest, tbs, signature, key);
}

/** What a card does: a signature with SHA-256 over the text. */
export const isCardSignature = (text: Buffer, signature: Uint8Array, key: KeyObject): boolean =>
  isSignature('sha256', text, signature, key);

function isSignature(digest: string, bytes: Buffer, signature: Uint8Array, key: KeyObject): boolean {
  return verify(digest, bytes, key, signature);
}

const digests: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
]);
