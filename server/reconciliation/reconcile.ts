// Which records tell of one event. Pairs are scored by the rules of their kind and linked from the best score down, as long as no two
// members must be apart; what persons have decided goes before. Nothing is stored, and the order of the records says nothing.

import { candidatePairs } from './candidates.ts';
import { linked } from './linked.ts';
import { nameOf } from './name-of.ts';
import { compareText, createScores, type ScoreOf } from './score.ts';
import type { Conflict, Decision, Event, Kind, Pair, Said } from './types.ts';

/** Every record is in exactly one event. Events come by the reference of their shown record. */
export function reconcile<Facts>(
  records: readonly Said<Facts>[],
  decisions: readonly Decision[],
  kind: Kind<Facts>,
): Event[] {
  const said = records.toSorted((a, b) => compareText(a.reference, b.reference));
  const scoreOf = createScores(kind);
  const { alone, possible } = kind.rules;
  const pairs = candidatePairs(said, kind.rules).flatMap(([one, other]) => {
    const pair = scoreOf(one, other);
    return pair === undefined || pair.score < Math.min(alone, possible) ? [] : [pair];
  });
  const fit = pairs.filter(({ score }) => score >= alone);
  const groups = linked(said, fit, decisions, kind, scoreOf);
  const groupOf = new Map(groups.flatMap((group) => group.map((one) => [one.reference, group] as const)));
  const apart = new Set(
    decisions.flatMap(({ one, other, verdict }) => (verdict === 'same' ? [] : [nameOf(one, other)])),
  );
  const open = pairs.filter((pair) => pair.score >= possible && isOpen(pair, groupOf, apart));
  return groups.map((group) => eventOf(group, open, kind, scoreOf)).sort((a, b) => compareText(a.shown, b.shown));
}

function eventOf<Facts>(
  group: readonly Said<Facts>[],
  open: readonly Pair[],
  kind: Kind<Facts>,
  scoreOf: ScoreOf<Facts>,
): Event {
  const members = group.toSorted(byStanding);
  const pairs = members.flatMap((one, n) =>
    members.slice(n + 1).map((other) => scoreOf(one, other) ?? unscored(one, other)),
  );
  const references = new Set(members.map(({ reference }) => reference));
  return {
    shown: members[0]?.reference ?? '',
    members: members.map(({ reference }) => reference),
    pairs,
    conflicts: pairs.flatMap((pair) => conflictsOf(pair, kind)),
    possible: open.filter(({ one, other }) => references.has(one) || references.has(other)),
  };
}

/** The source nearest to the event, then the record that says most, then the oldest. */
function byStanding<Facts>(a: Said<Facts>, b: Said<Facts>): number {
  return (
    a.distance - b.distance ||
    b.completeness - a.completeness ||
    compareText(a.recorded || '9999', b.recorded || '9999') ||
    compareText(a.reference, b.reference)
  );
}

/** A person joined what the rules would never have compared. */
const unscored = <Facts>(one: Said<Facts>, other: Said<Facts>): Pair => ({
  one: one.reference,
  other: other.reference,
  score: 0,
  words: {},
  reasons: [],
});

const conflictsOf = <Facts>({ one, other, words }: Pair, { rules }: Kind<Facts>): Conflict[] =>
  Object.entries(words).flatMap(([respect, word]) =>
    rules.conflicts[respect]?.includes(word) ? [{ respect, word, one, other }] : [],
  );

/** Two events that one source tells of apart are two, and so are those that a person has parted. */
function isOpen<Facts>(
  { one, other }: Pair,
  groupOf: ReadonlyMap<string, readonly Said<Facts>[]>,
  apart: ReadonlySet<string>,
): boolean {
  const [left = [], right = []] = [groupOf.get(one), groupOf.get(other)];
  if (left === right) return false;
  if (left.some((a) => right.some((b) => apart.has(nameOf(a.reference, b.reference))))) return false;
  const ofBoth = left.filter(({ source }) => right.some((record) => record.source === source));
  return ofBoth.every(({ reference }) => reference === one || reference === other);
}
