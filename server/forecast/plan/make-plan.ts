// The whole plan of a person: every next dose of every series, packed into few visits (simulation and packing of the next
// doses through the engine itself). Pure and deterministic: the same input gives the same plan.
//
// What is best, in this order: no dose is lost, none is given later than its standard period (or its legal end where it has
// no standard one); then few visits, a visit being worth ninety days of waiting of one dose, so that a child's first doses
// are not put off for the sake of a trip; then early days. Within a look-ahead of 240 days every sequence of visits on the
// days on which something becomes ready (at most four for each visit) is compared; the first visit of the best one is kept,
// and the search goes on behind it. Where 80 runs of the engine do not suffice for one visit the look-ahead is 120 or 60 days,
// and after 160 runs in all the first possible day is taken without comparing.
// A seasonal series is planned for one round: next year's vaccine and advice are not known yet.

import { type Day, dayOf, formatDay, parseDay } from '../days.ts';
import { forecast } from '../forecast.ts';
import { ForecastInputError } from '../forecast-input-error.ts';
import type { Schedule, Series } from '../law/compiled.ts';
import type { ForecastInput } from '../types.ts';
import { createCalendar } from './calendar.ts';
import { brokenPins, refusedPins } from './pins.ts';
import { candidateDays, firstStep, nextSteps, VISIT_COST_DAYS } from './step.ts';
import { recommendationIn, type Step, type Task } from './task.ts';
import type { Engine, Plan, Unplanned, UnplannedReason, Visit, VisitNote, Wishes } from './types.ts';
import { visitWindow } from './window.ts';

const LOOK_AHEAD_DAYS = [60, 120, 240] as const;
const MOST_RUNS = 160;
const MOST_RUNS_PER_VISIT = 80;
/** Doses judged in all those runs: a history of hundreds is compared over fewer runs. */
const MOST_JUDGED = 40_000;
const MOST_VISITS = 60;
/** Behind it dates have no text of their own. */
const LAST_DAY = dayOf(9999, 12, 31);

/** Throws `ForecastInputError` for a birth or assessment date that is no full date. */
export function makePlan(input: ForecastInput, schedule: Schedule, wishes: Wishes): Plan {
  const search = { runs: 0, isBounded: false };
  const shortened = new Map<string, Schedule>();
  const without = (ended: ReadonlySet<string>) => {
    const name = [...ended].sort().join();
    const made = shortened.get(name) ?? withoutSeries(schedule, ended);
    shortened.set(name, made);
    return made;
  };
  const engine: Engine = {
    input,
    run: (asOf, hypothetical, ended) => {
      search.runs += 1;
      const doses = [...input.doses, ...hypothetical];
      const asked = ended === undefined ? schedule : without(ended);
      const assessmentDate = formatDay(Math.min(asOf, LAST_DAY));
      return forecast({ ...input, assessmentDate, doses }, asked);
    },
  };
  const start = parseDay(input.assessmentDate);
  if (start === undefined) throw new ForecastInputError('assessmentDate', input.assessmentDate);
  const calendar = createCalendar(wishes.open, wishes.avoid);
  const until = Math.min(wishes.until ?? LAST_DAY, LAST_DAY);
  const task: Task = { engine, schedule, calendar, start, until, maxPerVisit: wishes.maxPerVisit, finishes: new Map() };

  const root = firstStep(task, wishes.pins);
  const none = { visits: [], unplanned: [], forecast: root.result, search };
  const refused = refusedPins(engine, start, wishes.pins);
  if (refused.length > 0) return { ...none, refusedPins: refused };
  const last = bestWay(task, root, search);
  const broken = brokenPins(engine, last.hypothetical, wishes.pins);
  if (broken.length > 0) return { ...none, refusedPins: broken };

  const steps = wayTo(last);
  const visits = steps.map(
    (step): Visit => ({
      day: step.day,
      doses: step.visit,
      window: visitWindow(task, step),
      notes: notesOf(task, step),
    }),
  );
  return { visits, unplanned: unplannedDoses(task, root, last), refusedPins: [], forecast: root.result, search };
}

/** The schedule with what is still asked. Phases share records, and a series may wait for another or go on with it: those stay. */
function withoutSeries(schedule: Schedule, ended: ReadonlySet<string>): Schedule {
  const waitedFor = new Set(schedule.series.flatMap(({ requires, continues }) => [requires?.series, continues]));
  const isNeeded = ({ key, phase }: Series) => !ended.has(key) || phase !== undefined || waitedFor.has(key);
  return { ...schedule, series: schedule.series.filter(isNeeded) };
}

