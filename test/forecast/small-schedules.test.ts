// The engine on invented schedules of one series: what no row of the Japanese schedule asks of it today.
import { describe, expect, test } from 'vitest';
import { runCase } from '../../server/forecast/cases.ts';
import { forecast } from '../../server/forecast/forecast.ts';
import { loadSchedule } from '../../server/forecast/law/load-schedule.ts';
import type { DoseSource, ScheduleSource, SeriesSource } from '../../server/forecast/law/schedule.ts';
import { japaneseSchedule } from '../../server/forecast/schedules/jp/index.ts';
import { doses } from './child.ts';

const text = { ja: 'テスト', en: 'test' };
const dose = (more: Partial<DoseSource> = {}): DoseSource => ({ label: 'n', ...more });

function schedule(series: Partial<SeriesSource>): ScheduleSource {
  const [invalidDose, ageOutside, extraDose, duplicate, sameDay, vagueDate, flawedDose] = Array(7).fill('R');
  return {
    id: 'test',
    version: '1',
    products: { SHOT: 'inactivated' },
    conflicts: [],
    deferrals: [],
    general: { invalidDose, ageOutside, extraDose, duplicate, sameDay, vagueDate, flawedDose },
    rules: { R: { layer: 'L4', confidence: 'O', text, source: text } },
    series: [
      {
        file: 'test/shot.json',
        source: {
          key: 'SHOT',
          name: text,
          programme: 'routine',
          products: ['SHOT'],
          windows: [{ rule: 'R', from: 'birth', to: 'reach 12 months' }],
          paths: [{ id: 'P', rule: 'R', doses: [dose()] }],
          rules: {},
          ...series,
        },
      },
    ],
  };
}

/** Born 2025-05-20, asked on `day`. */
function ask(source: ScheduleSource, day: string, ...lines: string[]) {
  const child = { birthDate: '2025-05-20', assessmentDate: day, doses: doses(...lines) };
  const { evaluations, recommendations } = forecast(child, loadSchedule(source));
  const [answer] = recommendations;
  if (answer === undefined) throw new Error('no answer');
  return { answer, verdicts: evaluations.map(({ status, reasons }) => [status, ...reasons].join(' ')) };
}

describe('windows', () => {
  test('a window of one day is one: it loads, and the dose is legal on that day alone', () => {
    const one = schedule({ windows: [{ rule: 'R', from: 'reach 2 months', to: 'reach 2 months' }] });
    expect(ask(one, '2025-07-19', '2025-07-19 SHOT').verdicts).toEqual(['valid']);
    expect(ask(one, '2025-07-20', '2025-07-20 SHOT').verdicts).toEqual(['notValid ageTooOld']);
    expect(ask(one, '2025-07-19').answer).toMatchObject({ status: 'notComplete', latest: '2025-07-19' });
  });

  test('of several bounds the latest begins and the earliest ends the window', () => {
    const from = ['reach 2 months', 'reach 3 months', 'birth'];
    const both = schedule({
      windows: [{ rule: 'R', from, to: ['reach 9 months', 'reach 6 months', 'reach 8 months'] }],
    });
    expect(ask(both, '2025-06-01').answer).toMatchObject({ earliest: '2025-08-19', latest: '2025-11-19' });
  });

  test('a window on an anchor nobody knows is left out', () => {
    const windows = [
      { rule: 'R', from: 'reach 2 months', to: 'reach 6 months' },
      { rule: 'R', from: 'birth', to: ['edd', 'reach 12 months'] },
      { rule: 'R', from: ['illnessEnd', 'birth'], to: 'reach 12 months' },
    ];
    expect(ask(schedule({ windows }), '2025-06-01').answer).toMatchObject({
      earliest: '2025-07-19',
      latest: '2025-11-19',
    });
  });

  test('between two windows the next one counts; a dose there is in no window, one after both is late', () => {
    const windows = [
      { rule: 'R', from: 'reach 2 months', to: 'reach 4 months' },
      { rule: 'R', from: 'reach 6 months', to: 'reach 8 months' },
    ];
    const gap = schedule({ windows });
    expect(ask(gap, '2025-09-19').answer.earliest).toBe('2025-07-19');
    expect(ask(gap, '2025-09-20').answer).toMatchObject({ earliest: '2025-11-19', latest: '2026-01-19' });
    expect(ask(gap, '2025-09-20', '2025-09-20 SHOT').verdicts).toEqual(['notValid outsideAnyWindow']);
    expect(ask(gap, '2025-07-18', '2025-07-18 SHOT').verdicts).toEqual(['notValid ageTooYoung']);
    expect(ask(gap, '2026-01-20', '2026-01-20 SHOT').verdicts).toEqual(['notValid ageTooOld']);
    expect(ask(gap, '2026-01-20').answer.status).toBe('agedOut');
  });

  test('a dose that lapses is followed from the day after its window', () => {
    const windows = [{ rule: 'R', from: 'birth', to: 'reach 6 months' }];
    const lapsing = dose({ windows, lapses: 'R' });
    const source = schedule({ paths: [{ id: 'P', rule: 'R', doses: [dose(), lapsing, lapsing, dose()] }] });
    expect(ask(source, '2025-11-19', '2025-06-01 SHOT').answer).toMatchObject({
      earliest: '2025-06-01',
      latest: '2025-11-19',
    });
    expect(ask(source, '2025-11-20', '2025-06-01 SHOT').answer).toMatchObject({
      earliest: '2025-11-20',
      dosesRequired: 2,
    });
  });
});

