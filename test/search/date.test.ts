// Date search against a slow second opinion: instants from Date.parse, comparison written from the words of the
// specification. https://hl7.org/fhir/R4/search.html#date and #prefix
import { describe, expect, test } from 'vitest';
import { dateRanges, openHi, openLo, parseDateFilter, rangeOf } from '../../server/search/date.ts';

const at = (iso: string) => Date.parse(iso);

describe('rangeOf', () => {
  test.each([
    // A date or time without offset is Japan's.
    ['2026', '2025-12-31T15:00:00.000Z', '2026-12-31T14:59:59.999Z'],
    ['2026-02', '2026-01-31T15:00:00.000Z', '2026-02-28T14:59:59.999Z'],
    ['2024-02', '2024-01-31T15:00:00.000Z', '2024-02-29T14:59:59.999Z'],
    ['2026-12', '2026-11-30T15:00:00.000Z', '2026-12-31T14:59:59.999Z'],
    ['2026-04-01', '2026-03-31T15:00:00.000Z', '2026-04-01T14:59:59.999Z'],
    ['2026-04-01T09:30', '2026-04-01T00:30:00.000Z', '2026-04-01T00:30:59.999Z'],
    ['2026-04-01T09:30:15', '2026-04-01T00:30:15.000Z', '2026-04-01T00:30:15.999Z'],
    ['2026-04-01T09:30:15Z', '2026-04-01T09:30:15.000Z', '2026-04-01T09:30:15.999Z'],
    ['2026-04-01T09:30:15.5Z', '2026-04-01T09:30:15.500Z', '2026-04-01T09:30:15.599Z'],
    ['2026-04-01T09:30:15.25Z', '2026-04-01T09:30:15.250Z', '2026-04-01T09:30:15.259Z'],
    ['2026-04-01T09:30:15.12Z', '2026-04-01T09:30:15.120Z', '2026-04-01T09:30:15.129Z'],
    ['2026-04-01T09:30:15.123456Z', '2026-04-01T09:30:15.123Z', '2026-04-01T09:30:15.123Z'],
    ['2026-04-01T00:30:00-05:00', '2026-04-01T05:30:00.000Z', '2026-04-01T05:30:00.999Z'],
    ['2026-04-01T00:30:00+05:45', '2026-03-31T18:45:00.000Z', '2026-03-31T18:45:00.999Z'],
  ])('%s', (text, lo, hi) => {
    expect(rangeOf(text)).toEqual({ lo: at(lo), hi: at(hi) });
  });

  test.each([
    '',
    '26',
    '2026-13',
    '2026-00',
    '2026-02-29',
    '2026-04-31',
    '2026-4-1',
    '20260401',
    '2026-04-01T',
    '2026-04-01T25:00',
    '2026-04-01T10:60',
    '2026-04-01 10:00',
    'today',
    '2026-04-01T10:00:00+9:00',
    ' 2026',
    '2026 ',
    '2026-04-01T10:00+09:00x',
  ])('%j is none', (text) => {
    expect(rangeOf(text)).toBeUndefined();
  });

  test('every day of many years begins where Date.parse says, and ends where the next begins', () => {
    for (const year of [1, 4, 99, 100, 400, 1582, 1899, 1900, 1999, 2000, 2023, 2024, 2100, 9998]) {
      const y = String(year).padStart(4, '0');
      for (let day = at(`${y}-01-01T00:00:00Z`); day < at(`${y}-12-31T00:00:00Z`); day += 86_400_000) {
        const text = new Date(day).toISOString().slice(0, 10);
        expect(rangeOf(text)).toEqual({ lo: day - 9 * 3_600_000, hi: day + 15 * 3_600_000 - 1 });
      }
      expect(rangeOf(y)).toEqual({ lo: rangeOf(`${y}-01-01`)?.lo, hi: rangeOf(`${y}-12-31`)?.hi });
    }
  });
});

describe('dateRanges', () => {
  const day = (text: string) => rangeOf(text) ?? { lo: 0, hi: 0 };
  test.each([
    [
      'a Period',
      { type: 'Period', value: { start: '2026-01', end: '2026-03-05' } },
      [{ lo: day('2026-01').lo, hi: day('2026-03-05').hi }],
    ],
    ['a Period that goes on', { type: 'Period', value: { start: '2026-01' } }, [{ lo: day('2026-01').lo, hi: openHi }]],
    ['a Period without start', { type: 'Period', value: { end: '2026-01' } }, [{ lo: openLo, hi: day('2026-01').hi }]],
    ['an empty Period', { type: 'Period', value: {} }, []],
    [
      'a Timing, of which only the outer limits matter',
      { type: 'Timing', value: { event: ['2026-02-01', '2026-01-01'] } },
      [{ lo: day('2026-01-01').lo, hi: day('2026-02-01').hi }],
    ],
    ['no date at all', { type: 'dateTime', value: 'x' }, []],
  ])('%s', (_, value, ranges) => {
    expect(dateRanges(value)).toEqual(ranges);
  });
});

describe('parseDateFilter', () => {
  const nowMs = at('2026-11-23T00:00:00Z');
  test.each([
    ['2026', 'eq'],
    ['eq2026', 'eq'],
    ['ne2026-01', 'ne'],
    ['gt2026-01-01', 'gt'],
    ['lt2026', 'lt'],
    ['ge2026', 'ge'],
    ['le2026', 'le'],
    ['sa2026', 'sa'],
    ['eb2026', 'eb'],
  ])('%s', (text, prefix) => {
    expect(parseDateFilter(text, nowMs)).toEqual({ prefix, range: rangeOf(text.replace(/^[a-z]+/, '')) });
  });

  test('a + that arrived as a space is a + again', () => {
    expect(parseDateFilter('ge2026-01-01T00:00:00 09:00', nowMs)?.range.lo).toBe(at('2025-12-31T15:00:00Z'));
  });

  test('ap widens by a tenth of the distance from now', () => {
    const lo = nowMs - 100 * 86_400_000;
    const filter = parseDateFilter(`ap${new Date(lo).toISOString()}`, nowMs);
    expect(filter?.range).toEqual({ lo: lo - 864_000_000, hi: lo + 864_000_000 });
  });

  test.each(['', 'ge', 'xx2026', 'GE2026', 'ge ge2026'])('%j is none', (text) => {
    expect(parseDateFilter(text, nowMs)).toBeUndefined();
  });
});
