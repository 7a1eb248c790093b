// Before the needle: may this product be given to this person on this day? The intended dose is judged as if it had been
// given, and the forecast without it says what is open. Checks 1 to 12 of the Japanese fact sheet (errors before and after
// the needle); what cannot be judged is asked, never waved through.

import { parseDay } from '../days.ts';
import { forecast } from '../forecast.ts';
import type { Schedule } from '../law/compiled.ts';
import type { Because, Evaluation, ForecastInput, Recommendation, Warning } from '../types.ts';
import { packageReasons } from './check-package.ts';
import { reasonOf } from './reason-words.ts';
import type { CheckReason, Decision, DoseCheck, IntendedDose } from './types.ts';

/** The name of the intended dose among the evaluations. */
export const INTENDED_DOSE = 'intended';

/**
 * Checks one intended dose. `input.assessmentDate` is the day of the needle, `warnings` are what reading the record left open.
 * Throws `ForecastInputError` like `forecast`.
 */
export function checkDose(
  input: ForecastInput,
  intended: IntendedDose,
  schedule: Schedule,
  warnings: readonly Warning[] = [],
): DoseCheck {
  const dose = { id: INTENDED_DOSE, date: input.assessmentDate, vaccine: intended.vaccine };
  const before = forecast(input, schedule);
  const result = forecast({ ...input, doses: [...input.doses, dose] }, schedule);
  const evaluations = result.evaluations.filter(({ doseId }) => doseId === INTENDED_DOSE);
  const series = new Set(
    schedule.series.filter(({ products }) => products.has(intended.vaccine)).map(({ key }) => key),
  );
  const open = before.recommendations.filter((one) => series.has(one.series));
  const reasons = [
    ...historyReasons([...warnings, ...before.warnings]),
    ...(input.isDeceased === true ? [reasonOf('deceased')] : seriesReasons(open, evaluations, input.assessmentDate)),
    ...evaluations.flatMap((one) => evaluationReasons(one, isCounted(evaluations))),
    ...(countsOnlyBeyondProgramme(evaluations, schedule) ? [reasonOf('voluntaryOnly')] : []),
    ...(evaluations.length === 0 && !open.some(isClosed) ? [reasonOf('noRule')] : []),
    ...packageReasons(input, intended, schedule),
  ];
  const counted = evaluations.find(({ status }) => status === 'valid');
  const label = open.find(({ series: key }) => key === counted?.series)?.label;
  return {
    decision: gravest(reasons),
    reasons: unique(reasons),
    evaluations,
    result,
    ...(counted?.doseNumber === undefined ? {} : { doseNumber: counted.doseNumber }),
    ...(label === undefined ? {} : { label }),
  };
}

/** What the history itself leaves in doubt: a dose that could not be read may be the very one that is about to be repeated. */
function historyReasons(warnings: readonly Warning[]): CheckReason[] {
  return [...new Set(warnings.map(({ code }) => code))].map((code) => reasonOf(code));
}

/** What the forecast without the dose says about the series it would count in. */
function seriesReasons(
  open: readonly Recommendation[],
  evaluations: readonly Evaluation[],
  date: string,
): CheckReason[] {
  const counts = isCounted(evaluations);
  const valid = new Set(evaluations.filter(({ status }) => status === 'valid').map(({ series }) => series));
  // A five-in-one is given for what it is, though stand-alone Hib is no longer recommended beside it.
  const isRecommended = open.some((one) => valid.has(one.series) && one.status !== 'notRecommended');
  return open.flatMap((one) => {
    // Where one series takes the dose, what another says of it is no matter.
    const isJudged = evaluations.some(({ series, status }) => series === one.series && (!counts || status === 'valid'));
    const status = one.because.findLast(({ sets }) => sets === 'status');
    if (isClosed(one)) return isJudged || open.every(isClosed) ? [reasonOf(one.status, status)] : [];
    if (!isJudged) return [];
    const reasons: CheckReason[] = [];
    if (one.status === 'notRecommended' && !isRecommended) reasons.push(reasonOf('advisedAgainst', status));
    if (one.earliest !== undefined && one.earliest > date && one.status === 'notComplete') {
      const bound = one.because.find(({ sets, day }) => sets === 'earliest' && isDay(day, one.earliest));
      reasons.push({ ...reasonOf('notBefore', bound), date: one.earliest });
    }
    if (one.needsClinician) reasons.push(reasonOf('review', uncertain(one.because)));
    return reasons;
  });
}

/** A failing judgement counts in full only when no other series takes the dose (a five-in-one may exceed the Hib count). */
function evaluationReasons(one: Evaluation, counts: boolean): CheckReason[] {
  const reasons = one.reasons.map((reason) => {
    const because = one.because.find(({ sets }) => sets === reason);
    const stated = reasonOf(reason, because);
    return counts && stated.decision === 'stop' ? { ...stated, decision: 'ask' as const } : stated;
  });
  const warnings = one.warnings.map((warning) =>
    reasonOf(
      warning,
      one.because.find(({ sets }) => sets === 'warning'),
    ),
  );
  const isDoubtful = one.status === 'undetermined' || (one.status === 'valid' && one.needsClinician);
  return [...reasons, ...warnings, ...(isDoubtful ? [reasonOf('review', uncertain(one.because))] : [])];
}

function isCounted(evaluations: readonly Evaluation[]): boolean {
  return evaluations.some(({ status }) => status === 'valid');
}

/** True when only a voluntary continuation of a routine series takes the dose. */
function countsOnlyBeyondProgramme(evaluations: readonly Evaluation[], { series }: Schedule): boolean {
  const counted = new Set(evaluations.filter(({ status }) => status === 'valid').map((one) => one.series));
  return counted.size > 0 && series.every(({ key, continues }) => !counted.has(key) || continues !== undefined);
}

function isClosed({ status }: Recommendation): boolean {
  return status === 'contraindicated' || status === 'immune' || status === 'notRelevant';
}

function uncertain(because: readonly Because[]): Because | undefined {
  return (
    because.find(({ sets }) => sets === 'review') ?? because.find(({ rule }) => rule.confidence === 'U') ?? because[0]
  );
}

function isDay(day: number | undefined, date: string | undefined): boolean {
  return day !== undefined && date !== undefined && day === parseDay(date);
}

const GRAVITY: readonly Decision[] = ['go', 'ask', 'stop'];

function gravest(reasons: readonly CheckReason[]): Decision {
  return GRAVITY[Math.max(0, ...reasons.map(({ decision }) => GRAVITY.indexOf(decision)))] ?? 'stop';
}

/** Two series, or the forecast and the judgement, may say the same. */
function unique(reasons: readonly CheckReason[]): CheckReason[] {
  const seen = new Map<string, CheckReason>();
  for (const reason of reasons) {
    const key = `${reason.code}|${reason.rule?.id ?? ''}|${reason.date ?? ''}`;
    if (!seen.has(key)) seen.set(key, reason);
  }
  return [...seen.values()];
}
