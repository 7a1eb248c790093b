// Vaccine groups of several antigens, several series groups, and doses judged for a group (CDSi chapter 9).
import { describe, expect, test } from 'vitest';
import { primaryAnswer } from '../../../server/forecast/cdsi/primary-answer.ts';
import type { SeriesRow } from '../../../server/forecast/cdsi/source.ts';
import type { ForecastInput } from '../../../server/forecast/types.ts';
import {
  answer,
  doses,
  given,
  groupAnswer,
  groupVerdict,
  ofAntigen,
  prefers,
  risk,
  scheduleOf,
  series,
} from './small-schedule.ts';

const alphaProducts = { preferableVaccines: [prefers('AB'), prefers('A1')] };
const betaProducts = { preferableVaccines: [prefers('AB'), prefers('B1')] };

/** Alpha and Beta in the group AlphaBeta. */
function both(alpha: SeriesRow, beta: SeriesRow, administerFullVaccineGroup: boolean, part: object = {}) {
  return scheduleOf([ofAntigen('Alpha', 'AlphaBeta', alpha), ofAntigen('Beta', 'AlphaBeta', beta)], {
    vaccineGroups: [{ name: 'AlphaBeta', administerFullVaccineGroup }],
    ...part,
  });
}

const group = (schedule: ReturnType<typeof both>, input: Partial<ForecastInput> = {}) =>
  groupAnswer(answer(schedule, input), 'AlphaBeta');

describe('dates of several antigens', () => {
  const alpha = series(
    doses({
      ...alphaProducts,
      ages: [{ minAge: '2 months', earliestRecAge: '4 months', latestRecAge: '8 months', maxAge: '5 years' }],
    }),
  );
  const beta = series(
    doses({
      ...betaProducts,
      ages: [{ minAge: '3 months', earliestRecAge: '6 months', latestRecAge: '7 months', maxAge: '4 years' }],
    }),
  );

  test('are the latest earliest, the first recommended, the first past due, the first latest', () => {
    expect(group(both(alpha, beta, true))).toMatchObject({
      earliest: '2020-04-15',
      recommended: '2020-05-15',
      standardEnd: '2020-08-14',
      latest: '2024-01-14',
      antigens: ['Alpha', 'Beta'],
      products: ['AB', 'A1', 'B1'],
    });
  });

  test('name the antigen that the earliest date waits for, and no other', () => {
    const places = group(both(alpha, beta, true))?.because.filter(({ rule }) => rule.id === 'MULTIANTVG-1');
    expect(places?.map(({ place }) => place?.antigen)).toEqual(['Beta']);
  });

  test('come from the antigens that are still open', () => {
    expect(group(both(alpha, beta, false), { doses: given('2020-06-01 B1') })).toMatchObject({
      status: 'notComplete',
      earliest: '2020-03-15',
      antigens: ['Alpha'],
    });
  });

  test('with a priority interval: the first earliest, but not before the last dose of the group', () => {
    const row = (minInt: string, intervalPriority?: string) => ({
      preferableIntervals: [{ fromPrevious: true, minInt, ...(intervalPriority && { intervalPriority }) }],
    });
    const withPriority = (priority?: string) =>
      both(
        series(doses(alphaProducts, { ...alphaProducts, ...row('10 years', undefined) })),
        series(doses(betaProducts, { ...betaProducts, ...row('5 years', priority) })),
        false,
      );
    const input = { doses: given('2020-06-01 AB') };
    expect(group(withPriority(), input)?.earliest).toBe('2030-06-01');
    expect(group(withPriority('override'), input)?.earliest).toBe('2025-06-01');
    const naive = { assessmentDate: '2022-01-15', doses: given('2020-06-01 B1', '2021-06-01 A1') };
    expect(group(withPriority('override'), naive)?.earliest).toBe('2025-06-01');
  });

  test('with a priority interval in the only antigen that is open: not before the last dose of the group either', () => {
    const openBeta = (priority?: string) => {
      const row = { fromPrevious: true, minInt: '6 months', ...(priority && { intervalPriority: priority }) };
      return both(
        series(doses(alphaProducts)),
        series(doses(betaProducts, { ...betaProducts, preferableIntervals: [row] })),
        false,
      );
    };
    const input = { assessmentDate: '2022-01-15', doses: given('2020-06-01 AB', '2021-06-01 A1') };
    expect(group(openBeta(), input)?.earliest).toBe('2020-12-01');
    expect(group(openBeta('override'), input)?.earliest).toBe('2021-06-01');
  });

  test('have no priority where the open doses have no interval, or another interval without it', () => {
    const plain = both(
      series(doses({ ...alphaProducts, ages: [{ minAge: '1 year' }] })),
      series(doses({ ...betaProducts, ages: [{ minAge: '2 years' }] })),
      false,
    );
    expect(group(plain)?.earliest).toBe('2022-01-15');
    const mixed = {
      preferableIntervals: [
        { fromPrevious: true, minInt: '1 year', intervalPriority: 'override' },
        { fromTargetDose: 1, minInt: '1 year' },
      ],
    };
    const schedule = both(
      series(
        doses(alphaProducts, { ...alphaProducts, preferableIntervals: [{ fromPrevious: true, minInt: '10 years' }] }),
      ),
      series(doses(betaProducts, { ...betaProducts, ...mixed })),
      false,
    );
    expect(group(schedule, { doses: given('2020-06-01 AB') })?.earliest).toBe('2030-06-01');
  });

  test('number the dose by the antigen that is behind when given as a whole, else by the one ahead', () => {
    const two = (products: object) => series(doses(products, products, products));
    const input = { doses: given('2020-06-01 AB', '2020-08-01 B1') };
    expect(group(both(two(alphaProducts), two(betaProducts), true), input)?.doseNumber).toBe(2);
    expect(group(both(two(alphaProducts), two(betaProducts), false), input)?.doseNumber).toBe(3);
    expect(group(both(two(alphaProducts), two(betaProducts), false), input)?.validDoseCount).toBe(2);
  });
});

