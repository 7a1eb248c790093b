// Forecasts the next dose of one series: CDSi chapter 7 with the Japanese layers (legal window, standard period inside
// it, advice against a late start, extensions of the period). Order of questions: closed? complete? dates? aged out?

import { type Day, formatDay } from '../days.ts';
import { addDuration } from '../duration.ts';
import { certaintyOf } from '../explain.ts';
import type { Because, Recommendation } from '../types.ts';
import type { Schedule, SeriesDose } from './compiled.ts';
import { deferralsOf } from './conflicts.ts';
import { setMunicipalCoverage } from './coverage.ts';
import { type Finish, finishSeries, firstLegalDay, isOpenOn } from './next-day.ts';
import type { Person } from './person.ts';
import { lapse, latestDay, openDose, openings, referenceDay, type SeriesState } from './series-state.ts';

/** A series' answer with what later series may need of it: the day it was or will be finished. */
export type SeriesForecast = { recommendation: Recommendation; isComplete: boolean; finishDay: Day | undefined };

/** Forecasts one series. `requiredFinish` is the earliest day another series, which must come first, can be done. */
export function forecastSeries(
  schedule: Schedule,
  person: Person,
  state: SeriesState,
  requiredFinish: { day: Day | undefined; because: Because } | undefined,
): SeriesForecast {
  const { series } = state;
  const open = openDose(state, person.asOf);
  const base = startAnswer(state, open);
  // What is already complete is neither advised against nor contraindicated.
  const closure = series.closures.find(
    (row) => (row.status === 'immune' || open !== undefined) && row.when(state.facts) === true,
  );
  if (closure !== undefined) {
    base.because.push({ rule: closure.rule, sets: 'status' });
    base.needsClinician = closure.review;
    return closed(base, { status: closure.status, reason: closure.reason });
  }
  if (open === undefined) return complete(base, state);

  const product = preferredProduct(state, base.because);
  const found = findDay(schedule, person, state, open, product, requiredFinish, base.because);
  const { dose, earliest } = found;
  setDose(base, state, dose);
  // Where no row decides, either will do, and none is named.
  if (base.because.some(({ sets }) => sets === 'product')) base.product = product;
  const latest = latestDay(dose, state.facts);
  if (latest !== undefined && Number.isFinite(latest)) {
    base.latest = formatDay(latest);
    if (series.programme === 'routine') base.coverageEnd = base.latest;
    const row = openings(dose, state.facts).find(({ to, inForceTo }) => Math.min(to, inForceTo) === latest);
    if (row !== undefined) base.because.push({ rule: row.window.rule, sets: 'latest', day: latest });
  }
  if (series.programme === 'routine') setCoverageStart(base, person, state, dose, earliest);
  if (earliest === undefined) {
    setWaits(base, schedule, person, product);
    return closed(base, { status: 'agedOut' });
  }
  setCautions(base, schedule, state);

  const finish = finishSeries(schedule, person, state, product, earliest);
  base.canFinish = finish.canFinish;
  base.dosesRequired = state.validCount + finish.doses;
  setDates(base, person, state, dose, earliest, latest);
  setMunicipalCoverage(base, person, state, Math.max(earliest, person.asOf));
  setExtension(base, person, state, dose, earliest);
  setFollowUps(base, person, state);
  setAdvice(base, person, dose, earliest);
  return done(base, finish);
}

/** A wait that is no law of its own (immunoglobulin) and outlasts the window is for the clinician to weigh. */
function setWaits(answer: Recommendation, schedule: Schedule, person: Person, product: string): void {
  for (const { rule, end } of deferralsOf(schedule, person, product, person.asOf)) {
    answer.because.push({ rule, sets: 'review', day: end });
    answer.needsClinician = true;
  }
}

function setCautions(answer: Recommendation, schedule: Schedule, { series, facts }: SeriesState): void {
  for (const rows of [schedule.cautions, series.cautions]) {
    for (const { rule, when } of rows) {
      if (when(facts) !== true) continue;
      answer.because.push({ rule, sets: 'review' });
      answer.needsClinician = true;
    }
  }
}

function startAnswer(state: SeriesState, open: SeriesDose | undefined): Recommendation {
  const because: Because[] = [{ rule: state.path.rule, sets: 'path' }, ...state.dropped];
  const answer: Recommendation = {
    series: state.series.key,
    status: 'notComplete',
    programme: state.series.programme,
    path: state.path.id,
    isOverdue: false,
    followUps: [],
    because,
    needsClinician: false,
  };
  if (open !== undefined) setDose(answer, state, open);
  if (state.series.category !== undefined) answer.category = state.series.category;
  if (state.path.band !== undefined) answer.band = state.path.band;
  return answer;
}

function setDose(answer: Recommendation, state: SeriesState, dose: SeriesDose): void {
  answer.doseNumber = state.validCount + 1;
  answer.label = dose.label;
}

/** The product to go on with: the first row of the schedule that fits, else the one last used, else any. */
function preferredProduct(state: SeriesState, because: Because[]): string {
  const { series, facts, path } = state;
  for (const row of series.prefer) {
    if (row.when !== undefined && row.when(facts) !== true) continue;
    if (path.products?.has(row.product) === false) continue;
    because.push({ rule: row.rule, sets: 'product' });
    return row.product;
  }
  const [first = ''] = path.products ?? series.products;
  return facts.latestProduct ?? first;
}

