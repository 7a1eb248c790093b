// How well two records fit together: the sum of what each respect of their kind is worth, with the reasons.

import { dayWord } from './day-word.ts';
import { nameOf } from './name-of.ts';
import type { Kind, Pair, Reason, Said } from './types.ts';

/** The score of two records; undefined where they are never one event. */
export type ScoreOf<Facts> = (one: Said<Facts>, other: Said<Facts>) => Pair | undefined;

/** Scores each two records once. */
export function createScores<Facts>(kind: Kind<Facts>): ScoreOf<Facts> {
  const known = new Map<string, Pair | undefined>();
  return (one, other) => {
    const name = nameOf(one.reference, other.reference);
    if (known.has(name)) return known.get(name);
    const pair = scorePair(one, other, kind);
    known.set(name, pair);
    return pair;
  };
}

/** The reference that sorts first is `one`. */
function scorePair<Facts>(a: Said<Facts>, b: Said<Facts>, { compare, rules }: Kind<Facts>): Pair | undefined {
  const [one, other] = compareText(a.reference, b.reference) <= 0 ? [a, b] : [b, a];
  const words: Record<string, string> = {};
  const reasons: Reason[] = [];
  let score = 0;
  for (const [respect, weights] of Object.entries(rules.weights)) {
    const word = wordOf(respect, one, other, compare);
    const weight = weights[word] ?? 0;
    if (weight === 'never') return undefined;
    words[respect] = word;
    if (weight !== 0) reasons.push({ respect, word, weight });
    score += weight;
  }
  return { one: one.reference, other: other.reference, score, words, reasons };
}

/** Day, identifier and source are compared alike for every kind. */
function wordOf<Facts>(respect: string, one: Said<Facts>, other: Said<Facts>, compare: Kind<Facts>['compare']): string {
  if (respect === 'day') return dayWord(one.days, other.days);
  if (respect === 'identifier') return isSaidAgain(one, other) ? 'same' : 'other';
  if (respect === 'source') return one.source === other.source ? 'same' : 'other';
  return compare[respect]?.(one, other) ?? '';
}

/** The sender itself calls both by one name. */
export const isSaidAgain = <Facts>(one: Said<Facts>, other: Said<Facts>): boolean =>
  one.identifier !== undefined && one.identifier === other.identifier;

/** By code unit: the same everywhere. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
