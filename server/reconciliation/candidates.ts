// Which records are worth comparing: those whose days are near. A record of 2,000 dispensings is walked once, by day.

import { compareText } from './score.ts';
import type { Rules, Said } from './types.ts';

/** A broken record that says the same a thousand times over need not be compared with all of itself. */
const MOST_COMPARED = 100;

/** Pairs of records within `nearDays` of each other. A record without a day is compared with nothing. */
export function candidatePairs<Facts>(
  records: readonly Said<Facts>[],
  { nearDays }: Rules,
): [Said<Facts>, Said<Facts>][] {
  const dated = records
    .flatMap((record) => (record.days === undefined ? [] : [{ record, ...record.days }]))
    .sort((a, b) => a.first - b.first || compareText(a.record.reference, b.record.reference));
  const pairs: [Said<Facts>, Said<Facts>][] = [];
  for (const [n, { record, last }] of dated.entries()) {
    for (let m = n + 1; m < dated.length && m <= n + MOST_COMPARED; m++) {
      const next = dated[m];
      if (next === undefined || next.first > last + nearDays) break;
      pairs.push([record, next.record]);
    }
  }
  return pairs;
}