/** The open dose and its first legal day; doses that can no longer be given and may be dropped are passed over. */
function findDay(
  schedule: Schedule,
  person: Person,
  state: SeriesState,
  open: SeriesDose,
  product: string,
  required: { day: Day | undefined; because: Because } | undefined,
  because: Because[],
): { dose: SeriesDose; earliest: Day | undefined } {
  const from = required?.day ?? Number.NEGATIVE_INFINITY;
  if (required !== undefined) because.push(required.because);
  let dose = open;
  for (;;) {
    let earliest = firstLegalDay(schedule, person, state, dose, product, from, because);
    // Legal days that are all past do not help: between two windows the next one counts.
    if (earliest !== undefined && earliest < person.asOf && !isOpenOn(dose, state, person.asOf))
      earliest = firstLegalDay(schedule, person, state, dose, product, Math.max(from, person.asOf), because);
    if (earliest !== undefined || dose.lapses === undefined) return { dose, earliest };
    lapse(state, dose, latestDay(dose, state.facts) ?? person.asOf);
    const next = openDose(state, person.asOf);
    if (next === undefined) return { dose, earliest: undefined };
    dose = next;
  }
}

/**
 * The first day on which the programme pays for the dose: the law's window for this age, whatever the intervals say. Of
 * several windows those that are over by the day the dose may be given do not count.
 */
function setCoverageStart(
  answer: Recommendation,
  person: Person,
  state: SeriesState,
  dose: SeriesDose,
  earliest: Day | undefined,
): void {
  const due = earliest === undefined ? Number.NEGATIVE_INFINITY : Math.max(earliest, person.asOf);
  let start = Number.POSITIVE_INFINITY;
  for (const { from, to, inForceFrom, inForceTo } of openings(dose, state.facts)) {
    const first = Math.max(from, inForceFrom);
    const last = Math.min(to, inForceTo);
    if (first <= last && last >= due && first < start) start = first;
  }
  for (const { bound } of dose.from) start = Math.max(start, bound(person.anchors) ?? start);
  if (Number.isFinite(start)) answer.coverageStart = formatDay(start);
}

function setDates(
  answer: Recommendation,
  person: Person,
  state: SeriesState,
  dose: SeriesDose,
  earliest: Day,
  latest: Day | undefined,
): void {
  answer.earliest = formatDay(earliest);
  const row = dose.standard.find(({ when }) => when === undefined || when(state.facts) === true);
  const reference = row === undefined ? undefined : referenceDay(state, row.after);
  const start = row === undefined ? undefined : endOf(row.from?.(person.anchors), reference, row.fromInterval);
  const end = row === undefined ? undefined : endOf(row.to?.(person.anchors), reference, row.toInterval);
  const recommended = Math.min(Math.max(earliest, start ?? earliest), latest ?? Number.POSITIVE_INFINITY);
  answer.recommended = formatDay(recommended);
  if (row !== undefined && start !== undefined)
    answer.because.push({ rule: row.rule, sets: 'recommended', day: start });
  if (row === undefined || end === undefined) return;
  answer.standardEnd = formatDay(end);
  answer.because.push({ rule: row.rule, sets: 'standardEnd', day: end });
  answer.isOverdue = person.asOf > end && earliest <= person.asOf;
}

function endOf(
  byAge: Day | undefined,
  reference: Day | undefined,
  interval: Parameters<typeof addDuration>[1] | undefined,
) {
  if (byAge !== undefined) return byAge;
  return reference === undefined || interval === undefined ? undefined : addDuration(reference, interval);
}

/** Names the extension when the dose is due on a day that only an extended period allows. */
function setExtension(
  answer: Recommendation,
  person: Person,
  state: SeriesState,
  dose: SeriesDose,
  earliest: Day,
): void {
  const day = Math.max(earliest, person.asOf);
  const open = openings(dose, state.facts).filter(
    ({ from, to, inForceFrom, inForceTo }) => Math.max(from, inForceFrom) <= day && day <= Math.min(to, inForceTo),
  );
  const extension = open.find(({ window }) => window.extension !== undefined);
  if (extension === undefined || open.some(({ window }) => window.extension === undefined)) return;
  answer.extension = extension.window.extension ?? '';
  answer.label = dose.label + extension.window.labelSuffix;
  answer.because.push({ rule: extension.window.rule, sets: 'status' });
}

function setFollowUps(answer: Recommendation, person: Person, state: SeriesState): void {
  for (const row of state.series.followUps) {
    const from = row.from(person.anchors);
    const until = row.to(person.anchors);
    if (from === undefined || until === undefined) continue;
    answer.followUps.push({ code: row.code, from: formatDay(from), until: formatDay(until) });
    answer.because.push({ rule: row.rule, sets: 'warning' });
  }
}

function setAdvice(answer: Recommendation, person: Person, dose: SeriesDose, earliest: Day): void {
  const advice = dose.advisedAgainst;
  const from = advice?.from(person.anchors);
  if (advice === undefined || from === undefined || Math.max(earliest, person.asOf) < from) return;
  answer.status = 'notRecommended';
  answer.reason = advice.reason;
  answer.because.push({ rule: advice.rule, sets: 'status', day: from });
}

function complete(answer: Recommendation, state: SeriesState): SeriesForecast {
  answer.status = state.validCount > 0 ? 'complete' : 'notRecommended';
  answer.dosesRequired = state.dosesRequired ?? state.validCount;
  const day = answer.status === 'complete' ? state.previous : undefined;
  return done(answer, { canFinish: true, doses: 0, day }, answer.status === 'complete');
}

function closed(answer: Recommendation, end: Pick<Recommendation, 'status' | 'reason'>): SeriesForecast {
  Object.assign(answer, end);
  return done(answer, { canFinish: false, doses: 0, day: undefined });
}

/** An answer resting on an uncertain rule, or on a doubtful dose, asks the clinician; soft dates alone do not. */
function done(answer: Recommendation, finish: Finish, isComplete = false): SeriesForecast {
  answer.needsClinician ||= certaintyOf(answer.because) === 'U';
  return { recommendation: answer, isComplete, finishDay: finish.day };
}
