// Judges one record against one target dose: product given in error, age, intervals, conflicts, product. Every failing
// reason is kept. CDSi 4.6, 6.3 to 6.10.
import type { Because, DoseReason } from '../types.ts';
import type { AgeRow, ProductRow, SeriesDose } from './compiled.ts';
import { conflictOf } from './conflict.ts';
import { judgeIntervals } from './intervals.ts';
import { ageDay, type DoseRecord, isWithinAges } from './patient.ts';
import { ground, type SeriesState, type Verdict } from './series-state.ts';

/** The verdict on a record that meets this target dose. The state is not changed. */
export function evaluateDose(state: SeriesState, dose: SeriesDose, record: DoseRecord): Verdict {
  if (dose.inadvertent?.has(record.product.index))
    return {
      record,
      status: 'notValid',
      reasons: ['inadvertentVaccine'],
      notes: [],
      because: [ground('inadvertent', 'inadvertentVaccine', dose.place)],
    };
  const reasons: DoseReason[] = [];
  const notes: string[] = [];
  const because: Because[] = [];
  judgeAge(state, dose, record, reasons, notes, because);
  const interval = judgeIntervals(state, dose, record);
  if (interval?.tooSoon !== undefined) {
    const { length, day } = interval.tooSoon;
    reasons.push('intervalTooSoon');
    because.push(ground('absoluteMinimumInterval', 'intervalTooSoon', length.place, day));
  } else if (interval?.grace !== undefined) {
    notes.push('graceInterval');
    because.push(ground('minimumInterval', 'warning', interval.grace.length.place, interval.grace.day));
  } else if (interval?.byAllowable !== undefined)
    because.push(ground('allowableInterval', 'warning', interval.byAllowable.place));
  const conflict = conflictOf(state, record);
  if (conflict !== undefined) {
    reasons.push('vaccineConflict');
    because.push(conflict);
  }
  judgeProduct(state, dose, record, reasons, notes, because);
  if (reasons.length === 0) because.push(ground('satisfied', 'valid', dose.place));
  const status = reasons.length === 0 ? 'valid' : reasons.includes('ageTooOld') ? 'extraneous' : 'notValid';
  return { record, status, reasons, notes, because };
}

/** The version of the ages that is in force on a day. */
export function agesOn(dose: SeriesDose, day: number): AgeRow | undefined {
  for (const row of dose.ages) if (day >= row.from && day <= row.to) return row;
  return undefined;
}

function judgeAge(
  { patient }: SeriesState,
  dose: SeriesDose,
  { day }: DoseRecord,
  reasons: DoseReason[],
  notes: string[],
  because: Because[],
): void {
  const ages = agesOn(dose, day);
  if (ages === undefined) return;
  if (ages.absMin !== undefined && day < ageDay(patient, ages.absMin)) {
    reasons.push('ageTooYoung');
    because.push(ground('absoluteMinimumAge', 'ageTooYoung', ages.absMin.place, ageDay(patient, ages.absMin)));
  } else if (ages.min !== undefined && day < ageDay(patient, ages.min)) {
    notes.push('graceAge');
    because.push(ground('minimumAge', 'warning', ages.min.place, ageDay(patient, ages.min)));
  }
  if (ages.max !== undefined && day >= ageDay(patient, ages.max)) {
    reasons.push('ageTooOld');
    because.push(ground('maximumAge', 'ageTooOld', ages.max.place, ageDay(patient, ages.max)));
  }
}

function judgeProduct(
  state: SeriesState,
  dose: SeriesDose,
  record: DoseRecord,
  reasons: DoseReason[],
  notes: string[],
  because: Because[],
): void {
  const preferable = dose.preferable.find((row) => isProductOf(state, row, record));
  if (preferable !== undefined) {
    const { doseMl } = record.dose;
    if (doseMl !== undefined && preferable.minMl !== undefined && doseMl < preferable.minMl) {
      notes.push('volumeLow');
      because.push(ground('volume', 'warning', preferable.place));
    }
    return;
  }
  if (dose.allowable.some((row) => isProductOf(state, row, record))) return;
  reasons.push('notPreferableOrAllowable');
  because.push(ground('product', 'notPreferableOrAllowable', dose.place));
}

/** Same product at an age of the row, from the same maker as far as both are known. */
function isProductOf({ patient }: SeriesState, row: ProductRow, record: DoseRecord): boolean {
  return (
    row.product === record.product && isWithinAges(patient, row.from, row.to, record.day) && isSameMaker(row, record)
  );
}

/** The manufacturer decides; the brand only where no manufacturer is known. */
function isSameMaker(row: ProductRow, { dose, brand }: DoseRecord): boolean {
  if (row.mvx !== undefined && dose.mvx !== undefined) return row.mvx === dose.mvx;
  return row.brand === undefined || brand === undefined || row.brand === brand;
}
