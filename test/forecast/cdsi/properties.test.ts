// What must hold for every child and every schedule: judgement and forecast are two readings of the same rows, and no
// schedule, however contradictory, keeps the engine from an answer.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CdsiSchedule } from '../../../server/forecast/cdsi/compiled.ts';
import type { SeriesDoseRow, SkipRow } from '../../../server/forecast/cdsi/source.ts';
import { dayOf, formatDay, parseDay } from '../../../server/forecast/days.ts';
import { addDuration } from '../../../server/forecast/duration.ts';
import type { GivenDose } from '../../../server/forecast/types.ts';
import { answer, doses, evaluationOf, groupAnswer, ofAntigen, prefers, scheduleOf, series } from './small-schedule.ts';

const pair = { conflictBeginInterval: '1 day', minConflictEndInterval: '24 days', conflictEndInterval: '28 days' };
const children = { numRuns: 300 };

/** Ages, a previous dose, a first dose, a conflict across antigens, a skip that ends a series early, a yearly dose. */
const schedule = scheduleOf(
  [
    series(
      doses(
        { ages: [{ absMinAge: '6 weeks - 4 days', minAge: '6 weeks' }] },
        { preferableIntervals: [{ fromPrevious: true, absMinInt: '4 weeks - 4 days', minInt: '4 weeks' }] },
        {
          ages: [{ absMinAge: '6 months', minAge: '6 months', earliestRecAge: '7 months' }],
          preferableIntervals: [
            { fromPrevious: true, absMinInt: '8 weeks', minInt: '8 weeks' },
            { fromTargetDose: 1, absMinInt: '4 months', minInt: '4 months' },
          ],
          conditionalSkips: [
            {
              context: 'Both',
              sets: [
                {
                  conditions: [
                    { type: 'Age', beginAge: '2 years' },
                    { type: 'Interval', interval: '1 year' },
                  ],
                },
              ],
            },
          ],
        },
        { recurringDose: true, preferableIntervals: [{ fromPrevious: true, absMinInt: '1 year', minInt: '1 year' }] },
      ),
    ),
    ofAntigen(
      'Beta',
      'Beta',
      series(
        doses(
          { preferableVaccines: [prefers('B1')], ages: [{ absMinAge: '1 month', minAge: '1 month' }] },
          {
            preferableVaccines: [prefers('B1')],
            preferableIntervals: [{ fromPrevious: true, minInt: '1 month', absMinInt: '1 month' }],
          },
        ),
      ),
    ),
  ],
  {
    vaccineConflicts: [
      { conflictingCvx: 'B1', impactedCvx: 'A1', ...pair },
      { conflictingCvx: 'A1', impactedCvx: 'B1', ...pair },
    ],
  },
);

const birth = fc.integer({ min: dayOf(2016, 1, 1), max: dayOf(2020, 12, 31) });
const gap = fc.integer({ min: 0, max: 500 });
const product = fc.constantFrom('A1', 'A1', 'B1', 'A2', 'G1');
const history = fc.record({ birth, visits: fc.array(fc.tuple(gap, product), { maxLength: 8 }) });

/** Doses given some days after each other. */
function dosesOf(child: { birth: number; visits: [number, string][] }): { doses: GivenDose[]; last: number } {
  let day = child.birth;
  const given = child.visits.map(([days, vaccine], i) => {
    day += days;
    return { id: `d${i + 1}`, date: formatDay(day), vaccine };
  });
  return { doses: given, last: day };
}

function ask(child: { birth: number }, given: readonly GivenDose[], assessed: number, by: CdsiSchedule = schedule) {
  return answer(by, { birthDate: formatDay(child.birth), assessmentDate: formatDay(assessed), doses: given });
}

