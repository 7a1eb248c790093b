// Judges the doses given against one series: CDSi 4.4 and chapter 6 (age, interval, conflict, every reason kept) with
// legal windows instead of grace days, start-age bands, and legal phases that hand records on.

import type { Because, DoseReason, DoseStatus, Evaluation } from '../types.ts';
import { combinationPart } from './combination.ts';
import type { Schedule, Series, SeriesDose } from './compiled.ts';
import { fail, type Judgement, judge } from './judge-dose.ts';
import type { DoseRecord, Person } from './person.ts';
import {
  choosePath,
  createFacts,
  createState,
  latestDay,
  openDose,
  type SeriesState,
  satisfy,
} from './series-state.ts';

/**
 * Evaluates the records of one series, in order of their day. The path follows the first dose that counts, and the
 * assessment date while none does. `required` is the first day another series, which must come first, allows.
 */
export function evaluateSeries(
  schedule: Schedule,
  series: Series,
  person: Person,
  records: readonly DoseRecord[],
  required?: Because,
): SeriesState {
  let start = 0;
  for (;;) {
    const first = records[start];
    const facts = createFacts(person, (first ?? records[0])?.vaccine);
    const path = choosePath(series, facts, first?.day ?? person.asOf);
    const state = createState(series, path, facts);
    state.required = required;
    let firstValid: number | undefined;
    for (const [i, record] of records.entries()) {
      const status = evaluateRecord(schedule, state, person, record, records);
      if (status === 'valid' && firstValid === undefined) firstValid = i;
    }
    const next = firstValid ?? records.length;
    if (first === undefined || next <= start) return state;
    start = next;
  }
}

/** Of an age or time of the law alone. */
const COUNTS_CLINICALLY: ReadonlySet<DoseReason> = new Set([
  'ageTooOld',
  'outsideAnyWindow',
  'gestationalAgeTooEarly',
  'gestationalAgeTooLate',
]);

/**
 * Judges, in an unfinished phase as well, a record that came after it and before the next one: it was too late for this
 * phase and in no window at all.
 */
export function evaluateBetweenPhases(
  schedule: Schedule,
  state: SeriesState,
  person: Person,
  record: DoseRecord,
): void {
  const dose = openDose(state, record.day);
  if (dose === undefined) return;
  const judgement = judge(schedule, state, person, dose, record);
  const rule = dose.windows[0]?.rule;
  if (rule !== undefined) fail(judgement, 'outsideAnyWindow', rule, latestDay(dose, state.facts) ?? record.day);
  judgement.because.push({ rule: schedule.general.invalidDose, sets: 'review' });
  state.evaluations.push(
    evaluation(state, record, 'notValid', judgement, {
      isStatutory: false,
      countsClinically: judgement.reasons.every((reason) => COUNTS_CLINICALLY.has(reason)),
    }),
  );
}

function evaluateRecord(
  schedule: Schedule,
  state: SeriesState,
  person: Person,
  record: DoseRecord,
  records: readonly DoseRecord[],
): DoseStatus | undefined {
  const { series } = state;
  const part = combinationPart(series, record, records);
  if (part?.role === 'second') return noteSecondPart(state, record, part.first);

  const dose = openDose(state, record.day);
  if (series.phase?.next.has(record.vaccine) && isForNextPhase(state, dose, record)) {
    state.passedOn.push(record);
    return undefined;
  }
  if (dose === undefined) return noteExtra(schedule, state, record);
  if (record.dose.flaw !== undefined) return noteFlawed(schedule, state, record, record.dose.flaw);

  const judgement = judge(schedule, state, person, dose, record);
  const isVague = record.first < record.day && isOtherOnFirstDay(schedule, state, person, dose, record, judgement);
  const lock = state.path.products?.has(record.vaccine) === false ? state.path.productLock : undefined;
  const doubt = lock ?? (part?.role === 'alone' ? part.rule : undefined);
  const isValid = judgement.reasons.length === 0;
  let status: DoseStatus = isValid ? 'valid' : 'notValid';
  if (isValid && doubt !== undefined) {
    status = 'undetermined';
    judgement.because.push({ rule: doubt, sets: 'review' });
  }
  const others = sameDay(record, records, part?.parts);
  if (status === 'notValid' && others.some(({ order }) => order < record.order)) {
    // Which of the records is right is open, and so no interval was too short (E4).
    status = 'undetermined';
    judgement.reasons = [];
    judgement.because = judgement.because.filter(({ sets }) => sets !== 'intervalTooSoon');
  }
  if (status === 'notValid') judgement.because.push({ rule: schedule.general.invalidDose, sets: 'review' });
  if (others.length > 0) judgement.because.push({ rule: schedule.general.sameDay, sets: 'review' });
  if (status === 'valid') satisfy(state, dose, record.day, record.vaccine);
  else if (status === 'notValid') state.previous = record.day;
  state.last = record.day;
  if (isVague) {
    judgement.reasons = ['dateTooVague'];
    judgement.because.push({ rule: schedule.general.vagueDate, sets: 'dateTooVague' });
  }
  state.evaluations.push(
    evaluation(state, record, isVague ? 'undetermined' : status, judgement, {
      doseNumber: status === 'valid' && !isVague ? state.validCount : undefined,
      isStatutory: status === 'valid' && !isVague && series.programme === 'routine' && !judgement.isCredited,
      // A dose outside its legal age at the right interval is a voluntary dose that counts medically (E3).
      countsClinically: judgement.reasons.every((reason) => COUNTS_CLINICALLY.has(reason)),
    }),
  );
  return status;
}

