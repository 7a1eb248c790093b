// All series of one antigen that are for this person, evaluated and forecast. Skips may ask whether another series of
// the antigen is complete, so those series are walked again until nothing new is complete. CDSi 4.6, 5.1 and 6.2.
import type { Antigen, Indication, Series } from './compiled.ts';
import { evaluateSeries } from './evaluate-series.ts';
import { type Exclusions, exclusionsOf } from './exclusions.ts';
import { forecastSeries, type SeriesForecast } from './forecast-series.ts';
import { isWithinAges, type Patient } from './patient.ts';
import type { Completion } from './series-state.ts';

/** The relevant series of an antigen, in the order of the data. */
export function evaluateAntigen(patient: Patient, antigen: Antigen): SeriesForecast[] {
  const relevant = antigen.series.filter((series) => isRelevant(patient, series));
  if (relevant.length === 0) return [];
  const exclusions = exclusionsOf(patient, antigen);
  let forecasts = relevant.map((series) => run(patient, antigen, series, exclusions, NOTHING_COMPLETE));
  if (!relevant.some(({ asksForCompletion }) => asksForCompletion)) return forecasts;
  let completions: readonly Completion[] = NOTHING_COMPLETE;
  for (let round = 0; round <= relevant.length; round += 1) {
    const next = completionsOf(forecasts);
    if (isSame(next, completions)) break;
    completions = next;
    forecasts = forecasts.map((one) =>
      one.state.series.asksForCompletion ? run(patient, antigen, one.state.series, exclusions, next) : one,
    );
  }
  return forecasts;
}

/** Gender, and for a risk series an active indication at an age it is for. */
export function isRelevant(patient: Patient, series: Series): boolean {
  if (series.genders.length > 0 && !series.genders.includes(patient.gender)) return false;
  return series.type !== 'risk' || indicationOf(patient, series) !== undefined;
}

/** The first indication of a risk series that applies to this person. */
export function indicationOf(patient: Patient, { indications }: Series): Indication | undefined {
  if (patient.observations.size === 0) return undefined;
  return indications.find(
    ({ code, from, to }) => patient.observations.has(code) && isWithinAges(patient, from, to, patient.asOf),
  );
}

const NOTHING_COMPLETE: readonly Completion[] = [];

function run(
  patient: Patient,
  antigen: Antigen,
  series: Series,
  exclusions: Exclusions,
  completions: readonly Completion[],
): SeriesForecast {
  const records = patient.records[antigen.index] ?? [];
  return forecastSeries(evaluateSeries(series, patient, records, completions), exclusions);
}

/** A group is complete from the day of the last dose that counted in the first of its series to be complete. */
function completionsOf(forecasts: readonly SeriesForecast[]): Completion[] {
  const completions: Completion[] = [];
  for (const { state } of forecasts) {
    if (state.satisfied === 0 || state.at < state.series.doses.length) continue;
    let day = Number.NEGATIVE_INFINITY;
    for (const { by } of state.passed) if (by !== undefined && by.day > day) day = by.day;
    const { groupId, groupName } = state.series;
    const known = completions.find((one) => one.groupId === groupId);
    if (known === undefined) completions.push({ groupId, groupName, day });
    else if (day < known.day) known.day = day;
  }
  return completions;
}

function isSame(a: readonly Completion[], b: readonly Completion[]): boolean {
  return a.length === b.length && a.every((one, i) => one.groupId === b[i]?.groupId && one.day === b[i]?.day);
}
