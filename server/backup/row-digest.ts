// One digest for the rows of a table in whatever order they come: the SHA-256 of every row, added up in eight lanes of 32 bits. It finds
// what a fault of ours would do to a restored table; against people there is the encryption.

import { hash } from 'node:crypto';

export type RowDigest = { rows: number; add(row: Buffer): void; text(): string };

export function createRowDigest(): RowDigest {
  const lanes = new Uint32Array(8);
  const digest: RowDigest = {
    rows: 0,
    add(row) {
      digest.rows += 1;
      const one = hash('sha256', row, 'buffer');
      for (let lane = 0; lane < 8; lane++) lanes[lane] = (lanes[lane] ?? 0) + one.readUInt32BE(lane * 4);
    },
    text: () => [...lanes].map((lane) => lane.toString(16).padStart(8, '0')).join(''),
  };
  return digest;
}

/** Cuts a stream of text into its lines, each with its end. A line may come in many pieces. */
export function createLineCutter(onLine: (line: Buffer) => void) {
  let pieces: Buffer[] = [];
  return {
    add(chunk: Buffer) {
      let from = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
        const tail = chunk.subarray(from, end + 1);
        onLine(pieces.length === 0 ? tail : Buffer.concat([...pieces, tail]));
        if (pieces.length > 0) pieces = [];
        from = end + 1;
      }
      if (from < chunk.length) pieces.push(Buffer.from(chunk.subarray(from)));
    },
    /** Bytes behind the last line's end. */
    rest: () => pieces.reduce((sum, piece) => sum + piece.length, 0),
  };
}
