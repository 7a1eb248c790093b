// Codes that one person gives another, on paper or over the telephone, and that work once. Only their hashes are kept.

import { createHash, randomInt } from 'node:crypto';

// Without letters that are read as digits or as each other, so that a code survives a telephone call.
const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
const codeLength = 10;

/** 49 bits: too many to try. */
export const newCode = (): string =>
  Array.from({ length: codeLength }, () => alphabet[randomInt(alphabet.length)]).join('');

/** How a code is kept and found: as people write it, with spaces and in small letters, it is the same. */
export const hashOfCode = (code: string): Buffer =>
  createHash('sha256')
    .update(code.toUpperCase().replace(/[^0-9A-Z]/g, ''))
    .digest();
