// With whom else a record might be linked instead: where another is nearly as good, which of them is meant cannot be said.

import type { Groups, MayJoin } from './groups.ts';
import type { ScoreOf } from './score.ts';
import type { Pair } from './types.ts';

export type Rival = {
  /** It can never be what the partner is: two vaccines, two drugs. Else it is one more of the same. */
  isOtherThing: boolean;
};

/** The rivals of a pair as the groups are at that moment: as good as it but for `margin`. */
export function createRivals<Facts>(
  pairs: readonly Pair[],
  groups: Groups<Facts>,
  may: MayJoin<Facts>,
  scoreOf: ScoreOf<Facts>,
  margin: number,
): (pair: Pair) => Rival[] {
  const byRecord = new Map<string, Pair[]>();
  for (const pair of pairs) {
    for (const reference of [pair.one, pair.other]) {
      const known = byRecord.get(reference);
      if (known === undefined) byRecord.set(reference, [pair]);
      else known.push(pair);
    }
  }
  const rivalsFor = (of: string, partner: string, score: number): Rival[] => {
    const [own, group] = [groups.of(of), groups.of(partner)];
    return own.flatMap(({ reference }) =>
      (byRecord.get(reference) ?? []).flatMap((pair): Rival[] => {
        if (pair.score <= score - margin) return [];
        const rival = groups.record(pair.one === reference ? pair.other : pair.one);
        const rivals = groups.of(rival?.reference ?? '');
        if (rival === undefined || rivals === own || rivals === group) return [];
        if (!may(own, rivals) || may(group, rivals)) return [];
        return [{ isOtherThing: group.some((a) => rivals.some((b) => scoreOf(a, b) === undefined)) }];
      }),
    );
  };
  return ({ one, other, score }) => [...rivalsFor(one, other, score), ...rivalsFor(other, one, score)];
}
