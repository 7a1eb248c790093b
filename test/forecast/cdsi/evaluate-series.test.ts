// CDSi chapter 6 on small schedules: ages, intervals, products, recurring doses, and every reason kept.
import { describe, expect, test } from 'vitest';
import { answer, doses, evaluationOf, given, prefers, scheduleOf, series, verdicts } from './small-schedule.ts';

/** Verdicts on doses of one series. */
function judged(rows: ReturnType<typeof doses>, ...texts: string[]): string[] {
  return verdicts(answer(scheduleOf([series(rows)]), { doses: given(...texts) }));
}

describe('age', () => {
  const rows = doses({ ages: [{ absMinAge: '6 weeks - 4 days', minAge: '6 weeks', maxAge: '1 year' }] });
  const schedule = scheduleOf([series(rows)]);

  test.each([
    ['2020-02-21', 'notValid', ['ageTooYoung'], []],
    ['2020-02-22', 'valid', [], ['graceAge']],
    ['2020-02-25', 'valid', [], ['graceAge']],
    ['2020-02-26', 'valid', [], []],
    ['2021-01-14', 'valid', [], []],
    ['2021-01-15', 'extraneous', ['ageTooOld'], []],
  ])('on %s is %s', (date, status, reasons, warnings) => {
    const one = evaluationOf(answer(schedule, { doses: given(`${date} A1`) }), 'd1');
    expect(one).toMatchObject({ status, reasons, warnings });
  });

  test('is judged by the version in force on the day of the dose, both ends inclusive', () => {
    const versions = doses({
      ages: [
        { absMinAge: '2 months', cessationDate: '2020-06-30' },
        { absMinAge: '8 months', effectiveDate: '2020-07-01' },
      ],
    });
    expect(judged(versions, '2020-06-30 A1')).toEqual(['valid']);
    expect(judged(versions, '2020-07-01 A1')).toEqual(['notValid ageTooYoung']);
  });
});

