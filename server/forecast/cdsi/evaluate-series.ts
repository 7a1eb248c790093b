// Walks a series with the records of its antigen: each record meets the target dose in force until it is used up.
// CDSi 4.6, 4.4 and chapter 6.
import type { Series } from './compiled.ts';
import { evaluateDose } from './evaluate-dose.ts';
import type { DoseRecord, Patient } from './patient.ts';
import {
  type Completion,
  createSeriesState,
  ground,
  isInadvertent,
  type SeriesState,
  satisfy,
  skip,
  targetOf,
  type Verdict,
} from './series-state.ts';
import { skipReason } from './skip.ts';

/** Evaluates one series. `completions` are the antigen's series groups known to be complete. */
export function evaluateSeries(
  series: Series,
  patient: Patient,
  records: readonly DoseRecord[],
  completions: readonly Completion[],
): SeriesState {
  const state = createSeriesState(series, patient, records, completions);
  for (const record of records) {
    const verdict = judge(state, record);
    state.verdicts.push(verdict);
    state.verdictAt[record.place] = verdict;
    const isDose = verdict.status === 'valid' || verdict.status === 'notValid';
    if (isDose && !isInadvertent(verdict)) state.previous = record;
  }
  return state;
}

/** Each turn ends with a verdict or leaves a target dose behind, so there are at most as many turns as doses. */
function judge(state: SeriesState, record: DoseRecord): Verdict {
  for (let target = targetOf(state); target !== undefined; target = targetOf(state)) {
    const { flaw } = record.dose;
    if (flaw !== undefined)
      return {
        record,
        status: 'subStandard',
        reasons: [flaw],
        notes: [],
        because: [ground('evaluable', flaw, target.place)],
      };
    const because = skipReason(state, target, record.day, record.day, record);
    if (because === undefined) {
      const verdict = evaluateDose(state, target, record);
      if (verdict.status === 'valid') satisfy(state, target, record);
      return verdict;
    }
    skip(state, target, because);
  }
  return {
    record,
    status: 'extraneous',
    reasons: ['seriesAlreadyComplete'],
    notes: [],
    because: [ground('extra', 'seriesAlreadyComplete', state.series.place)],
  };
}
