// Doses of which only the year or the month is known: the history is read twice, with the first and with the last possible
// days. CDSi knows full dates only (ours); the forecast rests on the last possible days.
import type { Evaluation, GroupEvaluation } from '../types.ts';
import { ground } from './series-state.ts';

export type Judgements = { evaluations: Evaluation[]; groupEvaluations: GroupEvaluation[] };

/** Keeps a judgement only where the first and the last possible day of vague dates agree on it. */
export function markUndetermined({ evaluations, groupEvaluations }: Judgements, onFirst: Judgements): void {
  for (const one of evaluations) {
    const other = onFirst.evaluations.find(({ doseId, antigen }) => doseId === one.doseId && antigen === one.antigen);
    if (other?.status === one.status) {
      if (one.date.length < 10) one.because.push(ground('vague', 'warning', { field: 'date', value: one.date }));
      continue;
    }
    one.status = 'undetermined';
    one.reasons = ['dateTooVague'];
    delete one.doseNumber;
    one.isStatutory = false;
    one.countsClinically = false;
    one.because.push(ground('vague', 'dateTooVague', { field: 'date', value: one.date }));
    one.needsClinician = true;
  }
  for (const one of groupEvaluations) {
    const isSame = (other: GroupEvaluation) => other.doseId === one.doseId && other.vaccineGroup === one.vaccineGroup;
    if (onFirst.groupEvaluations.find(isSame)?.status === one.status) continue;
    one.status = 'undetermined';
    one.reasons = ['dateTooVague'];
  }
}

/** The vaccine groups with a dose that could not be judged. */
export function doubtfulGroups(groupEvaluations: readonly GroupEvaluation[]): ReadonlySet<string> {
  const doubtful = groupEvaluations.filter(({ reasons }) => reasons.includes('dateTooVague'));
  return new Set(doubtful.map(({ vaccineGroup }) => vaccineGroup));
}