/** The step after the last visit. */
function bestWay(task: Task, root: Step, search: Plan['search']): Step {
  const mostRuns = Math.min(MOST_RUNS, Math.floor(MOST_JUDGED / (1 + task.engine.input.doses.length)));
  let step = root;
  for (let visits = 0; visits < MOST_VISITS; visits += 1) {
    const limit = Math.min(search.runs + MOST_RUNS_PER_VISIT, mostRuns);
    const isOver = () => search.runs >= limit;
    const choices = nextSteps(task, step, isOver());
    const [first] = choices;
    if (first === undefined) return step;
    let best = first;
    // What was compared over a shorter time stands where the runs do not suffice for a longer one.
    for (const days of choices.length > 1 ? LOOK_AHEAD_DAYS : []) {
      const found = cheapest(task, choices, first.day + days, isOver);
      search.isBounded ||= found === undefined;
      if (found === undefined) break;
      best = found;
    }
    step = best;
  }
  return step;
}

/** The choice whose best way on costs least until a day, the earliest of equals; undefined when the runs are used up. */
function cheapest(task: Task, choices: readonly Step[], end: Day, isOver: () => boolean): Step | undefined {
  let best: { step: Step; cost: number } | undefined;
  for (const step of choices) {
    const rest = costUntil(task, step, end, isOver, (best?.cost ?? Number.POSITIVE_INFINITY) - step.cost);
    if (rest === undefined) return undefined;
    if (best === undefined || step.cost + rest < best.cost) best = { step, cost: step.cost + rest };
  }
  return best?.step;
}

/**
 * The least cost of going on until a day. What is ready and not given by then has waited, and needs one more visit. A way that
 * costs `bound` or more is not followed to its end: it is not the best one.
 */
function costUntil(task: Task, step: Step, end: Day, isOver: () => boolean, bound: number): number | undefined {
  const [day] = candidateDays(task, step);
  if (day === undefined || day > end) return pendingCost(step, end);
  if (bound <= VISIT_COST_DAYS) return VISIT_COST_DAYS;
  if (step.next === undefined && isOver()) return undefined;
  const choices = nextSteps(task, step, false);
  const within = choices.filter((one) => one.day <= end);
  let least = within.length === choices.length ? Number.POSITIVE_INFINITY : pendingCost(step, end);
  for (const one of within) {
    const rest = costUntil(task, one, end, isOver, Math.min(least, bound) - one.cost);
    if (rest === undefined) return undefined;
    least = Math.min(least, one.cost + rest);
  }
  return Number.isFinite(least) ? least : pendingCost(step, end);
}

function pendingCost(step: Step, end: Day): number {
  const waits = step.due.map(({ ready }) => end - ready).filter((days) => days > 0);
  return waits.length === 0 ? 0 : VISIT_COST_DAYS + waits.reduce((sum, days) => sum + days, 0);
}

function wayTo(last: Step): Step[] {
  const steps: Step[] = [];
  for (let step: Step | undefined = last; step?.before !== undefined; step = step.before) steps.unshift(step);
  return steps;
}

function notesOf({ calendar, maxPerVisit = Number.POSITIVE_INFINITY }: Task, { day, visit }: Step): VisitNote[] {
  const notes: VisitNote[] = [];
  if (!calendar.isOpen(day)) notes.push('pinnedOnClosedDay');
  if (visit.filter(({ isInjection }) => isInjection).length > maxPerVisit) notes.push('pinsAboveMaximum');
  return notes;
}

/** What the forecast has no dose for, and what the wishes left no day for. */
function unplannedDoses(task: Task, root: Step, last: Step): Unplanned[] {
  const found: Unplanned[] = [];
  const add = (series: string, reason: UnplannedReason) => {
    const recommendation = recommendationIn(last.result, series) ?? recommendationIn(root.result, series);
    if (recommendation !== undefined && !found.some((one) => one.series === series))
      found.push({ series, reason, recommendation });
  };
  for (const { series } of last.unplaced) add(series, 'noOpenDay');
  for (const { series, first } of last.due) add(series.key, first > task.until ? 'afterUntil' : 'noValidDay');
  for (const { series, status, earliest } of root.result.recommendations) {
    if (status === 'agedOut' || status === 'contraindicated') add(series, status);
    // Closed by a row of the schedule there is no dose to plan; advised against there is one, with its days.
    if (status === 'notRecommended' && earliest !== undefined) add(series, status);
    const atEnd = recommendationIn(last.result, series);
    if (status === 'notComplete' && !last.ended.has(series) && atEnd?.status === 'agedOut') add(series, 'noOpenDay');
    if (status === 'notComplete' && atEnd?.status === 'notRecommended') add(series, 'notRecommended');
    // Whatever else kept it out: nothing that is due is left out in silence.
    const isPlanned = wayTo(last).some(({ visit }) => visit.some((dose) => dose.series === series));
    if (status === 'notComplete' && earliest !== undefined && !isPlanned && !last.ended.has(series))
      add(series, 'noValidDay');
  }
  return found;
}
