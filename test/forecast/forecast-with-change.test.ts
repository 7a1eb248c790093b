// The day on which an answer changes by itself, against the answers of all the days before it.
import { describe, expect, test } from 'vitest';
import { forecastWithChange } from '../../server/forecast/forecast-with-change.ts';
import { japaneseSchedule } from '../../server/forecast/schedules/jp/index.ts';
import type { ForecastInput, ForecastResult, Observation } from '../../server/forecast/types.ts';
import { daysAfter, doses, EDGE_BIRTHS, numbers, plan } from './child.ts';
import { person } from './jp/ask.ts';

const PRODUCTS = ['RV1', 'HepB', 'PCV20', 'DPT-IPV-Hib', 'BCG', 'MR', 'VAR', 'JE', 'MUMPS', 'IIV', 'DT', 'HPV9'];
const FACTS: Observation[] = [
  { code: 'keloid' },
  { code: 'immunoglobulin', date: '2026-05-10', value: 300 },
  { code: 'long-illness-ended', date: '2026-08-01' },
  { code: 'missed:MR1' },
  { code: 'pregnancy-edd', date: '2026-12-24' },
  { code: 'flag:mrShortageRecognised' },
];

/** Somebody of any age with any history: doses past, to come, and without their day. */
function anybody(seed: number): ForecastInput {
  const next = numbers(seed * 7919 + 1);
  const ages = [0, 100, 200, 400, 800, 1500, 2300, 4500, 6000, 15000, 24000, 30000];
  const assessmentDate = daysAfter('2026-01-01', next(700));
  const edge = EDGE_BIRTHS[seed % EDGE_BIRTHS.length] ?? '2025-05-20';
  const birthDate =
    next(3) === 0 && edge <= assessmentDate
      ? edge
      : daysAfter(assessmentDate, -(ages[seed % ages.length] ?? 0) - next(90));
  const given = Array.from({ length: next(10) }, () => {
    const date = daysAfter(birthDate, 40 + next(next(2) === 0 ? 500 : 3000));
    return `${next(12) === 0 ? date.slice(0, next(2) === 0 ? 7 : 4) : date} ${PRODUCTS[next(PRODUCTS.length)]}`;
  });
  return {
    birthDate,
    assessmentDate,
    sex: next(2) === 0 ? 'female' : 'male',
    doses: doses(...given),
    observations: FACTS.filter(() => next(4) === 0),
  };
}

describe('forecastWithChange', () => {
  test.each(Array.from({ length: 12 }, (_, n) => n))(
    'group %i: the answer stays until the day named, and is another on it',
    (group) => {
      let looked = 0;
      for (let seed = group * 8; seed < group * 8 + 8; seed += 1) {
        const input = anybody(seed);
        const { changesOn: change, ...answer } = forecastWithChange(input, japaneseSchedule());
        expect(answer).toEqual(plan(input));
        const today = shown(plan(input));
        for (let days = 1; days <= 800; days += 1) {
          const assessmentDate = daysAfter(input.assessmentDate, days);
          const isSame = shown(plan({ ...input, assessmentDate })) === today;
          expect(isSame, `${assessmentDate} of ${JSON.stringify(input)}`).toBe(assessmentDate !== change);
          looked += 1;
          if (!isSame) break;
        }
      }
      expect(looked).toBeGreaterThan(8);
    },
  );

  test.each([
    ['a dose that becomes overdue by its interval', '2024-05-20, 2028-05-01 JE', '2028-05-25'],
    ['the end of a perinatal protocol', '2026-05-20, mother:HBsAg, HBIG-given', '2027-01-15'],
    ['the end of a fever', '2025-05-20, fever@2026-06-01~2026-06-09', '2026-06-03'],
    ['a dose that is still to be given', '2025-05-20, 2026-08-03 MR', '2026-07-30'],
    ['a dose of this month, without its day', '2025-05-20, 2026-07 MR', '2026-07-10'],
  ])('sees %s', (_, line, day) => {
    const input = person(line, day);
    const today = shown(plan(input));
    const days = Array.from({ length: 800 }, (__, n) => daysAfter(day, n + 1));
    const change = days.find((assessmentDate) => shown(plan({ ...input, assessmentDate })) !== today);
    expect(change).toBeDefined();
    expect(forecastWithChange(input, japaneseSchedule()).changesOn).toBe(change);
  });

  test('names the day on which the next dose becomes due', () => {
    const input = { birthDate: '2026-05-20', assessmentDate: '2026-06-01', doses: [] };
    expect(forecastWithChange(input, japaneseSchedule()).changesOn).toBe('2026-07-19');
  });
});

/** What a caller is told, without the trail of rules. */
function shown({ assessmentDate, recommendations, evaluations, warnings }: ForecastResult): string {
  return JSON.stringify([
    recommendations.map(({ because: _, ...rest }) => [
      rest,
      rest.status === 'notComplete' && rest.recommended !== undefined && rest.recommended <= assessmentDate,
    ]),
    evaluations.map(({ because: _, warnings: __, needsClinician: ___, ...rest }) => rest),
    warnings.length,
  ]);
}
