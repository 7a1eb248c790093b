// A municipality on top of the national schedule. Code 99999 and what it pays for are invented.
import { describe, expect, test } from 'vitest';
import { forecast } from '../../server/forecast/forecast.ts';
import { forecastWithChange } from '../../server/forecast/forecast-with-change.ts';
import { loadSchedule } from '../../server/forecast/law/load-schedule.ts';
import type { Residence } from '../../server/forecast/law/municipality.ts';
import { municipalityCode } from '../../server/forecast/law/municipality.ts';
import { applyOverlay, type OverlaySource } from '../../server/forecast/law/overlay.ts';
import { ScheduleError } from '../../server/forecast/schedule-error.ts';
import { japaneseScheduleSource } from '../../server/forecast/schedules/jp/index.ts';
import { answerFor } from './child.ts';

const text = { ja: '試験市の助成', en: 'Paid for by the town of Shiken' };
const townRule = { layer: 'L6', confidence: 'O', text, source: { ja: '試験市要綱', en: 'Shiken rules' } } as const;

const shiken: OverlaySource = {
  municipality: '99999',
  name: { ja: '試験市', en: 'Shiken' },
  version: '2026.1',
  rules: { '99999-1': townRule, '99999-2': townRule },
  series: {
    MUMPS: { coverage: [{ rule: '99999-1', from: 'reach 12 months', to: 'reach 36 months', doses: [1] }] },
    HPV_VOL: {
      coverage: [
        {
          rule: '99999-1',
          from: 'fiscal year of 12 years start',
          to: 'fiscal year of 16 years end',
          when: { sex: 'male' },
        },
      ],
    },
    DT2: { windows: [{ rule: '99999-2', from: 'reach 132 months', to: 'reach 168 months', extension: 'shiken' }] },
  },
  recognises: [{ rule: '99999-2', observation: 'flag:mrShortageRecognised' }],
};
const schedule = loadSchedule(applyOverlay(japaneseScheduleSource, shiken));

const answer = (key: string, birthDate: string, assessmentDate: string, residence?: Residence[]) =>
  answerFor(
    forecast({ birthDate, sex: 'male', assessmentDate, doses: [], ...(residence ? { residence } : {}) }, schedule),
    key,
  );
const here: Residence = { municipality: '99999', from: '2020-01-01' };

