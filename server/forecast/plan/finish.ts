// Until when a dose can wait so that the doses behind it still fit before the last legal day, asked of the engine.
import type { Day } from '../days.ts';
import type { GivenDose } from '../types.ts';
import type { Due } from './due.ts';
import type { Step, Task } from './task.ts';

/** Between the wished end of a dose and the last legal day of its series: with more room than this the rest fits anyway. */
const AMPLE_DAYS = 210;

/** The last day on which this dose can be given and its series finished; infinite where nothing presses. */
export function finishBy(task: Task, step: Step, due: Due): Day {
  const { series, recommendation, end, first, latest } = due;
  const { doseNumber = 1, dosesRequired = 0 } = recommendation;
  const isPressing = recommendation.canFinish === true && latest !== undefined && latest - end < AMPLE_DAYS;
  if (!isPressing || dosesRequired <= doseNumber || end <= first) return Number.POSITIVE_INFINITY;
  const given = step.hypothetical.filter(({ vaccine }) => series.products.has(vaccine));
  const name = `${series.key} ${end} ${given.map(({ date }) => date).join()}`;
  let day = task.finishes.get(name);
  if (day === undefined) {
    const canFinish = (one: Day) =>
      canBeFinished(task, step.hypothetical, step.ended, [{ series: series.key, doseNumber }], one);
    day = lastDayFor(first, end, canFinish);
    task.finishes.set(name, day);
  }
  return day;
}

/** True when every one of these doses, open on the day, leaves its series time to be finished. */
export function canBeFinished(
  task: Task,
  given: readonly GivenDose[],
  ended: ReadonlySet<string> | undefined,
  doses: readonly { series: string; doseNumber: number }[],
  day: Day,
): boolean {
  const { recommendations } = task.engine.run(day, given, ended);
  return doses.every(({ series, doseNumber }) => {
    const one = recommendations.find((answer) => answer.series === series);
    return one?.status === 'notComplete' && one.canFinish !== false && one.doseNumber === doseNumber;
  });
}

/** The last day from `good` to `last` for which something holds that, once lost, does not come back. */
export function lastDayFor(good: Day, last: Day, holds: (day: Day) => boolean): Day {
  if (last <= good || holds(last)) return last;
  let [known, lost] = [good, last];
  while (lost - known > 1) {
    const middle = Math.floor((known + lost) / 2);
    if (holds(middle)) known = middle;
    else lost = middle;
  }
  return known;
}
