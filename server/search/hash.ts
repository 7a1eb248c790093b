// A searchable fact as one 64-bit number: a mark. SHA-1 cut to 64 bits, so that nobody can choose a value that collides
// with another family's identifier.

import { hash } from 'node:crypto';

const known = new Map<string, string>();
const mostKnown = 50_000;
const longestKnown = 200;

/** The mark of a fact's text, as the decimal text of a signed 64-bit integer (PostgreSQL bigint). */
export function mark(fact: string): string {
  const found = known.get(fact);
  if (found !== undefined) return found;
  const value = BigInt.asIntN(64, BigInt(`0x${hash('sha1', fact, 'hex').slice(0, 16)}`)).toString();
  // A note of a megabyte comes once.
  if (fact.length > longestKnown) return value;
  // Codes and systems repeat endlessly, ids never do: starting afresh now and then is as good as a real LRU here.
  if (known.size >= mostKnown) known.clear();
  known.set(fact, value);
  return value;
}

/** The number of a parameter in the `words` table: 31 bits of the hash of `Type.code`. */
export function parameterNumber(type: string, code: string): number {
  return Number.parseInt(hash('sha1', `${type}.${code}`, 'hex').slice(0, 8), 16) >>> 1;
}
