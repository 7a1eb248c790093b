// The next dose of one series (CDSi chapter 7): need, dates, dose number, products, immunity, contraindications.
import { describe, expect, test } from 'vitest';
import type { AntigenFile } from '../../../server/forecast/cdsi/source.ts';
import type { ForecastInput } from '../../../server/forecast/types.ts';
import {
  answer,
  type DosePart,
  doses,
  given,
  groupAnswer,
  prefers,
  risk,
  scheduleOf,
  series,
} from './small-schedule.ts';

function next(parts: DosePart[], input: Partial<ForecastInput> = {}) {
  return groupAnswer(answer(scheduleOf([series(doses(...parts))]), { assessmentDate: '2020-06-01', ...input }));
}

describe('dates', () => {
  const ages = {
    minAge: '2 months',
    earliestRecAge: '3 months',
    latestRecAge: '4 months',
    maxAge: '1 year',
  };

  test('come from the ages: overdue is told by the last day in time, latest by the day before the maximum', () => {
    expect(next([{ ages: [ages] }])).toMatchObject({
      status: 'notComplete',
      doseNumber: 1,
      earliest: '2020-03-15',
      recommended: '2020-04-15',
      standardEnd: '2020-05-14',
      latest: '2021-01-14',
      isOverdue: true,
    });
  });

  test('a recommended age goes before a recommended interval, even when it is sooner', () => {
    const interval = { fromPrevious: true, minInt: '4 weeks', earliestRecInt: '6 months', latestRecInt: '9 months' };
    const input = { doses: given('2020-04-01 A1') };
    const withAge = next(
      [{}, { ages: [{ earliestRecAge: '3 months', latestRecAge: '4 months' }], preferableIntervals: [interval] }],
      input,
    );
    expect(withAge).toMatchObject({ earliest: '2020-04-29', recommended: '2020-04-29', standardEnd: '2020-05-14' });
    expect(next([{}, { preferableIntervals: [interval] }], input)).toMatchObject({
      earliest: '2020-04-29',
      recommended: '2020-10-01',
      standardEnd: '2020-12-31',
    });
  });

  test('nothing recommended: the earliest date, and no day that is past due', () => {
    const answered = next([{}]);
    expect(answered).toMatchObject({ earliest: '2020-01-15', recommended: '2020-01-15', isOverdue: false });
    expect(answered).not.toHaveProperty('standardEnd');
    expect(answered).not.toHaveProperty('latest');
  });

  test('no date is before the earliest: recommended and past due move with it', () => {
    const row = { ages: [{ earliestRecAge: '2 months', latestRecAge: '3 months' }] };
    const late = { ...row, preferableIntervals: [{ fromPrevious: true, minInt: '6 months' }] };
    expect(next([{}, late], { doses: given('2020-05-01 A1') })).toMatchObject({
      earliest: '2020-11-01',
      recommended: '2020-11-01',
      standardEnd: '2020-11-01',
    });
  });

  test('the longest of several intervals decides, the latest record at least', () => {
    const rows: DosePart[] = [
      {},
      {},
      {
        preferableIntervals: [
          { fromPrevious: true, minInt: '4 weeks' },
          { fromTargetDose: 1, minInt: '6 months' },
        ],
      },
    ];
    expect(next(rows, { doses: given('2020-03-01 A1', '2020-05-01 A1') })?.earliest).toBe('2020-09-01');
    expect(next([{}, {}], { doses: given('2020-05-01 A1') })?.earliest).toBe('2020-05-01');
  });

  test('a dose given in error moves the earliest date, although no interval counts from it', () => {
    const rows: DosePart[] = [
      { inadvertentVaccines: [{ cvx: 'A2' }], preferableIntervals: [{ fromPrevious: true, minInt: '6 months' }] },
    ];
    expect(next(rows, { doses: given('2020-05-01 A2') })).toMatchObject({ earliest: '2020-05-01', doseNumber: 1 });
  });

  test('an interval from an event whose day is not known is left out, and the clinician asked', () => {
    const row = { fromRelevantObservation: { code: 'S' }, minInt: '6 months' };
    const schedule = scheduleOf([series(doses({ preferableIntervals: [row] }))]);
    const ruleIds = (observations: ForecastInput['observations'] = []) => {
      const one = groupAnswer(answer(schedule, { observations }));
      return { needsClinician: one?.needsClinician, isNamed: one?.because.some(({ rule }) => rule.id === 'TSUMUGI-5') };
    };
    expect(ruleIds([{ code: 'S' }])).toEqual({ needsClinician: true, isNamed: true });
    expect(ruleIds([{ code: 'S', date: '2020-03-01' }])).toEqual({ needsClinician: false, isNamed: false });
    expect(ruleIds()).toEqual({ needsClinician: false, isNamed: false });
    const dated = answer(schedule, { observations: [{ code: 'S' }, { code: 'S', date: '2020-03-01' }] });
    expect(groupAnswer(dated)).toMatchObject({ earliest: '2020-09-01', needsClinician: false });
  });

  test('rows count by the assessment date, so a new version of an interval rules old doses too', () => {
    const second: DosePart = {
      preferableIntervals: [
        { fromPrevious: true, minInt: '4 weeks', cessationDate: '2020-05-31' },
        { fromPrevious: true, minInt: '8 weeks', effectiveDate: '2020-06-01' },
      ],
    };
    const input = { doses: given('2020-05-01 A1') };
    expect(next([{}, second], { ...input, assessmentDate: '2020-05-31' })?.earliest).toBe('2020-05-29');
    expect(next([{}, second], { ...input, assessmentDate: '2020-06-01' })?.earliest).toBe('2020-06-26');
  });

  test('a child born on the 31st reaches a month without one on the first of the next', () => {
    const row: DosePart = { ages: [{ minAge: '1 month', earliestRecAge: '13 months' }] };
    expect(next([row], { birthDate: '2020-01-31' })).toMatchObject({
      earliest: '2020-03-01',
      recommended: '2021-03-01',
    });
  });
});

