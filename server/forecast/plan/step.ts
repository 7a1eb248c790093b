// A plan as far as it has been thought: the visits so far, what the engine says after them, and every way to go on. A dose
// is planned only when the engine, asked on its day, calls it valid.
import { type Day, formatDay } from '../days.ts';
import type { ForecastResult, GivenDose, Recommendation } from '../types.ts';
import { type Due, dueDoses } from './due.ts';
import { finishBy } from './finish.ts';
import { fitsPins } from './pins.ts';
import { pinnedDose, plannedDose } from './planned-dose.ts';
import { isValid, recommendationIn, type Step, type Task } from './task.ts';
import type { Pin } from './types.ts';
import { visitSets } from './visit.ts';

/** A visit costs as much as ninety days of waiting of one dose: no visit is saved by waiting longer than that. */
export const VISIT_COST_DAYS = 90;
/** One late dose outweighs every number of visits, and one that is lost every number of late ones. */
const LATE_COST = 1e6;
const LOST_COST = 1e9;
const MOST_CANDIDATES = 4;
const RETRY_DAYS = 7;
const MOST_RETRIES = 20;

/** The step before the first visit. */
export function firstStep(task: Task, pins: readonly Pin[]): Step {
  const result = task.engine.run(task.start, []);
  const ended = new Set(
    result.recommendations.filter(({ status }) => status === 'complete').map(({ series }) => series),
  );
  const step: Step = {
    before: undefined,
    day: task.start - 1,
    visit: [],
    hypothetical: [],
    result,
    ended,
    held: new Map(),
    tries: new Map(),
    pins: pins.toSorted((a, b) => a.day - b.day),
    due: [],
    unplaced: [],
    cost: 0,
    next: undefined,
  };
  lookForDue(task, step);
  return step;
}

/** Every next visit worth comparing, earliest first; with `onlyFirst` the one without waiting. Made once and kept. */
export function nextSteps(task: Task, step: Step, onlyFirst: boolean): Step[] {
  for (let round = 0; step.next === undefined && round < MOST_RETRIES; round += 1) {
    const days = candidateDays(task, step);
    const found: Step[] = [];
    for (const day of onlyFirst ? days.slice(0, 1) : days) found.push(...visitsOn(task, step, day));
    if (found.length > 0 || days.length === 0) step.next = found;
    // All that was tried is held back now: look again.
    else lookForDue(task, step);
  }
  step.next ??= [];
  return step.next;
}

/** Days on which something becomes ready, up to the day that the most urgent dose cannot wait beyond. */
export function candidateDays(task: Task, step: Step): Day[] {
  const [pin] = step.pins;
  const due = step.due.filter(({ first }) => first <= task.until);
  const limit = Math.min(...due.map(({ end }) => end), pin?.day ?? Number.POSITIVE_INFINITY);
  const days = new Set(due.map(({ first }) => first).filter((day) => day <= limit));
  if (pin !== undefined && pin.day === limit) days.add(pin.day);
  const sorted = [...days].sort((a, b) => a - b);
  // Waiting for the n-th of these days saves n - 1 visits at most.
  const waiting = (day: Day) => due.reduce((sum, { first }) => sum + Math.max(0, day - first), 0);
  return sorted
    .filter((day, i) => i === 0 || day === pin?.day || waiting(day) < i * VISIT_COST_DAYS)
    .slice(0, MOST_CANDIDATES);
}

function visitsOn(task: Task, step: Step, day: Day): Step[] {
  const pinned = step.pins.filter((pin) => pin.day === day);
  const sets = visitSets(task.schedule, step.due, day, pinned, task.maxPerVisit);
  return sets.flatMap((set) => visitWith(task, step, day, pinned, set) ?? []);
}

