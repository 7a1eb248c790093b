// The place where a page ended, sealed: a next link shows neither search terms nor values, and cannot be made up.
// RFC 7516 (JWE), `dir` with A256GCM, by jose.

import { CompactEncrypt, compactDecrypt } from 'jose';
import type { Position } from '../search/plan.ts';

export type Cursor = {
  /** What is paged: a type, or a path such as `Patient/1/_history`. */
  of: string;
  query: [string, string][];
  after: Position;
  /** What the first page saw, where the pages are to agree on it: PostgreSQL's text of a snapshot. */
  snapshot?: string;
  /** The client it was made for. */
  client: string;
};

export type Cursors = {
  seal(cursor: Cursor): Promise<string>;
  /** Undefined for anything that this deployment did not seal. */
  open(text: string): Promise<Cursor | undefined>;
};

/** `key` is 32 random bytes, kept with the database so that every server of a deployment opens the same cursors. */
export function createCursors(key: Uint8Array): Cursors {
  return {
    seal: (cursor) =>
      new CompactEncrypt(new TextEncoder().encode(JSON.stringify(cursor)))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(key),
    open: async (text) => {
      try {
        const { plaintext } = await compactDecrypt(text, key, { keyManagementAlgorithms: ['dir'] });
        return JSON.parse(new TextDecoder().decode(plaintext)) as Cursor;
      } catch {
        return undefined;
      }
    },
  };
}
