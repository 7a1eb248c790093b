// What stands above each code of a code system that is being loaded.

import { LoadFault } from './load-fault.ts';

const mostPairs = 60_000_000;

/** By position, the positions above it; undefined where there are none. Throws LoadFault where a code stands above itself. */
export function ancestorsOf(
  codes: readonly string[],
  parents: readonly (readonly number[] | undefined)[],
): (Int32Array | undefined)[] {
  const ancestors: (Int32Array | undefined)[] = new Array(codes.length);
  /** 1: its ancestors are being found, 2: they are. */
  const state = new Uint8Array(codes.length);
  let pairs = 0;
  for (let start = 0; start < codes.length; start++) {
    const open = [start];
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const above = parents[top];
      if (state[top] === 0 && above) {
        state[top] = 1;
        for (const parent of above) {
          if (state[parent] === 1)
            throw new LoadFault(`the code ${codes[parent]} stands above itself: the hierarchy goes round in a circle`);
          if (state[parent] === 0) open.push(parent);
        }
        continue;
      }
      open.pop();
      if (state[top] === 2 || !above) continue;
      const found = new Set(above);
      for (const parent of above) for (const one of ancestors[parent] ?? []) found.add(one);
      pairs += found.size;
      if (pairs > mostPairs)
        throw new LoadFault(`the hierarchy has more than ${mostPairs} pairs of a code and one above it`);
      ancestors[top] = Int32Array.from(found);
      state[top] = 2;
    }
  }
  return ancestors;
}