describe('status', () => {
  const bounded: DosePart = { ages: [{ minAge: '2 months', maxAge: '8 months' }] };

  test('is agedOut from the maximum age on', () => {
    expect(next([bounded], { assessmentDate: '2020-09-14' })?.status).toBe('notComplete');
    expect(next([bounded], { assessmentDate: '2020-09-15' })).toMatchObject({
      status: 'agedOut',
      reason: 'maximumAge',
    });
  });

  test('is agedOut where the dose cannot be given before the maximum age', () => {
    const second: DosePart = { ...bounded, preferableIntervals: [{ fromPrevious: true, minInt: '2 months' }] };
    const on = (date: string) =>
      next([{}, second], { assessmentDate: '2020-08-01', doses: given(`${date} A1`) })?.status;
    expect(on('2020-07-14')).toBe('notComplete');
    expect(on('2020-07-15')).toBe('agedOut');
  });

  test('is complete after the last dose, and notRecommended where every dose was skipped', () => {
    expect(next([{}], { doses: given('2020-05-01 A1') })).toMatchObject({ status: 'complete' });
    const skipped: DosePart = {
      conditionalSkips: [{ context: 'Forecast', sets: [{ conditions: [{ type: 'Age', beginAge: '0 days' }] }] }],
    };
    expect(next([skipped])).toMatchObject({ status: 'notRecommended' });
    expect(next([skipped])).not.toHaveProperty('doseNumber');
  });
});

describe('a season', () => {
  const seasonal: DosePart = {
    recurringDose: true,
    seasonalRecommendation: [{ startDate: '2021-07-01', endDate: '2022-06-30' }],
  };

  test('opens on its first day and is past after its last', () => {
    expect(next([seasonal], { assessmentDate: '2021-01-01' })).toMatchObject({ earliest: '2021-07-01', doseNumber: 1 });
    expect(next([seasonal], { assessmentDate: '2022-06-30' })?.status).toBe('notComplete');
    expect(next([seasonal], { assessmentDate: '2022-07-01' })).toMatchObject({
      status: 'notRecommended',
      reason: 'seasonalPast',
    });
  });

  test('counts only its own doses in the number of the next', () => {
    const on = (...texts: string[]) => next([seasonal], { assessmentDate: '2021-10-01', doses: given(...texts) });
    expect(on('2020-09-01 A1', '2021-06-30 A1')?.doseNumber).toBe(1);
    expect(on('2020-09-01 A1', '2021-07-01 A1')?.doseNumber).toBe(2);
  });
});

