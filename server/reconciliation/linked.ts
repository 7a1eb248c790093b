// From scored pairs to groups: the best pair first, and never two records of one source unless the source itself calls them one.
// A person's word goes before every rule. What is left over is linked on less where nothing else comes into question: a source that
// tells of a dose nobody else knows, beside a dose that this source does not know, is one dose with a slip of the pen in it.

import { createGroups, mayJoin } from './groups.ts';
import { nameOf } from './name-of.ts';
import { createRivals } from './rivals.ts';
import { compareText, type ScoreOf } from './score.ts';
import type { Decision, Kind, Pair, Said } from './types.ts';

/** A link may leave another pair without a rival, and that one a third; longer chains are left alone. */
const MOST_SWEEPS = 4;

/** Every record in one group. The records come sorted by their reference; `pairs` are those from `rules.alone` on. */
export function linked<Facts>(
  said: readonly Said<Facts>[],
  pairs: readonly Pair[],
  decisions: readonly Decision[],
  kind: Kind<Facts>,
  scoreOf: ScoreOf<Facts>,
): (readonly Said<Facts>[])[] {
  const groups = createGroups(said, decisions);
  const joined = decisions.filter(({ verdict }) => verdict === 'same').map(({ one, other }) => nameOf(one, other));
  for (const name of joined.sort(compareText)) {
    const [one = '', other = ''] = name.split(' ');
    groups.join(one, other, () => true);
  }
  const may = mayJoin(scoreOf, new Set(joined));
  const open = pairs.toSorted(byScore).filter(({ one, other }) => may(groups.of(one), groups.of(other)));
  const rivalsOf = createRivals(open, groups, may, scoreOf, kind.rules.margin);
  const sweep = (isClear: (pair: Pair) => boolean): boolean => {
    let hasJoined = false;
    for (const pair of open) {
      const [left, right] = [groups.of(pair.one), groups.of(pair.other)];
      if (left === right || !may(left, right) || !isClear(pair)) continue;
      groups.join(pair.one, pair.other, may);
      hasJoined = true;
    }
    return hasJoined;
  };
  const isUnambiguous = (pair: Pair) => rivalsOf(pair).every(({ isOtherThing }) => !isOtherThing);
  sweep((pair) => pair.score >= kind.rules.same && (!isUnsure(pair, kind) || isUnambiguous(pair)));
  for (let n = 0; n < MOST_SWEEPS; n++) if (!sweep((pair) => rivalsOf(pair).length === 0)) break;
  // It is one of several of the same thing: which of them makes no difference to their number.
  sweep(isUnambiguous);
  return groups.all();
}

const byScore = (a: Pair, b: Pair): number =>
  b.score - a.score || compareText(a.one, b.one) || compareText(a.other, b.other);

/** What the records are about is not known well enough for them to be told from others of the same day. */
const isUnsure = <Facts>({ words }: Pair, { rules }: Kind<Facts>): boolean =>
  Object.entries(rules.unsure).some(([respect, unsure]) => unsure.includes(words[respect] ?? ''));