/** The dose counts on the last possible day of a vague date and not on the first, or the other way round (E5). */
function isOtherOnFirstDay(
  schedule: Schedule,
  state: SeriesState,
  person: Person,
  dose: SeriesDose,
  record: DoseRecord,
  onLast: Judgement,
): boolean {
  state.facts.on = record.first;
  const onFirst = judge(schedule, state, person, dose, { ...record, day: record.first });
  state.facts.on = record.day;
  return (onFirst.reasons.length === 0) !== (onLast.reasons.length === 0);
}

/** A record after the series is complete, or after its last legal day, belongs to the next phase. */
function isForNextPhase(state: SeriesState, dose: SeriesDose | undefined, record: DoseRecord): boolean {
  if (dose === undefined) return true;
  const last = latestDay(dose, state.facts);
  return last !== undefined && record.day > last;
}

function noteExtra(schedule: Schedule, state: SeriesState, record: DoseRecord): DoseStatus {
  const tolerated = state.series.toleratedExtra;
  const isTolerated =
    tolerated?.products.has(record.vaccine) === true &&
    (tolerated.when === undefined || tolerated.when(state.facts) === true);
  const judgement: Judgement = {
    reasons: [isTolerated ? 'comboProductAllowed' : 'seriesAlreadyComplete'],
    because: [
      isTolerated
        ? { rule: tolerated.rule, sets: 'comboProductAllowed' }
        : { rule: schedule.general.extraDose, sets: 'seriesAlreadyComplete' },
    ],
    warnings: [],
    isCredited: false,
  };
  state.last = record.day;
  state.evaluations.push(
    evaluation(state, record, 'extraneous', judgement, { isStatutory: isTolerated, countsClinically: false }),
  );
  return 'extraneous';
}

/** An expired or damaged product leaves the target dose open (CDSi 6.1). */
function noteFlawed(
  schedule: Schedule,
  state: SeriesState,
  record: DoseRecord,
  flaw: 'lotExpired' | 'doseCondition',
): DoseStatus {
  const because: Because[] = [{ rule: schedule.general.flawedDose, sets: flaw }];
  const judgement: Judgement = { reasons: [flaw], because, warnings: [], isCredited: false };
  state.last = record.day;
  state.evaluations.push(
    evaluation(state, record, 'subStandard', judgement, { isStatutory: false, countsClinically: false }),
  );
  return 'subStandard';
}

/** The other part of a dose given as two injections shares the judgement of the first. */
function noteSecondPart(state: SeriesState, record: DoseRecord, first: DoseRecord): DoseStatus | undefined {
  const counted = state.evaluations.find((one) => one.doseId === first.dose.id);
  if (counted === undefined) {
    state.passedOn.push(record);
    return undefined;
  }
  const reasons: DoseReason[] = [...counted.reasons, 'partOfCombination'];
  state.evaluations.push({ ...counted, doseId: record.dose.id, vaccine: record.vaccine, reasons });
  return counted.status;
}

/** Other records of the series on the day, without the parts of one dose. */
function sameDay(
  record: DoseRecord,
  records: readonly DoseRecord[],
  parts: readonly string[] | undefined,
): readonly DoseRecord[] {
  return records.filter(
    (other) => other !== record && other.day === record.day && parts?.includes(other.vaccine) !== true,
  );
}

function evaluation(
  state: SeriesState,
  record: DoseRecord,
  status: DoseStatus,
  judgement: Judgement,
  more: { doseNumber?: number | undefined; isStatutory: boolean; countsClinically: boolean },
): Evaluation {
  const one: Evaluation = {
    doseId: record.dose.id,
    series: state.series.key,
    vaccine: record.vaccine,
    date: record.dose.date,
    status,
    reasons: judgement.reasons,
    isStatutory: more.isStatutory,
    countsClinically: more.countsClinically,
    warnings: judgement.warnings,
    because: judgement.because,
    needsClinician: status === 'undetermined' || judgement.because.some(({ rule }) => rule.confidence === 'U'),
  };
  if (more.doseNumber !== undefined) one.doseNumber = more.doseNumber;
  return one;
}
