// When the open dose of a series may be given: the legal days, moved by intervals, blocks and lapsed doses (CDSi 7.4.1),
// and the same question asked again and again to see whether the series can still be finished (12.2).

import type { Day } from '../days.ts';
import type { Because } from '../types.ts';
import type { Schedule, SeriesDose } from './compiled.ts';
import { firstFreeDay } from './conflicts.ts';
import type { Person } from './person.ts';
import {
  copyState,
  intervalEnd,
  lapse,
  latestDay,
  openDose,
  openings,
  type SeriesState,
  satisfy,
} from './series-state.ts';

/**
 * The first day on or after `from` on which the dose is legal, in `product`, given the whole history; undefined when
 * there is none. `because` gets every row that was asked, with the day it set.
 */
export function firstLegalDay(
  schedule: Schedule,
  person: Person,
  state: SeriesState,
  dose: SeriesDose,
  product: string,
  from: Day,
  because?: Because[],
): Day | undefined {
  let lower = Math.max(from, person.anchors.birth);
  const raise = (day: Day, row: { rule: Because['rule'] }) => {
    because?.push({ rule: row.rule, sets: 'earliest', day });
    if (day > lower) lower = day;
  };
  for (const row of dose.from) {
    const day = row.bound(person.anchors);
    if (day !== undefined) raise(day, row);
  }
  for (const row of dose.intervals) {
    const end = row.use === 'evaluation' ? undefined : intervalEnd(state, row, product);
    if (end !== undefined) raise(end, row);
  }
  if (state.last !== undefined && state.last > lower) lower = state.last;
  if (state.lapseEnd !== undefined && state.lapseEnd >= lower) lower = state.lapseEnd + 1;

  for (let round = 0; round < 100; round += 1) {
    const day = nextOpenDay(dose, state, lower, because);
    if (day === undefined) return undefined;
    const free = firstFreeDay(schedule, state.series, person, product, day);
    if (free.day === day) return day;
    if (free.rule !== undefined) because?.push({ rule: free.rule, sets: 'earliest', day: free.day });
    lower = free.day;
  }
  return undefined;
}

export type Finish = { canFinish: boolean; doses: number; day: Day | undefined };

/**
 * Gives every remaining dose on its first possible day from the assessment date on: whether the series fits into its
 * windows, how many doses it takes, and the day of the last one.
 */
export function finishSeries(
  schedule: Schedule,
  person: Person,
  state: SeriesState,
  product: string,
  firstDay: Day,
): Finish {
  const trial = copyState(state);
  let day: Day = Math.max(firstDay, person.asOf);
  let doses = 0;
  for (;;) {
    const dose = openDose(trial, day);
    if (dose === undefined) return { canFinish: true, doses, day };
    const next = firstLegalDay(schedule, person, trial, dose, product, day);
    if (next === undefined) {
      const end = dose.lapses === undefined ? undefined : latestDay(dose, trial.facts);
      if (end === undefined) return { canFinish: false, doses: doses + openDoseCount(trial), day: undefined };
      lapse(trial, dose, end);
      continue;
    }
    day = next;
    doses += 1;
    satisfy(trial, dose, day, product);
  }
}

/** True when the dose is legal on the day by its windows alone. */
export function isOpenOn(dose: SeriesDose, state: SeriesState, day: Day): boolean {
  return nextOpenDay(dose, state, day) === day;
}

function nextOpenDay(dose: SeriesDose, state: SeriesState, lower: Day, because?: Because[]): Day | undefined {
  let best: Day | undefined;
  for (const { window, from, to, inForceFrom, inForceTo } of openings(dose, state.facts)) {
    const start = Math.max(from, inForceFrom);
    const day = Math.max(lower, start);
    if (day > Math.min(to, inForceTo)) continue;
    if (best === undefined || day < best) {
      best = day;
      because?.push({ rule: window.rule, sets: 'earliest', day: start });
    }
  }
  return best;
}

function openDoseCount(state: SeriesState): number {
  return state.path.doses.length - state.target;
}
