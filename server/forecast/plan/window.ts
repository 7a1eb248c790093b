// The days to which one visit may move without harm: every dose of it stays in its standard period (its legal one where it has
// no other) and its series can still be finished. The visits behind it are planned anew when it moves.
import type { Day } from '../days.ts';
import type { Span } from './calendar.ts';
import { canBeFinished, lastDayFor } from './finish.ts';
import type { Step, Task } from './task.ts';
import type { PlannedDose } from './types.ts';

/** `step` is the one after the visit. */
export function visitWindow(task: Task, step: Step): Span {
  const { day, visit, before, pins } = step;
  const visitBefore = before === undefined ? task.start - 1 : before.day;
  if (visit.some(({ isPinned }) => isPinned)) return { from: day, to: day };
  const from = Math.max(task.start, visitBefore + 1, ...visit.map((dose) => firstDay(dose, day)));
  const pin = pins[0]?.day ?? Number.POSITIVE_INFINITY;
  const to = Math.min(pin, ...visit.map((dose) => lastHarmless(dose, day)));
  const doses = before?.hypothetical ?? [];
  const canFinish = (one: Day) => canBeFinished(task, doses, before?.ended, visit, one);
  return { from, to: Number.isFinite(to) && to > day ? lastDayFor(day, to, canFinish) : Math.max(to, day) };
}

function firstDay({ earliest, recommended }: PlannedDose, day: Day): Day {
  return recommended <= day ? recommended : earliest;
}

/** An overdue dose does not wait any longer. */
function lastHarmless({ standardEnd, latest }: PlannedDose, day: Day): Day {
  if (standardEnd !== undefined) return Math.max(Math.min(standardEnd, latest ?? standardEnd), day);
  return latest ?? Number.POSITIVE_INFINITY;
}
