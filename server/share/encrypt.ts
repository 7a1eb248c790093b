// A file of a link as it is stored and handed out: JWE in compact form, `dir` with A256GCM and a fresh IV each time, deflated.
// HL7 SMART Health Cards and Links STU 1, "Encrypting and Decrypting Files".

import { CompactEncrypt } from 'jose';

/** `key`: the link's, 32 bytes. */
export const encryptFile = (text: string, contentType: string, key: Uint8Array): Promise<string> =>
  new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cty: contentType, zip: 'DEF' })
    .encrypt(key);
