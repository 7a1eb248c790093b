// The Japanese schedule on invented children: what the shared cases do not ask.
import { describe, expect, test } from 'vitest';
import { answerFor, doses, evaluationsFor, plan } from './child.ts';

describe('bands and phases', () => {
  test('the start-age band follows the first dose that counts, not a dose given too early', () => {
    const result = plan({
      birthDate: '2025-03-10',
      assessmentDate: '2025-11-01',
      doses: doses('2025-04-20 PCV20', '2025-10-20 PCV20'),
    });
    expect(evaluationsFor(result, 'PCV').map(({ status }) => status)).toEqual(['notValid', 'valid']);
    expect(answerFor(result, 'PCV')).toMatchObject({
      band: 'B',
      doseNumber: 2,
      label: '初回2回目',
      needsClinician: true,
    });
  });

  test('a missed first phase of measles-rubella is lost and the second is untouched', () => {
    const result = plan({ birthDate: '2022-06-15', assessmentDate: '2026-05-01', doses: [] });
    expect(answerFor(result, 'MR1').status).toBe('agedOut');
    expect(answerFor(result, 'MR2')).toMatchObject({
      status: 'notComplete',
      earliest: '2028-04-01',
      latest: '2029-03-31',
    });
  });

  test('a five-in-one child is not asked for stand-alone Hib, and is complete with the fourth dose', () => {
    const given = ['2025-03-10', '2025-04-10', '2025-05-10'].map((date) => `${date} DPT-IPV-Hib`);
    const open = plan({ birthDate: '2025-01-10', assessmentDate: '2025-12-01', doses: doses(...given) });
    expect(answerFor(open, 'HIB')).toMatchObject({ status: 'notRecommended', reason: 'coveredByCombination' });
    expect(answerFor(open, 'DTP1')).toMatchObject({ status: 'notComplete', label: '1期追加', earliest: '2025-11-10' });
    const done = plan({
      birthDate: '2025-01-10',
      assessmentDate: '2025-12-01',
      doses: doses(...given, '2025-11-10 DPT-IPV-Hib'),
    });
    expect(answerFor(done, 'HIB').status).toBe('complete');
    expect(answerFor(done, 'DTP1').status).toBe('complete');
  });

  test('DPT and IPV make one phase-1 dose only on one day', () => {
    const together = plan({
      birthDate: '2024-01-10',
      assessmentDate: '2024-06-01',
      doses: doses('2024-03-10 DPT', '2024-03-10 IPV'),
    });
    expect(evaluationsFor(together, 'DTP1').map(({ status }) => status)).toEqual(['valid', 'valid']);
    expect(answerFor(together, 'DTP1')).toMatchObject({ doseNumber: 2, needsClinician: false });
    const alone = plan({ birthDate: '2024-01-10', assessmentDate: '2024-06-01', doses: doses('2024-03-10 DPT') });
    expect(evaluationsFor(alone, 'DTP1')).toMatchObject([{ status: 'undetermined', needsClinician: true }]);
    expect(answerFor(alone, 'DTP1')).toMatchObject({ doseNumber: 1, needsClinician: true });
  });
});

describe('windows of the calendar', () => {
  test.each([
    ['2022-12-31', '2023-03-31', 'valid'],
    ['2023-01-01', '2023-03-31', 'valid'],
    ['2023-01-02', '2023-03-31', 'notValid'],
    ['2023-01-02', '2023-04-01', 'valid'],
  ])('born %s, a four-in-one dose on %s is %s: three months until the rule changed', (birthDate, date, status) => {
    const result = plan({ birthDate, assessmentDate: '2023-05-01', doses: doses(`${date} DPT-IPV`) });
    expect(evaluationsFor(result, 'DTP1')[0]?.status).toBe(status);
  });

  test('influenza begins anew each season, and after January the next one is named', () => {
    const history = { birthDate: '2020-03-15', doses: doses('2025-10-10 IIV', '2025-11-10 IIV') };
    expect(answerFor(plan({ ...history, assessmentDate: '2026-01-31' }), 'FLU').status).toBe('complete');
    expect(answerFor(plan({ ...history, assessmentDate: '2026-02-01' }), 'FLU')).toMatchObject({
      status: 'notComplete',
      doseNumber: 1,
      earliest: '2026-10-01',
      dosesRequired: 2,
    });
  });

  test.each([
    ['2025-08-01', '2026-01-31', 'the last day of this season is the day six months are reached'],
    ['2025-08-02', '2026-10-01', 'too young for all of this season, so the next one'],
  ])('influenza, born %s: from %s, %s', (birthDate, earliest) => {
    const answer = answerFor(plan({ birthDate, sex: 'female', assessmentDate: '2025-11-20', doses: [] }), 'FLU');
    expect(answer).toMatchObject({ status: 'notComplete', earliest });
  });

  test('girls born on 1 April enter the HPV years one year before those born a day later; boys are told why not', () => {
    const girl = (birthDate: string) =>
      answerFor(plan({ birthDate, sex: 'female', assessmentDate: '2026-05-01', doses: [] }), 'HPV');
    expect(girl('2015-04-01').earliest).toBe('2026-04-01');
    expect(girl('2015-04-02').earliest).toBe('2027-04-01');
    const boy = plan({ birthDate: '2015-04-01', sex: 'male', assessmentDate: '2026-05-01', doses: [] });
    expect(answerFor(boy, 'HPV')).toMatchObject({ status: 'notRelevant', reason: 'sex' });
  });

  test('zoster of the transition years ends with them', () => {
    const born1960 = plan({ birthDate: '1960-06-01', assessmentDate: '2026-05-01', doses: [] });
    expect(answerFor(born1960, 'ZOSTER')).toMatchObject({ status: 'agedOut', latest: '2026-03-31' });
    const born1956 = plan({ birthDate: '1956-06-01', assessmentDate: '2026-05-01', doses: [] });
    expect(answerFor(born1956, 'ZOSTER')).toMatchObject({ earliest: '2026-04-01', latest: '2027-03-31' });
  });
});

