// What must hold for every child: the forecast and the judgement of doses are two readings of the same rules.
import { describe, expect, test } from 'vitest';
import type { ForecastInput } from '../../server/forecast/types.ts';
import { answerFor, daysAfter, EDGE_BIRTHS, evaluationsFor, numbers, plan } from './child.ts';

const PRODUCT: Record<string, string> = {
  ROTA: 'RV5',
  HEPB: 'HepB',
  PCV: 'PCV20',
  DTP1: 'DPT-IPV-Hib',
  BCG: 'BCG',
  MR1: 'MR',
  VAR: 'VAR',
  JE1: 'JE',
  MUMPS: 'MUMPS',
};
const SERIES = Object.keys(PRODUCT);

/** A child vaccinated at random, with every dose given on a day the planner named, and the visits that led there. */
function grownUp(birthDate: string, seed: number, visits: number): { input: ForecastInput; given: string[] } {
  const next = numbers(seed);
  const doses: { id: string; date: string; vaccine: string }[] = [];
  const given: string[] = [];
  let today = birthDate;
  for (let visit = 0; visit < visits; visit += 1) {
    const result = plan({ birthDate, assessmentDate: today, doses });
    const series = SERIES[next(SERIES.length)] ?? 'PCV';
    const answer = answerFor(result, series);
    if (answer.earliest === undefined || answer.status === 'complete') continue;
    const date = answer.earliest > today ? answer.earliest : today;
    doses.push({ id: `d${doses.length + 1}`, date, vaccine: answer.product ?? PRODUCT[series] ?? '' });
    given.push(series);
    today = daysAfter(date, next(3) === 0 ? 0 : next(40));
  }
  return { input: { birthDate, assessmentDate: today, doses }, given };
}

describe('planner', () => {
  test.each(EDGE_BIRTHS)('born %s: a dose given on the earliest date the planner names is valid', (birthDate) => {
    let judged = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const { input, given } = grownUp(birthDate, seed, 14);
      const result = plan(input);
      for (const [i, series] of given.entries()) {
        const one = evaluationsFor(result, series).find(({ doseId }) => doseId === `d${i + 1}`);
        expect(one?.status, `${series} ${JSON.stringify(input)}`).toBe('valid');
        judged += 1;
      }
    }
    expect(judged).toBeGreaterThan(60);
  });

  test.each(EDGE_BIRTHS)('born %s: no earlier day than the earliest date is valid, tried day by day', (birthDate) => {
    for (const series of SERIES.filter((key) => key !== 'MUMPS')) {
      const { input } = grownUp(birthDate, 7, 6);
      const answer = answerFor(plan(input), series);
      if (answer.earliest === undefined || answer.earliest <= input.assessmentDate) continue;
      for (let back = 1; back <= 45; back += 1) {
        const date = daysAfter(answer.earliest, -back);
        if (date < input.assessmentDate) break;
        const vaccine = answer.product ?? PRODUCT[series] ?? '';
        const tried = { ...input, assessmentDate: date, doses: [...input.doses, { id: 'tried', date, vaccine }] };
        const one = evaluationsFor(plan(tried), series).find(({ doseId }) => doseId === 'tried');
        expect(one?.status, `${series} on ${date} ${JSON.stringify(input)}`).not.toBe('valid');
      }
    }
  });

  test.each(EDGE_BIRTHS)('born %s: a day later a valid dose is not too young and not too soon', (birthDate) => {
    for (const series of SERIES) {
      const { input } = grownUp(birthDate, 3, 8);
      for (const wait of [0, 1, 2, 30]) {
        const answer = answerFor(plan(input), series);
        if (answer.earliest === undefined) continue;
        const start = answer.earliest > input.assessmentDate ? answer.earliest : input.assessmentDate;
        const date = daysAfter(start, wait);
        const vaccine = answer.product ?? PRODUCT[series] ?? '';
        const later = { ...input, assessmentDate: date, doses: [...input.doses, { id: 'later', date, vaccine }] };
        const reasons = evaluationsFor(plan(later), series).find(({ doseId }) => doseId === 'later')?.reasons ?? [];
        expect(reasons, `${series} ${date}`).not.toContain('ageTooYoung');
        expect(reasons, `${series} ${date}`).not.toContain('intervalTooSoon');
        expect(reasons, `${series} ${date}`).not.toContain('vaccineConflict');
      }
    }
  });

  test('the order in which doses are sent does not matter', () => {
    for (let seed = 1; seed <= 30; seed += 1) {
      const { input } = grownUp('2025-01-31', seed, 12);
      const days = new Set(input.doses.map(({ date }) => date));
      const distinct = input.doses.filter(({ date }) => days.delete(date));
      const forward = plan({ ...input, doses: distinct });
      const backward = plan({ ...input, doses: distinct.toReversed() });
      expect(JSON.stringify(backward)).toBe(JSON.stringify(forward));
      expect(forward.evaluations.length).toBeGreaterThan(0);
    }
  });

  test('an unknown vaccine changes nothing but adds a warning', () => {
    const { input } = grownUp('2025-06-30', 5, 10);
    const known = plan(input);
    const unknown = plan({ ...input, doses: [{ id: 'x', date: '2025-09-09', vaccine: 'MOON' }, ...input.doses] });
    expect(unknown.recommendations).toEqual(known.recommendations);
    expect(unknown.evaluations).toEqual(known.evaluations);
    expect(unknown.warnings).toMatchObject([{ code: 'unknownVaccine', doseId: 'x' }]);
  });

  test('every judgement and every answer names at least one rule, in Japanese and English', () => {
    const { input } = grownUp('2025-05-31', 11, 14);
    const result = plan({ ...input, sex: 'male' });
    for (const { because } of [...result.evaluations, ...result.recommendations]) {
      expect(because.length).toBeGreaterThan(0);
      for (const { rule } of because) {
        expect(rule.text.ja).toMatch(/[ぁ-ん一-龠]/);
        expect(rule.text.en).toMatch(/[a-z]/);
        expect(rule.source.ja).not.toBe('');
      }
    }
  });
});