describe('after a dose that lapsed', () => {
  test('the interval may end on its last day: what follows comes after it all the same', () => {
    const lapsing = dose({ windows: [{ rule: 'R', from: 'birth', to: 'reach 6 months' }], lapses: 'R' });
    const last = dose({ intervals: [{ rule: 'R', after: 'previous', min: '171 days' }] });
    const source = schedule({ paths: [{ id: 'P', rule: 'R', doses: [dose(), lapsing, last] }] });
    expect(ask(source, '2025-12-01', '2025-06-01 SHOT').answer.earliest).toBe('2025-11-20');
    expect(ask(source, '2025-12-01', '2025-06-02 SHOT').answer.earliest).toBe('2025-11-20');
    expect(ask(source, '2025-12-01', '2025-06-03 SHOT').answer.earliest).toBe('2025-11-21');
  });
});

describe('paths', () => {
  test('where no path fits, the last one is taken', () => {
    const paths = [
      { id: 'FIRST', rule: 'R', start: { to: 'reach 2 months' }, doses: [dose(), dose()] },
      { id: 'LAST', rule: 'R', start: { to: 'reach 4 months' }, doses: [dose()] },
    ];
    const source = schedule({ paths });
    expect(ask(source, '2025-07-19').answer.path).toBe('FIRST');
    expect(ask(source, '2025-07-20').answer.path).toBe('LAST');
    expect(ask(source, '2026-01-20').answer.path).toBe('LAST');
    expect(ask(source, '2026-01-20', '2025-07-19 SHOT').answer).toMatchObject({ path: 'FIRST', doseNumber: 2 });
  });

  test('the path follows the first dose that counts, not one that was too early', () => {
    const paths = [
      { id: 'EARLY', rule: 'R', start: { to: 'reach 3 months' }, doses: [dose(), dose()] },
      { id: 'LATE', rule: 'R', doses: [dose()] },
    ];
    const source = schedule({ paths, windows: [{ rule: 'R', from: 'reach 2 months', to: 'reach 12 months' }] });
    const { answer, verdicts } = ask(source, '2026-01-20', '2025-06-01 SHOT', '2025-09-20 SHOT');
    expect([answer.path, answer.status, ...verdicts]).toEqual(['LATE', 'complete', 'notValid ageTooYoung', 'valid']);
  });
});

describe('cases', () => {
  const line = (earliestDate: unknown, softFields: string[]) =>
    JSON.stringify({
      id: 'T-1',
      birthDate: '2025-05-20',
      assessmentDate: '2025-06-01',
      history: [],
      expect: { PCV: { earliestDate, softFields } },
    });
  test.each([
    ['2025-07-19', [], true],
    ['2025-07-18', [], false],
    ['2025-07-18', ['earliestDate'], true],
    ['2025-07-20', ['earliestDate'], true],
    ['2025-07-17', ['earliestDate'], false],
    ['2025-07-21', ['earliestDate'], false],
    ['2025-07-20', ['latestDate'], false],
    ['soon', ['earliestDate'], false],
    [20250719, ['earliestDate'], false],
    [null, ['earliestDate'], false],
  ])('a first day of 2025-07-19 against %j, soft %j: passes %s', (wanted, soft, isPassed) => {
    expect(runCase(line(wanted, soft), japaneseSchedule()).isPassed).toBe(isPassed);
  });
});
