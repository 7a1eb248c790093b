// What is asked of a plan, and a plan as far as it has been thought.

import type { Day } from '../days.ts';
import type { Schedule } from '../law/compiled.ts';
import type { Evaluation, ForecastResult, GivenDose, Recommendation } from '../types.ts';
import type { Calendar } from './calendar.ts';
import type { Due, Unplaced } from './due.ts';
import type { Engine, Pin, PlannedDose } from './types.ts';

/** What is asked and stays the same on every way. */
export type Task = {
  engine: Engine;
  schedule: Schedule;
  calendar: Calendar;
  /** The assessment date: no visit before it. */
  start: Day;
  until: Day;
  maxPerVisit: number | undefined;
  /** What `finishBy` has found out, by series and the doses before. */
  finishes: Map<string, Day>;
};

export type Step = {
  before: Step | undefined;
  /** Of the last visit; the day before the assessment date where there is none yet. */
  day: Day;
  visit: readonly PlannedDose[];
  hypothetical: readonly GivenDose[];
  result: ForecastResult;
  /** Series that came to an end on this way; one that begins anew (a season's) is not followed again. */
  ended: ReadonlySet<string>;
  /** Series that are not tried again before a day, and how often each was tried in vain. */
  held: Map<string, Day>;
  tries: Map<string, number>;
  pins: readonly Pin[];
  due: readonly Due[];
  unplaced: readonly Unplaced[];
  /** Of the last visit alone. */
  cost: number;
  next: Step[] | undefined;
};

export function recommendationIn(result: ForecastResult, series: string): Recommendation | undefined {
  return result.recommendations.find((one) => one.series === series);
}

/** Counts somewhere, and is wrong or in doubt in no series that still waits for a dose. */
export function isValid(result: ForecastResult, id: string): boolean {
  const found = result.evaluations.filter(({ doseId }) => doseId === id);
  return found.some(({ status }) => status === 'valid') && !found.some((one) => isFault(result, one));
}

/**
 * A dose at an age that belongs to another series is wrong in a series that is over, and harmless in one whose time has not come:
 * a voluntary dose between two phases of a programme. Anything else that is wrong where a dose is still wanted is a fault.
 */
export function isFault(result: ForecastResult, { status, series, reasons, doseId }: Evaluation): boolean {
  if (status !== 'notValid' && status !== 'undetermined') return false;
  if (recommendationIn(result, series)?.status !== 'notComplete') return false;
  const isForOthers = result.evaluations.some((one) => one.doseId === doseId && one.status === 'valid');
  return !isForOthers || status === 'undetermined' || !reasons.every((reason) => AGE_REASONS.has(reason));
}

const AGE_REASONS: ReadonlySet<string> = new Set(['ageTooYoung', 'ageTooOld', 'outsideAnyWindow']);
