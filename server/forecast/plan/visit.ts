// Which of the doses that are due go into one visit: a combination instead of its parts, no two that count in one series,
// no more injections than the family wants, and the most urgent first.

import type { Day } from '../days.ts';
import type { Schedule } from '../law/compiled.ts';
import { type Due, isInjected } from './due.ts';
import type { Pin } from './types.ts';

/** Sets of doses to try on a day: one, or two where the maximum leaves some out and it matters which. */
export function visitSets(
  schedule: Schedule,
  due: readonly Due[],
  day: Day,
  pinned: readonly Pin[],
  maxPerVisit: number | undefined,
): Due[][] {
  const ready = due.filter(({ first, latest }) => first <= day && (latest === undefined || day <= latest));
  const fitting = withoutClashes(ready.filter((one) => !isInsideCombination(one, ready)).sort(byUrgency), pinned);
  const room =
    (maxPerVisit ?? Number.POSITIVE_INFINITY) - pinned.filter((one) => isInjected(schedule, one.vaccine)).length;
  const urgent = withinMaximum(fitting, room);
  if (urgent.length === fitting.length) return [urgent];
  // Those that would keep each other waiting are best given together.
  const together = withinMaximum(
    fitting.toSorted((a, b) => Number(waitsForOthers(schedule, b)) - Number(waitsForOthers(schedule, a))),
    room,
  );
  return together.every((one) => urgent.includes(one)) ? [urgent] : [urgent, together];
}

function byUrgency(a: Due, b: Due): number {
  return a.end - b.end || (a.latest ?? Number.POSITIVE_INFINITY) - (b.latest ?? Number.POSITIVE_INFINITY) || 0;
}

/** True when another due product counts in this series too, and in more of the due series than this one does. */
function isInsideCombination(one: Due, due: readonly Due[]): boolean {
  const reach = (vaccine: string) => due.filter(({ series }) => series.products.has(vaccine)).length;
  return due.some(
    (other) => other !== one && one.series.products.has(other.vaccine) && reach(other.vaccine) > reach(one.vaccine),
  );
}

/** No two products of which one counts in the other's series; what is pinned comes first. */
function withoutClashes(due: readonly Due[], pinned: readonly Pin[]): Due[] {
  const chosen: Due[] = [];
  for (const one of due) {
    const isTaken =
      pinned.some(({ vaccine }) => one.series.products.has(vaccine)) ||
      chosen.some(({ series, vaccine }) => one.series.products.has(vaccine) || series.products.has(one.vaccine));
    if (!isTaken) chosen.push(one);
  }
  return chosen;
}

function withinMaximum(due: readonly Due[], room: number): Due[] {
  let injections = 0;
  return due.filter(({ isInjection }) => {
    if (!isInjection) return true;
    injections += 1;
    return injections <= room;
  });
}

/** True of a class that has to wait after its like: whatever the conflict rows of the schedule say. */
function waitsForOthers(schedule: Schedule, { vaccine }: Due): boolean {
  const kind = schedule.classes.get(vaccine) ?? '';
  return schedule.conflicts.some(
    ({ earlier, later, givenTo }) => givenTo === undefined && earlier.has(kind) && later.has(kind),
  );
}
