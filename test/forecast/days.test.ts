// Civil dates, legal ages and bounds: rules T1 to T9 of the Japanese schedule, CALCDT of CDSi.
import { describe, expect, test } from 'vitest';
import {
  addMonths,
  civilOf,
  dayOf,
  fiscalYearOf,
  formatDay,
  parseDay,
  parseDayRange,
  reach,
} from '../../server/forecast/days.ts';
import { addDuration, parseDuration } from '../../server/forecast/duration.ts';
import { parseBound } from '../../server/forecast/law/bound.ts';

const day = (text: string) => parseDay(text) ?? Number.NaN;

describe('days', () => {
  test('every day from 1900 to 2100 goes to a date and back, one after the other', () => {
    let before = '';
    const wrong: string[] = [];
    for (let number = dayOf(1900, 1, 1); number <= dayOf(2100, 12, 31); number += 1) {
      const text = formatDay(number);
      if (text <= before || parseDay(text) !== number) wrong.push(text);
      before = text;
    }
    expect(wrong).toEqual([]);
    expect(civilOf(0)).toEqual({ year: 1970, month: 1, day: 1 });
    expect(before).toBe('2100-12-31');
  });

  test('the years 0000, 0999, 1000 and 9999 are written with four digits and read again', () => {
    for (const text of ['0000-01-01', '0000-12-31', '0999-03-01', '1000-01-01', '9999-12-31'])
      expect(formatDay(parseDay(text) ?? Number.NaN)).toBe(text);
    expect(parseDayRange('0000')).toEqual({ first: parseDay('0000-01-01'), last: parseDay('0000-12-31') });
  });

  test.each(['2026-02-29', '2026-13-01', '2026-00-10', '2026-04-31', '20260401', '2026-4-1', ''])(
    '%j is no date',
    (text) => {
      expect(parseDayRange(text)).toBeUndefined();
    },
  );

  test('a month or a year alone is a range, and no day', () => {
    expect(parseDay('2024-02')).toBeUndefined();
    expect(parseDayRange('2024-02')).toEqual({ first: day('2024-02-01'), last: day('2024-02-29') });
    expect(parseDayRange('2024')).toEqual({ first: day('2024-01-01'), last: day('2024-12-31') });
  });

  test.each([
    ['2026-07-31', 2, '2026-09-30'],
    ['2025-12-31', 2, '2026-02-28'],
    ['2025-12-30', 2, '2026-02-28'],
    ['2025-12-29', 2, '2026-02-28'],
    ['2025-12-28', 2, '2026-02-27'],
    ['2024-02-29', 12, '2025-02-28'],
    ['2026-04-01', 2, '2026-05-31'],
    ['2020-02-29', 48, '2024-02-28'],
  ])('born %s, %i months are reached on %s', (birth, months, expected) => {
    expect(formatDay(reach(day(birth), months))).toBe(expected);
  });

  test.each([
    ['2026-08-31', 6, '2027-03-01'],
    ['2026-11-30', 3, '2027-03-01'],
    ['2026-05-31', 6, '2026-12-01'],
    ['2026-06-12', 6, '2026-12-12'],
    ['2026-01-31', -2, '2025-12-01'],
  ])('%s and %i months is %s', (from, months, expected) => {
    expect(formatDay(addMonths(day(from), months))).toBe(expected);
  });

  test('the fiscal year begins on 1 April', () => {
    expect(fiscalYearOf(day('2026-03-31'))).toBe(2025);
    expect(fiscalYearOf(day('2026-04-01'))).toBe(2026);
  });
});

describe('durations', () => {
  test.each([
    ['27 clear days', '2026-09-19', '2026-10-17'],
    ['4 weeks', '2026-09-19', '2026-10-17'],
    ['6 months - 4 days', '2000-01-31', '2000-07-27'],
    ['12 years + 4 weeks', '2014-04-02', '2026-04-30'],
    ['16 years - 4 months', '2010-03-31', '2025-12-01'],
    ['- 3 days', '2026-01-02', '2025-12-30'],
    ['24 hours', '2026-01-31', '2026-02-01'],
  ])('%s after %s is %s', (text, from, expected) => {
    const duration = parseDuration(text);
    expect(duration && formatDay(addDuration(day(from), duration))).toBe(expected);
  });

  test.each(['', '6', 'months', '6 month old', '6 months 4 days', '6 fortnights', '12 hours'])(
    '%j cannot be read',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});

describe('bounds', () => {
  test.each([
    ['birth + 42 days', '2026-10-12', '2026-11-23'],
    ['birth + 24 weeks', '2026-06-07', '2026-11-22'],
    ['reach 7 months', '2026-01-31', '2026-08-30'],
    ['after reach 7 months', '2026-01-31', '2026-08-31'],
    ['fiscal year of 6 years start', '2021-04-01', '2026-04-01'],
    ['fiscal year of 6 years start', '2021-04-02', '2027-04-01'],
    ['fiscal year of 6 years end', '2021-03-31', '2027-03-31'],
    ['fiscal year of 12 years start', '2014-04-01', '2025-04-01'],
    ['fiscal year of 16 years end', '2010-04-02', '2027-03-31'],
    ['2020-10-01', '2021-01-01', '2020-10-01'],
  ])('%s, born %s, is %s', (text, birth, expected) => {
    const value = parseBound(text)?.({ birth: day(birth) });
    expect(value === undefined ? undefined : formatDay(value)).toBe(expected);
  });

  test.each([
    ['2026-01-31', '2025-10-01'],
    ['2026-02-01', '2026-10-01'],
    ['2026-11-22', '2026-10-01'],
  ])('a season asked for on %s opens on %s', (today, expected) => {
    const value = parseBound('year from 02-01 + 8 months')?.({ birth: 0, asOf: day(today) });
    expect(value === undefined ? undefined : formatDay(value)).toBe(expected);
  });

  test('a bound on an unknown anchor has no day', () => {
    expect(parseBound('edd - 84 days')?.({ birth: 0 })).toBeUndefined();
  });

  test.each(['reach 2', 'reach 2 days', 'birthday', 'after birth', 'fiscal year of 12 years', '2020-02-30'])(
    '%j cannot be read',
    (text) => {
      expect(parseBound(text)).toBeUndefined();
    },
  );
});
