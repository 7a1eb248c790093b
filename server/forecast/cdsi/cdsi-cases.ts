// Runs CDC's published test cases, one JSON object a line with a person, the doses, and what is expected of one vaccine
// group. Scored as their README says: the forecast by status, dates and dose number; every dose by its status in the group;
// a reason when it is among those reported.
import type { CaseResult } from '../cases.ts';
import { explain } from '../explain.ts';
import type { DoseStatus, ForecastInput, ForecastResult, GroupEvaluation, Recommendation } from '../types.ts';
import type { CdsiSchedule } from './compiled.ts';
import { forecastCdsi } from './forecast-cdsi.ts';
import { primaryAnswer } from './primary-answer.ts';
import { isRecord } from './shape.ts';

export type CdsiCase = {
  id: string;
  suite?: string;
  name?: string;
  vaccineGroup: string;
  patient: { birthDate: string; gender?: string };
  assessmentDate: string;
  observations?: readonly { code: string; date?: string }[];
  doses: readonly CaseDose[];
  expected: {
    seriesStatus: string;
    doseNumber?: number;
    earliest?: string;
    recommended?: string;
    pastDue?: string;
  };
};

type CaseDose = {
  date: string;
  cvx: string;
  mvx?: string;
  vaccine?: string;
  expected: { status: string; reason?: string | null; seriesType?: string };
};

/** Passed of so many. */
export type Score = { passed: number; of: number };

export type CdsiCaseResult = CaseResult & {
  vaccineGroup: string;
  /** Cases with conditions: `isPassed` leaves the dose number out, this does not. */
  isPassedWithDoseNumber: boolean;
  doses: Score;
  reasons: Score;
};

/** True for a line of this format. What is in its fields is the planner's to judge. */
export function isCdsiCase(one: unknown): one is CdsiCase {
  return (
    isRecord(one) &&
    areTexts(one, ['id', 'vaccineGroup', 'assessmentDate']) &&
    isRecord(one.patient) &&
    areTexts(one.patient, ['birthDate']) &&
    isRecord(one.expected) &&
    areTexts(one.expected, ['seriesStatus']) &&
    areAll(
      one.doses,
      (dose) => areTexts(dose, ['date', 'cvx']) && mayBeTexts(dose, ['mvx', 'vaccine']) && isRecord(dose.expected),
    ) &&
    areAll(
      one.observations ?? [],
      (observation) => areTexts(observation, ['code']) && mayBeTexts(observation, ['date']),
    )
  );
}

/**
 * Runs one case. Its dose number counts only without conditions: with them the workbook counts every valid dose, which is
 * the second figure. `failures` tells the forecast's and the doses' mismatches with the rules behind them.
 */
export function runCdsiCase(one: CdsiCase, schedule: CdsiSchedule): CdsiCaseResult {
  const result = forecastCdsi(inputOf(one), schedule);
  const isByConditions = one.suite?.startsWith('conditions') ?? false;
  const group = schedule.vaccineGroups.find(({ name }) => name === one.vaccineGroup);
  const forecast = compareForecast(one, result);
  const dates = forecast.failures.filter((line) => !line.startsWith(DOSE_NUMBER));
  const isPassed = (isByConditions ? dates : forecast.failures).length === 0;
  const doses = compareDoses(one, result, schedule);
  const failures = [...(isPassed ? [] : [...forecast.failures, ...forecast.trail]), ...doses.failures];
  return {
    id: one.id,
    title: one.name ?? '',
    isPassed,
    failures,
    unknownSeries: group === undefined ? [one.vaccineGroup] : [],
    vaccineGroup: one.vaccineGroup,
    isPassedWithDoseNumber: forecast.failures.length === 0,
    doses: doses.doses,
    reasons: doses.reasons,
  };
}

/** The planner's input of a case. A dose without manufacturer is of an unspecified formulation. */
export function inputOf({ patient, assessmentDate, doses, observations = [] }: CdsiCase): ForecastInput {
  const { birthDate, gender } = patient;
  return {
    birthDate,
    assessmentDate,
    ...(gender === 'female' || gender === 'male' ? { sex: gender } : {}),
    doses: doses.map(({ date, cvx, mvx, vaccine }, i) => ({
      id: `dose-${i + 1}`,
      date,
      vaccine: cvx,
      ...(mvx === undefined ? {} : { mvx, ...(vaccine === undefined ? {} : { product: vaccine }) }),
    })),
    observations: observations.map(({ code, date }) => ({ code, ...(date === undefined ? {} : { date }) })),
  };
}

