// Vaccine conflicts, mostly between live vaccines. CDSi 4.6, 6.7 and 7.5 (CALCDTCONFLICT-1, -2, CONFLICT-3).
import type { Day } from '../days.ts';
import type { Because } from '../types.ts';
import type { Conflict, SeriesDose } from './compiled.ts';
import { after, type DoseRecord } from './patient.ts';
import { ground, type SeriesState, verdictOn } from './series-state.ts';

/**
 * The first earlier dose, of whatever antigen, that the record came too soon after. Behind a dose that is valid, or that
 * this series does not judge, the shorter end counts.
 */
export function conflictOf(state: SeriesState, record: DoseRecord): Because | undefined {
  const { impactedBy } = record.product;
  if (impactedBy === undefined) return undefined;
  for (const earlier of state.patient.history) {
    if (earlier.place >= record.place) break;
    const conflict = earlier.product.isConflicting ? impactedBy.get(earlier.product.index) : undefined;
    if (conflict === undefined || record.day < after(earlier.day, conflict.begin)) continue;
    const verdict = verdictOn(state, earlier);
    const isShort = verdict === undefined || verdict.status === 'valid';
    const end = after(earlier.day, isShort ? conflict.minEnd : conflict.end);
    if (record.day < end) return ground('conflict', 'vaccineConflict', conflict.place, end);
  }
  return undefined;
}

/** The day on which the last conflict of any past dose with any preferable product of the target dose ends. */
export function conflictEnd(state: SeriesState, dose: SeriesDose): { conflict: Conflict; day: Day } | undefined {
  let latest: { conflict: Conflict; day: Day } | undefined;
  for (const earlier of state.patient.history) {
    if (!earlier.product.isConflicting) continue;
    for (const { product } of dose.preferable) {
      const conflict = product.impactedBy?.get(earlier.product.index);
      if (conflict === undefined) continue;
      const day = after(earlier.day, conflict.end);
      if (latest === undefined || day > latest.day) latest = { conflict, day };
    }
  }
  return latest;
}
