// Reading DER, ITU-T X.690, with node-forge: whatever is not exactly DER is refused, so that a part written again is byte
// for byte the part that was signed.

import forge from 'node-forge';

const { asn1 } = forge;

export type Der = forge.asn1.Asn1;

/** Thrown for bytes that are not DER, or not of the shape that was asked for. */
export class DerError extends Error {}

/** Tags of the universal class. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  sequence: 0x10,
  set: 0x11,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

/** The tag of a context-specific member, `[number]` in ASN.1. */
export const context = (number: number): number => 0x80 | number;

/** One DER value and nothing behind it. Throws DerError. */
export function readDer(bytes: Uint8Array): Der {
  const text = Buffer.from(bytes).toString('latin1');
  try {
    const read = fromDer(text, { strict: true, parseAllBytes: true, decodeBitStrings: false, maxDepth });
    if (asn1.toDer(read).getBytes() === text) return read;
  } catch {
    // node-forge throws plain errors for what it cannot read.
  }
  throw new DerError('not DER');
}

/** The members of a SEQUENCE in order. Each call throws DerError where the member is not there. */
export type Members = {
  next(tag?: number): Der;
  optional(tag: number): Der | undefined;
  /** Throws unless every member has been taken. */
  end(): void;
};

export function membersOf(sequence: Der): Members {
  const list = childrenOf(sequence, tags.sequence);
  let at = 0;
  const isNext = (tag: number | undefined) => {
    const one = list[at];
    return one !== undefined && (tag === undefined || tagOf(one) === tag);
  };
  const next = (tag?: number): Der => {
    const one = list[at];
    if (one === undefined || !isNext(tag)) throw new DerError('a member is missing');
    at += 1;
    return one;
  };
  return {
    next,
    optional: (tag) => (isNext(tag) ? next(tag) : undefined),
    end: () => {
      if (at !== list.length) throw new DerError('there is a member too many');
    },
  };
}

/** What a constructed value of that tag holds. */
export function childrenOf(node: Der, tag: number): Der[] {
  if (tagOf(node) !== tag || !node.constructed || !Array.isArray(node.value)) throw new DerError('not constructed');
  return node.value;
}

/** The one value in an explicitly tagged one. */
export function onlyChildOf(node: Der, tag: number): Der {
  const [child, ...more] = childrenOf(node, tag);
  if (child === undefined || more.length > 0) throw new DerError('not one value');
  return child;
}

/** The content of a primitive value of that tag. */
export function contentOf(node: Der, tag: number): Buffer {
  if (tagOf(node) !== tag || node.constructed || typeof node.value !== 'string') throw new DerError('not primitive');
  return Buffer.from(node.value, 'latin1');
}

export const tagOf = (node: Der): number => node.tagClass | node.type;

/** The bytes of a value with its tag and length, as they were read. */
export const bytesOf = (node: Der): Buffer => Buffer.from(asn1.toDer(node).getBytes(), 'latin1');

export function oidOf(node: Der): string {
  const content = contentOf(node, tags.oid);
  try {
    return asn1.derToOid(content.toString('latin1'));
  } catch {
    throw new DerError('not an object identifier');
  }
}

/** The two's complement of an INTEGER in hexadecimal, without the octet that only says that it is positive. */
export function integerHexOf(node: Der): string {
  const content = contentOf(node, tags.integer);
  const [first = 0x80] = content;
  if (first >= 0x80) throw new DerError('not a natural number');
  return (first === 0 && content.length > 1 ? content.subarray(1) : content).toString('hex');
}

/** A natural number below 2^31. */
export function smallNumberOf(node: Der, tag: number = tags.integer): number {
  const content = contentOf(node, tag);
  if (content.length === 0 || content.length > 4 || content.readUInt8(0) >= 0x80)
    throw new DerError('not a small number');
  return content.readUIntBE(0, content.length);
}

export function booleanOf(node: Der): boolean {
  const content = contentOf(node, tags.boolean);
  if (content.length !== 1) throw new DerError('not a boolean');
  // DER: true is 0xff and nothing else.
  const [value = 0] = content;
  if (value !== 0 && value !== 0xff) throw new DerError('not a boolean');
  return value === 0xff;
}

/** The whole octets of a BIT STRING; throws for one that does not end with an octet. */
export function octetsOf(node: Der): Buffer {
  const content = contentOf(node, tags.bitString);
  if (content[0] !== 0) throw new DerError('not whole octets');
  return content.subarray(1);
}

/** The set bits of a BIT STRING by their number, as named bit lists count them. */
export function bitsOf(node: Der): Set<number> {
  const content = contentOf(node, tags.bitString);
  const [unused = 8] = content;
  if (unused > 7 || (content.length === 1 && unused > 0)) throw new DerError('not a bit string');
  const bits = new Set<number>();
  for (let bit = 0; bit < (content.length - 1) * 8 - unused; bit += 1) {
    if (((content[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0) bits.add(bit);
  }
  return bits;
}

/** An instant in the forms of RFC 5280 section 4.1.2.5: to the second, in UTC. */
export function timeMsOf(node: Der): number {
  const isUtcTime = tagOf(node) === tags.utcTime;
  const text = contentOf(node, isUtcTime ? tags.utcTime : tags.generalizedTime).toString('latin1');
  const found = (
    isUtcTime ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
  ).exec(text);
  if (!found) throw new DerError('not a time');
  const [year = 0, ...rest] = found.slice(1).map(Number);
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = rest;
  const fullYear = isUtcTime ? year + (year < 50 ? 2000 : 1900) : year;
  const date = new Date(Date.UTC(fullYear, month - 1, day, hour, minute, second));
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!isReal) throw new DerError('not a time');
  return date.getTime();
}

const maxDepth = 24;

type FromDer = (
  text: string,
  options: { strict: boolean; parseAllBytes: boolean; decodeBitStrings: boolean; maxDepth: number },
) => Der;

// @types/node-forge knows the second argument as a boolean only.
const fromDer = asn1.fromDer as unknown as FromDer;
