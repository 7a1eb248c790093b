// Civil dates as day numbers (days since 1970-01-01, proleptic Gregorian), without clock, zone or JavaScript Date.
// Age and interval arithmetic: Japanese legal age (年齢計算ニ関スル法律, 民法143条) and CDSi date rules CALCDT-1..6.

import { daysInMonth } from '../fhir/calendar.ts';

/** Day number, whole days since 1970-01-01. */
export type Day = number;

export type Civil = { year: number; month: number; day: number };

/** First and last possible day of a full (`2026-05-01`), month-only (`2026-05`) or year-only (`2026`) date. */
export type DayRange = { first: Day; last: Day };

/** Day number of a civil date. Month and day must be real; use `parseDay` for text. */
export function dayOf(year: number, month: number, day: number): Day {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

/** Year, month and day of a day number. The bounds of one person are all counted from one birth date. */
export function civilOf(dayNumber: Day): Readonly<Civil> {
  if (dayNumber !== lastDay) {
    lastCivil = countedCivil(dayNumber);
    lastDay = dayNumber;
  }
  return lastCivil;
}

let lastDay: Day | undefined;
let lastCivil: Civil = { year: 1970, month: 1, day: 1 };

function countedCivil(dayNumber: Day): Civil {
  const z = dayNumber + 719468;
  const era = Math.floor(z / 146097);
  const dayOfEra = z - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1 };
}

/** Day number of `YYYY-MM-DD`, undefined when the text is not a real date. */
export function parseDay(text: string): Day | undefined {
  const range = parseDayRange(text);
  return range !== undefined && text.length === 10 ? range.first : undefined;
}

/** First and last day a full or partial date can mean, undefined when the text is not a real date. */
export function parseDayRange(text: string): DayRange | undefined {
  const year = digits(text, 0, 4);
  if (year < 0) return undefined;
  if (text.length === 4) return { first: dayOf(year, 1, 1), last: dayOf(year, 12, 31) };
  const month = text.charCodeAt(4) === HYPHEN ? digits(text, 5, 7) : -1;
  if (month < 1 || month > 12) return undefined;
  if (text.length === 7) return { first: dayOf(year, month, 1), last: dayOf(year, month, daysInMonth(year, month)) };
  const day = text.length === 10 && text.charCodeAt(7) === HYPHEN ? digits(text, 8, 10) : -1;
  if (day < 1 || day > daysInMonth(year, month)) return undefined;
  const only = dayOf(year, month, day);
  return { first: only, last: only };
}

/** The number that the characters from `start` to `end` write; -1 when one of them is no digit, or missing. */
function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let n = start; n < end; n += 1) {
    const digit = text.charCodeAt(n) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

const ZERO = 0x30;
const HYPHEN = 0x2d;

/** `YYYY-MM-DD` of a day number (years 0000 to 9999). Days that people alive can have are written once and kept. */
export function formatDay(day: Day): string {
  const place = day - FIRST_KEPT;
  if (place < 0 || place >= DAYS_KEPT || !Number.isInteger(place)) return written(day);
  const known = kept[place];
  if (known !== undefined) return known;
  const text = written(day);
  kept[place] = text;
  return text;
}

const FIRST_KEPT = dayOf(1900, 1, 1);
const DAYS_KEPT = dayOf(2100, 1, 1) - FIRST_KEPT;
const kept: (string | undefined)[] = new Array(DAYS_KEPT).fill(undefined);

function written(day: Day): string {
  const civil = civilOf(day);
  const year = civil.year < 1000 ? String(civil.year).padStart(4, '0') : String(civil.year);
  return `${year}-${civil.month < 10 ? '0' : ''}${civil.month}-${civil.day < 10 ? '0' : ''}${civil.day}`;
}

/**
 * The same day of the month `months` later; where that day does not exist, the first of the following month.
 * CDSi CALCDT-5, and the Japanese reading of "n月以上の間隔" (08-31 + 6 months = 03-01).
 */
export function addMonths(from: Day, months: number): Day {
  const civil = civilOf(from);
  const index = civil.year * 12 + civil.month - 1 + months;
  const year = Math.floor(index / 12);
  const month = index - year * 12 + 1;
  if (civil.day <= 28 || civil.day <= daysInMonth(year, month)) return dayOf(year, month, civil.day);
  return dayOf(year, month, daysInMonth(year, month)) + 1;
}

/**
 * The day at whose end a person born on `birth` completes `months` months of age: the day before the corresponding
 * day, or the last day of that month when there is no corresponding day (born 12-31, 2 months: 02-28). This is
 * always one day before `addMonths`. Also the last day of a period of `months` months that began on `birth`.
 */
export function reach(birth: Day, months: number): Day {
  return addMonths(birth, months) - 1;
}

/** Start year of the Japanese fiscal and school year (April to March) that contains the day. */
export function fiscalYearOf(day: Day): number {
  const civil = civilOf(day);
  return civil.month >= 4 ? civil.year : civil.year - 1;
}