describe('preferable interval', () => {
  const second = (row: object) => doses({}, { preferableIntervals: [{ fromPrevious: true, ...row }] });

  test('counts from the absolute minimum, with a note before the minimum', () => {
    const schedule = scheduleOf([series(second({ absMinInt: '4 weeks - 4 days', minInt: '4 weeks' }))]);
    const on = (date: string) => evaluationOf(answer(schedule, { doses: given('2020-03-01 A1', `${date} A1`) }), 'd2');
    expect(on('2020-03-24')).toMatchObject({ status: 'notValid', reasons: ['intervalTooSoon'] });
    expect(on('2020-03-25')).toMatchObject({ status: 'valid', warnings: ['graceInterval'] });
    expect(on('2020-03-29')).toMatchObject({ status: 'valid', warnings: [] });
  });

  test('counts from a dose that was not valid', () => {
    const rows = second({ absMinInt: '4 weeks' });
    expect(judged(rows, '2020-03-01 A1', '2020-03-20 A1', '2020-04-05 A1', '2020-05-03 A1')).toEqual([
      'valid',
      'notValid intervalTooSoon',
      'notValid intervalTooSoon',
      'valid',
    ]);
  });

  test('does not count from a dose given in error, nor from one past its age', () => {
    const rows = doses(
      { inadvertentVaccines: [{ cvx: 'A2' }], ages: [{ maxAge: '6 months' }] },
      { preferableIntervals: [{ fromPrevious: true, absMinInt: '4 weeks' }] },
    );
    expect(judged(rows, '2020-03-01 A2', '2020-03-02 A1', '2020-03-30 A1')).toEqual([
      'notValid inadvertentVaccine',
      'valid',
      'valid',
    ]);
    const old = doses({
      ages: [{ maxAge: '2 months' }],
      preferableIntervals: [{ fromPrevious: true, absMinInt: '9 weeks' }],
    });
    expect(judged(old, '2020-03-16 A1', '2020-03-17 A1')).toEqual(['extraneous ageTooOld', 'extraneous ageTooOld']);
  });

  test('from a target dose counts from the dose that satisfied it, and holds when it was skipped', () => {
    const third = { preferableIntervals: [{ fromTargetDose: 1, absMinInt: '6 months' }] };
    expect(judged(doses({}, {}, third), '2020-03-01 A1', '2020-04-01 A1', '2020-08-31 A1')[2]).toBe(
      'notValid intervalTooSoon',
    );
    expect(judged(doses({}, {}, third), '2020-03-01 A1', '2020-04-01 A1', '2020-09-01 A1')[2]).toBe('valid');
    const skipped = {
      conditionalSkips: [{ context: 'Both' as const, sets: [{ conditions: [{ type: 'Age', beginAge: '0 days' }] }] }],
    };
    expect(judged(doses(skipped, {}, third), '2020-03-01 A1', '2020-03-02 A1')).toEqual(['valid', 'valid']);
  });

  test('from the most recent of some products looks at the whole history, but not at a dose given in error', () => {
    const row = { preferableIntervals: [{ fromMostRecentCvx: ['G1', 'A2'], absMinInt: '8 weeks' }] };
    expect(judged(doses(row), '2020-03-01 G1', '2020-04-25 A1')).toEqual(['notValid intervalTooSoon']);
    expect(judged(doses(row), '2020-03-01 G1', '2020-04-26 A1')).toEqual(['valid']);
    const erred = doses({ ...row, inadvertentVaccines: [{ cvx: 'A2' }] });
    expect(judged(erred, '2020-03-01 A2', '2020-03-05 A1')).toEqual(['notValid inadvertentVaccine', 'valid']);
  });

  test('from an observation counts from its latest date, and holds without one', () => {
    const row = { preferableIntervals: [{ fromRelevantObservation: { code: 'S' }, absMinInt: '1 month' }] };
    const schedule = scheduleOf([series(doses(row))]);
    const on = (date: string, ...dates: string[]) =>
      verdicts(
        answer(schedule, { doses: given(`${date} A1`), observations: dates.map((one) => ({ code: 'S', date: one })) }),
      );
    expect(on('2020-04-30', '2020-04-01', '2020-02-01')).toEqual(['notValid intervalTooSoon']);
    expect(on('2020-05-01', '2020-04-01', '2020-02-01')).toEqual(['valid']);
    expect(on('2020-04-02')).toEqual(['valid']);
  });

  test('gives way to an allowable one, all rows of which must hold', () => {
    const rows = doses(
      {},
      {},
      {
        preferableIntervals: [{ fromPrevious: true, absMinInt: '8 weeks' }],
        allowableIntervals: [
          { fromPrevious: true, absMinInt: '4 weeks' },
          { fromTargetDose: 1, absMinInt: '16 weeks' },
        ],
      },
    );
    expect(judged(rows, '2020-03-01 A1', '2020-05-20 A1', '2020-06-21 A1')[2]).toBe('valid');
    expect(judged(rows, '2020-03-01 A1', '2020-05-25 A1', '2020-06-21 A1')[2]).toBe('notValid intervalTooSoon');
    expect(judged(rows, '2020-03-01 A1', '2020-05-20 A1', '2020-06-20 A1')[2]).toBe('notValid intervalTooSoon');
  });
});