describe('overlay', () => {
  test('a voluntary dose is paid for while one lives there, and not elsewhere', () => {
    expect(answer('MUMPS', '2025-06-20', '2026-11-22', [here])).toMatchObject({
      earliest: '2026-06-19',
      coverageStart: '2026-06-19',
      coverageEnd: '2028-06-19',
    });
    expect(answer('MUMPS', '2025-06-20', '2026-11-22').coverageEnd).toBeUndefined();
    const elsewhere = [{ municipality: '99998', from: '2020-01-01' }];
    expect(answer('MUMPS', '2025-06-20', '2026-11-22', elsewhere).coverageEnd).toBeUndefined();
  });

  test('it follows residence on the day: from the day of moving in until the day of moving out', () => {
    const inAndOut = [{ municipality: '99999', from: '2027-01-10', to: '2027-12-31' }];
    expect(answer('MUMPS', '2025-06-20', '2026-11-22', inAndOut)).toMatchObject({
      coverageStart: '2027-01-10',
      coverageEnd: '2027-12-31',
    });
    expect(answer('MUMPS', '2025-06-20', '2028-01-01', inAndOut).coverageEnd).toBeUndefined();
  });

  test('a subsidy for boys by school year', () => {
    expect(answer('HPV_VOL', '2013-06-20', '2026-11-22', [here])).toMatchObject({
      coverageStart: '2025-04-01',
      coverageEnd: '2030-03-31',
    });
  });

  test('a longer period and a recognised shortage hold for residents only', () => {
    expect(answer('DT2', '2013-06-20', '2026-11-22', [here])).toMatchObject({
      status: 'notComplete',
      extension: 'shiken',
    });
    expect(answer('DT2', '2013-06-20', '2026-11-22').status).toBe('agedOut');
    expect(answer('MR1', '2022-06-20', '2026-11-22', [here])).toMatchObject({
      status: 'notComplete',
      extension: 'mr-fy2024',
      coverageEnd: '2027-03-31',
    });
    expect(answer('MR1', '2022-06-20', '2026-11-22').status).toBe('agedOut');
  });

  test.each<[string, Residence, string]>([
    ['on the first day', { municipality: '99999', from: '2026-11-22' }, 'notComplete'],
    ['before the first day', { municipality: '99999', from: '2026-11-23' }, 'agedOut'],
    ['on the last day', { ...here, to: '2026-11-22' }, 'notComplete'],
    ['after the last day', { ...here, to: '2026-11-21' }, 'agedOut'],
    ['elsewhere', { municipality: '99998', from: '2020-01-01' }, 'agedOut'],
  ])('a longer period %s of residence', (_, residence, status) => {
    expect(answer('DT2', '2013-06-20', '2026-11-22', [residence]).status).toBe(status);
  });

  test('the answer changes by itself on the day after moving out', () => {
    const residence = [{ ...here, to: '2026-12-09' }];
    const child = { birthDate: '2022-06-20', sex: 'male' as const, assessmentDate: '2026-12-09', doses: [], residence };
    const recognising = loadSchedule(applyOverlay(japaneseScheduleSource, { ...shiken, series: {} }));
    const today = forecastWithChange(child, recognising);
    expect(answerFor(today, 'MR1').status).toBe('notComplete');
    expect(today.changesOn).toBe('2026-12-10');
    const then = forecastWithChange({ ...child, assessmentDate: '2026-12-10' }, recognising);
    expect(answerFor(then, 'MR1').status).toBe('agedOut');
  });

  test('a residence that cannot be read is left out and said', () => {
    const result = forecast(
      {
        birthDate: '2025-06-20',
        assessmentDate: '2026-11-22',
        doses: [],
        residence: [
          { municipality: '011001', from: '2025-06-20' },
          { municipality: '99999', from: 'spring' },
        ],
      },
      schedule,
    );
    expect(result.warnings.map(({ code }) => code)).toEqual(['invalidResidence', 'invalidResidence']);
  });

  test.each<[string, Partial<OverlaySource>, RegExp]>([
    ['a code that is none', { municipality: '1234' }, /overlay\/1234 > municipality/],
    ['a wrong check digit', { municipality: '131041'.replace(/1$/, '2') }, /is not a JIS X 0402 code/],
    ['a series there is not', { series: { MOON: {} } }, /overlay\/99999 > MOON > series/],
    ['a rule id of the nation', { rules: { X1: townRule } }, /rules\.X1: does not begin with "99999-"/],
  ])('refuses %s', (_, part, fault) => {
    expect(() => applyOverlay(japaneseScheduleSource, { ...shiken, ...part })).toThrow(fault);
  });

  test.each<[string, OverlaySource['series'], RegExp]>([
    ['an unknown rule', { MUMPS: { coverage: [{ rule: 'Q', from: 'birth' }] } }, /MUMPS > coverage\[0\]\.rule/],
    ['an unreadable bound', { MUMPS: { coverage: [{ rule: '99999-1', from: 'soon' }] } }, /coverage\[0\]\.from/],
    [
      'an unknown observation',
      { MUMPS: { coverage: [{ rule: '99999-1', from: 'birth', when: { has: 'mood' } }] } },
      /"mood"/,
    ],
    ['a faulty window', { DT2: { windows: [{ rule: '99999-1', from: 'noon' }] } }, /DT2 > windows\[2\]\.from/],
  ])('the loader refuses %s of an overlay', (_, series, fault) => {
    expect(() => loadSchedule(applyOverlay(japaneseScheduleSource, { ...shiken, series }))).toThrow(ScheduleError);
    expect(() => loadSchedule(applyOverlay(japaneseScheduleSource, { ...shiken, series }))).toThrow(fault);
  });

  test.each([
    ['13104', '13104'],
    ['131041', '13104'],
    ['011002', '01100'],
    ['131042', undefined],
    ['1310', undefined],
    ['abcde', undefined],
  ])('the municipality code %s is %s', (code, five) => {
    expect(municipalityCode(code)).toBe(five);
  });
});
