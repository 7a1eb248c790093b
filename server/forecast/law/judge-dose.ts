// Judges one dose given against one target dose: age, interval, conflict (CDSi 6.4 to 6.7) with legal windows instead of
// grace days. Every failing reason is kept, and every row that was asked, with the day it set.

import { addDuration } from '../duration.ts';
import type { Rule } from '../rule.ts';
import type { Because, DoseReason } from '../types.ts';
import type { Schedule, SeriesDose } from './compiled.ts';
import { conflictsOf, deferralsOf } from './conflicts.ts';
import type { DoseRecord, Person } from './person.ts';
import { intervalEnd, openings, referenceDay, type SeriesState } from './series-state.ts';

/** `isCredited`: it counts, but not as a routine dose. */
export type Judgement = { reasons: DoseReason[]; because: Because[]; warnings: string[]; isCredited: boolean };

/** Every failing reason, and every row that was asked, with the day it set. */
export function judge(
  schedule: Schedule,
  state: SeriesState,
  person: Person,
  dose: SeriesDose,
  record: DoseRecord,
): Judgement {
  const judgement: Judgement = { reasons: [], because: [], warnings: [], isCredited: false };
  judgeAge(schedule, state, dose, record, judgement);
  judgeIntervals(state, dose, record, judgement);
  for (const { rule, end } of conflictsOf(schedule, state.series, person.history, record.vaccine, record.day)) {
    fail(judgement, 'vaccineConflict', rule, end);
  }
  for (const { rule } of deferralsOf(schedule, person, record.vaccine, record.day))
    warn(judgement, 'givenDuringDeferral', rule);
  for (const { rule, observations, products } of schedule.exclusions) {
    if (products.has(record.vaccine) && observations.some((code) => person.observations.has(code)))
      warn(judgement, 'productExcluded', rule);
  }
  for (const row of state.series.productDates) {
    if (!row.products.has(record.vaccine)) continue;
    if ((row.from === undefined || record.day >= row.from) && (row.to === undefined || record.day <= row.to)) continue;
    warn(judgement, 'productNotRoutine', row.rule);
    judgement.isCredited = true;
  }
  const advice = dose.advisedAgainst;
  const advisedFrom = advice?.from(person.anchors);
  if (advice !== undefined && advisedFrom !== undefined && record.day >= advisedFrom)
    warn(judgement, advice.warning, advice.rule);
  return judgement;
}

function judgeAge(
  schedule: Schedule,
  state: SeriesState,
  dose: SeriesDose,
  record: DoseRecord,
  judgement: Judgement,
): void {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let rule: Rule | undefined;
  let isIn = false;
  for (const opening of openings(dose, state.facts)) {
    const { window, from, to, inForceFrom, inForceTo } = opening;
    rule ??= window.rule;
    const start = window.creditedBefore === undefined ? Math.max(from, inForceFrom) : from;
    first = Math.min(first, start);
    last = Math.max(last, Math.min(to, inForceTo));
    if (record.day < start || record.day > Math.min(to, inForceTo)) continue;
    isIn = true;
    if (record.day < inForceFrom && window.creditedBefore !== undefined) {
      judgement.isCredited = !window.creditedAsRoutine;
      judgement.because.push({ rule: window.creditedBefore, sets: 'valid' });
    }
    judgement.because.push({ rule: window.rule, sets: 'valid' });
    break;
  }
  if (!isIn && rule !== undefined) {
    const isLaterPhase = (state.series.phase?.number ?? 1) > 1;
    if (state.series.weeksOf === 'pregnancy') failWeeks(state, dose, record, judgement, rule);
    else if (record.day > last) fail(judgement, 'ageTooOld', rule, last);
    else if (record.day < first && !isLaterPhase) fail(judgement, 'ageTooYoung', rule, first);
    else {
      fail(judgement, 'outsideAnyWindow', rule, first);
      const ended = endOnDay(dose, state, record.day);
      if (ended !== undefined && ended < record.day) fail(judgement, 'ageTooOld', rule, ended);
    }
    if (record.day > last) judgement.because.push({ rule: schedule.general.ageOutside, sets: 'review' });
  }
  for (const row of dose.from) {
    const day = row.bound(state.facts.anchors);
    if (day !== undefined && record.day < day) fail(judgement, 'ageTooYoung', row.rule, day);
  }
}

/** By the rules of the day itself: the end of the windows in force then, undefined when there was none. */
function endOnDay(dose: SeriesDose, state: SeriesState, day: number): number | undefined {
  const ends = openings(dose, state.facts).flatMap(({ to, inForceFrom, inForceTo }) =>
    inForceFrom <= day && day <= inForceTo ? [to] : [],
  );
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/** In the right weeks, but before the programme began, is in no window. */
function failWeeks(state: SeriesState, dose: SeriesDose, record: DoseRecord, judgement: Judgement, rule: Rule): void {
  const weeks = openings(dose, state.facts);
  const from = Math.min(...weeks.map((opening) => opening.from));
  const to = Math.max(...weeks.map((opening) => opening.to));
  if (record.day < from) fail(judgement, 'gestationalAgeTooEarly', rule, from);
  else if (record.day > to) fail(judgement, 'gestationalAgeTooLate', rule, to);
  else fail(judgement, 'outsideAnyWindow', rule, Math.min(...weeks.map(({ inForceFrom }) => inForceFrom)));
}

function judgeIntervals(state: SeriesState, dose: SeriesDose, record: DoseRecord, judgement: Judgement): void {
  const { required } = state;
  if (required?.day !== undefined && record.day < required.day)
    fail(judgement, 'intervalTooSoon', required.rule, required.day);
  for (const row of dose.intervals) {
    if (row.use === 'forecast') continue;
    const end = intervalEnd(state, row, record.vaccine);
    if (end === undefined) continue;
    const from = referenceDay(state, row.after);
    if (record.day >= end) {
      judgement.because.push({ rule: row.rule, sets: 'valid', day: end });
      if (row.max !== undefined && from !== undefined && record.day > addDuration(from, row.max)) {
        warn(judgement, 'intervalAboveLimit', row.rule);
        judgement.isCredited = true;
      }
      continue;
    }
    if (row.exception !== undefined && from !== undefined && record.day >= addDuration(from, row.exception.min))
      warn(judgement, row.exception.warning, row.rule);
    else fail(judgement, 'intervalTooSoon', row.rule, end);
  }
}

/** Adds a failing reason with the row that gives it. */
export function fail(judgement: Judgement, reason: DoseReason, rule: Rule, day: number): void {
  if (!judgement.reasons.includes(reason)) judgement.reasons.push(reason);
  judgement.because.push(Number.isFinite(day) ? { rule, sets: reason, day } : { rule, sets: reason });
}

function warn(judgement: Judgement, warning: string, rule: Rule): void {
  if (!judgement.warnings.includes(warning)) judgement.warnings.push(warning);
  judgement.because.push({ rule, sets: 'warning' });
}
