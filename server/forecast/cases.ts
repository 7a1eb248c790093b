// Runs planner cases: one JSON object a line with a person, a history and what is expected of some series. Only what a
// case asserts is compared; `softFields` may be a day off, and `review` asks that the answer sends to a clinician.

import { parseDay } from './days.ts';
import { forecast } from './forecast.ts';
import type { Schedule } from './law/compiled.ts';
import type { Evaluation, ForecastInput, ForecastResult, Observation, Recommendation } from './types.ts';

export type CaseResult = { id: string; title: string; isPassed: boolean; failures: string[]; unknownSeries: string[] };

type Fields = Record<string, unknown>;

/**
 * Runs one line. `failures` says what differs; a case that asserts a series the schedule does not have fails, with the
 * series in `unknownSeries`. Throws when the line is not a case.
 */
export function runCase(line: string, schedule: Schedule): CaseResult {
  const one = record(JSON.parse(line));
  const id = String(one.id ?? '');
  const expected = record(one.expect);
  if (id === '' || typeof one.birthDate !== 'string' || Object.keys(expected).length === 0)
    throw new Error(`not a planner case: ${line.slice(0, 80)}`);
  const result = forecast(caseInput(one), schedule);
  const known = new Set(schedule.series.map((series) => series.key));
  const failures: string[] = [];
  const unknownSeries: string[] = [];
  for (const [key, fields] of Object.entries(expected)) {
    if (known.has(key)) failures.push(...compareSeries(key, record(fields), result, String(one.assessmentDate)));
    else {
      unknownSeries.push(key);
      failures.push(`${key}: not in the schedule`);
    }
  }
  return { id, title: String(one.title ?? ''), isPassed: failures.length === 0, failures, unknownSeries };
}

function caseInput(one: Fields): ForecastInput {
  const sex = one.sex;
  return {
    birthDate: String(one.birthDate),
    assessmentDate: String(one.assessmentDate),
    ...(sex === 'female' || sex === 'male' ? { sex } : {}),
    doses: list(one.history).map((entry, i) => {
      const dose = record(entry);
      return {
        id: `dose-${i + 1}`,
        date: String(dose.date),
        vaccine: String(dose.vaccine),
        ...(typeof dose.product === 'string' ? { product: dose.product } : {}),
      };
    }),
    observations: caseObservations(record(one.context)),
  };
}

/** The context of a case in the engine's observation codes. Gestational age at birth changes nothing. */
function caseObservations(context: Fields): Observation[] {
  const observations: Observation[] = [];
  if (context.motherHBsAg === 'positive') observations.push({ code: 'mother:HBsAg-positive' });
  const edd = record(context.pregnancy).edd;
  if (typeof edd === 'string') observations.push({ code: 'pregnancy-edd', date: edd });
  for (const code of list(context.conditions)) observations.push({ code: String(code) });
  for (const disease of list(context.diseaseHistory)) observations.push({ code: `disease:${String(disease)}` });
  for (const flag of list(context.flags)) observations.push({ code: `flag:${String(flag)}` });
  for (const entry of list(context.immunoglobulin)) {
    const { date, mgPerKg } = record(entry);
    // Without an amount (a transfusion) it is not a high dose.
    observations.push({
      code: 'immunoglobulin',
      date: String(date),
      ...(typeof mgPerKg === 'number' ? { value: mgPerKg } : {}),
    });
  }
  const illness = record(context.longTermIllness);
  if (typeof illness.reasonEnded === 'string')
    observations.push({ code: 'long-illness-ended', date: illness.reasonEnded });
  for (const key of list(illness.missedDuringEligibility)) observations.push({ code: `missed:${String(key)}` });
  return observations;
}

