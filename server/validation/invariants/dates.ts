// Dates, times and their comparison in FHIRPath: part by part, and without an answer where one of two is told less precisely.
// http://hl7.org/fhirpath/N1/#datetime-equality and #comparison

import { daysInMonth } from '../../fhir/calendar.ts';

/** Year, month, day, hour, minute, second: as many as are told. Seconds have their fraction. A time begins at the hour. */
export type Moment = {
  parts: readonly number[];
  /** Where `parts` begins: 0 for dates, 3 for times. */
  from: 0 | 3;
  /** Minutes ahead of UTC. */
  offsetMinutes: number | undefined;
};

const dated = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d+)?))?)?)?(Z|[+-]\d\d:\d\d)?)?$/;
const timed = /^T?(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d+)?))?)?$/;

/** A date, dateTime, instant or time; undefined for any other text. */
export function momentOf(text: string): Moment | undefined {
  const date = dated.exec(text);
  const [, ...found] = date ?? timed.exec(text) ?? [];
  if (found.length === 0) return undefined;
  const offset = date === null ? undefined : found.pop();
  const parts: number[] = [];
  for (const one of found) {
    if (one === undefined) break;
    parts.push(Number(one));
  }
  const moment: Moment = { parts, from: date === null ? 3 : 0, offsetMinutes: minutesOf(offset) };
  return isOfCalendar(moment) ? moment : undefined;
}

/** Negative, 0 or positive, as of a sort; undefined where precision, or one offset without the other, leaves it open. */
export function compareMoments(left: Moment, right: Moment): number | undefined {
  if (left.from !== right.from) return undefined;
  const aligned = (left.offsetMinutes === undefined) === (right.offsetMinutes === undefined);
  const one = inUtc(left);
  const other = inUtc(right);
  // An offset moves a moment by less than a day and a half: what is further apart needs none to be ordered.
  if (!aligned && left.parts.length > 3 && right.parts.length > 3) return undefined;
  for (let n = 0; n < Math.max(one.length, other.length); n++) {
    const a = one[n];
    const b = other[n];
    if (a === undefined || b === undefined) return undefined;
    if (a !== b) return a - b;
  }
  return 0;
}

function inUtc({ parts, offsetMinutes }: Moment): readonly number[] {
  const [year = 0, month = 1, day = 1, hour, minute] = parts;
  if (!offsetMinutes || hour === undefined) return parts;
  const moved = hour * 60 + (minute ?? 0) - offsetMinutes;
  const within = ((moved % 1440) + 1440) % 1440;
  const time = [Math.floor(within / 60), within % 60].slice(0, minute === undefined ? 1 : 2);
  return [...dayLater([year, month, day], Math.floor(moved / 1440)), ...time, ...parts.slice(5)];
}

/** `days` is -1, 0 or 1. */
function dayLater([year, month, day]: readonly [number, number, number], days: number): number[] {
  const next = day + days;
  if (next < 1) return month === 1 ? [year - 1, 12, 31] : [year, month - 1, daysInMonth(year, month - 1)];
  if (next <= daysInMonth(year, month)) return [year, month, next];
  return month === 12 ? [year + 1, 1, 1] : [year, month + 1, 1];
}

function minutesOf(offset: string | undefined): number | undefined {
  if (offset === undefined) return undefined;
  if (offset === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4));
  return offset.startsWith('-') ? -minutes : minutes;
}

function isOfCalendar({ parts, from }: Moment): boolean {
  const [year, month = 1, day = 1] = from === 0 ? parts : [1];
  const [hour = 0, minute = 0, second = 0] = parts.slice(3 - from);
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(Number(year), month);
  return isDay && hour <= 24 && minute < 60 && second < 61;
}
