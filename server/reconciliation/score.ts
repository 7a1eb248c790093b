// How well two records fit together: the sum of what each respect of their kind is worth, and the reasons for who asks.

import { dayWord } from './day-word.ts';
import type { Compare, Kind, Pair, Said } from './types.ts';

export type Scores<Facts> = {
  /** The score of two records, in either order; undefined where they are never one event. */
  of(one: Said<Facts>, other: Said<Facts>): number | undefined;
  /** The same with its reasons; without any where they are never one event. The reference that sorts first is `one`. */
  explained(one: Said<Facts>, other: Said<Facts>): Pair;
};

/** Each two records are scored once. */
export function createScores<Facts>({ compare, rules }: Kind<Facts>): Scores<Facts> {
  const respects = Object.entries(rules.weights).map(([respect, weights]): Respect<Facts> => {
    const word = GENERAL[respect] ?? compare[respect];
    if (word === undefined) throw new TypeError(`Nothing compares the respect "${respect}"`);
    return { respect, weights, word };
  });
  const known = new Map<Said<Facts>, Map<Said<Facts>, number | undefined>>();
  const score = (one: Said<Facts>, other: Said<Facts>): number | undefined => {
    let sum = 0;
    for (const { weights, word } of respects) {
      const weight = weights[word(one, other)] ?? 0;
      if (weight === 'never') return undefined;
      sum += weight;
    }
    return sum;
  };
  const scoreOf = (a: Said<Facts>, b: Said<Facts>): number | undefined => {
    const [one, other] = inOrder(a, b);
    let ofOne = known.get(one);
    if (ofOne === undefined) {
      ofOne = new Map();
      known.set(one, ofOne);
    }
    const found = ofOne.get(other);
    if (found !== undefined || ofOne.has(other)) return found;
    const sum = score(one, other);
    ofOne.set(other, sum);
    return sum;
  };
  return {
    of: scoreOf,
    explained(a, b) {
      const [one, other] = inOrder(a, b);
      const pair = { one: one.reference, other: other.reference };
      const sum = scoreOf(one, other);
      // A person joined what no rule would.
      if (sum === undefined) return { ...pair, score: 0, words: {}, reasons: [] };
      const words = respects.map(({ respect, word, weights }) => {
        const said = word(one, other);
        return { respect, word: said, weight: Number(weights[said] ?? 0) };
      });
      return {
        ...pair,
        score: sum,
        words: Object.fromEntries(words.map(({ respect, word }) => [respect, word])),
        reasons: words.filter(({ weight }) => weight !== 0),
      };
    },
  };
}

type Respect<Facts> = {
  respect: string;
  weights: Readonly<Record<string, number | 'never'>>;
  word: Compare<Facts>;
};

/** What is compared alike for every kind. */
const GENERAL: Readonly<Record<string, Compare<unknown>>> = {
  day: (one, other) => dayWord(one.days, other.days),
  identifier: (one, other) => (isSaidAgain(one, other) ? 'same' : 'other'),
  source: (one, other) => (one.source === other.source ? 'same' : 'other'),
};

const inOrder = <Facts>(a: Said<Facts>, b: Said<Facts>): [Said<Facts>, Said<Facts>] =>
  compareText(a.reference, b.reference) <= 0 ? [a, b] : [b, a];

/** The sender itself calls both by one name. */
export const isSaidAgain = (one: Said<unknown>, other: Said<unknown>): boolean =>
  one.identifier !== undefined && one.identifier === other.identifier;

/** By code unit: the same everywhere. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
