// What a record leaves in doubt is said of the doses it touches and of no others (E4, E5 of the fact sheet), and what an
// answer takes for granted is named only where it was.
import { describe, expect, test } from 'vitest';
import { assumptionsOf } from '../../server/forecast/assumed.ts';
import { doses, evaluationsFor, plan } from './child.ts';

const child = { birthDate: '2025-05-20', assessmentDate: '2026-11-22' };

describe('vague dates', () => {
  const result = plan({ ...child, doses: doses('2025-07-20 PCV20', '2025-08 HepB', '2025-09-20 PCV20') });

  test('a dose with its day is not in doubt because another one lacks it', () => {
    for (const one of evaluationsFor(result, 'PCV')) {
      expect(one.needsClinician).toBe(false);
      expect(one.because.map(({ rule }) => rule.id)).not.toContain('E5');
    }
  });

  test('one without its day counts where both ends agree, and asks', () => {
    const [vague] = evaluationsFor(result, 'HEPB');
    expect(vague).toMatchObject({ status: 'valid', needsClinician: true });
    expect(vague?.because).toContainEqual(expect.objectContaining({ sets: 'warning' }));
  });

  test('where the ends disagree it is undetermined, has no number and is no routine dose', () => {
    const [vague] = evaluationsFor(plan({ ...child, doses: doses('2025-07 PCV20') }), 'PCV');
    expect(vague).toMatchObject({
      status: 'undetermined',
      reasons: ['dateTooVague'],
      isStatutory: false,
      needsClinician: true,
    });
    expect(vague?.doseNumber).toBeUndefined();
  });
});

test('a record that repeats another asks, is no routine dose and does not count', () => {
  const result = plan({ ...child, doses: doses('2025-07-20 PCV20', '2025-07-20 PCV20') });
  expect(evaluationsFor(result, 'PCV')).toMatchObject([
    { doseId: 'd1', status: 'valid', needsClinician: false },
    { doseId: 'd2', status: 'extraneous', needsClinician: true, isStatutory: false, countsClinically: false },
  ]);
});

describe('what is taken for granted', () => {
  const known = {
    ...child,
    sex: 'female' as const,
    doses: doses('2025-07-20 PCV20'),
    observations: [{ code: 'keloid' }],
  };
  const { observations: _, ...unobserved } = known;

  test.each([
    ['everything said', known, []],
    ['no observations', unobserved, ['noConditionKnown']],
    ['an empty list of observations', { ...known, observations: [] }, ['noConditionKnown']],
    ['no dose', { ...known, doses: [] }, ['noDoseKnown']],
    ['a boy', { ...known, sex: 'male' as const }, []],
    ['a sex that is not known', { ...known, sex: 'unknown' as const }, ['sexUnknown']],
    ['a sex that is neither', { ...known, sex: 'other' as const }, ['sexUnknown']],
  ])('%s', (_name, input, codes) => {
    const assumed = assumptionsOf(input, { ...plan(input), recommendations: [] });
    expect(assumed.map(({ code }) => code)).toEqual(codes);
  });

  test.each(['2025', '2025-07'])('a dose of %s has no day', (date) => {
    const input = { ...known, doses: doses(`${date} PCV20`) };
    expect(assumptionsOf(input, { ...plan(input), recommendations: [] })).toHaveLength(1);
  });

  test('a product the schedule chose is named for open series without a dose, and no others', () => {
    const given = doses('2025-07-20 PCV20', '2025-11-20 BCG');
    const input = {
      ...known,
      assessmentDate: '2026-04-01',
      doses: given,
      observations: [{ code: 'indicated:RABIES' }],
    };
    const chosen = assumptionsOf(input, plan(input)).flatMap(({ series = [] }) => series);
    expect(chosen).toEqual(expect.arrayContaining(['HEPB', 'DTP1', 'MR1']));
    for (const key of ['PCV', 'BCG', 'ROTA', 'RABIES']) expect(chosen).not.toContain(key);
  });
});

test('an expired dose leaves its target open, is no routine dose, does not count, and asks', () => {
  const [dose] = doses('2025-07-20 PCV20');
  if (dose === undefined) throw new Error('no dose');
  const result = plan({ ...child, doses: [{ ...dose, flaw: 'lotExpired' }] });
  expect(evaluationsFor(result, 'PCV')).toMatchObject([
    {
      status: 'subStandard',
      reasons: ['lotExpired'],
      isStatutory: false,
      countsClinically: false,
      needsClinician: true,
    },
  ]);
});

test('a dose too many is no routine dose and does not count, unless it is part of a permitted combination', () => {
  const given = doses('2024-06-01 PCV20', '2026-06-01 PCV20');
  const result = plan({ birthDate: '2022-05-20', assessmentDate: '2026-11-22', doses: given });
  expect(evaluationsFor(result, 'PCV')[1]).toMatchObject({
    status: 'extraneous',
    isStatutory: false,
    countsClinically: false,
  });
});

test('a dose beyond the number needed counts for nothing', () => {
  const extra = plan({
    birthDate: '2023-01-10',
    assessmentDate: '2026-11-22',
    doses: doses('2025-06-01 PCV20', '2025-08-10 PCV20'),
  }).evaluations.filter(({ series }) => series === 'PCV');
  expect(extra[1]).toMatchObject({ status: 'extraneous', isStatutory: false, countsClinically: false });
});
