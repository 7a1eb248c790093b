// With whom else a record might be linked instead: where another is nearly as good, which of them is meant cannot be said.

import type { Groups, MayJoin } from './groups.ts';
import type { Scores } from './score.ts';
import type { Said, ScoredPair } from './types.ts';

export type Rival = {
  /** It can never be what the partner is: two vaccines, two drugs. Else it is one more of the same. */
  isOtherThing: boolean;
};

/** The rivals of a pair as the groups are at that moment: as good as it but for `margin`. */
export function createRivals<Facts>(
  pairs: readonly ScoredPair<Facts>[],
  groups: Groups<Facts>,
  may: MayJoin<Facts>,
  scores: Scores<Facts>,
  margin: number,
): (pair: ScoredPair<Facts>) => Rival[] {
  const byRecord = new Map<Said<Facts>, ScoredPair<Facts>[]>();
  for (const pair of pairs) {
    for (const record of [pair.one, pair.other]) {
      const known = byRecord.get(record);
      if (known === undefined) byRecord.set(record, [pair]);
      else known.push(pair);
    }
  }
  const rivalsFor = (of: Said<Facts>, partner: Said<Facts>, score: number): Rival[] => {
    const [own, group] = [groups.of(of), groups.of(partner)];
    const rivals: Rival[] = [];
    for (const record of own) {
      for (const pair of byRecord.get(record) ?? []) {
        // They come with the best first.
        if (pair.score <= score - margin) break;
        const rival = groups.of(pair.one === record ? pair.other : pair.one);
        if (rival === own || rival === group || !may(own, rival) || may(group, rival)) continue;
        rivals.push({ isOtherThing: group.some((a) => rival.some((b) => scores.of(a, b) === undefined)) });
      }
    }
    return rivals;
  };
  return ({ one, other, score }) => [...rivalsFor(one, other, score), ...rivalsFor(other, one, score)];
}
