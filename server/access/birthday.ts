// When an age is reached: 00:00 in Japan of the birthday. 民法 143条, 年齢計算ニ関スル法律; the age is reached at the end of the day
// before. Pure: calendar dates are texts.

import type { Instant } from './permission.ts';

/**
 * The instant of a birthday. One born on 29 February has it on 1 March in common years. An incomplete date counts as its
 * latest day; without a date, or with one that is none, it is never.
 */
export function birthday(birthDate: unknown, years: number): Instant {
  const [, year, month, day] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(String(birthDate ?? '')) ?? [];
  if (year === undefined) return 'infinity';
  const m = Number(month ?? 12);
  const d = Number(day ?? daysIn(Number(year), m));
  const then = Number(year) + years;
  const isMissing = m === 2 && d > daysIn(then, 2);
  const date = isMissing ? `${then}-03-01` : `${then}-${two(m)}-${two(d)}`;
  const at = Date.parse(`${date}T00:00:00+09:00`);
  return Number.isNaN(at) ? 'infinity' : new Date(at).toISOString();
}

const daysIn = (year: number, month: number): number => {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
};
const two = (n: number): string => String(n).padStart(2, '0');