describe('product', () => {
  const rows = doses({
    preferableVaccines: [
      prefers('A1', { mvx: 'MKA', tradeName: 'Alphavax Adult', endAge: '1 year', volume: '0.5' }),
      prefers('AB', { tradeName: 'BETAVAX' }),
    ],
    allowableVaccines: [{ cvx: 'A2', beginAge: '6 months' }],
    inadvertentVaccines: [{ cvx: 'A3' }],
  });
  const schedule = scheduleOf([series(rows)]);
  const one = (text: string, part: object = {}) =>
    evaluationOf(answer(schedule, { doses: given(text).map((dose) => ({ ...dose, ...part })) }), 'd1');

  test.each([
    ['2020-03-01 A1', {}, 'valid'],
    ['2020-03-01 A1', { mvx: 'MKA' }, 'valid'],
    ['2020-03-01 A1', { mvx: 'XYZ' }, 'notValid'],
    ['2020-03-01 A1', { mvx: 'MKA', product: 'Other' }, 'valid'],
    ['2020-03-01 A1', { product: 'ALPHAVAX' }, 'valid'],
    ['2020-03-01 A1', { product: 'Alpha-Vax, 0.5 mL' }, 'valid'],
    ['2020-03-01 A1', { product: 'Betavax 0.5 mL' }, 'notValid'],
    ['2020-03-01 A1', { product: 'vaccine against alpha' }, 'valid'],
    ['2021-01-14 A1', {}, 'valid'],
    ['2021-01-15 A1', {}, 'notValid'],
    ['2020-07-14 A2', {}, 'notValid'],
    ['2020-07-15 A2', {}, 'valid'],
  ])('%s %j is %s', (text, part, status) => {
    expect(one(text, part)?.status).toBe(status);
    if (status !== 'valid') expect(one(text, part)?.reasons).toEqual(['notPreferableOrAllowable']);
  });

  test('given in error is not judged any further', () => {
    expect(one('2020-01-16 A3')).toMatchObject({ status: 'notValid', reasons: ['inadvertentVaccine'] });
  });

  test('in too small a volume is valid, with a note', () => {
    expect(one('2020-03-01 A1', { doseMl: 0.25 })).toMatchObject({ status: 'valid', warnings: ['volumeLow'] });
    expect(one('2020-03-01 A1', { doseMl: 0.5 })?.warnings).toEqual([]);
  });

  test('of an antigen at an age outside the association is no record of that antigen', () => {
    const bounded = scheduleOf([series(doses({}))], {
      cvxToAntigens: [{ cvx: 'A1', associations: [{ antigen: 'Alpha', beginAge: '2 months', endAge: '1 year' }] }],
    });
    const on = (date: string) => verdicts(answer(bounded, { doses: given(`${date} A1`) }));
    expect(on('2020-03-14')).toEqual([]);
    expect(on('2020-03-15')).toEqual(['valid']);
    expect(on('2021-01-14')).toEqual(['valid']);
    expect(on('2021-01-15')).toEqual([]);
  });
});

test('keeps every failing reason, each with its row and the day it asked for', () => {
  const rows = doses(
    {},
    {
      ages: [{ absMinAge: '1 year' }],
      preferableIntervals: [{ fromPrevious: true, absMinInt: '4 weeks' }],
      preferableVaccines: [prefers('A2')],
    },
  );
  const result = answer(scheduleOf([series(rows)]), { doses: given('2020-03-01 A1', '2020-03-10 A1') });
  const one = evaluationOf(result, 'd2');
  expect(one?.reasons).toEqual(['ageTooYoung', 'intervalTooSoon', 'notPreferableOrAllowable']);
  expect(
    one?.because.map(({ rule, place }) => [rule.id, place?.series, place?.dose, place?.field, place?.value]),
  ).toEqual([
    ['CALCDTAGE-5', 'Alpha series', 2, 'ages[0].absMinAge', '1 year'],
    ['CALCDTINT-3', 'Alpha series', 2, 'preferableIntervals[0].absMinInt', '4 weeks'],
    ['CDSi-6.9', 'Alpha series', 2, 'doseNumber', undefined],
  ]);
});

test('a dose past its age is extraneous whatever else is wrong with it', () => {
  const rows = doses({ ages: [{ maxAge: '1 year' }], preferableVaccines: [prefers('A2')] });
  expect(judged(rows, '2021-03-01 A1')).toEqual(['extraneous ageTooOld notPreferableOrAllowable']);
});

test('a dose below standard is not counted, and the next one meets the same target dose', () => {
  const schedule = scheduleOf([series(doses({ ages: [{ absMinAge: '1 month' }] }))]);
  const [expired, next] = given('2020-03-01 A1', '2020-03-02 A1');
  if (expired === undefined || next === undefined) throw new Error('two doses');
  const result = answer(schedule, { doses: [{ ...expired, flaw: 'lotExpired' }, next] });
  expect(verdicts(result)).toEqual(['subStandard lotExpired', 'valid']);
});

test('a dose after the last one is extraneous', () => {
  expect(judged(doses({}), '2020-03-01 A1', '2020-04-01 A1')).toEqual(['valid', 'extraneous seriesAlreadyComplete']);
});

test('a recurring dose is followed by its copy also where it is not the last', () => {
  const rows = doses(
    { recurringDose: true, preferableIntervals: [{ fromPrevious: true, absMinInt: '1 year', minInt: '1 year' }] },
    { preferableVaccines: [prefers('A2')] },
  );
  const result = answer(scheduleOf([series(rows)]), {
    doses: given('2020-03-01 A1', '2021-03-01 A1', '2021-05-01 A2'),
  });
  expect(verdicts(result)).toEqual(['valid', 'valid', 'notValid intervalTooSoon notPreferableOrAllowable']);
});
