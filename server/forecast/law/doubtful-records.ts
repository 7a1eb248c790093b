// Records that leave a doubt: dates without a day (rule E5) and two records of one injection (E4).
import type { Because, Evaluation } from '../types.ts';
import type { Schedule } from './compiled.ts';
import type { Standing } from './evaluate-history.ts';
import type { DoseRecord, Person } from './person.ts';
import type { SeriesState } from './series-state.ts';

/** Keeps a judgement only where the first and the last possible day of vague dates agree on it (E5). */
export function markUndetermined(schedule: Schedule, states: readonly Standing[], onFirst: readonly Standing[]): void {
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
export function duplicateEvaluations(schedule: Schedule, person: Person, state: SeriesState): Evaluation[] {
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
