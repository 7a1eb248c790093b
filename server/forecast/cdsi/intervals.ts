// Preferable and allowable intervals. CDSi 4.6, 6.5 and 6.6 (CALCDTINT-1 to -4, -8, -9).
import type { Day } from '../days.ts';
import type { IntervalRow, Length, Reference, SeriesDose } from './compiled.ts';
import { after, type DoseRecord, later } from './patient.ts';
import { isInadvertent, type SeriesState, satisfiedOn, verdictOn } from './series-state.ts';

/** How a dose stands to the intervals of its target: `tooSoon` and `grace` name the length and the day it asked for. */
export type IntervalFinding = {
  tooSoon: { length: Length; day: Day } | undefined;
  grace: { length: Length; day: Day } | undefined;
  byAllowable: IntervalRow | undefined;
};

/** Judges a record: every preferable row in force, or else every allowable one, must hold. */
export function judgeIntervals(state: SeriesState, dose: SeriesDose, record: DoseRecord): IntervalFinding | undefined {
  if (dose.preferableIntervals.length === 0) return undefined;
  let tooSoon: IntervalFinding['tooSoon'];
  let grace: IntervalFinding['grace'];
  for (const row of dose.preferableIntervals) {
    if (record.day < row.from || record.day > row.to) continue;
    const from = referenceDay(state, row.reference, record);
    if (from === undefined) continue;
    tooSoon ??= missed(from, row.absMin, record.day);
    grace ??= missed(from, row.min, record.day);
  }
  if (tooSoon === undefined) return grace && { tooSoon, grace, byAllowable: undefined };
  const allowable = dose.allowableIntervals;
  const isAllowed = allowable.length > 0 && allowable.every((row) => holds(state, row, record));
  return {
    tooSoon: isAllowed ? undefined : tooSoon,
    grace: undefined,
    byAllowable: isAllowed ? allowable[0] : undefined,
  };
}

/** What an interval is counted from: for a record being judged, or (without one) for the next dose. */
export function referenceDay(
  state: SeriesState,
  reference: Reference,
  record: DoseRecord | undefined,
): Day | undefined {
  switch (reference.from) {
    case 'previous':
      return state.previous?.day;
    case 'target':
      return satisfiedOn(state, reference.number);
    case 'observation':
      return state.patient.observations.get(reference.code);
    case 'products':
      return mostRecent(state, reference.products, record);
  }
}

/** The latest day asked for by one bound of all rows in force; rows without the bound or the reference drop out. */
export function latestAfter(
  state: SeriesState,
  dose: SeriesDose,
  bound: 'min' | 'earliestRec' | 'latestRec',
): { length: Length; day: Day } | undefined {
  let latest: { length: Length; day: Day } | undefined;
  for (const row of dose.preferableIntervals) {
    const length = row[bound];
    if (length === undefined || state.patient.asOf < row.from || state.patient.asOf > row.to) continue;
    const from = referenceDay(state, row.reference, undefined);
    if (from === undefined) continue;
    const day = after(from, length);
    if (latest === undefined || day > latest.day) latest = { length, day };
  }
  return latest;
}

/** An interval in force from an observation that is active on a day nobody knows: it drops out, and a person must look. */
export function undatedInterval({ patient }: SeriesState, dose: SeriesDose): IntervalRow | undefined {
  const { asOf, observations } = patient;
  if (observations.size === 0) return undefined;
  return dose.preferableIntervals.find(
    ({ from, to, reference }) =>
      reference.from === 'observation' &&
      asOf >= from &&
      asOf <= to &&
      observations.has(reference.code) &&
      observations.get(reference.code) === undefined,
  );
}

function missed(from: Day, length: Length | undefined, given: Day): { length: Length; day: Day } | undefined {
  if (length === undefined) return undefined;
  const day = after(from, length);
  return given < day ? { length, day } : undefined;
}

function holds(state: SeriesState, row: IntervalRow, record: DoseRecord): boolean {
  const from = referenceDay(state, row.reference, record);
  return from === undefined || missed(from, row.absMin, record.day) === undefined;
}

/** Latest earlier dose of the products in the whole history, those given in error left out. */
function mostRecent(
  state: SeriesState,
  products: ReadonlySet<number>,
  record: DoseRecord | undefined,
): Day | undefined {
  let latest: Day | undefined;
  for (const one of state.patient.history) {
    if (record !== undefined && one.place >= record.place) break;
    if (products.has(one.product.index) && !isInadvertent(verdictOn(state, one))) latest = later(latest, one.day);
  }
  return latest;
}
