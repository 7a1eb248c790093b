// The switch between versions by date: an old decision explained with the rules known on its day.
import { describe, expect, test } from 'vitest';
import { formatDay, parseDay } from '../../server/forecast/days.ts';
import { forecast } from '../../server/forecast/forecast.ts';
import { loadSchedule } from '../../server/forecast/law/load-schedule.ts';
import { changeDays, scheduleOn } from '../../server/forecast/law/schedule-on.ts';
import { japaneseSchedule, japaneseScheduleSource } from '../../server/forecast/schedules/jp/index.ts';
import type { ForecastInput } from '../../server/forecast/types.ts';
import { answerFor, doses } from './child.ts';

const on = (day: string, child: Omit<ForecastInput, 'assessmentDate'>, rulesOf = day) =>
  forecast({ ...child, assessmentDate: day }, japaneseSchedule(), { rulesOf });

describe('rulesOf', () => {
  test('why was this child not offered five-in-one in 2023? Because it was not known', () => {
    const child = { birthDate: '2023-05-10', doses: [] };
    expect(answerFor(on('2023-08-01', child), 'DTP1').product).toBe('DPT-IPV');
    expect(answerFor(on('2024-04-01', child), 'DTP1').product).toBe('DPT-IPV-Hib');
    expect(answerFor(on('2023-08-01', child), 'HIB').status).toBe('notComplete');
  });

  test('a rule that came later does not move a date of the day before: three months until 2023-03-31', () => {
    const child = { birthDate: '2023-01-20', doses: [] };
    expect(answerFor(on('2023-03-01', child), 'DTP1').earliest).toBe('2023-04-19');
    expect(answerFor(on('2023-03-01', child, '2026-11-22'), 'DTP1').earliest).toBe('2023-04-01');
  });

  test.each([
    ['ROTA', '2020-09-30', '2020-10-01'],
    ['HEPB', '2016-09-30', '2016-10-01'],
    ['VAR', '2014-09-30', '2014-10-01'],
    ['PCV', '2013-03-31', '2013-04-01'],
    ['RSVM', '2026-03-31', '2026-04-01'],
    ['ZOSTER', '2025-03-31', '2025-04-01'],
  ])('%s is no routine series on %s, and is on %s', (key, before, from) => {
    const series = (day: string) =>
      japaneseSchedule()
        .knownOn(parseDay(day) ?? 0)
        .series.map((one) => one.key);
    expect(series(before)).not.toContain(key);
    expect(series(from)).toContain(key);
  });

  test.each([
    ['2013-10-31', 'PCV7'],
    ['2013-11-01', 'PCV13'],
    ['2024-09-30', 'PCV13'],
    ['2024-10-01', 'PCV20'],
  ])('on %s a new child got %s', (day, product) => {
    const birthDate = formatDay((parseDay(day) ?? 0) - 90);
    expect(answerFor(on(day, { birthDate, doses: [] }), 'PCV').product).toBe(product);
  });

  test('HPV: two doses since 2023-04-01, recommendation withheld from 2013-06-14 to 2022-03-31', () => {
    const girl = { birthDate: '2010-06-10', sex: 'female' as const, doses: [] };
    expect(answerFor(on('2023-03-31', girl), 'HPV').dosesRequired).toBe(3);
    expect(answerFor(on('2023-04-01', girl), 'HPV').dosesRequired).toBe(2);
    expect(answerFor(on('2022-03-31', girl), 'HPV').needsClinician).toBe(true);
    expect(answerFor(on('2022-04-01', girl), 'HPV').needsClinician).toBe(false);
    expect(answerFor(on('2013-06-13', { ...girl, birthDate: '2000-06-10' }), 'HPV').needsClinician).toBe(false);
  });

  test('before 2020-10-01 another vaccine waited after an inactivated one, with no end in sight', () => {
    const child = { birthDate: '2020-07-20', doses: doses('2020-09-29 HepB') };
    expect(answerFor(on('2020-09-30', child), 'DTP1').earliest).toBe('2020-10-19');
    const later = { birthDate: '2020-06-20', doses: doses('2020-09-29 HepB') };
    expect(answerFor(on('2020-09-30', later), 'DTP1').earliest).toBe('2020-10-06');
    expect(answerFor(on('2020-09-30', later, '2020-10-01'), 'DTP1').earliest).toBe('2020-10-01');
  });

  test('today and any later day give the schedule itself', () => {
    const child = { birthDate: '2025-05-10', sex: 'female' as const, doses: doses('2025-07-15 PCV20') };
    const now = forecast({ ...child, assessmentDate: '2026-11-22' }, japaneseSchedule());
    const later = on('2026-11-22', child, '2031-01-01');
    expect(later.recommendations).toEqual(now.recommendations);
    expect(later.evaluations).toEqual(now.evaluations);
  });

  test('the answer names the version', () => {
    expect(on('2023-08-01', { birthDate: '2023-05-10', doses: [] }).schedule.version).toContain(
      'as known on 2023-04-01',
    );
  });

  test('every version loads, and is loaded once', () => {
    const days = changeDays(japaneseScheduleSource);
    expect(days.length).toBeGreaterThan(15);
    for (const day of [(days[0] ?? 0) - 1, ...days]) {
      expect(loadSchedule(scheduleOn(japaneseScheduleSource, day)).series.length).toBeGreaterThan(10);
      expect(japaneseSchedule().knownOn(day)).toBe(japaneseSchedule().knownOn(day));
    }
  });

  test.each(['2023', '2023-02-30', ''])('a day %j of the rules has no answer', (rulesOf) => {
    expect(() => on('2023-08-01', { birthDate: '2023-05-10', doses: [] }, rulesOf)).toThrow(/rulesOf/);
  });
});