function compareSeries(key: string, expected: Fields, result: ForecastResult, assessmentDate: string): string[] {
  const answer = result.recommendations.find((recommendation) => recommendation.series === key);
  if (answer === undefined) return [`${key}: no answer`];
  const actual = caseFields(answer, assessmentDate);
  const soft = new Set(list(expected.softFields).map(String));
  const failures: string[] = [];
  for (const [field, want] of Object.entries(expected)) {
    if (field === 'softFields') continue;
    if (field === 'evaluations')
      for (const one of list(want)) failures.push(...compareEvaluation(key, record(one), result.evaluations));
    else if (!isSame(want, actual[field], soft.has(field)))
      failures.push(`${key}.${field}: expected ${String(want)}, got ${String(actual[field])}`);
  }
  return failures;
}

/** A recommendation in the words of the case files. */
function caseFields(answer: Recommendation, assessmentDate: string): Fields {
  const isLater = answer.earliest !== undefined && answer.earliest > assessmentDate;
  const status =
    answer.status === 'notRelevant'
      ? 'notEligible'
      : answer.status === 'notComplete' && isLater
        ? 'notYetDue'
        : answer.status;
  const test = answer.followUps.find((followUp) => followUp.code === 'testHBs');
  return {
    status,
    reason: answer.reason,
    doseNumber: answer.doseNumber,
    doseLabel: answer.label,
    earliestDate: answer.earliest,
    recommendedDate: answer.recommended,
    standardWindowEnd: answer.standardEnd,
    latestDate: answer.latest,
    preferredProduct: answer.product,
    dosesRequired: answer.dosesRequired,
    overdue: answer.isOverdue,
    band: answer.band,
    extension: answer.extension,
    seriesCanFinish: answer.canFinish,
    review: answer.needsClinician,
    testHBsFrom: test?.from,
    testHBsUntil: test?.until,
  };
}

function compareEvaluation(key: string, expected: Fields, evaluations: readonly Evaluation[]): string[] {
  const place = `${key} ${String(expected.date)} ${String(expected.vaccine)}`;
  const candidates = evaluations.filter(
    (one) => one.series === key && one.date === expected.date && one.vaccine === expected.vaccine,
  );
  if (candidates.length === 0) return [`${place}: not evaluated`];
  const differences = candidates.map((one) => evaluationDifferences(place, expected, one));
  return differences.some((list) => list.length === 0) ? [] : (differences[0] ?? []);
}

const STATUS: Record<string, string> = { notValid: 'invalid' };
const REASON: Record<string, string> = {
  intervalTooSoon: 'intervalTooShort',
  seriesAlreadyComplete: 'unnecessaryDose',
};

function evaluationDifferences(place: string, expected: Fields, one: Evaluation): string[] {
  const failures: string[] = [];
  const status = STATUS[one.status] ?? one.status;
  if (expected.status !== status) failures.push(`${place}: expected ${String(expected.status)}, got ${status}`);
  const reasons = one.because.flatMap(({ sets, rule }) =>
    sets === 'vaccineConflict'
      ? [rule.id === 'X1' ? 'liveInterval' : 'differentVaccineInterval']
      : [REASON[sets] ?? sets],
  );
  for (const [field, has] of [
    ['reason', (want: string) => reasons.some((reason) => reason === want)],
    ['warning', (want: string) => one.warnings.includes(want)],
  ] as const) {
    const want = expected[field];
    if (typeof want === 'string' && !has(want))
      failures.push(`${place}: expected ${field} ${want}, got ${reasons.join()}`);
  }
  for (const [field, value] of [
    ['doseNumber', one.doseNumber],
    ['clinicallyCounts', one.countsClinically],
    ['statutory', one.isStatutory],
    ['review', one.needsClinician],
  ] as const) {
    if (expected[field] !== undefined && expected[field] !== value)
      failures.push(`${place}: expected ${field} ${String(expected[field])}, got ${String(value)}`);
  }
  return failures;
}

function isSame(want: unknown, got: unknown, isSoft: boolean): boolean {
  if (want === got) return true;
  if (!isSoft || typeof want !== 'string' || typeof got !== 'string') return false;
  const wantDay = parseDay(want);
  const gotDay = parseDay(got);
  return wantDay !== undefined && gotDay !== undefined && Math.abs(wantDay - gotDay) <= 1;
}

function record(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