describe('live vaccines', () => {
  test('two live injections on one day do not disturb each other; a third waits 27 whole days', () => {
    const result = plan({
      birthDate: '2025-06-10',
      assessmentDate: '2026-07-10',
      doses: doses('2026-07-01 MR', '2026-07-01 VAR'),
    });
    expect(evaluationsFor(result, 'MR1')[0]?.status).toBe('valid');
    expect(evaluationsFor(result, 'VAR')[0]?.status).toBe('valid');
    expect(answerFor(result, 'MUMPS')).toMatchObject({ earliest: '2026-07-29' });
  });

  test('an oral live vaccine blocked others until 2020-09-30 and the rule ends with its last day', () => {
    const result = plan({ birthDate: '2020-06-20', assessmentDate: '2020-09-25', doses: doses('2020-09-20 BCG') });
    expect(answerFor(result, 'DTP1')).toMatchObject({ earliest: '2020-10-01' });
  });

  test('a low dose of immunoglobulin delays measles-rubella by three months and leaves the rest alone', () => {
    const result = plan({
      birthDate: '2025-05-01',
      assessmentDate: '2026-06-01',
      doses: [],
      observations: [{ code: 'immunoglobulin', date: '2026-04-20', value: 100 }],
    });
    expect(answerFor(result, 'MR1').earliest).toBe('2026-07-20');
    expect(answerFor(result, 'PCV').earliest).toBe('2025-06-30');
  });
});

describe('records', () => {
  test('one injection reported twice counts once, and the later record is named as the duplicate', () => {
    const result = plan({
      birthDate: '2026-01-10',
      assessmentDate: '2026-05-01',
      doses: doses('2026-03-20 MR', '2026-03-09 PCV20', '2026-03-09 PCV20'),
    });
    expect(evaluationsFor(result, 'PCV')).toMatchObject([
      { doseId: 'd2', status: 'valid', doseNumber: 1 },
      { doseId: 'd3', status: 'extraneous', reasons: ['duplicateRecord'] },
    ]);
  });

  test('a dose outside the legal age at the right interval counts medically, one too early does not', () => {
    const result = plan({
      birthDate: '2024-01-15',
      assessmentDate: '2025-06-01',
      doses: doses('2025-02-01 BCG', '2024-12-01 MR'),
    });
    expect(evaluationsFor(result, 'BCG')).toMatchObject([{ status: 'notValid', countsClinically: true }]);
    expect(evaluationsFor(result, 'MR1')).toMatchObject([{ status: 'notValid', countsClinically: false }]);
  });

  test('every failing reason is kept', () => {
    const result = plan({
      birthDate: '2025-06-10',
      assessmentDate: '2026-06-05',
      doses: doses('2026-05-20 MUMPS', '2026-06-01 VAR'),
    });
    expect(evaluationsFor(result, 'VAR')[0]?.reasons).toEqual(['ageTooYoung', 'vaccineConflict']);
  });

  test('an expired lot leaves the dose open', () => {
    const result = plan({
      birthDate: '2026-01-10',
      assessmentDate: '2026-05-01',
      doses: [{ id: 'd1', date: '2026-03-20', vaccine: 'PCV20', flaw: 'lotExpired' }],
    });
    expect(evaluationsFor(result, 'PCV')).toMatchObject([{ status: 'subStandard', reasons: ['lotExpired'] }]);
    expect(answerFor(result, 'PCV')).toMatchObject({ doseNumber: 1, needsClinician: true });
  });

  test('doses before birth, after the assessment date or without a date are left out with a warning each', () => {
    const result = plan({
      birthDate: '2026-01-10',
      assessmentDate: '2026-05-01',
      doses: doses('2025-12-01 PCV20', '2026-05-02 PCV20', 'spring PCV20'),
    });
    expect(result.warnings.map(({ code }) => code)).toEqual(['beforeBirth', 'afterAssessmentDate', 'invalidDate']);
    expect(result.evaluations).toEqual([]);
  });

  test('a rotavirus dose of the other product is left to the clinician', () => {
    const result = plan({
      birthDate: '2026-05-20',
      assessmentDate: '2026-09-10',
      doses: doses('2026-07-20 RV1', '2026-08-20 RV5'),
    });
    expect(evaluationsFor(result, 'ROTA').map(({ status }) => status)).toEqual(['valid', 'undetermined']);
    expect(answerFor(result, 'ROTA').needsClinician).toBe(true);
  });

  test.each(['2026', '2026-02-30', ''])('a birth date %j has no answer', (birthDate) => {
    expect(() => plan({ birthDate, assessmentDate: '2026-05-01', doses: [] })).toThrow(/birthDate/);
  });
});

test('the same input gives the same bytes', () => {
  const input = {
    birthDate: '2025-08-31',
    assessmentDate: '2026-05-01',
    doses: doses('2025-11-01 RV1', '2026-02 PCV20'),
  };
  expect(JSON.stringify(plan(input))).toBe(JSON.stringify(plan(structuredClone(input))));
});
