// What a plan changes against the last one, dose by dose, and why: a family that moves one visit sees what else moves.
import type { Day } from '../days.ts';
import type { Because, Evaluation } from '../types.ts';
import type { Calendar } from './calendar.ts';
import type { Plan, PlannedDose } from './types.ts';

/** A dose as a plan names it. */
export type NamedDose = { series: string; doseNumber: number; vaccine: string; day: Day };

export type ChangeReason =
  | 'pinned'
  /** Its day is over and it was not given. */
  | 'past'
  | 'given'
  | 'notOpen'
  /** Too soon after the dose before it, or after another vaccine. */
  | 'interval'
  | 'afterUntil'
  /** No longer asked for, contraindicated or too late. */
  | 'notPlannable'
  | 'newlyDue'
  | 'otherProduct'
  /** It shares a visit, or takes an earlier day that has become free. */
  | 'betterVisit';

export type Change = {
  what: 'moved' | 'added' | 'dropped';
  dose: NamedDose;
  from: Day | undefined;
  to: Day | undefined;
  reason: ChangeReason;
  because: readonly Because[];
};

/** Changes in order of the day they concern. `until`: the last day that was planned for. */
export function changesBetween(
  previous: readonly NamedDose[],
  plan: Plan,
  calendar: Calendar,
  start: Day,
  until: Day,
): Change[] {
  const planned = plan.visits.flatMap(({ day, doses }) => doses.map((dose) => ({ day, dose })));
  const changes: Change[] = [];
  for (const old of previous) {
    const now = planned.find(({ dose }) => isSameDose(dose, old));
    if (now === undefined) {
      const reason = droppedFor(old, plan, until);
      changes.push({ what: 'dropped', dose: old, from: old.day, to: undefined, reason, because: [] });
    } else if (now.day !== old.day || now.dose.vaccine !== old.vaccine) {
      const moved = { what: 'moved', from: old.day, to: now.day, dose: { ...old, vaccine: now.dose.vaccine } } as const;
      changes.push({ ...moved, ...movedFor(old, now.dose, now.day, calendar, start) });
    }
  }
  for (const { day, dose } of planned) {
    if (previous.some((old) => isSameDose(dose, old))) continue;
    const reason = dose.isPinned ? 'pinned' : 'newlyDue';
    const named = { series: dose.series, doseNumber: dose.doseNumber, vaccine: dose.vaccine, day };
    changes.push({ what: 'added', dose: named, from: undefined, to: day, reason, because: dose.because });
  }
  return changes.sort((a, b) => (a.to ?? a.from ?? 0) - (b.to ?? b.from ?? 0));
}

function isSameDose(dose: PlannedDose, old: NamedDose): boolean {
  return dose.series === old.series && dose.doseNumber === old.doseNumber;
}

function movedFor(
  old: NamedDose,
  dose: PlannedDose,
  day: Day,
  calendar: Calendar,
  start: Day,
): { reason: ChangeReason; because: readonly Because[] } {
  if (day === old.day)
    return { reason: 'otherProduct', because: dose.because.filter(({ sets }) => sets === 'product') };
  if (dose.isPinned) return { reason: 'pinned', because: [] };
  if (old.day < start) return { reason: 'past', because: [] };
  if (!calendar.isOpen(old.day)) return { reason: 'notOpen', because: [] };
  if (old.day >= dose.earliest) return { reason: 'betterVisit', because: [] };
  const binding = dose.because.filter(({ sets, day: earliest }) => sets === 'earliest' && earliest === dose.earliest);
  return { reason: 'interval', because: binding };
}

function droppedFor(old: NamedDose, plan: Plan, until: Day): ChangeReason {
  if (plan.forecast.evaluations.some((one) => isGiven(one, old))) return 'given';
  if (old.day > until) return 'afterUntil';
  const left = plan.unplanned.find(({ series }) => series === old.series);
  return left?.reason === 'afterUntil' ? 'afterUntil' : 'notPlannable';
}

function isGiven({ series, status, doseNumber }: Evaluation, old: NamedDose): boolean {
  return series === old.series && status === 'valid' && doseNumber === old.doseNumber;
}
