// How the days that two records name lie to each other, as a word that a rule gives its weight to.

import { civilOf, type DayRange } from '../forecast/days.ts';

/**
 * `same`, `next`, `within3`, `within7` (days), `otherMonth` (the same day of the month before or after: a slip of the pen),
 * `month` or `year` (one names no day, and the other lies in what it names), `far`, `missing`.
 */
export function dayWord(one: DayRange | undefined, other: DayRange | undefined): string {
  if (one === undefined || other === undefined) return 'missing';
  const vague = Math.max(one.last - one.first, other.last - other.first);
  if (vague > 0) return one.first <= other.last && other.first <= one.last ? (vague > 31 ? 'year' : 'month') : 'far';
  const distance = Math.abs(one.first - other.first);
  if (distance === 0) return 'same';
  if (distance === 1) return 'next';
  if (distance <= 3) return 'within3';
  if (distance <= 7) return 'within7';
  if (distance > 31) return 'far';
  return civilOf(one.first).day === civilOf(other.first).day ? 'otherMonth' : 'far';
}
