// Which of two durations is the longer, whatever day they are counted from: "24 weeks" and "6 months" are neither.

import { dayOf } from '../days.ts';
import { addDuration, parseDuration } from '../duration.ts';

/** False only where the first lies after the second from any day on (or, when strict, on or after it). */
export function isOrdered(first: string | undefined, second: string | undefined, isStrict = false): boolean {
  const one = first === undefined ? undefined : parseDuration(first);
  const other = second === undefined ? undefined : parseDuration(second);
  if (one === undefined || other === undefined) return true;
  return starts.some((day) => {
    const difference = addDuration(day, other) - addDuration(day, one);
    return isStrict ? difference > 0 : difference >= 0;
  });
}

// The first and the last days of months in four years, one of them a leap year.
const starts = Array.from({ length: 48 }, (_, month) =>
  dayOf(2001 + Math.floor(month / 12), (month % 12) + 1, 1),
).flatMap((first) => [first, first + 27]);