/** The step after a visit with these doses, less those that the engine or a later pin does not allow on the day. */
function visitWith(task: Task, step: Step, day: Day, pinned: readonly Pin[], set: readonly Due[]): Step | undefined {
  const later = step.pins.filter((pin) => pin.day > day);
  const held = new Map(step.held);
  const hold = ({ series }: Due, until: Day) => {
    held.set(series.key, until);
    step.held.set(series.key, until);
  };
  let chosen = fitsPins(task.engine, step.hypothetical, day, later, set, hold);
  for (;;) {
    if (chosen.length + pinned.length === 0) return undefined;
    const doses = [...pinned, ...chosen].map(({ vaccine }, i) => given(step.hypothetical.length + i, day, vaccine));
    const hypothetical = [...step.hypothetical, ...doses];
    const result = task.engine.run(day, hypothetical, step.ended);
    const isFine = (_: Due, i: number) => isValid(result, doses[pinned.length + i]?.id ?? '');
    const fine = chosen.filter(isFine);
    if (fine.length === chosen.length)
      return stepAfter(task, step, { day, pinned, chosen, hypothetical, result, held, later });
    for (const one of chosen) if (!fine.includes(one)) hold(one, day + retryDays(step, one));
    chosen = fine;
  }
}

/** Twice as long each time: what never becomes valid does not keep the others waiting. */
function retryDays({ tries }: Step, { series }: Due): number {
  const times = tries.get(series.key) ?? 0;
  tries.set(series.key, times + 1);
  return RETRY_DAYS * 2 ** times;
}

type Visited = Pick<Step, 'day' | 'hypothetical' | 'result' | 'held'> & {
  pinned: readonly Pin[];
  chosen: readonly Due[];
  later: readonly Pin[];
};

function stepAfter(task: Task, step: Step, visited: Visited): Step {
  const { day, pinned, chosen, hypothetical, result, held, later } = visited;
  const visit = [
    ...pinned.map((pin, i) =>
      pinnedDose(task, step, pin, result, hypothetical[step.hypothetical.length + i]?.id ?? ''),
    ),
    ...chosen.map((one) => plannedDose(one, day, false)),
  ];
  const ended = new Set(step.ended);
  for (const one of result.recommendations) {
    const dose = visit.find(({ series }) => series === one.series);
    const beganAnew = dose !== undefined && one.doseNumber !== undefined && one.doseNumber <= dose.doseNumber;
    if (one.status === 'complete' || beganAnew || hasBegunAnew(step, one)) ended.add(one.series);
  }
  const after: Step = {
    before: step,
    day,
    visit,
    hypothetical,
    result,
    ended,
    held,
    tries: new Map(step.tries),
    pins: later,
    due: [],
    unplaced: [],
    cost: costOf(step, day, chosen, result),
    next: undefined,
  };
  lookForDue(task, after);
  return after;
}

function lookForDue(task: Task, step: Step): void {
  const recommendations = step.result.recommendations.filter(({ series }) => !step.ended.has(series));
  const { schedule, calendar } = task;
  const found = dueDoses(schedule, { ...step.result, recommendations }, calendar, step.day + 1, step.held);
  step.due = found.due.map((one) => ({
    ...one,
    end: Math.max(one.first, Math.min(one.end, finishBy(task, step, one))),
  }));
  step.unplaced = found.unplaced;
}

/** Lost doses, then late ones, then visits against waiting. */
function costOf(step: Step, day: Day, chosen: readonly Due[], result: ForecastResult): number {
  const waited = chosen.reduce((sum, { ready }) => sum + Math.max(0, day - ready), 0);
  const late = chosen.filter(
    ({ standardEnd, ready }) => standardEnd !== undefined && ready <= standardEnd && standardEnd < day,
  );
  const lost = result.recommendations.filter((one) => {
    const was = step.ended.has(one.series) ? undefined : recommendationIn(step.result, one.series);
    return (
      was?.status === 'notComplete' && was.canFinish === true && (one.canFinish === false || one.status === 'agedOut')
    );
  });
  return VISIT_COST_DAYS + waited + late.length * LATE_COST + lost.length * LOST_COST;
}

/** A season's series that asks for a dose it had already been given on this way. */
function hasBegunAnew(step: Step, { series, doseNumber }: Recommendation): boolean {
  for (let at: Step | undefined = step; at !== undefined; at = at.before) {
    const dose = at.visit.find((one) => one.series === series);
    if (dose !== undefined) return doseNumber !== undefined && doseNumber <= dose.doseNumber;
  }
  return false;
}

/** A dose that is only thought of. No stored record can have such an id. */
export function given(index: number, day: Day, vaccine: string): GivenDose {
  return { id: `planned/${index + 1}`, date: formatDay(day), vaccine };
}
