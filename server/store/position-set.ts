// Sets of concepts as bits, one for each position in the order of codes: what filters, hierarchies and searched words come down
// to. Stored 8192 positions at a time, as bits or, where those are shorter, as two bytes for each member.

/** A bit for each position. The functions here that change a set change their first argument, and return it. */
export type PositionSet = Uint32Array;

export const blockSize = 8192;
const bitBytes = blockSize / 8;
const blockWords = blockSize / 32;

export const noPositions = (count: number): PositionSet => new Uint32Array(Math.ceil(count / 32));

export function allPositions(count: number): PositionSet {
  const set = noPositions(count).fill(0xffff_ffff);
  if (count % 32 > 0) set[set.length - 1] = 2 ** (count % 32) - 1;
  return set;
}

export function positionsOf(positions: Iterable<number>, count: number): PositionSet {
  const set = noPositions(count);
  for (const position of positions) add(set, position);
  return set;
}

export const has = (set: PositionSet, position: number): boolean =>
  ((set[position >>> 5] ?? 0) & (1 << (position & 31))) !== 0;

export function unite(set: PositionSet, other: PositionSet): PositionSet {
  for (let n = 0; n < set.length; n++) set[n] = (set[n] ?? 0) | (other[n] ?? 0);
  return set;
}

export function intersect(set: PositionSet, other: PositionSet): PositionSet {
  for (let n = 0; n < set.length; n++) set[n] = (set[n] ?? 0) & (other[n] ?? 0);
  return set;
}

export function subtract(set: PositionSet, other: PositionSet): PositionSet {
  for (let n = 0; n < set.length; n++) set[n] = (set[n] ?? 0) & ~(other[n] ?? 0);
  return set;
}

export function sizeOf(set: PositionSet): number {
  let size = 0;
  for (const word of set) size += bitsOf(word);
  return size;
}

/** The members in ascending order: `count` of them behind the first `offset`. */
export function membersOf(set: PositionSet, offset = 0, count = Number.POSITIVE_INFINITY): number[] {
  const members: number[] = [];
  let toSkip = offset;
  for (let n = 0; n < set.length && members.length < count; n++) {
    let word = set[n] ?? 0;
    const bits = bitsOf(word);
    if (bits <= toSkip) {
      toSkip -= bits;
      continue;
    }
    for (; word !== 0 && members.length < count; word &= word - 1) {
      if (toSkip > 0) toSkip--;
      else members.push(n * 32 + (31 - Math.clz32(word & -word)));
    }
  }
  return members;
}

/** Places within a block, ascending and each once, as they are stored. */
export function storedBlock(places: readonly number[]): Buffer {
  if (places.length * 2 < bitBytes) {
    const list = Buffer.allocUnsafe(places.length * 2);
    places.forEach((place, n) => {
      list.writeUInt16LE(place, n * 2);
    });
    return list;
  }
  const bits = Buffer.alloc(bitBytes);
  for (const place of places) bits[place >>> 3] = (bits[place >>> 3] ?? 0) | (1 << (place & 7));
  return bits;
}

/** Adds what a stored block holds. */
export function addBlock(set: PositionSet, block: number, stored: Buffer): PositionSet {
  if (stored.length < bitBytes) {
    for (let at = 0; at < stored.length; at += 2) add(set, block * blockSize + stored.readUInt16LE(at));
    return set;
  }
  const first = block * blockWords;
  for (let n = 0; n < blockWords && first + n < set.length; n++)
    set[first + n] = (set[first + n] ?? 0) | stored.readUInt32LE(n * 4);
  return set;
}

function add(set: PositionSet, position: number): void {
  set[position >>> 5] = (set[position >>> 5] ?? 0) | (1 << (position & 31));
}

function bitsOf(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
