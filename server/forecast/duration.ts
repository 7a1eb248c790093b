// Durations of schedules: signed lists of "n unit". CDSi CALCDT-1..6 (years and months first, then weeks and days)
// the Japanese "n日以上の間隔" as `clear days`: n whole days in between, so the (n + 1)th day after; and "n月半" as
// `half month`, half the length of the month it begins in, rounded up (14 to 16 days). Hours are read where they make whole
// days (`24 hours` after birth): dates know no smaller unit.
import { daysInMonth } from '../fhir/calendar.ts';
import { addMonths, civilOf, type Day } from './days.ts';

export type Duration = { months: number; days: number; halfMonths?: number };

const TERM = /([+-]?)\s*(\d+)\s*(years?|half months?|months?|weeks?|clear days?|days?|hours?)\s*/y;

/** Reads `6 months - 4 days`, `27 clear days`, `1 year`. Undefined when the text is anything else. */
export function parseDuration(text: string): Duration | undefined {
  const source = text.trim();
  const duration: Duration = { months: 0, days: 0 };
  TERM.lastIndex = 0;
  let terms = 0;
  while (TERM.lastIndex < source.length) {
    const match = TERM.exec(source);
    if (match === null || (terms > 0 && match[1] === '')) return undefined;
    const [, sign, count, unit = ''] = match;
    if (unit.startsWith('hour') && Number(count) % 24 !== 0) return undefined;
    addTerm(duration, (sign === '-' ? -1 : 1) * Number(count), unit);
    terms += 1;
  }
  return terms > 0 ? duration : undefined;
}

/** The day a duration after (or before) a day: the month step first, rolled to a real date, then the days. */
export function addDuration(from: Day, duration: Duration): Day {
  const day = duration.months === 0 ? from : addMonths(from, duration.months);
  if (duration.halfMonths === undefined) return day + duration.days;
  const { year, month } = civilOf(day);
  return day + duration.days + duration.halfMonths * Math.ceil(daysInMonth(year, month) / 2);
}

function addTerm(duration: Duration, count: number, unit: string): void {
  if (unit.startsWith('year')) duration.months += count * 12;
  else if (unit.startsWith('half')) duration.halfMonths = (duration.halfMonths ?? 0) + count;
  else if (unit.startsWith('month')) duration.months += count;
  else if (unit.startsWith('week')) duration.days += count * 7;
  else if (unit.startsWith('hour')) duration.days += count / 24;
  else duration.days += unit.startsWith('clear') ? count + 1 : count;
}
