// Who may not be vaccinated, not today, or only after asking (施行規則 article 2, rules X7 to X9 of the fact sheet).
import { describe, expect, test } from 'vitest';
import type { ForecastInput, Observation } from '../../server/forecast/types.ts';
import { answerFor, doses, evaluationsFor, plan } from './child.ts';

const toddler = { birthDate: '2025-08-10', assessmentDate: '2026-09-01', doses: [] };
const answer = (key: string, observations: Observation[], more: Partial<ForecastInput> = {}) =>
  answerFor(plan({ ...toddler, observations, ...more }), key);

describe('excluded', () => {
  test.each<[string, string, string, string]>([
    ['MR1', 'anaphylaxis:MR', 'contraindicated', 'anaphylaxis'],
    ['PCV', 'anaphylaxis:PCV20', 'contraindicated', 'anaphylaxis'],
    ['FLU', 'anaphylaxis:egg', 'contraindicated', 'anaphylaxis'],
    ['VAR', 'unfit:VAR', 'contraindicated', 'unfit'],
    ['JE1', 'adequately-vaccinated:JE1', 'notRecommended', 'adequatelyVaccinated'],
    ['MR1', 'immunodeficiency', 'contraindicated', 'immunodeficiency'],
    ['VAR', 'immunosuppressive-therapy', 'contraindicated', 'immunodeficiency'],
    ['MUMPS', 'immunodeficiency', 'contraindicated', 'immunodeficiency'],
    ['BCG', 'keloid', 'contraindicated', 'keloid'],
    ['BCG', 'disease:tuberculosis', 'immune', 'diseaseHistory'],
    ['ROTA', 'scid', 'contraindicated', 'scid'],
    ['HEPB', 'HBsAg-positive', 'immune', 'diseaseHistory'],
    ['MUMPS', 'disease:mumps', 'immune', 'diseaseHistory'],
    ['JE1', 'disease:japanese-encephalitis', 'immune', 'diseaseHistory'],
  ])('%s with %s: %s', (key, code, status, reason) => {
    expect(answer(key, [{ code }])).toMatchObject({ status, reason });
  });

  test.each([
    ['MR1', 'disease:measles', 'one of two diseases had'],
    ['PCV', 'immunodeficiency', 'no live vaccine'],
    ['MR1', 'keloid', 'keloid is for BCG'],
    ['VAR', 'anaphylaxis:MR', 'another product'],
    ['FLU', 'disease:influenza', 'influenza had'],
  ])('%s with %s stays open: %s', (key, code) => {
    expect(answer(key, [{ code }]).status).toBe('notComplete');
  });

  test('after anaphylaxis and in immunodeficiency the clinician is asked', () => {
    expect(answer('MR1', [{ code: 'anaphylaxis:MR' }]).needsClinician).toBe(true);
    expect(answer('MR1', [{ code: 'immunodeficiency' }]).needsClinician).toBe(true);
  });

  test('what is complete stays complete', () => {
    const given = doses('2026-01-20 BCG');
    expect(answer('BCG', [{ code: 'keloid' }], { doses: given }).status).toBe('complete');
  });
});

describe('a live product in a series that has others', () => {
  test.each([
    ['2026-10-10 LAIV', 'FLU', 'immunodeficiency', true],
    ['2026-10-10 LAIV', 'FLU', 'aspirin-therapy', true],
    ['2026-10-10 IIV', 'FLU', 'immunodeficiency', false],
    ['2026-10-10 LAIV', 'FLU', 'keloid', false],
  ])('%s (%s) with %s: excluded %s', (line, series, code, isExcluded) => {
    const child = { birthDate: '2020-06-20', assessmentDate: '2026-11-22', doses: doses(line) };
    const [found] = evaluationsFor(plan({ ...child, observations: [{ code }] }), series);
    expect(found?.warnings.includes('productExcluded')).toBe(isExcluded);
  });
});

