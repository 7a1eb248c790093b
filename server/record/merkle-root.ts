// One digest for all files of an archive, from which one file can be shown to belong to it without the others.
// Merkle Tree Hash of RFC 9162, section 2.1.1, with SHA-256.

import { createHash } from 'node:crypto';

/** `sha256` in hexadecimal. */
type Leaf = { path: string; sha256: string };

/**
 * The root in lower-case hexadecimal. The entry of a leaf is the SHA-256 of the file (32 bytes) followed by its path in UTF-8;
 * the leaves are in the order of the list.
 */
export function merkleRoot(files: readonly Leaf[]): string {
  const leaves = files.map(({ path, sha256 }) => hash(leafMark, Buffer.from(sha256, 'hex'), Buffer.from(path)));
  return (leaves.length === 0 ? hash() : treeHash(leaves)).toString('hex');
}

const leafMark = Buffer.of(0);
const nodeMark = Buffer.of(1);

function treeHash(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (leaves.length === 1 && only) return only;
  // The largest power of two below the number of leaves.
  const left = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1);
  return hash(nodeMark, treeHash(leaves.slice(0, left)), treeHash(leaves.slice(left)));
}

function hash(...parts: Buffer[]): Buffer {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest();
}
