// Small things that must be read again and not be seen in the database: AES-256-GCM (NIST SP 800-38D), bound to what they
// belong to, with a random nonce in front and the tag behind.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export type Seal = ReturnType<typeof createSeal>;

const nonceBytes = 12;
const tagBytes = 16;

/** `key` has 32 bytes. What was sealed for one `owner` does not open for another. */
export function createSeal(key: Uint8Array) {
  return {
    close(plain: Uint8Array, owner: string): Buffer {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(owner));
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    /** Throws when it was not sealed so. */
    open(sealed: Uint8Array, owner: string): Buffer {
      const nonce = sealed.subarray(0, nonceBytes);
      const cipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
      cipher.setAAD(Buffer.from(owner)).setAuthTag(sealed.subarray(sealed.length - tagBytes));
      return Buffer.concat([cipher.update(sealed.subarray(nonceBytes, -tagBytes)), cipher.final()]);
    },
  };
}