describe('for every child', () => {
  test('a dose given on the earliest or the recommended date is valid', () => {
    fc.assert(
      fc.property(
        history,
        fc.constantFrom('Alpha', 'Beta'),
        fc.constantFrom('earliest', 'recommended'),
        (child, group, on) => {
          const { doses: given, last } = dosesOf(child);
          const named = groupAnswer(ask(child, given, last), group);
          const date = named?.[on];
          if (named === undefined || date === undefined) return;
          const next = {
            id: 'next',
            date: date < formatDay(last) ? formatDay(last) : date,
            vaccine: group === 'Alpha' ? 'A1' : 'B1',
          };
          if (given.some((one) => one.date === next.date && one.vaccine === next.vaccine)) return;
          const result = ask(child, [...given, next], parseDay(next.date) ?? last);
          expect(evaluationOf(result, 'next', group)?.status).toBe('valid');
        },
      ),
      children,
    );
  });

  test('a day later never makes a valid dose too young or too soon', () => {
    fc.assert(
      fc.property(history, (child) => {
        const { doses: given, last } = dosesOf(child);
        const before = ask(child, given, last + 1).evaluations;
        const moved = given.at(-1);
        if (moved === undefined) return;
        const later = { ...moved, date: formatDay(last + 1) };
        const after = ask(child, [...given.slice(0, -1), later], last + 1).evaluations;
        for (const one of before.filter(({ doseId, status }) => doseId === moved.id && status === 'valid')) {
          const other = after.find(({ doseId, antigen }) => doseId === one.doseId && antigen === one.antigen);
          for (const reason of ['ageTooYoung', 'intervalTooSoon'] as const)
            expect(other?.reasons).not.toContain(reason);
        }
      }),
      children,
    );
  });

  test('the order of the input does not matter', () => {
    const days = fc.uniqueArray(fc.integer({ min: 0, max: 2000 }), { maxLength: 8 });
    fc.assert(
      fc.property(birth, days, fc.array(product, { minLength: 8, maxLength: 8 }), (born, offsets, products) => {
        const given = offsets.map((offset, i) => ({
          id: `d${i}`,
          date: formatDay(born + offset),
          vaccine: products[i] ?? 'A1',
        }));
        const forward = ask({ birth: born }, given, born + 2000);
        expect(ask({ birth: born }, given.toReversed(), born + 2000)).toEqual(forward);
      }),
      children,
    );
  });

  test('an unknown product changes nothing but the warnings', () => {
    fc.assert(
      fc.property(history, gap, (child, days) => {
        const { doses: given, last } = dosesOf(child);
        const stranger = { id: 'x', date: formatDay(child.birth + days), vaccine: 'unheard of' };
        const { warnings: _, ...without } = ask(child, given, last + 500);
        const { warnings, ...withIt } = ask(child, [stranger, ...given], last + 500);
        expect(withIt).toEqual(without);
        expect(warnings.at(0)).toMatchObject({ code: 'unknownVaccine', doseId: 'x' });
      }),
      children,
    );
  });

  test('the same input gives the same bytes, whatever was asked before', () => {
    fc.assert(
      fc.property(history, history, (child, other) => {
        const { doses: given, last } = dosesOf(child);
        const once = JSON.stringify(ask(child, given, last));
        ask(other, dosesOf(other).doses, dosesOf(other).last);
        expect(JSON.stringify(ask(child, given, last))).toBe(once);
      }),
      { numRuns: 50 },
    );
  });

  test('of every birthday, a month without that day is over on the first of the next', () => {
    const row = doses({ ages: [{ absMinAge: '6 months', minAge: '6 months' }] });
    const half = scheduleOf([series(row)]);
    for (const born of ['2020-08-31', '2020-08-30', '2020-08-29', '2020-02-29', '2019-08-31', '2020-12-31']) {
      const day = parseDay(born) ?? 0;
      const reached = addDuration(day, { months: 6, days: 0 });
      const status = (offset: number) => {
        const dose = { id: 'd1', date: formatDay(reached + offset), vaccine: 'A1' };
        return evaluationOf(ask({ birth: day }, [dose], reached + 5, half), 'd1')?.status;
      };
      expect([status(-1), status(0)]).toEqual(['notValid', 'valid']);
    }
  });
});

describe('for every schedule', () => {
  const length = fc.constantFrom('0 days', '4 weeks', '6 months', '2 years', '1 year - 4 days', '200 years');
  const part = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const condition = fc.record({
    type: fc.constantFrom('Age', 'Vaccine Count by Age', 'Completed Series'),
    beginAge: length,
    endAge: length,
    doseType: fc.constantFrom('Valid', 'Total'),
    doseCountLogic: fc.constantFrom('greater than', 'equal to', 'less than'),
    doseCount: fc.integer({ min: 0, max: 3 }),
    seriesGroups: fc.constantFrom(['1'], ['2'], ['1', '2']),
  });
  const skip: fc.Arbitrary<SkipRow> = fc.record({
    context: fc.constantFrom('Evaluation', 'Forecast', 'Both'),
    setLogic: fc.constantFrom('AND', 'OR'),
    sets: fc.array(
      fc.record({
        conditionLogic: fc.constantFrom('AND', 'OR'),
        conditions: fc.array(condition, { minLength: 1, maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  });
  const row = fc.record({
    recurringDose: fc.boolean(),
    conditionalSkips: fc.array(skip, { maxLength: 3 }),
    ages: fc.array(fc.record({ absMinAge: length, maxAge: length }), { maxLength: 1 }),
    preferableIntervals: fc.array(fc.record({ fromTargetDose: fc.integer({ min: 1, max: 5 }), absMinInt: length }), {
      maxLength: 2,
    }),
    preferableVaccines: fc.constantFrom([prefers('A1')], [prefers('A2')], []),
    seasonalRecommendation: fc.array(
      fc.record({ startDate: fc.constant('2021-07-01'), endDate: fc.constant('2022-06-30') }),
      { maxLength: 1 },
    ),
  });
  const select = fc.record({
    defaultSeries: fc.boolean(),
    productPath: fc.boolean(),
    seriesGroup: fc.constantFrom('1', '2'),
    maxAgeToStart: length,
  });
  const anySeries = fc
    .tuple(fc.array(row, { minLength: 1, maxLength: 5 }), select, part(fc.constantFrom(['1'], ['2'])))
    .map(([rows, chosen, equivalentSeriesGroups]) =>
      series(doses(...(rows as Partial<SeriesDoseRow>[])), {
        select: chosen,
        ...(equivalentSeriesGroups && { equivalentSeriesGroups }),
      }),
    );

  test('every dose has one verdict and the forecast ends, skips that contradict each other included', () => {
    fc.assert(
      fc.property(fc.array(anySeries, { minLength: 1, maxLength: 4 }), history, (rows, child) => {
        const { doses: given, last } = dosesOf(child);
        const result = ask(child, given, last + 100, scheduleOf(rows));
        const judged = new Set(
          result.evaluations.filter(({ antigen }) => antigen === 'Alpha').map(({ doseId }) => doseId),
        );
        expect(judged.size).toBe(given.filter(({ vaccine }) => vaccine === 'A1' || vaccine === 'A2').length);
        expect(result.recommendations.length).toBeLessThanOrEqual(1);
        for (const { earliest, recommended, standardEnd, status } of result.recommendations) {
          expect(earliest !== undefined).toBe(status === 'notComplete');
          expect(earliest === undefined || (recommended ?? '') >= earliest).toBe(true);
          expect(earliest === undefined || standardEnd === undefined || standardEnd >= earliest).toBe(true);
        }
      }),
      children,
    );
  });
});
