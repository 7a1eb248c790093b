// Calendar dates as Japanese files write them: YYYYMMDD, or an era letter or digit with YYMMDD (R020410 = 2020-04-10).
// Era starts by Cabinet order: Meiji 1868, Taisho 1912, Showa 1926, Heisei 1989, Reiwa 2019-05-01.

import { daysInMonth } from '../server/fhir/calendar.ts';

// The year before the era's first year: year = base + two digits.
const eraBase: Record<string, number> = {
  M: 1867,
  T: 1911,
  S: 1925,
  H: 1988,
  R: 2018,
  '1': 1867,
  '2': 1911,
  '3': 1925,
  '4': 1988,
  '5': 2018,
};

/** `YYYY-MM-DD`, or undefined when the text is no date of the calendar. Full-width digits and `-` or `/` are understood. */
export function japaneseDate(text: string): string | undefined {
  const plain = text.normalize('NFKC').trim().toUpperCase().replace(/[-/.]/g, '');
  const western = /^(\d{4})(\d\d)(\d\d)$/.exec(plain);
  if (western) return civilDate(Number(western[1]), Number(western[2]), Number(western[3]));
  const era = /^([MTSHR1-5])(\d\d)(\d\d)(\d\d)$/.exec(plain);
  const base = eraBase[era?.[1] ?? ''];
  if (!era || base === undefined || era[2] === '00') return undefined;
  return civilDate(base + Number(era[2]), Number(era[3]), Number(era[4]));
}

/** `YYYY-MM-DD` when year, month and day name a real day, else undefined. */
export function civilDate(year: number, month: number, day: number): string | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month) || year < 1000 || year > 9999)
    return undefined;
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
