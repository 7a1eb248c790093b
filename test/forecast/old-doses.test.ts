// A lifelong record: each dose under the rules of its own day (V of the fact sheet), old products and phases included.
import { describe, expect, test } from 'vitest';
import { answerFor, doses, evaluationsFor, plan } from './child.ts';

const judged = (birthDate: string, series: string, ...lines: string[]) =>
  evaluationsFor(plan({ birthDate, sex: 'female', assessmentDate: '2026-11-22', doses: doses(...lines) }), series);

describe('limits of the day', () => {
  test.each([
    ['2013-03-10 DPT-IPV', '2013-05-06 DPT-IPV', true],
    ['2013-03-10 DPT-IPV', '2013-05-07 DPT-IPV', false],
    ['2014-02-10 DPT-IPV', '2014-05-07 DPT-IPV', true],
  ])(
    'DTP doses on %s and %s: routine %s; an upper limit bound until 2014-03-31 and counts all the same',
    (a, b, is) => {
      const [, second] = judged('2012-11-10', 'DTP1', a, b);
      expect(second).toMatchObject({ status: 'valid', doseNumber: 2, isStatutory: is });
      expect(second?.warnings).toEqual(is ? [] : ['intervalAboveLimit']);
    },
  );

  test('Japanese encephalitis: 28 days bound, a booster before one year had to be asked about', () => {
    const dates = ['2013-04-10 JE', '2013-05-10 JE', '2014-01-10 JE'];
    const [, second, booster] = judged('2010-01-10', 'JE1', ...dates);
    expect(second).toMatchObject({ status: 'valid', isStatutory: false, warnings: ['intervalAboveLimit'] });
    expect(booster).toMatchObject({ status: 'valid', warnings: ['boosterBeforeOneYear'], needsClinician: true });
  });

  test('BCG: four years until 2005-03, six months until 2013-03, then one year', () => {
    const bcg = (birth: string, date: string) => judged(birth, 'BCG', `${date} BCG`)[0]?.status;
    expect(bcg('2002-01-10', '2005-03-31')).toBe('valid');
    expect(bcg('2002-01-10', '2005-04-01')).toBe('notValid');
    expect(bcg('2012-09-10', '2013-03-09')).toBe('valid');
    expect(bcg('2012-09-10', '2013-03-10')).toBe('notValid');
    expect(bcg('2012-09-10', '2013-04-01')).toBe('valid');
  });

  test.each([
    ['PCV', '2012-03-20 PCV7', '2012-01-10', false],
    ['HIB', '2012-03-20 Hib', '2012-01-10', false],
    ['PCV', '2013-04-10 PCV7', '2013-01-10', true],
    ['PCV', '2013-11-01 PCV7', '2013-08-10', false],
    ['PCV', '2024-09-30 PCV13', '2024-07-10', true],
    ['PCV', '2024-10-01 PCV13', '2024-07-10', false],
    ['PCV', '2024-09-30 PCV20', '2024-07-10', false],
    ['DTP1', '2024-03-31 DPT-IPV-Hib', '2024-01-10', false],
    ['DTP1', '2024-04-01 DPT-IPV-Hib', '2024-01-10', true],
    ['HPV', '2023-03-31 HPV9', '2010-04-10', false],
    ['HPV', '2026-03-31 HPV4', '2012-04-10', true],
    ['HPV', '2026-04-01 HPV4', '2012-04-10', false],
  ])('%s: %s, born %s, counts; routine: %s', (series, line, birthDate, isStatutory) => {
    expect(judged(birthDate, series, line)).toMatchObject([{ status: 'valid', isStatutory }]);
  });
});

test('rotavirus doses before the programme are routine for its cohort, hepatitis B doses were voluntary', () => {
  expect(judged('2020-08-01', 'ROTA', '2020-09-30 RV1')).toMatchObject([{ status: 'valid', isStatutory: true }]);
  expect(judged('2016-04-10', 'HEPB', '2016-09-30 HepB')).toMatchObject([{ status: 'valid', isStatutory: false }]);
});

