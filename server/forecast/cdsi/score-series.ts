// Points for the series of one group that compete. CDSi 4.6, chapter 8 (SELECTB-3, -12; SELECTBEST-2).
import type { Day } from '../days.ts';
import type { SeriesForecast } from './forecast-series.ts';
import { after, ageDay } from './patient.ts';

/** The series with the most points, ties by preference, then by the order of the data. */
export function bestScore(forecasts: readonly SeriesForecast[], tests: readonly Test[]): SeriesForecast | undefined {
  if (forecasts.length < 2) return forecasts[0];
  const points = forecasts.map(() => 0);
  for (const { marks, alone, tied, not } of tests) {
    const marked = marks(forecasts);
    const worth = marked.filter(Boolean).length > 1 ? tied : alone;
    for (const [i, isMarked] of marked.entries()) points[i] = (points[i] ?? 0) + (isMarked ? worth : not);
  }
  let best = 0;
  for (const i of forecasts.keys()) if (isBetter(forecasts, points, i, best)) best = i;
  return forecasts[best];
}

/** A condition with what it is worth when it holds for one series alone, for several, or not. */
export type Test = {
  marks: (forecasts: readonly SeriesForecast[]) => boolean[];
  alone: number;
  tied: number;
  not: number;
};

/** Series that are complete. */
export const COMPLETE: readonly Test[] = [{ marks: most(satisfied), alone: 1, tied: 0, not: -1 }];

/** Series that are open and have a satisfied target dose. */
export const IN_PROCESS: readonly Test[] = [
  { marks: each((one) => one.state.series.isProductPath && isAllValid(one)), alone: 2, tied: 2, not: -2 },
  { marks: each(isCompletable), alone: 3, tied: 3, not: -3 },
  { marks: most(satisfied), alone: 2, tied: 0, not: -2 },
  { marks: most((one) => -openDoses(one)), alone: 2, tied: 0, not: -2 },
  {
    marks: most((one) =>
      isCompletable(one) ? -(finishDay(one) ?? Number.POSITIVE_INFINITY) : Number.NEGATIVE_INFINITY,
    ),
    alone: 1,
    tied: 0,
    not: -1,
  },
];

/** Series none of which has a valid dose. */
export const NO_VALID_DOSE: readonly Test[] = [
  { marks: most((one) => -(one.due?.earliest ?? Number.POSITIVE_INFINITY)), alone: 1, tied: 0, not: -1 },
  { marks: each(isCompletable), alone: 1, tied: 1, not: -1 },
  { marks: each((one) => one.state.series.isProductPath), alone: -1, tied: -1, not: 1 },
];

/** Where the text names no competition: the most valid doses, then preference (ours). */
export const MOST_VALID: readonly Test[] = [{ marks: most(satisfied), alone: 1, tied: 1, not: -1 }];

export function satisfied({ state }: SeriesForecast): number {
  return state.satisfied;
}

function isBetter(forecasts: readonly SeriesForecast[], points: readonly number[], i: number, best: number): boolean {
  const difference = (points[i] ?? 0) - (points[best] ?? 0);
  if (difference !== 0) return difference > 0;
  const preference = ({ state }: SeriesForecast) => state.series.preference;
  const one = forecasts[i];
  const other = forecasts[best];
  return one !== undefined && other !== undefined && preference(one) < preference(other);
}

function each(holds: (one: SeriesForecast) => boolean): Test['marks'] {
  return (forecasts) => forecasts.map(holds);
}

/** Marks every series that reaches the highest finite value. */
function most(value: (one: SeriesForecast) => number): Test['marks'] {
  return (forecasts) => {
    const values = forecasts.map(value);
    const highest = Math.max(...values);
    return values.map((one) => one === highest && Number.isFinite(one));
  };
}

/** Every record judged in the series is valid, not only the last one of each dose. */
function isAllValid({ state }: SeriesForecast): boolean {
  return state.verdicts.every(({ status }) => status === 'valid');
}

function openDoses({ state }: SeriesForecast): number {
  return state.series.doses.length - state.at;
}

/** SELECTB-12: the earliest date and the longest of the minimum intervals of the remaining doses. */
function finishDay({ state, due }: SeriesForecast): Day | undefined {
  if (due === undefined) return undefined;
  const { asOf } = state.patient;
  let finish = due.earliest;
  for (const dose of state.series.doses.slice(state.at)) {
    for (const { min, from, to } of dose.preferableIntervals) {
      if (min === undefined || asOf < from || asOf > to) continue;
      finish = Math.max(finish, after(due.earliest, min));
    }
  }
  return finish;
}

/** SELECTB-3: the finish lies before the maximum age of the last dose; without one any series can be completed. */
function isCompletable(one: SeriesForecast): boolean {
  const { series, patient } = one.state;
  const max = series.doses[series.doses.length - 1]?.ages.find(
    ({ from, to }) => patient.asOf >= from && patient.asOf <= to,
  )?.max;
  const finish = finishDay(one);
  return max === undefined || (finish !== undefined && finish < ageDay(patient, max));
}
