// The instants that a date of FHIR covers. https://hl7.org/fhir/R4/datatypes.html#dateTime
// A date or time without offset is Japan's.

import { daysInMonth } from './calendar.ts';

/** In milliseconds since 1970, both ends included. */
export type DateRange = { lo: number; hi: number };

const pattern =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?)?)?)?$/;
const japanOffsetMs = 9 * 3_600_000;

/** The instants that a FHIR date, dateTime or instant of any precision covers; undefined when it is none. */
export function rangeOf(text: string): DateRange | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  const y = Number(year);
  const mo = month === undefined ? 1 : Number(month);
  const d = day === undefined ? 1 : Number(day);
  if (mo < 1 || mo > 12 || d < 1 || d > daysInMonth(y, mo)) return undefined;
  if (hour === undefined) {
    const lo = utc(y, mo, d) - japanOffsetMs;
    const next = day !== undefined ? lo + 86_400_000 : month !== undefined ? nextMonth(y, mo) : nextMonth(y, 12);
    return { lo, hi: next - 1 };
  }
  const h = Number(hour);
  const mi = Number(minute);
  const s = Number(second ?? 0);
  if (h > 23 || mi > 59 || s > 60) return undefined;
  const ms = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
  const lo = utc(y, mo, d) + ((h * 60 + mi) * 60 + s) * 1000 + ms - offsetMs(offset);
  const width =
    second === undefined
      ? 60_000
      : fraction === undefined
        ? 1000
        : fraction.length >= 3
          ? 1
          : 10 ** (3 - fraction.length);
  return { lo, hi: lo + width - 1 };
}

const utc = (year: number, month: number, day: number): number => new Date(0).setUTCFullYear(year, month - 1, day);
const nextMonth = (year: number, month: number) => utc(year, month + 1, 1) - japanOffsetMs;

function offsetMs(offset: string | undefined): number {
  if (offset === undefined) return japanOffsetMs;
  if (offset === 'Z') return 0;
  const sign = offset[0] === '-' ? -1 : 1;
  return sign * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6))) * 60_000;
}
