// How often somebody who sees nothing but the time of an answer tells what is hidden from what has never been. A threshold is
// learnt on every other pair, and tried on the rest. Two ways to guess: by one answer, and by the difference within a pair,
// which whatever slows the machine for a while does not disturb.

/** Milliseconds of one answer about what is hidden and one about what is missing, asked right after each other. */
export type Pair = { hidden: number; missing: number };

/** The share of right guesses by either way. Throws Error for fewer than two pairs. */
export function guessed(pairs: readonly Pair[]): { single: number; paired: number } {
  if (pairs.length < 2) throw new Error('two pairs are needed: one to learn from and one to try');
  const singles = pairs.map(({ hidden, missing }) => ({ yes: hidden, no: missing }));
  // In which order the two were asked is not known to who guesses: the difference of one is the other's turned around.
  const differences = pairs.map(({ hidden, missing }) => ({ yes: hidden - missing, no: missing - hidden }));
  return { single: rightOf(singles), paired: rightOf(differences) };
}

/** Times that mean `yes` and `no`. */
type Sample = { yes: number; no: number };

function rightOf(samples: readonly Sample[]): number {
  const rule = learnt(samples.filter((_, n) => n % 2 === 0));
  const tried = samples.filter((_, n) => n % 2 === 1);
  const right = tried.reduce((sum, { yes, no }) => sum + shareOf(rule, yes, true) + shareOf(rule, no, false), 0);
  return right / (2 * tried.length);
}

/** Says yes above the threshold, or below it; on the threshold it is as good as a coin. */
type Rule = { threshold: number; isAbove: boolean };

function shareOf({ threshold, isAbove }: Rule, time: number, isYes: boolean): number {
  if (time === threshold) return 0.5;
  return (time > threshold === isAbove) === isYes ? 1 : 0;
}

function learnt(samples: readonly Sample[]): Rule {
  const times = samples.flatMap(({ yes, no }) => [
    { time: yes, isYes: true },
    { time: no, isYes: false },
  ]);
  times.sort((one, other) => one.time - other.time);
  // The lead of "no" among the times up to the threshold is what saying yes above it wins; its debt, what saying so below wins.
  let [lead, most, best] = [0, -1, { threshold: times[0]?.time ?? 0, isAbove: true } as Rule];
  for (const [n, { time, isYes }] of times.entries()) {
    lead += isYes ? -1 : 1;
    const next = times[n + 1]?.time;
    if (Math.abs(lead) <= most || next === undefined || next === time) continue;
    most = Math.abs(lead);
    best = { threshold: (time + next) / 2, isAbove: lead > 0 };
  }
  return best;
}