describe('immunity', () => {
  const immunity: AntigenFile['immunity'] = {
    clinicalHistory: [{ observationCode: 'S' }],
    birthDate: [{ bornBefore: '1957-01-01', birthCountry: 'U.S.', exclusions: [{ observationCode: 'T' }] }],
  };
  const contraindications = { antigen: [{ observationCode: 'R' }] };
  const schedule = scheduleOf([series(doses({}))], { alpha: { immunity, contraindications } });
  const status = (input: Partial<ForecastInput>) => groupAnswer(answer(schedule, input))?.status;
  const old = { birthDate: '1956-12-31', birthCountry: 'US' };

  test.each<[string, Partial<ForecastInput>, string]>([
    ['an observation', { observations: [{ code: 'S' }] }, 'immune'],
    ['birth before the date in the country', old, 'immune'],
    ['birth on the date', { ...old, birthDate: '1957-01-01' }, 'notComplete'],
    ['birth elsewhere', { ...old, birthCountry: 'JP' }, 'notComplete'],
    ['birth in a country unknown', { birthDate: '1956-12-31' }, 'notComplete'],
    ['birth with an exclusion', { ...old, observations: [{ code: 'T' }] }, 'notComplete'],
    ['goes before a contraindication', { observations: [{ code: 'S' }, { code: 'R' }] }, 'immune'],
    ['goes before a complete series', { observations: [{ code: 'S' }], doses: given('2020-05-01 A1') }, 'immune'],
  ])('%s', (_, input, expected) => {
    expect(status(input)).toBe(expected);
  });
});

describe('a contraindication', () => {
  const two = series(
    doses({ preferableVaccines: [prefers('A1'), prefers('A2')] }, { preferableVaccines: [prefers('A3')] }),
  );
  const vaccine = (...codes: string[]) => ({
    vaccine: [
      {
        observationCode: 'R',
        guidance: 'not these',
        contraindicatedVaccines: codes.map((cvx) => ({ cvx, endAge: '5 years' })),
      },
    ],
  });
  const withRows = (contraindications: AntigenFile['contraindications'], input: Partial<ForecastInput> = {}) =>
    groupAnswer(
      answer(scheduleOf([two], { alpha: { contraindications } }), { observations: [{ code: 'R' }], ...input }),
    );

  test('of the antigen closes the series within its ages, and sends to a clinician', () => {
    const row = { antigen: [{ observationCode: 'R', beginAge: '1 year', endAge: '2 years' }] };
    expect(withRows(row, { assessmentDate: '2021-01-14' })?.status).toBe('notComplete');
    expect(withRows(row, { assessmentDate: '2021-01-15' })).toMatchObject({
      status: 'contraindicated',
      needsClinician: true,
    });
    expect(withRows(row, { assessmentDate: '2022-01-15' })?.status).toBe('notComplete');
    expect(withRows(row, { assessmentDate: '2021-06-01', observations: [{ code: 'S' }] })?.status).toBe('notComplete');
  });

  test('of some products leaves them out of the recommended ones', () => {
    expect(withRows(vaccine('A1'))).toMatchObject({ status: 'notComplete', products: ['A2'], guidance: ['not these'] });
    expect(withRows(vaccine('A1', 'A2'))).toMatchObject({ status: 'notComplete', products: [] });
    const because = withRows(vaccine('A1', 'A2'))?.because.filter(({ sets }) => sets === 'product');
    expect(because).toEqual([
      expect.objectContaining({ place: { antigen: 'Alpha', field: 'contraindications.vaccine[0]' } }),
    ]);
  });

  test('of every product the series prefers closes it, until the age at which it ends', () => {
    expect(withRows(vaccine('A1', 'A2', 'A3'))?.status).toBe('contraindicated');
    expect(withRows(vaccine('A1', 'A2', 'A3'), { assessmentDate: '2025-01-15' })?.status).toBe('notComplete');
  });

  test('goes before a complete series', () => {
    const row = { antigen: [{ observationCode: 'R' }] };
    expect(withRows(row, { doses: given('2020-05-01 A1', '2020-06-01 A3') })?.status).toBe('contraindicated');
  });
});

test('products are those to be named at an age that fits the earliest or the recommended date', () => {
  const row: DosePart = {
    ages: [{ minAge: '2 months', earliestRecAge: '6 months' }],
    preferableVaccines: [
      prefers('A1', { endAge: '3 months' }),
      prefers('A2', { beginAge: '6 months' }),
      prefers('A3', { beginAge: '7 months' }),
      { cvx: 'AB', forecastVaccineType: false },
    ],
  };
  expect(next([row])?.products).toEqual(['A1', 'A2']);
});

test('guidance is that of the series and of the indication that applies', () => {
  const schedule = scheduleOf([series(doses({})), risk(doses({}), { seriesAdminGuidance: ['risk text'] })]);
  const result = answer(schedule, { observations: [{ code: 'R' }] });
  expect(groupAnswer(result, 'Alpha', 'risk')?.guidance).toEqual(['risk text', 'ask about the risk']);
});