describe('not today', () => {
  test.each(['fever', 'acute-illness', 'postponed'])(
    '%s moves the first day behind its end and nothing else',
    (code) => {
      const well = answer('MR1', []);
      const ill = answer('MR1', [{ code, date: '2026-08-30', until: '2026-09-05' }]);
      expect(ill).toMatchObject({ earliest: '2026-09-06', latest: well.latest, status: 'notComplete' });
      expect(answer('PCV', [{ code, date: '2026-08-30', until: '2026-09-05' }]).earliest).toBe('2026-09-06');
    },
  );

  test('without an end it lasts for its day, and what is over changes nothing', () => {
    expect(answer('MR1', [{ code: 'fever', date: '2026-09-01' }]).earliest).toBe('2026-09-02');
    expect(answer('MR1', [{ code: 'fever', date: '2026-08-20' }])).toEqual(answer('MR1', []));
    expect(answer('MR1', [{ code: 'fever' }])).toEqual(answer('MR1', []));
  });

  test('pregnancy puts live vaccines behind delivery and leaves the others', () => {
    const woman = { birthDate: '2011-06-20', sex: 'female' as const };
    const edd: Observation = { code: 'pregnancy-edd', date: '2026-12-24' };
    expect(answer('MUMPS', [edd], woman).earliest).toBe('2026-12-25');
    expect(answer('VAR_VOL', [edd], woman).earliest).toBe('2026-12-25');
    expect(answer('HPV', [edd], woman).earliest).toBe('2023-04-01');
    const given = plan({ ...toddler, ...woman, doses: doses('2026-08-01 MUMPS'), observations: [edd] });
    expect(evaluationsFor(given, 'MUMPS')).toMatchObject([{ status: 'valid', warnings: ['givenDuringDeferral'] }]);
  });

  test('a high dose of immunoglobulin waits six months, a low one three, BCG not at all', () => {
    const blood = (value: number): Observation => ({ code: 'immunoglobulin', date: '2026-08-15', value });
    expect(answer('MR1', [blood(199)]).earliest).toBe('2026-11-15');
    expect(answer('MR1', [blood(200)]).earliest).toBe('2027-02-15');
    expect(answer('PCV', [blood(400)])).toEqual(answer('PCV', []));
  });
});

describe('ask', () => {
  test.each([
    ['MR1', 'convulsion-history'],
    ['PCV', 'heart-disease'],
    ['JE1', 'latex-allergy'],
  ])('%s with %s: the dates stay, the clinician is asked', (key, code) => {
    const { because: _, needsClinician, ...rest } = answer(key, [{ code }]);
    const { because: __, needsClinician: before, ...same } = answer(key, []);
    expect(rest).toEqual(same);
    expect([before, needsClinician]).toEqual([false, true]);
  });

  test('phase 2 of Japanese encephalitis with phase 1 incomplete', () => {
    const child = { birthDate: '2016-06-20', assessmentDate: '2026-09-01' };
    const three = ['2019-07-01 JE', '2019-07-20 JE', '2020-07-20 JE'];
    expect(answerFor(plan({ ...child, doses: doses(...three) }), 'JE2').needsClinician).toBe(false);
    expect(answerFor(plan({ ...child, doses: doses(...three.slice(1)) }), 'JE2').needsClinician).toBe(true);
  });

  test('fewer Hib than four-in-one doses: Hib first', () => {
    const child = { birthDate: '2024-01-10', assessmentDate: '2025-01-10' };
    const four = ['2024-03-10 DPT-IPV', '2024-04-10 DPT-IPV'];
    const behind = plan({ ...child, doses: doses(...four, '2024-03-10 Hib') });
    expect(answerFor(behind, 'DTP1').needsClinician).toBe(true);
    expect(answerFor(behind, 'DTP1').because.map(({ rule }) => rule.id)).toContain('DTP1-8');
    const even = plan({ ...child, doses: doses(...four, '2024-03-10 Hib', '2024-04-10 Hib') });
    expect(answerFor(even, 'DTP1').because.map(({ rule }) => rule.id)).not.toContain('DTP1-8');
  });
});

describe('long illness', () => {
  const ended: Observation = { code: 'long-illness-ended', date: '2026-08-15' };
  test.each([
    ['BCG', '2023-02-01', '2027-01-31', 'four years'],
    ['PCV', '2021-02-01', '2027-01-31', 'six years'],
    ['HIB', '2017-02-01', '2027-01-31', 'ten years'],
    ['DTP1', '2012-02-01', '2027-01-31', 'fifteen years'],
    ['MR1', '2012-02-01', '2028-08-14', 'two years, at any age'],
    ['HEPB', '2017-02-01', '2028-08-14', 'two years, at any age'],
  ])('%s, born %s: until %s (%s)', (key, birthDate, latest) => {
    // One Hib dose long ago: without any, five-in-one covers it.
    const child = { birthDate, doses: key === 'HIB' ? doses('2017-11-10 Hib') : [] };
    const reopened = answer(key, [ended, { code: `missed:${key}` }], child);
    expect(reopened).toMatchObject({ status: 'notComplete', latest, extension: 'longTermIllness' });
    expect(answer(key, [ended], child).status).toBe('agedOut');
  });

  test('elderly pneumococcal: one year', () => {
    const observations = [ended, { code: 'missed:PNEU65' }];
    const result = plan({ birthDate: '1958-06-20', assessmentDate: '2026-09-01', doses: [], observations });
    expect(answerFor(result, 'PNEU65')).toMatchObject({ latest: '2027-08-14', extension: 'longTermIllness' });
  });

  test('rotavirus is never reopened', () => {
    expect(answer('ROTA', [ended, { code: 'missed:ROTA' }]).status).toBe('agedOut');
  });
});
