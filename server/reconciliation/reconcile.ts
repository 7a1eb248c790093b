// Which records tell of one event. Pairs are scored by the rules of their kind and linked from the best score down, as long as no two
// members must be apart; what persons have decided goes before. Nothing is stored, and the order of the records says nothing.

import { candidatePairs } from './candidates.ts';
import { linked } from './linked.ts';
import { nameOf } from './name-of.ts';
import { compareText, createScores, type Scores } from './score.ts';
import type { Conflict, Decision, Event, Kind, Pair, Said, ScoredPair } from './types.ts';

/** Of what an event might also be, the likeliest: nobody looks at more. */
const MOST_POSSIBLE = 20;

/** Every record is in exactly one event. Events come by the reference of their shown record. */
export function reconcile<Facts>(
  records: readonly Said<Facts>[],
  decisions: readonly Decision[],
  kind: Kind<Facts>,
): Event[] {
  const { pairs, groups, scores } = grouped(records, decisions, kind);
  const groupOf = new Map(groups.flatMap((group) => group.map((one) => [one, group] as const)));
  const apart = new Set(
    decisions.flatMap(({ one, other, verdict }) => (verdict === 'same' ? [] : [nameOf(one, other)])),
  );
  const open = new Map<readonly Said<Facts>[], Pair[]>(groups.map((group) => [group, []]));
  for (const { one, other, score } of pairs) {
    const [left, right] = [groupOf.get(one) ?? [], groupOf.get(other) ?? []];
    if (score < kind.rules.possible || left === right || !isOpen(one, other, left, right, apart)) continue;
    const told = [left, right].map((group) => open.get(group) ?? []).filter(({ length }) => length < MOST_POSSIBLE);
    if (told.length === 0) continue;
    const pair = scores.explained(one, other);
    for (const pairs of told) pairs.push(pair);
  }
  return groups
    .map((group) => eventOf(group, open.get(group) ?? [], kind, scores))
    .sort((a, b) => compareText(a.shown, b.shown));
}

/** The references of the records that another stands for. */
export function toldAgain<Facts>(
  records: readonly Said<Facts>[],
  decisions: readonly Decision[],
  kind: Kind<Facts>,
): Set<string> {
  const { groups } = grouped(records, decisions, kind);
  return new Set(
    groups.flatMap((group) =>
      group.length === 1
        ? []
        : group
            .toSorted(byStanding)
            .slice(1)
            .map(({ reference }) => reference),
    ),
  );
}

function grouped<Facts>(records: readonly Said<Facts>[], decisions: readonly Decision[], kind: Kind<Facts>) {
  const said = records.toSorted((a, b) => compareText(a.reference, b.reference));
  const scores = createScores(kind);
  const pairs = scoredPairs(said, scores, kind);
  const fit = pairs.filter(({ score }) => score >= kind.rules.alone);
  return { pairs, groups: linked(said, fit, decisions, kind, scores), scores };
}

function scoredPairs<Facts>(
  said: readonly Said<Facts>[],
  scores: Scores<Facts>,
  { rules }: Kind<Facts>,
): ScoredPair<Facts>[] {
  const least = Math.min(rules.alone, rules.possible);
  const pairs: ScoredPair<Facts>[] = [];
  for (const [one, other] of candidatePairs(said, rules)) {
    const score = scores.of(one, other);
    if (score === undefined || score < least) continue;
    pairs.push(
      compareText(one.reference, other.reference) < 0 ? { one, other, score } : { one: other, other: one, score },
    );
  }
  return pairs.sort(
    (a, b) =>
      b.score - a.score ||
      compareText(a.one.reference, b.one.reference) ||
      compareText(a.other.reference, b.other.reference),
  );
}

function eventOf<Facts>(
  group: readonly Said<Facts>[],
  possible: readonly Pair[],
  kind: Kind<Facts>,
  scores: Scores<Facts>,
): Event {
  const members = group.toSorted(byStanding);
  const pairs = members.flatMap((one, n) => members.slice(n + 1).map((other) => scores.explained(one, other)));
  return {
    shown: members[0]?.reference ?? '',
    members: members.map(({ reference }) => reference),
    pairs,
    conflicts: pairs.flatMap((pair) => conflictsOf(pair, kind)),
    possible,
  };
}

/** What can be counted by goes first; then the source nearest to the event, the record that says most, the oldest. */
function byStanding<Facts>(a: Said<Facts>, b: Said<Facts>): number {
  return (
    Number(b.isExact) - Number(a.isExact) ||
    a.distance - b.distance ||
    b.completeness - a.completeness ||
    compareText(a.recorded || '9999', b.recorded || '9999') ||
    compareText(a.reference, b.reference)
  );
}

const conflictsOf = <Facts>({ one, other, words }: Pair, { rules }: Kind<Facts>): Conflict[] =>
  Object.entries(words).flatMap(([respect, word]) =>
    rules.conflicts[respect]?.includes(word) ? [{ respect, word, one, other }] : [],
  );

/** Two events that one source tells of apart are two, and so are those that a person has parted. */
function isOpen<Facts>(
  one: Said<Facts>,
  other: Said<Facts>,
  left: readonly Said<Facts>[],
  right: readonly Said<Facts>[],
  apart: ReadonlySet<string>,
): boolean {
  if (apart.size > 0 && left.some((a) => right.some((b) => apart.has(nameOf(a.reference, b.reference))))) return false;
  const isTold = (record: Said<Facts>) => right.some(({ source }) => source === record.source);
  return left.every((record) => record === one || record === other || !isTold(record));
}
