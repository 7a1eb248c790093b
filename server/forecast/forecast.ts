// The planner: (person, history, observations, day, schedule) -> (evaluations, recommendations, warnings). Pure, without
// clock or I/O; the same input gives the same bytes. Phases as in CDSi chapter 4.
import { madeOnce } from '../fhir/made-once.ts';
import { afterDeath } from './after-death.ts';
import { assumptionsOf } from './assumed.ts';
import type { CdsiSchedule } from './cdsi/compiled.ts';
import { forecastCdsi } from './cdsi/forecast-cdsi.ts';
import type { Schedule, Series } from './compiled.ts';
import type { Facts } from './condition.ts';
import { type Day, parseDay } from './days.ts';
import { addDuration } from './duration.ts';
import { evaluateBetweenPhases, evaluateSeries } from './evaluate.ts';
import { forecastSeries, type SeriesForecast } from './forecast-series.ts';
import { type DoseRecord, ForecastInputError, onFirstDays, organise, type Person } from './person.ts';
import { createFacts, type SeriesState } from './series-state.ts';
import type { Because, Evaluation, ForecastInput, ForecastResult, Recommendation, Warning } from './types.ts';

/** Version of the engine, written into every answer. */
export const ENGINE_VERSION = '0.1.0';

export type ForecastOptions = {
  /** `YYYY-MM-DD`: answer with the rules as they were known on this day, to explain an old decision. */
  rulesOf?: string;
};

/**
 * Evaluates every dose and forecasts every series of the schedule. Throws `ForecastInputError` for a birth date,
 * assessment date or day of the rules that is no full date; everything else becomes part of the answer.
 */
export function forecast(
  input: ForecastInput,
  schedule: Schedule | CdsiSchedule,
  options: ForecastOptions = {},
): ForecastResult {
  const version = versionOf(schedule, options);
  const result = 'kind' in version ? forecastCdsi(input, version) : forecastByLaw(input, version);
  result.assumed = assumptionsOf(input, result);
  return input.isDeceased === true ? afterDeath(result) : result;
}

/** The schedule by whose rules the answer is asked. Throws `ForecastInputError` where `rulesOf` names none. */
export function versionOf<Any extends Schedule | CdsiSchedule>(
  schedule: Any,
  { rulesOf }: ForecastOptions,
): Any | Schedule {
  if (rulesOf === undefined) return schedule;
  if ('kind' in schedule)
    throw new ForecastInputError('rulesOf', rulesOf, 'is asked of a schedule that has one version only');
  return schedule.knownOn(rulesDay(rulesOf));
}

