// Records on their way to events: each in a group, groups joined where nothing keeps them apart.

import { nameOf } from './name-of.ts';
import { isSaidAgain, type Scores } from './score.ts';
import type { Decision, Said } from './types.ts';

export type Group<Facts> = readonly Said<Facts>[];

/** No event is told of so often. A broken record that says the same a thousand times over is more than one. */
const MOST_MEMBERS = 40;

export type MayJoin<Facts> = (left: Group<Facts>, right: Group<Facts>) => boolean;

export type Groups<Facts> = {
  record(reference: string): Said<Facts> | undefined;
  of(record: Said<Facts>): Group<Facts>;
  /** Joins the groups of two records unless a person says no; whether it did. */
  join(one: Said<Facts>, other: Said<Facts>): boolean;
  all(): Group<Facts>[];
};

export function createGroups<Facts>(said: readonly Said<Facts>[], decisions: readonly Decision[]): Groups<Facts> {
  const byReference = new Map(said.map((record) => [record.reference, record]));
  const groupOf = new Map<Said<Facts>, Group<Facts>>(said.map((record) => [record, [record]]));
  const parted = decisions.flatMap(({ one, other, verdict }) => (verdict === 'same' ? [] : [nameOf(one, other)]));
  const apart = new Set(parted);
  const of = (record: Said<Facts>) => groupOf.get(record) ?? [];
  return {
    record: (reference) => byReference.get(reference),
    of,
    join(one, other) {
      const [left, right] = [of(one), of(other)];
      if (left === right || isLarge(left, right)) return false;
      const isParted = (a: Said<Facts>) => right.some((b) => apart.has(nameOf(a.reference, b.reference)));
      if (apart.size > 0 && left.some(isParted)) return false;
      const group = [...left, ...right];
      for (const record of group) groupOf.set(record, group);
      return true;
    },
    all: () => [...new Set(groupOf.values())],
  };
}

/** No two of one source, and no two that can never be one; of what a person has joined (names of pairs) no rule is asked. */
export function mayJoin<Facts>(scores: Scores<Facts>, joined: ReadonlySet<string>): MayJoin<Facts> {
  const isJoined = (a: Said<Facts>, b: Said<Facts>) => joined.size > 0 && joined.has(nameOf(a.reference, b.reference));
  const may = (a: Said<Facts>, b: Said<Facts>) =>
    (a.source !== b.source || isSaidAgain(a, b)) && (scores.of(a, b) !== undefined || isJoined(a, b));
  return (left, right) => !isLarge(left, right) && left.every((a) => right.every((b) => may(a, b)));
}

const isLarge = (left: Group<unknown>, right: Group<unknown>): boolean => left.length + right.length > MOST_MEMBERS;
