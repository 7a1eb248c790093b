// From scored pairs to groups: the best pair first, and never two records of one source unless the source itself calls them one.
// A person's word goes before every rule. What is left over is linked on less where nothing else comes into question: a source that
// tells of a dose nobody else knows, beside a dose that this source does not know, is one dose with a slip of the pen in it.

import { createGroups, mayJoin } from './groups.ts';
import { nameOf } from './name-of.ts';
import { createRivals } from './rivals.ts';
import { compareText, type Scores } from './score.ts';
import type { Decision, Kind, Said, ScoredPair } from './types.ts';

/** A link may leave another pair without a rival, and that one a third; longer chains are left alone. */
const MOST_SWEEPS = 4;

/** Every record in one group. The pairs are those from `rules.alone` on, the best first. */
export function linked<Facts>(
  said: readonly Said<Facts>[],
  pairs: readonly ScoredPair<Facts>[],
  decisions: readonly Decision[],
  kind: Kind<Facts>,
  scores: Scores<Facts>,
): (readonly Said<Facts>[])[] {
  const groups = createGroups(said, decisions);
  const joined = decisions.filter(({ verdict }) => verdict === 'same').map(({ one, other }) => nameOf(one, other));
  for (const name of joined.sort(compareText)) {
    const [one, other] = name.split(' ').map((reference) => groups.record(reference));
    if (one && other) groups.join(one, other);
  }
  const may = mayJoin(scores, new Set(joined));
  let open = pairs;
  const rivalsOf = createRivals(
    pairs.filter(({ one, other }) => may(groups.of(one), groups.of(other))),
    groups,
    may,
    scores,
    kind.rules.margin,
  );
  const sweep = (isClear: (pair: ScoredPair<Facts>) => boolean): boolean => {
    const before = open.length;
    open = open.filter((pair) => {
      const [left, right] = [groups.of(pair.one), groups.of(pair.other)];
      // What may not be joined now never may: groups only grow.
      if (left === right || !may(left, right)) return false;
      return !isClear(pair) || !groups.join(pair.one, pair.other);
    });
    return open.length < before;
  };
  const isUnambiguous = (pair: ScoredPair<Facts>) => rivalsOf(pair).every(({ isOtherThing }) => !isOtherThing);
  sweep((pair) => pair.score >= kind.rules.same && (!isUnsure(pair, kind) || isUnambiguous(pair)));
  for (let n = 0; n < MOST_SWEEPS; n++) if (!sweep((pair) => rivalsOf(pair).length === 0)) break;
  // It is one of several of the same thing: which of them makes no difference to their number.
  sweep(isUnambiguous);
  return groups.all();
}

/** What the records are about is not known well enough for them to be told from others of the same day. */
const isUnsure = <Facts>({ one, other }: ScoredPair<Facts>, { rules, compare }: Kind<Facts>): boolean =>
  Object.entries(rules.unsure).some(([respect, unsure]) => unsure.includes(compare[respect]?.(one, other) ?? ''));