function forecastByLaw(input: ForecastInput, schedule: Schedule): ForecastResult {
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
  const states = evaluateAll(schedule, person);
  if (person.hasVagueDates) markUndetermined(schedule, states, evaluateAll(schedule, onFirstDays(person)));

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

function rulesDay(text: string): Day {
  const day = parseDay(text);
  if (day === undefined) throw new ForecastInputError('rulesOf', text);
  return day;
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

type Standing = { series: Series; state: SeriesState | undefined; answer: Recommendation | undefined };

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

/** Evaluates every relevant series; records an earlier phase has taken are not those of a later one. */
function evaluateAll(schedule: Schedule, person: Person): Standing[] {
  const taken = new Map<string, ReadonlySet<DoseRecord>>();
  const phases = new Map<string, SeriesState>();
  const bySeries = recordsBySeries(schedule, person.history);
  const facts = createFacts(person, undefined);
  return schedule.series.map((series) => {
    const irrelevant = notRelevant(series, facts);
    if (irrelevant !== undefined) return { series, state: undefined, answer: irrelevant.answer };
    const own = bySeries.get(series)?.filter(isInRound(series, person)) ?? [];
    if (series.phase === undefined)
      return { series, state: evaluateSeries(schedule, series, person, own), answer: undefined };
    const { of } = series.phase;
    const records = own.filter((record) => !taken.get(of)?.has(record));
    const earlier = phases.get(of);
    const state = evaluateSeries(schedule, series, person, records, requiredOf(series, earlier, facts));
    if (earlier !== undefined) noteBetween(schedule, person, earlier, state);
    phases.set(of, state);
    taken.set(of, new Set([...(taken.get(of) ?? []), ...records.filter((record) => !state.passedOn.includes(record))]));
    return { series, state, answer: undefined };
  });
}

/** The first day after the wait that a phase keeps from the one before, undefined while that is not complete. */
function requiredOf({ requires }: Series, earlier: SeriesState | undefined, facts: Facts): Because | undefined {
  if (requires === undefined || earlier === undefined || requires.series !== earlier.series.key) return undefined;
  if (requires.when !== undefined && requires.when(facts) !== true) return undefined;
  const finished = earlier.satisfied[earlier.path.doses.length];
  if (finished === undefined) return undefined;
  return { rule: requires.rule, sets: 'earliest', day: addDuration(finished, requires.interval) };
}

/** A dose between two phases is named in both: too late for the earlier one, if that was not complete. */
function noteBetween(schedule: Schedule, person: Person, earlier: SeriesState, later: SeriesState): void {
  for (const record of earlier.passedOn) {
    const judged = later.evaluations.find(({ doseId }) => doseId === record.dose.id);
    if (judged?.reasons.includes('outsideAnyWindow')) evaluateBetweenPhases(schedule, earlier, person, record);
  }
}

/** The history of each series by its products; nothing for a series without any. */
function recordsBySeries(schedule: Schedule, history: readonly DoseRecord[]): ReadonlyMap<Series, DoseRecord[]> {
  const takers = seriesByProduct(schedule);
  const records = new Map<Series, DoseRecord[]>();
  for (const record of history) {
    for (const series of takers.get(record.vaccine) ?? []) {
      const known = records.get(series);
      if (known === undefined) records.set(series, [record]);
      else known.push(record);
    }
  }
  return records;
}

const seriesByProduct = madeOnce(({ classes, series }: Schedule) => {
  return new Map([...classes.keys()].map((code) => [code, series.filter(({ products }) => products.has(code))]));
});

/** Records before or after the days a series looks at belong to another round of it. */
function isInRound(series: Series, person: Person): (record: DoseRecord) => boolean {
  const from = series.recordsFrom?.(person.anchors) ?? Number.NEGATIVE_INFINITY;
  const to = series.recordsTo?.(person.anchors) ?? Number.POSITIVE_INFINITY;
  return ({ day }) => day >= from && day <= to;
}

/** A series that is not for this person is not evaluated (CDSi 5.1). */
function notRelevant(series: Series, facts: Facts): { answer: Recommendation | undefined } | undefined {
  const row = series.closures.find((closure) => closure.status === 'notRelevant' && closure.when(facts) === true);
  if (row === undefined) return undefined;
  if (row.silent) return { answer: undefined };
  return {
    answer: {
      series: series.key,
      status: 'notRelevant',
      programme: series.programme,
      reason: row.reason,
      isOverdue: false,
      followUps: [],
      because: [{ rule: row.rule, sets: 'status' }],
      needsClinician: row.rule.confidence === 'U',
    },
  };
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

/** Keeps a judgement only where the first and the last possible day of vague dates agree on it (E5). */
function markUndetermined(schedule: Schedule, states: Standing[], onFirst: readonly Standing[]): void {
  for (const [i, { state }] of states.entries()) {
    for (const one of state?.evaluations ?? []) {
      if (one.reasons.includes('dateTooVague')) continue;
      const other = onFirst[i]?.state?.evaluations.find((evaluation) => evaluation.doseId === one.doseId);
      if (other?.status === one.status) {
        if (one.date.length < 10) {
          one.because.push({ rule: schedule.general.vagueDate, sets: 'warning' });
          one.needsClinician ||= schedule.general.vagueDate.confidence === 'U';
        }
        continue;
      }
      one.status = 'undetermined';
      one.reasons = ['dateTooVague'];
      delete one.doseNumber;
      one.isStatutory = false;
      one.because.push({ rule: schedule.general.vagueDate, sets: 'dateTooVague' });
      one.needsClinician = true;
    }
  }
}

/** A duplicate is named in the series that judged the record it repeats; another product asks which is right. */
function duplicateEvaluations(schedule: Schedule, person: Person, state: SeriesState): Evaluation[] {
  return person.duplicates.flatMap((record) => {
    const { dose, vaccine } = record;
    if (!state.evaluations.some((one) => one.vaccine === dose.vaccine && one.date === dose.date)) return [];
    const because: Because[] = [{ rule: schedule.general.duplicate, sets: 'duplicateRecord' }];
    if (isOtherProduct(record, person)) because.push({ rule: schedule.general.sameDay, sets: 'review' });
    return {
      doseId: dose.id,
      series: state.series.key,
      vaccine,
      date: dose.date,
      status: 'extraneous' as const,
      reasons: ['duplicateRecord' as const],
      isStatutory: false,
      countsClinically: false,
      warnings: [],
      because,
      needsClinician: because.some(({ rule }) => rule.confidence === 'U'),
    };
  });
}

/** The record it repeats names another product. */
function isOtherProduct({ dose, day, vaccine }: DoseRecord, { history }: Person): boolean {
  const first = history.find((other) => other.day === day && other.vaccine === vaccine);
  return dose.product !== undefined && first?.dose.product !== undefined && dose.product !== first.dose.product;
}
