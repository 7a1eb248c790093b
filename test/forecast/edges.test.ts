// Edges of dates and records: births on the last days of months and fiscal years against every bound and window, many doses
// on a day, contradictory and absurd input (forecast-logic 14.4). Each claim is computed another way than the engine does.
import { describe, expect, test } from 'vitest';
import { civilOf, type Day, dayOf, formatDay, parseDay } from '../../server/forecast/days.ts';
import { addDuration, parseDuration } from '../../server/forecast/duration.ts';
import { parseBound } from '../../server/forecast/law/bound.ts';
import { japaneseScheduleSource } from '../../server/forecast/schedules/jp/index.ts';
import type { ForecastInput } from '../../server/forecast/types.ts';
import { answerFor, daysAfter, doses, evaluationsFor, numbers, plan } from './child.ts';

/** Every bound and duration written in the Japanese data. */
const written = new Set<string>();
const walk = (value: unknown): void => {
  if (typeof value === 'string') written.add(value);
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) walk(part);
};
for (const { source } of japaneseScheduleSource.series) walk([source.windows, source.paths, source.closures]);
const reaches = [...written].flatMap((text) => {
  const match = /^reach (\d+) (months|years)$/.exec(text);
  return match === null ? [] : [{ text, months: Number(match[1]) * (match[2] === 'years' ? 12 : 1) }];
});
const durations = [...written].flatMap((text) => {
  const duration = parseDuration(text);
  return duration === undefined || text.startsWith('-') ? [] : [{ text, duration }];
});

/** Births on 29 February, on every last day of a month, and around the turn of the fiscal year. */
const BIRTHS: Day[] = [2019, 2020, 2023, 2024].flatMap((year) => [
  ...Array.from({ length: 12 }, (_, month) => dayOf(month === 11 ? year + 1 : year, ((month + 1) % 12) + 1, 1) - 1),
  dayOf(year, 3, 31),
  dayOf(year, 4, 1),
  dayOf(year, 4, 2),
]);

describe('births at the end of a month', () => {
  test('there are enough of them, and of what is written', () => {
    expect(BIRTHS.map(formatDay)).toEqual(expect.arrayContaining(['2024-02-29', '2020-02-29', '2023-12-31']));
    expect(reaches.length).toBeGreaterThan(25);
    expect(durations.length).toBeGreaterThan(20);
  });

  test('every age of the data is reached the day before its day of the month, or at the end of a month without it', () => {
    for (const { text, months } of reaches) {
      const bound = parseBound(text);
      for (const birth of BIRTHS) {
        const born = civilOf(birth);
        const reached = civilOf((bound?.({ birth }) ?? Number.NaN) + 1);
        const wanted = born.year * 12 + born.month - 1 + months;
        const month = reached.year * 12 + reached.month - 1;
        // The day after is the day of the month, or the first of the next month where there is no such day.
        if (reached.day === born.day) expect(month, `${text} of ${formatDay(birth)}`).toBe(wanted);
        else expect([reached.day, month], `${text} of ${formatDay(birth)}`).toEqual([1, wanted + 1]);
      }
    }
  });

  test('every interval of the data has that many whole days between, or ends on its day of the month or the first after', () => {
    for (const { text, duration } of durations) {
      for (const from of BIRTHS) {
        const end = addDuration(from, duration);
        const clear = /^(\d+) clear days$/.exec(text);
        if (clear !== null) expect(end - from - 1, text).toBe(Number(clear[1]));
        if (duration.days !== 0 || duration.halfMonths !== undefined) continue;
        const [a, b] = [civilOf(from), civilOf(end)];
        expect(b.day === a.day || b.day === 1, `${text} after ${formatDay(from)}`).toBe(true);
        expect(Math.abs(end - from - duration.months * 30.44)).toBeLessThan(5);
      }
    }
  });
});

