// Vaccine conflicts (CDSi 6.7 and 7.4.2): across antigens, shorter behind a valid dose, without grace in a forecast.
import { describe, expect, test } from 'vitest';
import {
  answer,
  doses,
  evaluationOf,
  given,
  groupAnswer,
  ofAntigen,
  prefers,
  scheduleOf,
  series,
  verdicts,
} from './small-schedule.ts';

const pair = (conflictingCvx: string, impactedCvx: string) => ({
  conflictingCvx,
  impactedCvx,
  conflictBeginInterval: '1 day',
  minConflictEndInterval: '24 days',
  conflictEndInterval: '28 days',
});

const schedule = scheduleOf(
  [
    series(doses({ ages: [{ absMinAge: '2 months', minAge: '2 months' }] }, {})),
    ofAntigen('Beta', 'Beta', series(doses({ preferableVaccines: [prefers('B1')] }))),
  ],
  { vaccineConflicts: [pair('A1', 'A1'), pair('B1', 'A1')] },
);

const beta = (...texts: string[]) => verdicts(answer(schedule, { doses: given(...texts) }))[0];

describe('a dose after a conflicting one', () => {
  test.each([
    ['2020-04-01', 'valid'],
    ['2020-04-02', 'notValid vaccineConflict'],
    ['2020-04-24', 'notValid vaccineConflict'],
    ['2020-04-25', 'valid'],
  ])('that this series does not judge waits for the shorter end (%s)', (date, verdict) => {
    expect(beta('2020-04-01 B1', `${date} A1`)).toBe(verdict);
  });

  test('that is valid waits for the shorter end, behind one that is not valid for the full one', () => {
    const second = (...texts: string[]) => verdicts(answer(schedule, { doses: given(...texts) }))[1];
    expect(second('2020-04-01 A1', '2020-04-24 A1')).toBe('notValid vaccineConflict');
    expect(second('2020-04-01 A1', '2020-04-25 A1')).toBe('valid');
    expect(second('2020-03-01 A1', '2020-03-28 A1')).toBe('notValid vaccineConflict');
    expect(second('2020-03-01 A1', '2020-03-29 A1')).toBe('valid');
  });

  test('is judged also where the conflicting dose is not the latest one', () => {
    expect(beta('2020-04-01 B1', '2020-04-02 G1', '2020-04-10 A1')).toBe('notValid vaccineConflict');
  });

  test('names the pair and the day on which it ends', () => {
    const result = answer(schedule, { doses: given('2020-04-01 B1', '2020-04-10 A1') });
    const because = evaluationOf(result, 'd2')?.because.find(({ sets }) => sets === 'vaccineConflict');
    expect(because).toMatchObject({ place: { field: 'vaccineConflicts[1]', value: 'B1 before A1' }, day: 18377 });
  });
});

test('no pair, no conflict: the order of the products matters', () => {
  const result = answer(schedule, { doses: given('2020-04-01 A1', '2020-04-03 B1') });
  expect(verdicts(result, 'Beta')).toEqual(['valid']);
});

test('a forecast waits for the full end, without the grace of evaluation', () => {
  const input = { assessmentDate: '2020-04-05', doses: given('2020-04-01 B1') };
  expect(groupAnswer(answer(schedule, input))?.earliest).toBe('2020-04-29');
});

test('a forecast looks at every preferable product of the dose, not at allowable ones', () => {
  const other = scheduleOf(
    [
      series(doses({ preferableVaccines: [prefers('A1'), prefers('A2')], allowableVaccines: [{ cvx: 'A3' }] })),
      ofAntigen('Beta', 'Beta', series(doses({ preferableVaccines: [prefers('B1')] }))),
    ],
    { vaccineConflicts: [pair('B1', 'A2'), { ...pair('B1', 'A3'), conflictEndInterval: '90 days' }] },
  );
  const input = { assessmentDate: '2020-04-05', doses: given('2020-04-01 B1') };
  expect(groupAnswer(answer(other, input))?.earliest).toBe('2020-04-29');
});
