// Codes that people read, type and say: without letters that are read as digits or as each other. 16 of them are 78 bits, too
// many to try, so that a plain hash is enough to keep.

import { createHash, randomInt } from 'node:crypto';

const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
const groups = 4;
const groupLength = 4;

/** A new code: `7KQM-2XWD-…`, four groups of four. */
export function newCode(): string {
  const group = () => Array.from({ length: groupLength }, () => alphabet[randomInt(alphabet.length)]).join('');
  return Array.from({ length: groups }, group).join('-');
}

/** The hash under which a code is kept; case, width, spaces and hyphens do not matter. */
export function hashOfCode(code: string): Buffer {
  const text = code
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '');
  return createHash('sha256').update(text).digest();
}
