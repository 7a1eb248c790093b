// One answer by a schedule of legal periods: every record judged, then every series forecast in the schedule's order.
// Phases as in CDSi chapter 4.
import { addDuration } from '../duration.ts';
import type { Because, Evaluation, ForecastInput, ForecastResult, Recommendation, Warning } from '../types.ts';
import type { Schedule, Series } from './compiled.ts';
import { duplicateEvaluations, markUndetermined } from './doubtful-records.ts';
import { evaluateHistory } from './evaluate-history.ts';
import { forecastSeries, type SeriesForecast } from './forecast-series.ts';
import { onFirstDays, organise, type Person } from './person.ts';
import type { SeriesState } from './series-state.ts';

/** Version of this engine, written into every answer. */
export const ENGINE_VERSION = '0.1.0';

/** Evaluates and forecasts every series. Throws `ForecastInputError` for dates of the input that are none. */
export function forecastByLaw(input: ForecastInput, schedule: Schedule): ForecastResult {
  const warnings: Warning[] = [];
  return forecastFor(organise(input, schedule, warnings), schedule, input.assessmentDate, warnings);
}

/** The same for a person whose input was read before. */
export function forecastFor(
  person: Person,
  schedule: Schedule,
  assessmentDate: string,
  warnings: Warning[],
): ForecastResult {
  const states = evaluateHistory(schedule, person);
  if (person.hasVagueDates) markUndetermined(schedule, states, evaluateHistory(schedule, onFirstDays(person)));

  const evaluations: Evaluation[] = [];
  const recommendations: Recommendation[] = [];
  const forecasts = new Map<string, SeriesForecast>();
  for (const one of states) {
    if (one.state === undefined) {
      if (one.answer !== undefined) recommendations.push(one.answer);
      continue;
    }
    if (!isContinued(one.series, one.state, recommendations, assessmentDate)) continue;
    const required = requirement(one.series, one.state, forecasts);
    const answer = forecastSeries(schedule, person, one.state, required);
    forecasts.set(one.series.key, answer);
    if (one.series.continues === undefined) {
      const duplicates = duplicateEvaluations(schedule, person, one.state);
      evaluations.push(...one.state.evaluations, ...duplicates);
      for (const dose of duplicates)
        if (dose.because.some(({ sets }) => sets === 'review')) noteDoubt(answer.recommendation, dose);
    } else evaluations.push(...one.state.evaluations.filter((dose) => !countsIn(evaluations, dose)));
    for (const dose of one.state.evaluations)
      if (isInDoubt(dose, answer.isComplete)) noteDoubt(answer.recommendation, dose);
    recommendations.push(answer.recommendation);
  }
  return {
    schedule: { id: schedule.id, version: schedule.version },
    engine: ENGINE_VERSION,
    assessmentDate,
    evaluations,
    recommendations,
    warnings,
  };
}

/**
 * False for a continuation that has nothing to say: the routine series is open, complete or closed for a reason of the
 * person. One that opens only later, and counts none of the doses, does not hold up what was begun voluntarily.
 */
function isContinued(
  { continues }: Series,
  { validCount }: SeriesState,
  recommendations: readonly Recommendation[],
  today: string,
): boolean {
  if (continues === undefined) return true;
  const routine = recommendations.find(({ series }) => series === continues);
  if (routine === undefined || routine.status === 'agedOut' || routine.status === 'notRelevant') return true;
  const isLater = routine.status === 'notComplete' && (routine.earliest ?? '') > today;
  return isLater && routine.doseNumber === 1 && validCount > 0;
}

/** The dose was already judged in another series, and counts there or is beyond its number. */
function countsIn(evaluations: readonly Evaluation[], dose: Evaluation): boolean {
  return evaluations.some(({ doseId, status }) => doseId === dose.doseId && status !== 'notValid');
}

/** A complete series has no question left about a dose that did not count, only about one that may not have. */
function isInDoubt({ status, needsClinician }: Evaluation, isComplete: boolean): boolean {
  return needsClinician && (!isComplete || status === 'undetermined');
}

/** What follows from a doubtful dose is doubtful, and names the uncertain rules of the dose. */
function noteDoubt(answer: Recommendation, dose: Evaluation): void {
  answer.needsClinician = true;
  for (const { rule } of dose.because) {
    if (rule.confidence !== 'U') continue;
    if (answer.because.some((one) => one.rule === rule && one.sets === 'review')) continue;
    answer.because.push({ rule, sets: 'review' });
  }
}

function requirement(
  series: Series,
  state: SeriesState,
  forecasts: ReadonlyMap<string, SeriesForecast>,
): { day: number | undefined; because: Because } | undefined {
  const { requires } = series;
  if (requires === undefined || (requires.when !== undefined && requires.when(state.facts) !== true)) return undefined;
  const { finishDay, recommendation } = forecasts.get(requires.series) ?? {};
  const isNever = recommendation?.status === 'notComplete' && recommendation.canFinish === false;
  const day = finishDay === undefined ? undefined : addDuration(finishDay, requires.interval);
  if (isNever) return { day: Number.POSITIVE_INFINITY, because: { rule: requires.rule, sets: 'earliest' } };
  return { day, because: { rule: requires.rule, sets: 'earliest', ...(day === undefined ? {} : { day }) } };
}
