// Series beside the legal ones: what is still possible after a legal period, in pregnancy, at risk, for travel; and silence
// where nobody asked.
import { describe, expect, test } from 'vitest';
import type { ForecastInput, Observation } from '../../server/forecast/types.ts';
import { answerFor, daysAfter, doses, evaluationsFor, plan } from './child.ts';

const keysOf = (input: ForecastInput) => plan(input).recommendations.map(({ series }) => series);
const today = '2026-11-22';

describe('after the legal period', () => {
  test('varicella: the second dose past the third birthday is voluntary, counts, and costs', () => {
    const child = { birthDate: '2023-06-20', assessmentDate: today };
    const open = plan({ ...child, doses: doses('2024-07-01 VAR') });
    expect(answerFor(open, 'VAR')).toMatchObject({
      status: 'agedOut',
      latest: '2026-06-19',
      coverageEnd: '2026-06-19',
    });
    const voluntary = answerFor(open, 'VAR_VOL');
    expect(voluntary).toMatchObject({ status: 'notComplete', doseNumber: 2, earliest: '2024-10-01' });
    expect(voluntary.coverageEnd).toBeUndefined();
    const done = plan({ ...child, doses: doses('2024-07-01 VAR', '2026-08-01 VAR') });
    expect(evaluationsFor(done, 'VAR').map(({ status }) => status)).toEqual(['valid', 'notValid']);
    expect(evaluationsFor(done, 'VAR_VOL')).toMatchObject([
      { date: '2026-08-01', status: 'valid', doseNumber: 2, isStatutory: false },
    ]);
    expect(answerFor(done, 'VAR_VOL').status).toBe('complete');
  });

  test.each<[string, string, string, string[]]>([
    ['hepatitis B', 'HEPB_VOL', '2024-01-10', ['2024-03-10 HepB']],
    ['measles-rubella between the phases', 'MR1_VOL', '2023-06-20', []],
    ['measles-rubella at school', 'MR_VOL', '2016-06-20', ['2017-07-01 MR']],
    ['HPV for boys', 'HPV_VOL', '2016-06-20', []],
  ])('%s can still be had', (_, key, birthDate, given) => {
    const result = plan({ birthDate, sex: 'male', assessmentDate: today, doses: doses(...given) });
    expect(answerFor(result, key)).toMatchObject({ status: 'notComplete' });
    expect(answerFor(result, key).coverageEnd).toBeUndefined();
  });

  test('zoster begun before its year goes on at once; the year to come is named beside it', () => {
    const result = plan({ birthDate: '1963-06-20', assessmentDate: today, doses: doses('2026-10-01 RZV') });
    expect(answerFor(result, 'ZOSTER')).toMatchObject({ status: 'notComplete', earliest: '2028-04-01' });
    expect(answerFor(result, 'ZOSTER_VOL')).toMatchObject({ doseNumber: 2, earliest: '2026-12-01' });
    const none = plan({ birthDate: '1963-06-20', assessmentDate: today, doses: [] });
    expect(none.recommendations.map(({ series }) => series)).not.toContain('ZOSTER_VOL');
  });

  test('a girl who began HPV before her school years may go on at own cost', () => {
    const girl = { birthDate: '2016-06-20', sex: 'female' as const, assessmentDate: today };
    const begun = plan({ ...girl, doses: doses('2026-10-01 HPV9') });
    expect(answerFor(begun, 'HPV_VOL')).toMatchObject({ doseNumber: 2, earliest: '2027-03-01' });
    expect(keysOf({ ...girl, doses: [] })).not.toContain('HPV_VOL');
  });

  test('whoever had varicella is offered nothing after the legal age either', () => {
    const child = { birthDate: '2020-05-20', sex: 'female' as const, assessmentDate: today, doses: [] };
    expect(answerFor(plan(child), 'VAR_VOL').status).toBe('notComplete');
    const had = plan({ ...child, observations: [{ code: 'disease:varicella' }] });
    expect(
      had.recommendations.filter(({ series }) => series.startsWith('VAR')).map(({ status }) => status),
    ).not.toContain('notComplete');
  });

  test('a routine dose that only waits for its interval is not offered a second time at own cost', () => {
    const child = { birthDate: '2019-01-01', sex: 'female' as const, assessmentDate: '2021-07-04' };
    const keys = keysOf({ ...child, doses: doses('2021-07-01 VAR') });
    expect(keys.filter((key) => key.startsWith('VAR'))).toEqual(['VAR']);
  });

  test('while the legal period is open or the series complete, nothing voluntary is said', () => {
    const open = keysOf({ birthDate: '2025-12-20', sex: 'male', assessmentDate: today, doses: [] });
    expect(open.filter((key) => key.endsWith('_VOL'))).toEqual([]);
    const given = ['2017-07-01 MR', '2022-05-01 MR', '2017-07-01 VAR', '2018-01-10 VAR', '2016-08-25 HepB'];
    const rest = ['2016-09-25 HepB', '2017-02-10 HepB'];
    const done = keysOf({
      birthDate: '2016-06-20',
      sex: 'female',
      assessmentDate: today,
      doses: doses(...given, ...rest),
    });
    expect(done.filter((key) => key.endsWith('_VOL'))).toEqual([]);
  });

  test('HPV for boys begins on the day nine years are reached, two doses before 15, three after', () => {
    const boy = (birthDate: string, assessmentDate: string) =>
      plan({ birthDate, sex: 'male', assessmentDate, doses: [] }).recommendations.find(
        (one) => one.series === 'HPV_VOL',
      );
    expect(boy('2017-12-10', '2026-12-08')).toBeUndefined();
    expect(boy('2017-12-10', '2026-12-09')).toMatchObject({ earliest: '2026-12-09', dosesRequired: 2 });
    expect(boy('2011-11-22', '2026-11-22')).toMatchObject({ dosesRequired: 3 });
    expect(boy('2011-11-23', '2026-11-22')).toMatchObject({ dosesRequired: 2 });
  });
});

