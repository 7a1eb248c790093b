// The dates of the target dose in force: candidate earliest, recommended, past due, latest. CDSi 4.6, 7.5
// (FORECASTDTCAN-1, FORECASTDT-1 to -6). An absent value drops out; it never becomes a date.
import type { Day } from '../days.ts';
import type { Because } from '../types.ts';
import type { AgeRow, Season, SeriesDose } from './compiled.ts';
import { conflictEnd } from './conflict.ts';
import { latestAfter, undatedInterval } from './intervals.ts';
import { ageDay } from './patient.ts';
import { ground, type SeriesState } from './series-state.ts';

export type ForecastDates = {
  earliest: Day;
  recommended: Day;
  pastDue: Day | undefined;
  latest: Day | undefined;
};

/** The first day that age, intervals, conflicts, season and history leave open; each bound becomes a reason. */
export function candidateEarliest(
  state: SeriesState,
  dose: SeriesDose,
  ages: AgeRow | undefined,
  season: Season | undefined,
  because: Because[],
): Day {
  const { patient, records } = state;
  let earliest = patient.birth;
  const bound = (reason: Because) => {
    because.push(reason);
    if (reason.day !== undefined && reason.day > earliest) earliest = reason.day;
  };
  if (ages?.min !== undefined) bound(ground('ageFrom', 'earliest', ages.min.place, ageDay(patient, ages.min)));
  const interval = latestAfter(state, dose, 'min');
  if (interval !== undefined) bound(ground('intervalFrom', 'earliest', interval.length.place, interval.day));
  const conflict = conflictEnd(state, dose);
  if (conflict !== undefined) bound(ground('conflict', 'earliest', conflict.conflict.place, conflict.day));
  if (season?.from !== undefined) bound(ground('seasonStart', 'earliest', season.place, season.from));
  // Doses given in error are records of this antigen, so the latest record covers them too.
  const last = records[records.length - 1];
  if (last !== undefined) bound(ground('lastRecord', 'earliest', dose.place, last.day));
  if (because.length === 0) bound(ground('birth', 'earliest', dose.place, patient.birth));
  const undated = undatedInterval(state, dose);
  if (undated !== undefined) because.push(ground('undated', 'review', undated.place));
  return earliest;
}

/** The dates around a candidate earliest: the recommended age goes before a recommended interval, whichever is later. */
export function forecastDates(
  state: SeriesState,
  dose: SeriesDose,
  ages: AgeRow | undefined,
  earliest: Day,
  because: Because[],
): ForecastDates {
  const recommended = recommendedDay(state, dose, ages, because);
  const pastDue = pastDueDay(state, dose, ages, because);
  let latest: Day | undefined;
  if (ages?.max !== undefined) {
    latest = ageDay(state.patient, ages.max) - 1;
    because.push(ground('latest', 'latest', ages.max.place, latest));
  }
  return {
    earliest,
    recommended: recommended === undefined ? earliest : Math.max(recommended, earliest),
    pastDue: pastDue === undefined ? undefined : Math.max(pastDue, earliest),
    latest,
  };
}

function recommendedDay(
  state: SeriesState,
  dose: SeriesDose,
  ages: AgeRow | undefined,
  because: Because[],
): Day | undefined {
  if (ages?.earliestRec !== undefined) {
    const day = ageDay(state.patient, ages.earliestRec);
    because.push(ground('recommendedAge', 'recommended', ages.earliestRec.place, day));
    return day;
  }
  const interval = latestAfter(state, dose, 'earliestRec');
  if (interval !== undefined)
    because.push(ground('recommendedInterval', 'recommended', interval.length.place, interval.day));
  return interval?.day;
}

/** The last day in time, not the first day late. */
function pastDueDay(
  state: SeriesState,
  dose: SeriesDose,
  ages: AgeRow | undefined,
  because: Because[],
): Day | undefined {
  if (ages?.latestRec !== undefined) {
    const day = ageDay(state.patient, ages.latestRec) - 1;
    because.push(ground('pastDueAge', 'standardEnd', ages.latestRec.place, day));
    return day;
  }
  const interval = latestAfter(state, dose, 'latestRec');
  if (interval === undefined) return undefined;
  because.push(ground('pastDueInterval', 'standardEnd', interval.length.place, interval.day - 1));
  return interval.day - 1;
}