describe('births around 1 April', () => {
  const windows = [...written].filter((text) => text.startsWith('fiscal year of '));

  test.each(windows)(
    '%s: those born on 2 April come a year after those born on 1 April, who go with 31 March',
    (text) => {
      const bound = parseBound(text);
      const on = (birth: string) => formatDay(bound?.({ birth: parseDay(birth) ?? Number.NaN }) ?? Number.NaN);
      expect(on('2019-04-01')).toBe(on('2019-03-31'));
      expect(Number(on('2019-04-02').slice(0, 4)) - Number(on('2019-04-01').slice(0, 4))).toBe(1);
      expect(on('2019-04-02').slice(4)).toBe(text.endsWith('start') ? '-04-01' : '-03-31');
    },
  );

  test.each([
    ['MR2', 'male', '2019-04-01', '2024-04-01', '2025-03-31'],
    ['MR2', 'male', '2019-04-02', '2025-04-01', '2026-03-31'],
    ['HPV', 'female', '2014-03-31', '2025-04-01', '2030-03-31'],
    ['HPV', 'female', '2014-04-01', '2025-04-01', '2030-03-31'],
    ['HPV', 'female', '2014-04-02', '2026-04-01', '2031-03-31'],
    ['ZOSTER', 'male', '1961-04-01', '2025-04-01', '2026-03-31'],
    ['ZOSTER', 'male', '1961-04-02', '2026-04-01', '2027-03-31'],
  ] as const)('%s for a %s born %s: %s to %s, day by day', (series, sex, birthDate, first, last) => {
    const vaccine = { MR2: 'MR', HPV: 'HPV9', ZOSTER: 'RZV' }[series];
    const status = (date: string) =>
      evaluationsFor(plan({ birthDate, sex, assessmentDate: date, doses: doses(`${date} ${vaccine}`) }), series)[0]
        ?.status;
    expect([daysAfter(first, -1), first, last, daysAfter(last, 1)].map(status)).toEqual([
      'notValid',
      'valid',
      'valid',
      'notValid',
    ]);
  });
});

describe('many doses on a day', () => {
  test('every pair of injected live vaccines may share a day and must otherwise be 28 days apart', () => {
    const live = { MR: 'MR1', VAR: 'VAR', MUMPS: 'MUMPS', BCG: 'BCG', YF: 'YF' };
    const child = { birthDate: '2024-12-20', assessmentDate: '2026-06-01' };
    for (const [first, a] of Object.entries(live)) {
      for (const [second, b] of Object.entries(live)) {
        if (first === second) continue;
        const day = first === 'BCG' || second === 'BCG' ? '2025-12-19' : '2026-01-10';
        const together = plan({ ...child, doses: doses(`${day} ${first}`, `${day} ${second}`) });
        expect(evaluationsFor(together, a)[0]?.reasons, `${first} with ${second}`).toEqual([]);
        expect(evaluationsFor(together, b)[0]?.reasons, `${second} with ${first}`).toEqual([]);
        for (const [gap, conflicts] of [
          [1, true],
          [27, true],
          [28, false],
        ] as const) {
          const apart = plan({ ...child, doses: doses(`${day} ${first}`, `${daysAfter(day, gap)} ${second}`) });
          const reasons = evaluationsFor(apart, b).flatMap((one) => one.reasons);
          expect(reasons.includes('vaccineConflict'), `${second} ${gap} days after ${first}`).toBe(conflicts);
        }
      }
    }
  });

  test('oral and nasal live vaccines, inactivated ones and antibodies wait for nothing', () => {
    for (const free of ['RV1', 'LAIV', 'PCV20', 'DPT-IPV-Hib', 'HepB', 'COVID-mRNA', 'NIRSEVIMAB', 'HBIG']) {
      const child = { birthDate: '2024-12-20', assessmentDate: '2026-06-01' };
      const result = plan({ ...child, doses: doses(`2026-01-09 ${free}`, '2026-01-10 MR') });
      expect(evaluationsFor(result, 'MR1')[0]?.status, free).toBe('valid');
    }
  });
});

const WAITING = ['DPT5', 'IPV5', 'JE2'];