test('legal and voluntary answers are told apart, and the programme with a co-payment', () => {
  const child = plan({ birthDate: '2023-06-20', sex: 'male', assessmentDate: today, doses: [] });
  expect(answerFor(child, 'PCV')).toMatchObject({ programme: 'routine', category: 'A' });
  expect(answerFor(child, 'MUMPS')).toMatchObject({ programme: 'voluntary' });
  expect(answerFor(child, 'MUMPS').category).toBeUndefined();
  const elder = plan({ birthDate: '1961-06-20', sex: 'male', assessmentDate: today, doses: [] });
  for (const key of ['PNEU65', 'ZOSTER', 'FLU65', 'COVID65']) expect(answerFor(elder, key).category).toBe('B');
});

describe('silence', () => {
  const child = { birthDate: '2020-06-20', sex: 'female' as const, assessmentDate: today };
  const asking: [string, string, string][] = [
    ['HEPA', 'indicated:HEPA', '2024-05-01 HepA'],
    ['RABIES', 'indicated:RABIES', '2024-05-01 RABIES'],
    ['TYPHOID', 'indicated:TYPHOID', '2024-05-01 TYPHOID-Vi'],
    ['TBE', 'indicated:TBE', '2024-05-01 TBE'],
    ['YF', 'indicated:YF', '2024-05-01 YF'],
    ['MENACWY', 'asplenia', '2024-05-01 MenACWY'],
    ['COVID', 'high-risk', '2026-05-01 COVID-mRNA'],
    ['TETANUS', 'indicated:TETANUS', '2024-05-01 TT'],
  ];

  test.each(asking)('%s speaks only when an observation or a dose asks for it', (key, code, dose) => {
    expect(keysOf({ ...child, doses: [] })).not.toContain(key);
    expect(keysOf({ ...child, doses: [], observations: [{ code }] })).toContain(key);
    expect(keysOf({ ...child, doses: doses(dose) })).toContain(key);
  });

  test('a grown-up without doses hears of no vaccine for children, an elder of no seasonal one twice', () => {
    const adult = keysOf({ birthDate: '1980-06-20', sex: 'female', assessmentDate: today, doses: [] });
    for (const key of ['MUMPS', 'VAR_VOL', 'HEPB_VOL', 'MR_VOL', 'HPV_VOL', 'DPT5']) expect(adult).not.toContain(key);
    const elder = keysOf({ birthDate: '1950-06-20', sex: 'female', assessmentDate: today, doses: [] });
    expect(elder).toEqual(expect.arrayContaining(['FLU65', 'COVID65']));
    expect(elder).not.toContain('FLU');
  });
});

describe('travel and risk', () => {
  test.each<[string, string, string[]]>([
    ['HEPA', 'HepA', ['2026-03-01', '2026-03-15', '2026-08-16']],
    ['RABIES', 'RABIES', ['2026-03-01', '2026-03-08', '2026-03-22']],
    ['TBE', 'TBE', ['2026-03-01', '2026-04-01', '2026-09-01']],
  ])(
    '%s: given on its earliest days, three doses are valid and complete; a day early they are not',
    (key, code, days) => {
      const child = { birthDate: '2015-06-20', assessmentDate: '2026-12-01' };
      const result = plan({ ...child, doses: doses(...days.map((day) => `${day} ${code}`)) });
      expect(answerFor(result, key).status).toBe('complete');
      const early = [days[0], days[1], daysAfter(days[2] ?? '', -1)];
      const before = plan({ ...child, doses: doses(...early.map((day) => `${day} ${code}`)) });
      expect(evaluationsFor(before, key)[2]?.status).toBe('notValid');
    },
  );

  test('pneumococcal vaccine from five years for a child without a spleen', () => {
    const result = plan({
      birthDate: '2018-06-20',
      assessmentDate: today,
      doses: doses('2018-08-20 PCV13'),
      observations: [{ code: 'asplenia' }],
    });
    expect(answerFor(result, 'PCV_RISK')).toMatchObject({ product: 'PCV20', needsClinician: true });
    expect(answerFor(result, 'HIB_RISK').status).toBe('notComplete');
  });
});

