// A date, dateTime or time moved by an amount of time. http://hl7.org/fhirpath/N1/#datetime-arithmetic

import { daysInMonth } from '../../fhir/calendar.ts';

/**
 * The moment as text of the same precision and offset. What is less than the precision is dropped: 2014 and 23 months are 2015. A
 * day that its month does not have becomes the last of the month. Undefined for another unit, text that is no moment, and
 * beyond the years 1 to 9999.
 */
export function movedMoment(text: string, amount: number, unit: string): string | undefined {
  const match = pattern.exec(text);
  if (match === null || !Number.isFinite(amount)) return undefined;
  // Only seconds have fractions.
  if (unit !== 's' && !Number.isInteger(amount)) return movedMoment(text, Math.trunc(amount), unit);
  const [, date, time = '', offset = '', clock] = match;
  if (date === undefined) return movedClock(clock ?? '', amount * (msOf[unit] ?? Number.NaN));
  const months = wholeMonths(date.length, amount, unit);
  if (months !== undefined) {
    const moved = movedMonths(date, months);
    return moved && text.replace(date, moved);
  }
  const ms =
    date.length === 10 && time === ''
      ? Math.trunc((amount * (msOf[unit] ?? Number.NaN)) / dayMs) * dayMs
      : amount * (msOf[unit] ?? Number.NaN);
  const moved = new Date(
    Date.parse(`${date}T${time === '' ? '00:00:00' : `${time}:00:00`.slice(0, Math.max(8, time.length))}Z`) + ms,
  );
  if (!isOfCalendar(moved.getUTCFullYear())) return undefined;
  const iso = moved.toISOString();
  return time === '' ? text.replace(date, iso.slice(0, 10)) : `${iso.slice(0, 11 + time.length)}${offset}`;
}

const pattern =
  /^(?:(\d{4}(?:-\d\d(?:-\d\d)?)?)(?:T(\d\d(?::\d\d(?::\d\d(?:\.\d{1,3})?)?)?)(Z|[+-]\d\d:\d\d)?)?|(\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?))$/;

const dayMs = 86_400_000;
const msOf: Readonly<Record<string, number>> = { wk: 7 * dayMs, d: dayMs, h: 3_600_000, min: 60_000, s: 1000, ms: 1 };

/** By how many months a date moves, where that is told in months: by a unit of them, or because the date has no day. */
function wholeMonths(digits: number, amount: number, unit: string): number | undefined {
  const days = (amount * (msOf[unit] ?? Number.NaN)) / dayMs;
  const years = unit === 'year' ? amount : unit === 'month' ? amount / 12 : days / 365;
  if (digits === 4) return Math.trunc(years) * 12;
  if (unit === 'year') return Math.trunc(amount) * 12;
  if (unit === 'month') return Math.trunc(amount);
  return digits === 7 ? Math.trunc(days / 30) : undefined;
}

function movedMonths(date: string, months: number): string | undefined {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const moved = year * 12 + month - 1 + months;
  const [y, m] = [Math.floor(moved / 12), (moved % 12) + 1];
  if (!isOfCalendar(y)) return undefined;
  const two = (part: number): string => String(part).padStart(2, '0');
  const whole = `${String(y).padStart(4, '0')}-${two(m)}-${two(Math.min(day, daysInMonth(y, m)))}`;
  return whole.slice(0, date.length);
}

// A time goes round the clock.
function movedClock(clock: string, ms: number): string | undefined {
  if (Number.isNaN(ms)) return undefined;
  const at = Date.parse(`1970-01-01T${clock.length === 5 ? `${clock}:00` : clock}Z`) + ms;
  return new Date(((at % dayMs) + dayMs) % dayMs).toISOString().slice(11, 11 + clock.length);
}

const isOfCalendar = (year: number): boolean => year >= 1 && year <= 9999;
