// Forecasts the next dose of one evaluated series: skips, need, dates, and the second look on the earliest date.
// CDSi 4.6, chapter 7.
import type { Day } from '../days.ts';
import type { Because, SeriesStatus } from '../types.ts';
import type { AgeRow, Product, Season, SeriesDose } from './compiled.ts';
import { agesOn } from './evaluate-dose.ts';
import { contraindicationOf, type Exclusions } from './exclusions.ts';
import { candidateEarliest, type ForecastDates, forecastDates } from './forecast-dates.ts';
import { ageDay, isWithinAges } from './patient.ts';
import { ground, type SeriesState, skip, targetOf } from './series-state.ts';
import { skipReason } from './skip.ts';

export type SeriesForecast = {
  state: SeriesState;
  status: SeriesStatus;
  /** The word for why no dose is due. */
  reason: 'maximumAge' | 'seasonalPast' | undefined;
  /** The dose that is due, with its dates; only when notComplete. */
  due: Due | undefined;
  exclusions: Exclusions;
  because: readonly Because[];
};

export type Due = ForecastDates & { dose: SeriesDose; number: number; isPriority: boolean };

/** Forecasts a series. The state goes on over target doses that a forecast skips. */
export function forecastSeries(state: SeriesState, exclusions: Exclusions): SeriesForecast {
  const { patient } = state;
  const dropped: Because[] = [];
  const close = (status: SeriesStatus, because: Because, reason?: SeriesForecast['reason']): SeriesForecast => ({
    state,
    status,
    reason,
    due: undefined,
    exclusions,
    because: [...dropped, because],
  });
  for (;;) {
    const dose = nextDose(state, dropped);
    if (exclusions.immune !== undefined) return close('immune', exclusions.immune);
    const contraindicated = contraindicationOf(state.series, exclusions);
    if (contraindicated !== undefined) return close('contraindicated', contraindicated);
    if (dose === undefined)
      return state.satisfied > 0
        ? close('complete', ground('complete', 'status', state.series.place))
        : close('notRecommended', ground('notNeeded', 'status', state.series.place));

    const season = seasonOf(dose, patient.asOf);
    if (season?.to !== undefined && patient.asOf > season.to)
      return close('notRecommended', ground('seasonPast', 'status', season.place, season.to), 'seasonalPast');
    const ages = agesOn(dose, patient.asOf);
    const max = ages?.max;
    if (max !== undefined && patient.asOf >= ageDay(patient, max))
      return close('agedOut', ground('agedOut', 'status', max.place, ageDay(patient, max)), 'maximumAge');
    const because: Because[] = [];
    const earliest = candidateEarliest(state, dose, ages, season, because);
    if (max !== undefined && earliest >= ageDay(patient, max))
      return close('agedOut', ground('cannotFinish', 'status', max.place, ageDay(patient, max)), 'maximumAge');

    const reason = skipReason(state, dose, earliest, patient.asOf, undefined);
    if (reason === undefined) {
      const due = dueOf(state, dose, ages, season, earliest, because);
      because.push(ground('open', 'status', dose.place));
      return {
        state,
        status: 'notComplete',
        reason: undefined,
        due,
        exclusions,
        because: dropped.length === 0 ? because : [...dropped, ...because],
      };
    }
    dropped.push(reason);
    skip(state, dose, reason);
  }
}

/** FORECASTRECVAC-1: preferable products to be named, allowed for this person, at an age that fits one of the dates. */
export function recommendedProducts({ state, due, exclusions }: SeriesForecast): Product[] {
  if (due === undefined) return [];
  const products: Product[] = [];
  for (const { product, from, to, isForecast } of due.dose.preferable) {
    if (!isForecast || exclusions.products.has(product)) continue;
    const isForAge = (day: Day) => isWithinAges(state.patient, from, to, day);
    if (isForAge(due.earliest) || isForAge(due.recommended)) products.push(product);
  }
  return products;
}

/** FORECASTGUIDANCE-1: texts of the series, of the indications that apply and of the active contraindications. */
export function guidanceOf({ state, exclusions }: SeriesForecast): readonly string[] {
  const { series, patient } = state;
  if (patient.observations.size === 0) return series.guidance;
  const ofIndications = series.indications.flatMap(({ code, from, to, guidance }) =>
    guidance !== undefined && patient.observations.has(code) && isWithinAges(patient, from, to, patient.asOf)
      ? [guidance]
      : [],
  );
  return [...series.guidance, ...ofIndications, ...exclusions.guidance];
}

function nextDose(state: SeriesState, dropped: Because[]): SeriesDose | undefined {
  for (let dose = targetOf(state); dose !== undefined; dose = targetOf(state)) {
    const because = skipReason(state, dose, state.patient.asOf, state.patient.asOf, undefined);
    if (because === undefined) return dose;
    dropped.push(because);
    skip(state, dose, because);
  }
  return undefined;
}

function dueOf(
  state: SeriesState,
  dose: SeriesDose,
  ages: AgeRow | undefined,
  season: Season | undefined,
  earliest: Day,
  because: Because[],
): Due {
  const { asOf } = state.patient;
  const intervals = dose.preferableIntervals.filter(({ from, to }) => asOf >= from && asOf <= to);
  return {
    dose,
    number: 1 + satisfiedSince(state, season?.from),
    isPriority: intervals.length > 0 && intervals.every(({ isPriority }) => isPriority),
    ...forecastDates(state, dose, ages, earliest, because),
  };
}

/** FORECASTDN-1: satisfied target doses, for a seasonal dose those of the season. */
function satisfiedSince(state: SeriesState, from: Day | undefined): number {
  if (from === undefined) return state.satisfied;
  return state.passed.filter(({ by }) => by !== undefined && by.day >= from).length;
}

/** The season that is not over yet, or else the last one. */
function seasonOf({ seasons }: SeriesDose, asOf: Day): Season | undefined {
  return seasons.find(({ to }) => to === undefined || asOf <= to) ?? seasons[seasons.length - 1];
}
