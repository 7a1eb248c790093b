// How far one person has come in one series: the verdict on each antigen record and the target doses passed. A target
// dose is passed when it is satisfied or skipped; `at` is the place of the one in force.
import type { Day } from '../days.ts';
import type { Because, DoseReason, DoseStatus, Place, Sets } from '../types.ts';
import type { Series, SeriesDose } from './compiled.ts';
import type { DoseRecord, Patient } from './patient.ts';
import { type CdsiRuleName, cdsiRules } from './rules.ts';

export type Verdict = {
  record: DoseRecord;
  status: DoseStatus;
  /** Every failing reason. */
  reasons: readonly DoseReason[];
  /** `graceAge`, `graceInterval`, `volumeLow`: valid all the same. */
  notes: readonly string[];
  because: readonly Because[];
};

/** A target dose left behind: satisfied by a record, or skipped for a reason. */
export type Passed = { dose: SeriesDose; by: DoseRecord | undefined; skipped: Because | undefined };

/** Series groups of one antigen that are complete, and since when. */
export type Completion = { groupId: string; groupName: string; day: Day };

export type SeriesState = {
  series: Series;
  patient: Patient;
  records: readonly DoseRecord[];
  completions: readonly Completion[];
  /** In the order of the records. */
  verdicts: Verdict[];
  /** The same by the record's place in the whole history. */
  verdictAt: (Verdict | undefined)[];
  passed: Passed[];
  at: number;
  satisfied: number;
  /** What intervals "from previous dose" are counted from (CALCDTINT-1). */
  previous: DoseRecord | undefined;
};

export function createSeriesState(
  series: Series,
  patient: Patient,
  records: readonly DoseRecord[],
  completions: readonly Completion[],
): SeriesState {
  return {
    series,
    patient,
    records,
    completions,
    verdicts: [],
    verdictAt: [],
    passed: [],
    at: 0,
    satisfied: 0,
    previous: undefined,
  };
}

/** The target dose in force; undefined when none is left. */
export function targetOf(state: SeriesState): SeriesDose | undefined {
  return state.series.doses[state.at];
}

/** A satisfied recurring dose is followed by a fresh copy of itself, so the place stays. */
export function satisfy(state: SeriesState, dose: SeriesDose, record: DoseRecord): void {
  state.passed.push({ dose, by: record, skipped: undefined });
  state.satisfied += 1;
  if (!dose.isRecurring) state.at += 1;
}

export function skip(state: SeriesState, dose: SeriesDose, because: Because): void {
  state.passed.push({ dose, by: undefined, skipped: because });
  state.at += 1;
}

/** How this series judged a record; undefined when it has not (yet), or never does. */
export function verdictOn(state: SeriesState, record: DoseRecord): Verdict | undefined {
  return state.verdictAt[record.place];
}

/** A dose given in error is neither a previous dose nor one of the most recent of some products. */
export function isInadvertent(verdict: Verdict | undefined): boolean {
  return verdict?.reasons[0] === 'inadvertentVaccine';
}

/** Day of the record that satisfied the target dose of that number, the last copy of a recurring one. */
export function satisfiedOn(state: SeriesState, number: number): Day | undefined {
  for (let i = state.passed.length - 1; i >= 0; i -= 1) {
    const one = state.passed[i];
    if (one?.by !== undefined && one.dose.number === number) return one.by.day;
  }
  return undefined;
}

/** One reason of an answer. */
export function ground(rule: CdsiRuleName, sets: Sets, place: Place, day?: Day): Because {
  return day === undefined ? { rule: cdsiRules[rule], sets, place } : { rule: cdsiRules[rule], sets, place, day };
}
