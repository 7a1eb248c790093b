// New ids: UUIDs of version 8 with 48 bits of milliseconds, 12 bits of bucket and 62 random bits, so that they sort by time
// and lead to their shard.

import { randomFillSync } from 'node:crypto';

export const freshBucket = (): number => randomBits().readUInt16BE(0) & 0xfff;

const pool = Buffer.alloc(4096);
let used = pool.length;

/** A new id in the given bucket. */
export function newKey(nowMs: number, bucket: number): string {
  const time = nowMs.toString(16).padStart(12, '0');
  const random = randomBits();
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
  const tail = random.toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-8${bucket.toString(16).padStart(3, '0')}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

function randomBits(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 8;
  return Buffer.from(pool.subarray(used - 8, used));
}
