// Sets that were worked out lately: who pages through an expansion, or checks one code after the other against a value set, asks
// for the same again and again. What is in force under a number never changes, so nothing kept becomes wrong.

import type { PositionSet } from './position-set.ts';

const mostBytes = 32 * 1024 * 1024;

/** Answers the set kept under the key, or works it out; two who ask at once share the work. The set is not to be changed. */
export function createKeptSets(): (key: string, make: () => Promise<PositionSet>) => Promise<PositionSet> {
  const kept = new Map<string, { set: Promise<PositionSet>; bytes: number }>();
  let bytes = 0;
  return async (key, make) => {
    const known = kept.get(key);
    if (known) {
      kept.delete(key);
      kept.set(key, known);
      return known.set;
    }
    const entry = { set: make(), bytes: 0 };
    kept.set(key, entry);
    try {
      const set = await entry.set;
      entry.bytes = set.byteLength + key.length * 2;
      bytes += entry.bytes;
      for (const [oldest, { bytes: size }] of kept) {
        if (bytes <= mostBytes) break;
        kept.delete(oldest);
        bytes -= size;
      }
      return set;
    } catch (error) {
      kept.delete(key);
      throw error;
    }
  };
}