describe('status of several antigens', () => {
  const alpha = series(doses(alphaProducts));
  const beta = series(doses(betaProducts));
  const bound = series(doses({ ...betaProducts, ages: [{ maxAge: '1 year' }] }));
  const closed = { contraindications: { antigen: [{ observationCode: 'R' }] } };
  const immune = { immunity: { clinicalHistory: [{ observationCode: 'R' }] } };
  const observations = [{ code: 'R' }];

  test.each<[string, ReturnType<typeof both>, Partial<ForecastInput>, string]>([
    [
      'one contraindicated, given as a whole',
      both(alpha, beta, true, { alpha: closed }),
      { observations },
      'contraindicated',
    ],
    ['one contraindicated, given apart', both(alpha, beta, false, { alpha: closed }), { observations }, 'notComplete'],
    [
      'one contraindicated, given apart, the other complete',
      both(alpha, beta, false, { alpha: closed }),
      { observations, doses: given('2020-06-01 B1') },
      'contraindicated',
    ],
    ['one aged out', both(alpha, bound, true), {}, 'agedOut'],
    ['one immune, one open', both(alpha, beta, true, { alpha: immune }), { observations }, 'notComplete'],
    [
      'one immune, one complete',
      both(alpha, beta, true, { alpha: immune }),
      { observations, doses: given('2020-06-01 B1') },
      'complete',
    ],
    ['both complete', both(alpha, beta, true), { doses: given('2020-06-01 AB') }, 'complete'],
    ['one open', both(alpha, beta, true), { doses: given('2020-06-01 A1') }, 'notComplete'],
  ])('%s', (_, schedule, input, status) => {
    expect(group(schedule, input)?.status).toBe(status);
  });

  test('planned without a contraindicated antigen asks the clinician', () => {
    const answered = group(both(alpha, beta, false, { alpha: closed }), { observations });
    expect(answered).toMatchObject({ antigens: ['Beta'], products: ['AB', 'B1'], needsClinician: true });
  });
});

describe('a dose for a group', () => {
  const alpha = series(doses(alphaProducts));
  const beta = series(doses({ ...betaProducts, ages: [{ absMinAge: '6 months' }] }));
  const early = { doses: given('2020-03-01 AB') };

  test('given as a whole is valid only when valid for every antigen it contains', () => {
    expect(groupVerdict(answer(both(alpha, beta, true), early), 'd1', 'AlphaBeta')).toMatchObject({
      status: 'notValid',
      reasons: ['ageTooYoung'],
    });
    const single = { doses: given('2020-03-01 A1') };
    expect(groupVerdict(answer(both(alpha, beta, true), single), 'd1', 'AlphaBeta')?.status).toBe('valid');
  });

  test('given apart is valid when valid for any', () => {
    expect(groupVerdict(answer(both(alpha, beta, false), early), 'd1', 'AlphaBeta')).toMatchObject({
      status: 'valid',
      reasons: [],
    });
  });

  test('is valid when valid in any series that answers, and names the side that judged it', () => {
    const standard = series(doses({ ages: [{ absMinAge: '6 months' }] }));
    const schedule = scheduleOf([standard, risk(doses({ preferableVaccines: [prefers('A1'), prefers('A2')] }, {}))]);
    const verdict = (text: string) =>
      groupVerdict(answer(schedule, { observations: [{ code: 'R' }], doses: given(text) }), 'd1', 'Alpha');
    expect(verdict('2020-03-01 A1')).toMatchObject({ status: 'valid', seriesType: 'risk' });
    expect(verdict('2020-08-01 A1')).toMatchObject({ status: 'valid', seriesType: 'standard' });
    expect(verdict('2020-08-01 A3')).toMatchObject({ status: 'notValid', seriesType: 'standard' });
  });

  test('given apart takes the side of the antigen it is valid for', () => {
    const late = series(doses({ ...alphaProducts, ages: [{ absMinAge: '6 months' }] }));
    const schedule = scheduleOf(
      [ofAntigen('Alpha', 'AlphaBeta', late), ofAntigen('Beta', 'AlphaBeta', risk(doses(betaProducts)))],
      { vaccineGroups: [{ name: 'AlphaBeta', administerFullVaccineGroup: false }] },
    );
    const result = answer(schedule, { observations: [{ code: 'R' }], doses: given('2020-03-01 AB') });
    expect(groupVerdict(result, 'd1', 'AlphaBeta')).toMatchObject({ status: 'valid', seriesType: 'risk' });
  });

  test('is judged for each of its antigens', () => {
    const { evaluations } = answer(both(alpha, beta, true), early);
    expect(
      evaluations.map(({ antigen, series, vaccineGroup, status }) => [antigen, series, vaccineGroup, status]),
    ).toEqual([
      ['Alpha', 'Alpha series', 'AlphaBeta', 'valid'],
      ['Beta', 'Beta series', 'AlphaBeta', 'notValid'],
    ]);
  });
});

