// Sets of positions as bits do what sets of numbers do, and come back from their stored blocks as they were.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addBlock,
  allPositions,
  blockSize,
  has,
  intersect,
  membersOf,
  noPositions,
  positionsOf,
  sizeOf,
  storedBlock,
  subtract,
  unite,
} from '../../server/store/position-set.ts';

const count = 3 * blockSize - 5;
const some = fc.uniqueArray(fc.nat(count - 1), { maxLength: 3_000 });
const ascending = (members: Iterable<number>) => [...members].sort((a, b) => a - b);

test('united, intersected and subtracted they hold what sets of numbers hold', () => {
  fc.assert(
    fc.property(some, some, (a, b) => {
      const [first, second] = [new Set(a), new Set(b)];
      const set = () => positionsOf(a, count);
      expect(membersOf(unite(set(), positionsOf(b, count)))).toEqual(ascending(first.union(second)));
      expect(membersOf(intersect(set(), positionsOf(b, count)))).toEqual(ascending(first.intersection(second)));
      expect(membersOf(subtract(set(), positionsOf(b, count)))).toEqual(ascending(first.difference(second)));
      expect(sizeOf(set())).toBe(first.size);
      expect(b.every((one) => has(set(), one) === first.has(one))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('a page is a part of all members', () => {
  fc.assert(
    fc.property(some, fc.nat(3_000), fc.nat(100), (a, offset, length) => {
      expect(membersOf(positionsOf(a, count), offset, length)).toEqual(ascending(a).slice(offset, offset + length));
    }),
  );
});

test('a block comes back as it was, few members or many', () => {
  const places = fc.uniqueArray(fc.nat(blockSize - 1), { maxLength: 1_500 });
  fc.assert(
    fc.property(places, fc.nat(1), (members, block) => {
      const stored = storedBlock(ascending(members));
      expect(stored.length).toBeLessThanOrEqual(blockSize / 8);
      const expected = ascending(members).map((place) => block * blockSize + place);
      expect(membersOf(addBlock(noPositions(count), block, stored))).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

test.each([1, 31, 32, 33, blockSize])('all of %i positions are that many', (size) => {
  expect(sizeOf(allPositions(size))).toBe(size);
  expect(membersOf(allPositions(size)).at(-1)).toBe(size - 1);
});