describe('pregnancy', () => {
  const edd: Observation = { code: 'pregnancy-edd', date: '2027-02-20' };
  const mother = { birthDate: '1992-06-20', sex: 'female' as const, doses: [] };

  test('DPT from 27w0d to 36w6d, RSV from 28w0d, each once per pregnancy', () => {
    const result = plan({ ...mother, assessmentDate: '2026-10-01', observations: [edd] });
    expect(answerFor(result, 'DPTM')).toMatchObject({ earliest: '2026-11-21', latest: '2027-01-29' });
    expect(answerFor(result, 'RSVM')).toMatchObject({ earliest: '2026-11-28', latest: '2027-01-29' });
    const given = doses('2026-11-21 DPT', '2026-12-01 RSV-MAT');
    const after = plan({ ...mother, doses: given, assessmentDate: '2026-12-10', observations: [edd] });
    expect(answerFor(after, 'DPTM').status).toBe('complete');
    expect(answerFor(after, 'RSVM').status).toBe('complete');
    expect(evaluationsFor(after, 'DTP1')).toEqual([]);
  });

  test('an RSV dose before 28 weeks is not repeated in the same pregnancy, the clinician is asked', () => {
    const early = plan({
      ...mother,
      doses: doses('2026-11-20 RSV-MAT'),
      assessmentDate: '2026-12-10',
      observations: [edd],
    });
    expect(answerFor(early, 'RSVM')).toMatchObject({
      status: 'notRecommended',
      reason: 'vaccinatedThisPregnancy',
      needsClinician: true,
    });
  });

  test.each([
    [16, '2027-02-21'],
    [32, undefined],
  ])('rubella HI of %i: measles-rubella after delivery is due on %s', (value, earliest) => {
    const titre: Observation = { code: 'rubella-titre', date: '2026-08-01', value };
    const result = plan({ ...mother, assessmentDate: today, observations: [edd, titre] });
    expect(result.recommendations.find(({ series }) => series === 'MR_LOW')?.earliest).toBe(earliest);
  });

  test('an antibody for the newborn never keeps a vaccine waiting', () => {
    const child = { birthDate: '2026-06-20', assessmentDate: '2026-09-01' };
    const without = plan({ ...child, doses: [] });
    const withAntibody = plan({ ...child, doses: doses('2026-08-31 NIRSEVIMAB', '2026-08-31 PALIVIZUMAB') });
    expect(withAntibody.recommendations).toEqual(without.recommendations);
    expect(withAntibody.warnings).toEqual([]);
  });
});

describe('elderly', () => {
  test.each<[string, string, Observation[], string, string]>([
    ['65 for a year', '1961-06-20', [], '2026-06-19', '2027-06-19'],
    ['60 to 64 with a severe disability', '1964-06-20', [{ code: 'severe-disability' }], '2024-06-19', '2030-06-19'],
  ])('pneumococcal: %s', (_, birthDate, observations, earliest, latest) => {
    const result = plan({ birthDate, assessmentDate: today, doses: [], observations });
    expect(answerFor(result, 'PNEU65')).toMatchObject({ earliest, latest, product: 'PCV20' });
  });

  test('zoster: over 100 only in FY2025, recombinant a month apart in immunosuppression', () => {
    const born1923 = { birthDate: '1923-06-20', doses: [] };
    expect(answerFor(plan({ ...born1923, assessmentDate: '2025-12-01' }), 'ZOSTER')).toMatchObject({
      status: 'notComplete',
      latest: '2026-03-31',
    });
    expect(answerFor(plan({ ...born1923, assessmentDate: '2026-04-01' }), 'ZOSTER').status).toBe('agedOut');
    const begun = { birthDate: '1961-06-20', assessmentDate: today, doses: doses('2026-05-10 RZV') };
    expect(answerFor(plan(begun), 'ZOSTER').earliest).toBe('2026-07-10');
    const weak = [{ code: 'immunosuppressive-therapy' }];
    expect(answerFor(plan({ ...begun, observations: weak }), 'ZOSTER').earliest).toBe('2026-06-10');
  });

  test('high-dose influenza vaccine counts from 75 and from 2026-10-01', () => {
    const dose = (birthDate: string, date: string) =>
      evaluationsFor(plan({ birthDate, assessmentDate: today, doses: doses(`${date} IIV-HD`) }), 'FLU65')[0]?.status;
    expect(dose('1951-10-06', '2026-10-05')).toBe('valid');
    expect(dose('1951-10-07', '2026-10-05')).toBe('notValid');
  });

  test('rubella of men: closed, open only for those tested in time', () => {
    const man = { birthDate: '1970-06-20', sex: 'male' as const, assessmentDate: today, doses: [] };
    expect(keysOf(man)).not.toContain('RUB5');
    const tested = plan({ ...man, observations: [{ code: 'flag:rubella5TestedInTime' }] });
    expect(answerFor(tested, 'RUB5')).toMatchObject({ status: 'notComplete', latest: '2027-03-31' });
    expect(
      keysOf({ ...man, birthDate: '1979-04-02', observations: [{ code: 'flag:rubella5TestedInTime' }] }),
    ).not.toContain('RUB5');
  });
});