const DOSE_NUMBER = 'doseNumber:';

type Comparison = { failures: string[]; trail: string[] };

function compareForecast({ vaccineGroup, expected }: CdsiCase, { recommendations }: ForecastResult): Comparison {
  const answer = primaryAnswer(recommendations, vaccineGroup);
  if (answer !== undefined) return compareAnswer(expected, answer);
  return { failures: [`seriesStatus: expected ${expected.seriesStatus}, got no answer`], trail: [] };
}

function compareAnswer(expected: CdsiCase['expected'], answer: Recommendation): Comparison {
  const pairs: [string, string | number | undefined, string | number | undefined][] = [
    ['seriesStatus', expected.seriesStatus, answer.status],
    ['earliest', expected.earliest, answer.earliest],
    ['recommended', expected.recommended, answer.recommended],
    ['pastDue', expected.pastDue, answer.standardEnd],
    ['doseNumber', expected.doseNumber, answer.doseNumber],
  ];
  const failures = pairs
    .filter(([, want, got]) => want !== got)
    .map(([field, want, got]) => `${field}: expected ${want ?? 'none'}, got ${got ?? 'none'}`);
  const by = answer.seriesName === undefined ? '' : `${answer.seriesName}: `;
  return { failures, trail: explain(answer.because, 'en').map((line) => `  by ${by}${line}`) };
}

function compareDoses(
  { doses, vaccineGroup }: CdsiCase,
  { groupEvaluations = [], evaluations }: ForecastResult,
  schedule: CdsiSchedule,
): { failures: string[]; doses: Score; reasons: Score } {
  const failures: string[] = [];
  const score = { doses: { passed: 0, of: 0 }, reasons: { passed: 0, of: 0 } };
  const antigens = new Set(schedule.vaccineGroups.find(({ name }) => name === vaccineGroup)?.antigens);
  for (const [i, { date, cvx, expected }] of doses.entries()) {
    // Doses of other groups stand there as context.
    if (!schedule.products.get(cvx)?.associations.some(({ antigen }) => antigens.has(antigen))) continue;
    const doseId = `dose-${i + 1}`;
    const got = groupEvaluations.find((one) => one.doseId === doseId && one.vaccineGroup === vaccineGroup);
    const faults = compareDose(expected, got, score);
    failures.push(...faults.map((fault) => `dose ${i + 1} (${date}, CVX ${cvx}) ${fault}`));
    if (faults.length === 0) continue;
    for (const one of evaluations.filter((evaluation) => evaluation.doseId === doseId))
      failures.push(...explain(one.because, 'en').map((line) => `  by ${one.series}: ${line}`));
  }
  return { failures, ...score };
}

function compareDose(
  { status, reason }: CaseDose['expected'],
  got: GroupEvaluation | undefined,
  score: { doses: Score; reasons: Score },
): string[] {
  const reasons: readonly string[] = got?.reasons ?? [];
  const isStatusRight = got?.status === (status as DoseStatus);
  score.doses.of += 1;
  if (isStatusRight) score.doses.passed += 1;
  const faults = isStatusRight
    ? []
    : [`status: expected ${status}, got ${got?.status ?? 'none'} ${reasons.join()}`.trim()];
  if (!reason) return faults;
  score.reasons.of += 1;
  if (reasons.includes(reason)) score.reasons.passed += 1;
  else faults.push(`reason: expected ${reason}, got ${reasons.join(', ') || 'none'}`);
  return faults;
}

function areTexts(record: Record<string, unknown>, names: readonly string[]): boolean {
  return names.every((name) => typeof record[name] === 'string');
}

function mayBeTexts(record: Record<string, unknown>, names: readonly string[]): boolean {
  return names.every((name) => record[name] === undefined || typeof record[name] === 'string');
}

function areAll(rows: unknown, is: (row: Record<string, unknown>) => boolean): boolean {
  return Array.isArray(rows) && rows.every((row) => isRecord(row) && is(row));
}
