// Records on their way to events: each in a group, groups joined where nothing keeps them apart.

import { nameOf } from './name-of.ts';
import { isSaidAgain, type ScoreOf } from './score.ts';
import type { Decision, Said } from './types.ts';

type Group<Facts> = readonly Said<Facts>[];

export type MayJoin<Facts> = (left: Group<Facts>, right: Group<Facts>) => boolean;

export type Groups<Facts> = {
  record(reference: string): Said<Facts> | undefined;
  /** The group a record is in; empty for one that is not there. */
  of(reference: string): Group<Facts>;
  /** Joins the groups of two records unless `may` or a person says no. */
  join(one: string, other: string, may: MayJoin<Facts>): void;
  all(): Group<Facts>[];
};

export function createGroups<Facts>(said: readonly Said<Facts>[], decisions: readonly Decision[]): Groups<Facts> {
  const byReference = new Map(said.map((record) => [record.reference, record]));
  const groupOf = new Map<string, Group<Facts>>(said.map((record) => [record.reference, [record]]));
  const parted = decisions.flatMap(({ one, other, verdict }) => (verdict === 'same' ? [] : [nameOf(one, other)]));
  const apart = new Set(parted);
  const of = (reference: string) => groupOf.get(reference) ?? [];
  return {
    record: (reference) => byReference.get(reference),
    of,
    join(one, other, may) {
      const [left, right] = [of(one), of(other)];
      if (left.length === 0 || right.length === 0 || left === right || !may(left, right)) return;
      if (left.some((a) => right.some((b) => apart.has(nameOf(a.reference, b.reference))))) return;
      const group = [...left, ...right];
      for (const { reference } of group) groupOf.set(reference, group);
    },
    all: () => [...new Set(groupOf.values())],
  };
}

/** No two of one source, and no two that can never be one; of what a person has joined (names of pairs) no rule is asked. */
export function mayJoin<Facts>(scoreOf: ScoreOf<Facts>, joined: ReadonlySet<string>): MayJoin<Facts> {
  return (left, right) =>
    left.every((a) =>
      right.every(
        (b) =>
          (a.source !== b.source || isSaidAgain(a, b)) &&
          (scoreOf(a, b) !== undefined || joined.has(nameOf(a.reference, b.reference))),
      ),
    );
}