describe('an antigen of two vaccine groups', () => {
  test('answers in each by the series of that group', () => {
    const own = ofAntigen('Alpha', 'Alpha', series(doses({}, {}), { select: { seriesGroup: '9' } }));
    const schedule = scheduleOf([
      { ...own, seriesName: 'Alpha alone' },
      ofAntigen('Alpha', 'AlphaBeta', series(doses(alphaProducts))),
      ofAntigen('Beta', 'AlphaBeta', series(doses(betaProducts))),
    ]);
    const result = answer(schedule, { doses: given('2020-06-01 AB') });
    expect(groupAnswer(result, 'AlphaBeta')?.status).toBe('complete');
    expect(groupAnswer(result, 'Alpha')?.seriesName).toBe('Alpha alone');
  });
});

describe('several series groups of one antigen', () => {
  const child = series(doses({ ages: [{ maxAge: '5 years' }] }), { seriesName: 'child' });
  const old = series(doses({ preferableVaccines: [prefers('A2')] }), {
    seriesName: 'old',
    select: { seriesGroup: '3', minAgeToStart: '50 years' },
  });
  const schedule = scheduleOf([child, old]);
  const name = (assessmentDate: string, ...texts: string[]) =>
    groupAnswer(answer(schedule, { assessmentDate, doses: given(...texts) }))?.seriesName;

  test('leave out what is for later in life, unless it was begun', () => {
    expect(name('2022-01-15')).toBe('child');
    expect(name('2040-01-15')).toBe('child');
    expect(name('2040-01-15', '2039-01-15 A2')).toBe('old');
  });

  test('leave out what is over where another remains', () => {
    expect(name('2070-01-14')).toBe('child');
    expect(name('2070-01-15')).toBe('old');
  });
});

describe('one answer', () => {
  const observations = [{ code: 'R' }];

  test('is the risk answer, which stands beside the standard one', () => {
    const { recommendations } = answer(scheduleOf([series(doses({})), risk(doses({}, {}))]), { observations });
    expect(recommendations.map(({ seriesType }) => seriesType)).toEqual(['standard', 'risk']);
    expect(primaryAnswer(recommendations, 'Alpha')?.seriesType).toBe('risk');
    expect(primaryAnswer(recommendations, 'Beta')).toBeUndefined();
  });

  test('is not one that is over while another remains', () => {
    const over = risk(doses({ ages: [{ maxAge: '1 year' }] }));
    const { recommendations } = answer(scheduleOf([series(doses({})), over]), { observations });
    expect(primaryAnswer(recommendations, 'Alpha')).toMatchObject({ seriesType: 'standard' });
  });

  test('is not a risk that asks for nothing, every dose of it being skipped', () => {
    const condition = { type: 'Vaccine Count by Age', doseCount: 0, doseType: 'Total', doseCountLogic: 'greater than' };
    const skipped = { conditionalSkips: [{ context: 'Both' as const, sets: [{ conditions: [condition] }] }] };
    const later = { ...skipped, ages: [{ absMinAge: '1 year' }] };
    const schedule = scheduleOf([series(doses({})), risk(doses(later))]);
    const { recommendations } = answer(schedule, { observations, doses: given('2020-06-01 A1') });
    expect(recommendations.map(({ status }) => status)).toEqual(['complete', 'notRecommended']);
    expect(primaryAnswer(recommendations, 'Alpha')).toMatchObject({ seriesType: 'standard', status: 'complete' });
  });
});