describe('old phases and products', () => {
  test.each([
    ['1995-04-02', '2008-04-01', 'valid', 'phase 3, first birth day and first day'],
    ['1995-04-01', '2012-04-01', 'valid', 'phase 4, last birth day'],
    ['1995-04-01', '2012-03-31', 'notValid', 'a day before its year'],
    ['2000-04-01', '2013-03-31', 'valid', 'phase 3, last birth day and last day'],
    ['2000-04-02', '2013-03-31', 'notValid', 'a year too young'],
    ['1990-04-01', '2008-04-01', 'notValid', 'a year too old'],
  ])('measles-rubella, born %s, on %s: %s (%s)', (birthDate, date, status) => {
    const found = judged(birthDate, 'MR2', '2002-01-10 M', `${date} MR`).find((one) => one.vaccine === 'MR');
    expect(found?.status).toBe(status);
  });

  test('three-in-one alone was phase 1 before four-in-one came, polio a series of its own', () => {
    const mother = ['1992-10-01 DPT', '1992-11-10 DPT', '1992-12-05 DPT', '1993-12-10 DPT'];
    const polio = ['1993-04-10 OPV', '1993-10-10 OPV'];
    const result = plan({ birthDate: '1992-06-20', assessmentDate: '2026-11-22', doses: doses(...mother, ...polio) });
    expect(answerFor(result, 'DTP1').status).toBe('complete');
    expect(answerFor(result, 'POLIO').status).toBe('complete');
    expect(result.recommendations.find(({ series }) => series === 'POLIO')?.needsClinician).toBe(false);
  });

  test('one oral polio dose leaves three inactivated ones', () => {
    const child = { birthDate: '2011-12-20', assessmentDate: '2012-12-01', doses: doses('2012-05-10 OPV') };
    expect(answerFor(plan(child), 'POLIO')).toMatchObject({ doseNumber: 2, dosesRequired: 4, product: 'IPV' });
  });

  test('a voluntary fifth DPT before school is no unnecessary dose; a fifth four-in-one is', () => {
    const four = ['2020-03-10', '2020-04-10', '2020-05-10', '2021-05-10'].map((day) => `${day} DPT-IPV`);
    const fifth = plan({
      birthDate: '2020-01-05',
      assessmentDate: '2026-11-22',
      doses: doses(
        ...four.map((line) =>
          line
            .replace('2020-03-10', '2020-04-08')
            .replace('2020-04-10', '2020-04-30')
            .replace('2020-05-10', '2020-05-25'),
        ),
        '2025-06-10 DPT',
      ),
    });
    expect(evaluationsFor(fifth, 'DPT5')).toMatchObject([{ status: 'valid', isStatutory: false }]);
    expect(evaluationsFor(fifth, 'DTP1').map(({ status }) => status)).not.toContain('extraneous');
    expect(answerFor(fifth, 'DPT5').status).toBe('complete');
    expect(answerFor(fifth, 'IPV5').status).toBe('notComplete');
    const wrong = plan({
      birthDate: '2020-01-05',
      assessmentDate: '2026-11-22',
      doses: doses(
        '2020-04-08 DPT-IPV',
        '2020-04-30 DPT-IPV',
        '2020-05-25 DPT-IPV',
        '2021-05-10 DPT-IPV',
        '2025-06-10 DPT-IPV',
      ),
    });
    expect(evaluationsFor(wrong, 'DTP1').at(-1)).toMatchObject({ status: 'extraneous' });
  });

  test('DPT at eleven is asked about before DT', () => {
    const child = { birthDate: '2015-01-05', assessmentDate: '2026-11-22', doses: doses('2026-03-10 DPT') };
    expect(answerFor(plan(child), 'DT2')).toMatchObject({ status: 'notRecommended', needsClinician: true });
    expect(answerFor(plan(child), 'DPT11').status).toBe('complete');
  });

  test.each([
    ['1995-05-31', '2013-03-31', 'notValid'],
    ['1995-05-31', '2013-04-01', 'valid'],
    ['1995-06-01', '2011-05-20', 'valid'],
    ['1995-06-01', '2011-05-19', 'notValid'],
  ])('the special cohort of Japanese encephalitis, born %s, on %s: %s', (birthDate, date, status) => {
    expect(judged(birthDate, 'JE1', `${date} JE`)[0]?.status).toBe(status);
  });

  test('HPV2 and HPV4 mixed are left to the clinician; finishing with HPV9 is not', () => {
    const given = ['2025-05-10 HPV2', '2025-07-10 HPV4'];
    expect(judged('2012-06-10', 'HPV', ...given)[1]).toMatchObject({ status: 'undetermined', needsClinician: true });
    const nine = judged('2012-06-10', 'HPV', '2025-05-10 HPV2', '2025-07-10 HPV9');
    expect(nine[1]).toMatchObject({ status: 'valid', doseNumber: 2 });
  });

  test.each([
    ['2025-12-15', '2026-02-28', 'notValid', 'a day less than 2 months and half of 28 days'],
    ['2025-12-15', '2026-03-01', 'valid', '2 months and half of 28 days'],
  ])('HPV2: third dose after %s on %s is %s (%s)', (second, third, status) => {
    const found = judged('2010-06-10', 'HPV', '2025-08-10 HPV2', `${second} HPV2`, `${third} HPV2`);
    expect(found[2]?.status).toBe(status);
  });

  test('a low birth weight adds a dose to the perinatal protocol, a low antibody three more', () => {
    const child = {
      birthDate: '2026-01-10',
      assessmentDate: '2026-11-22',
      doses: doses('2026-01-10 HBIG', '2026-01-10 HepB', '2026-02-10 HepB', '2026-07-10 HepB'),
    };
    const mother = { code: 'mother:HBsAg-positive' };
    const answer = (...more: { code: string; value?: number }[]) =>
      answerFor(plan({ ...child, observations: [mother, ...more] }), 'HEPB_MTCT');
    expect(answer().status).toBe('complete');
    expect(answer({ code: 'birth-weight', value: 2000 }).status).toBe('complete');
    expect(answer({ code: 'birth-weight', value: 1999 })).toMatchObject({ status: 'notComplete', doseNumber: 4 });
    expect(answer({ code: 'anti-HBs-low' })).toMatchObject({ status: 'notComplete', dosesRequired: 6 });
  });
});