describe('absurd input', () => {
  const codes = Object.keys(japaneseScheduleSource.products);
  const observed = Object.keys(japaneseScheduleSource.observations ?? {}).map((code) => code.replace('*', 'MR'));

  /** Anything a record can hold: any product, any date around a life, any observation. */
  function anything(seed: number, count: number): ForecastInput {
    const next = numbers(seed);
    const birth = dayOf(1880 + next(147), 1 + next(12), 1 + next(28));
    const date = () => {
      const text = formatDay(birth - 400 + next(150 * 366));
      return [text, text.slice(0, 7), text.slice(0, 4)][next(12)] ?? text;
    };
    return {
      birthDate: formatDay(birth),
      sex: (['female', 'male', 'other', 'unknown'] as const)[next(4)] ?? 'unknown',
      assessmentDate: formatDay(birth - 100 + next(150 * 366)),
      doses: Array.from({ length: count }, (_, i) => ({
        id: `d${i}`,
        date: date(),
        vaccine: codes[next(codes.length)] ?? 'MR',
      })),
      observations: Array.from({ length: next(6) }, () => {
        const code = observed[next(observed.length)] ?? 'keloid';
        return { code, date: date(), value: next(400), ...(next(2) === 0 ? { until: date() } : {}) };
      }),
      residence: [{ municipality: '13104', from: date() }],
    };
  }

  test('always has an answer, with dates in order and each dose at most once in a series', () => {
    for (let seed = 1; seed <= 400; seed += 1) {
      const input = anything(seed, seed % 25);
      const result = plan(input);
      for (const one of result.recommendations) {
        const place = `${one.series} ${JSON.stringify(input)}`;
        if (one.earliest !== undefined && one.latest !== undefined)
          expect(one.earliest <= one.latest, place).toBe(true);
        expect((one.recommended ?? '9') >= (one.earliest ?? ''), place).toBe(true);
        expect(one.because.length, place).toBeGreaterThan(0);
      }
      const seen = result.evaluations.map(({ doseId, series }) => `${doseId} ${series}`);
      expect(new Set(seen).size, JSON.stringify(input)).toBe(seen.length);
    }
  });

  test('whatever the record holds, the dose advised is valid on the first day it may be given', () => {
    const judged = new Set<string>();
    for (let seed = 1; seed <= 250; seed += 1) {
      const { observations: _, doses: given, ...input } = anything(seed, seed % 15);
      const exact = given.filter(({ date }) => date.length === 10);
      const today = {
        ...input,
        birthDate: `20${input.birthDate.slice(2)}`,
        assessmentDate: '2026-11-22',
        doses: exact,
      };
      for (const one of plan(today).recommendations) {
        // What waits for another series is valid after that one only.
        if (one.earliest === undefined || one.product === undefined || WAITING.includes(one.series)) continue;
        const date = one.earliest > today.assessmentDate ? one.earliest : today.assessmentDate;
        const dose = { id: 'advised', date, vaccine: one.product };
        const after = plan({ ...today, assessmentDate: date, doses: [...exact, dose] });
        const found = after.evaluations.filter(({ doseId, status }) => doseId === 'advised' && status === 'valid');
        expect(found.length, `${one.series} on ${date} ${JSON.stringify(today)}`).toBeGreaterThan(0);
        judged.add(one.series);
      }
    }
    expect(judged.size).toBeGreaterThan(18);
  });

  test('five hundred doses, or an age of 150 years, are answered in good time', () => {
    const start = performance.now();
    const many = plan(anything(7, 500));
    const daily = Array.from({ length: 500 }, (_, i) => `${daysAfter('2025-01-01', i)} PCV20`);
    const same = plan({ birthDate: '2024-11-01', assessmentDate: '2026-11-22', doses: doses(...daily) });
    const old = plan({ birthDate: '1876-11-22', assessmentDate: '2026-11-22', doses: [] });
    expect(performance.now() - start).toBeLessThan(5000);
    expect(many.recommendations.length).toBeGreaterThan(0);
    expect(evaluationsFor(same, 'PCV')).toHaveLength(500);
    expect(old.recommendations.every(({ status }) => status !== undefined)).toBe(true);
  });

  test('contradictions: every vaccine on the day of birth, all diseases had, pregnant as an infant', () => {
    const result = plan({
      birthDate: '2026-01-10',
      sex: 'male',
      assessmentDate: '2026-02-01',
      doses: doses(...codes.map((code) => `2026-01-10 ${code}`)),
      observations: [
        ...observed.map((code) => ({ code })),
        { code: 'pregnancy-edd', date: '2026-03-01' },
        ...['measles', 'rubella', 'mumps', 'varicella'].map((disease) => ({ code: `disease:${disease}` })),
      ],
    });
    expect(answerFor(result, 'MR1').status).toBe('immune');
    expect(answerFor(result, 'ROTA').status).toBe('contraindicated');
    expect(result.evaluations.filter(({ series, status }) => series === 'MR1' && status === 'valid')).toEqual([]);
  });

  test('an assessment before birth has an answer', () => {
    const result = plan({ birthDate: '2026-11-22', assessmentDate: '2026-05-01', doses: [] });
    expect(answerFor(result, 'PCV').earliest).toBe('2027-01-21');
  });
});
