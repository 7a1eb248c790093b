// Documents with small faults, made by a seed: quoted values exchanged or replaced, pieces cut out, doubled or overwritten. What a
// mapping gives for them must be sound, or it must refuse them with a reason.

import { type Random, randomFrom } from '../test/support/random.ts';

/** One after another; the same seed gives the same documents. `inputs` are texts of sound ones. */
export function mutations(inputs: readonly string[], seed: number): { next(): Uint8Array } {
  const random = randomFrom(seed);
  return {
    next: () => {
      let text = random.pick(inputs);
      for (let times = 1 + random.below(4); times > 0; times--) text = mutated(text, random);
      return Buffer.from(text, 'utf8');
    },
  };
}

function mutated(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const to = Math.min(text.length, at + random.below(3000));
  switch (random.below(8)) {
    case 0:
      return text.slice(0, at) + random.pick(bits) + text.slice(at + random.below(8));
    case 1:
      return text.slice(0, at) + text.slice(to);
    case 2:
      return text.slice(0, to) + text.slice(at);
    case 3:
    case 4:
      return atQuoted(text, random, ({ start, end }) => text.slice(start, end));
    default:
      return atQuoted(text, random, () => random.pick(harmless));
  }
}

/** Puts something between a pair of quotes; what it is may come from another pair. */
function atQuoted(text: string, random: Random, what: (other: Piece) => string): string {
  const all = quotedIn(text);
  if (all.length === 0) return text;
  const { start, end } = random.pick(all);
  return text.slice(0, start) + what(random.pick(all)) + text.slice(end);
}

type Piece = { start: number; end: number };

const quotedIn = (text: string): Piece[] =>
  [...text.matchAll(/"([^"<>]*)"/g)].map(({ index, 1: inside = '' }) => ({
    start: index + 1,
    end: index + 1 + inside.length,
  }));

const bits = [
  '',
  '"',
  '<',
  '>',
  '&',
  '0',
  '-1',
  '99999999',
  'true',
  'null',
  '{}',
  '[]',
  '\u0000',
  '\ud800',
  '\u00a0',
  '\u3000',
  '試験',
  ' ',
  'UNK',
  'x'.repeat(3000),
  '1e999',
  '2.50',
  '#x',
  '2024-13-45',
  '20241301',
  '20240229123045+0900',
  'urn:uuid:x',
  '2.16.840.1.113883.6.1',
  'nullified',
  'constructor',
  'Patient/other',
  'IVL_PQ',
];

/** Those that leave XML and JSON well-formed. */
const harmless = bits.filter((bit) => !/["<&\0]/.test(bit));
