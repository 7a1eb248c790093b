// Percentiles and SD scores against what the references publish, and what must hold of every spread.
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { referenceFiles } from '../../conformance/growth/references.ts';
import { distributionAt, type TableName } from '../../server/growth/distribution.ts';
import { percentileOf, sdScoreOf } from '../../server/growth/normal.ts';
import { REFERENCES, type ReferenceId, type Sex, type TableData } from '../../server/growth/references.ts';
import { leftOut } from '../support/left-out.ts';

const SEXES: Sex[] = ['male', 'female'];
const tables = Object.entries(REFERENCES).flatMap(([id, { measures }]) =>
  Object.entries(measures).flatMap(([measure, table]) =>
    SEXES.map((sex) => ({ id: id as ReferenceId, measure: measure as TableName, sex, table })),
  ),
);
const spread = (id: ReferenceId, measure: TableName, sex: Sex, x: number) => {
  const found = distributionAt(id, measure, sex, x);
  if (found === undefined) throw new Error(`${id} has no ${measure} at ${x}`);
  return found;
};

describe('the standard normal distribution', () => {
  test.each([
    [0, 50],
    [1, 84.1344746068543],
    [-1.959963984540054, 2.5],
    [2.3263478740408408, 99],
    [-3, 0.1349898031630095],
    [-4.5, 0.000339767312473],
  ])('the percentile of SD score %d is %d', (sdScore, percentile) => {
    expect(percentileOf(sdScore)).toBeCloseTo(percentile, 11);
  });

  test('rises, and is undone by its inverse', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -6, max: 6, noNaN: true }),
        fc.double({ min: 1e-6, max: 1, noNaN: true }),
        (z, more) => {
          expect(percentileOf(z + more)).toBeGreaterThan(percentileOf(z));
          expect(sdScoreOf(percentileOf(z))).toBeCloseTo(z, z > 5 ? 4 : 6);
        },
      ),
    );
  });
});

describe('WHO', () => {
  // Simplified field tables of the Child Growth Standards: -3, -2, -1, 0, 1, 2 and 3 SD, to a tenth.
  test.each<[measure: TableName, sex: Sex, x: number, published: number[]]>([
    ['weight', 'male', 0, [2.1, 2.5, 2.9, 3.3, 3.9, 4.4, 5.0]],
    ['weight', 'male', 365, [6.9, 7.7, 8.6, 9.6, 10.8, 12.0, 13.3]],
    ['weight', 'female', 0, [2.0, 2.4, 2.8, 3.2, 3.7, 4.2, 4.8]],
    ['weight', 'female', 1826, [12.1, 13.7, 15.8, 18.2, 21.2, 24.9, 29.5]],
    ['height', 'male', 0, [44.2, 46.1, 48.0, 49.9, 51.8, 53.7, 55.6]],
    ['head-circumference', 'male', 0, [30.7, 31.9, 33.2, 34.5, 35.7, 37.0, 38.3]],
    ['bmi', 'male', 0, [10.2, 11.1, 12.2, 13.4, 14.8, 16.3, 18.1]],
    ['weight-for-length', 'male', 45, [1.9, 2.0, 2.2, 2.4, 2.7, 3.0, 3.3]],
  ])('%s of a %s at %d', (measure, sex, x, published) => {
    const { valueAt } = spread('who', measure, sex, x);
    expect([-3, -2, -1, 0, 1, 2, 3].map((sd) => Math.round(valueAt(sd) * 10) / 10)).toEqual(published);
  });

  test('weight beyond three SD goes on by the step from the second to the third, on both sides', () => {
    const { valueAt, sdScore } = spread('who', 'weight', 'female', 700);
    const steps = [valueAt(-3), valueAt(-2), valueAt(2), valueAt(3)] as const;
    expect(sdScore(steps[3] + (steps[3] - steps[2]))).toBeCloseTo(4, 12);
    expect(sdScore(steps[0] - (steps[1] - steps[0]) / 2)).toBeCloseTo(-3.5, 12);
  });

  test('height beyond three SD stays with its LMS', () => {
    expect(spread('who', 'height', 'male', 0).sdScore(49.8842 * (1 - 0.03795 * 5))).toBeCloseTo(-5, 10);
  });
});

describe('the surveys of 2000', () => {
  // Worked out apart from this code from tables 2 and 3 of the article: M (1 + L S z)^(1/L).
  test.each<[measure: TableName, sex: Sex, years: number, sd: number, value: number]>([
    ['height', 'male', 6, 0, 113.3],
    ['height', 'male', 6, -2, 104.164],
    ['height', 'female', 9, 2, 142.587],
    ['height', 'male', 17.5, -2, 159.572],
    ['weight', 'female', 0.25, 2, 7.455],
    ['weight', 'male', 10, 2, 51.887],
  ])('%s of a %s at %d years, %d SD', (measure, sex, years, sd, value) => {
    expect(spread('jp-2000', measure, sex, Math.round(years * 36525) / 100).valueAt(sd)).toBeCloseTo(value, 2);
  });

  test('between two rows the curve stays between them', () => {
    const { x } = REFERENCES['jp-2000'].measures.weight as TableData;
    for (const sex of SEXES)
      for (let n = 1; n < x.length; n += 1) {
        const [from, to] = [x[n - 1] ?? 0, x[n] ?? 0];
        const [low, middle, high] = [from, (from + to) / 2, to].map((at) =>
          spread('jp-2000', 'weight', sex, at).valueAt(0),
        );
        expect(middle).toBeGreaterThan(low ?? 0);
        expect(high).toBeGreaterThan(middle ?? 0);
      }
  });
});

describe('the survey of 2023', () => {
  test('gives back every published percentile of every band', () => {
    for (const { measure, sex, table } of tables.filter(({ id }) => id === 'jp-2023')) {
      if (table.kind !== 'percentiles') throw new Error('the survey publishes percentiles');
      for (const [row, x] of table.x.entries())
        for (const [column, percentile] of table.percentiles.entries())
          expect(percentileOf(spread('jp-2023', measure, sex, x).sdScore(table[sex][column]?.[row] ?? 0))).toBeCloseTo(
            percentile,
            9,
          );
    }
  });

  test('no two percentiles meet on any day', () => {
    for (const { measure, sex, table } of tables.filter(({ id }) => id === 'jp-2023'))
      for (let day = 0; day <= table.last; day += 1) {
        const values = [3, 10, 25, 50, 75, 90, 97].map((one) =>
          spread('jp-2023', measure, sex, day).valueAt(sdScoreOf(one)),
        );
        expect(values).toEqual(values.toSorted((a, b) => a - b));
        expect(new Set(values).size).toBe(7);
      }
  });

  test('ends with its last band', () => {
    expect(distributionAt('jp-2023', 'weight', 'male', 2374)).toBeDefined();
    expect(distributionAt('jp-2023', 'weight', 'male', 2375)).toBeUndefined();
    expect(distributionAt('jp-2023', 'head-circumference', 'male', 1096)).toBeUndefined();
    expect(distributionAt('jp-2023', 'bmi', 'male', 100)).toBeUndefined();
    expect(distributionAt('jp-2023', 'weight', 'male', -1)).toBeUndefined();
  });
});

test.each(tables)('$id $measure $sex: more is a higher score, and the value of a score has that score', (one) => {
  const { id, measure, sex, table } = one;
  const x = fc.double({ min: table.x[0] ?? 0, max: table.last, noNaN: true });
  fc.assert(
    fc.property(
      x,
      fc.double({ min: -3.9, max: 3.9, noNaN: true }),
      fc.double({ min: 0.001, max: 5, noNaN: true }),
      (at, z, more) => {
        const { sdScore, valueAt } = spread(id, measure, sex, at);
        const value = valueAt(z);
        expect(sdScore(value)).toBeCloseTo(z, 6);
        expect(sdScore(value + more)).toBeGreaterThan(sdScore(value));
      },
    ),
  );
});

const folder = new URL('../../../shared/data/growth/', import.meta.url);
if (!existsSync(folder)) leftOut('growth references: no ../shared/data/growth found');
test.skipIf(!existsSync(folder))('the files are what their sources make', () => {
  for (const [name, content] of referenceFiles(folder))
    expect(readFileSync(new URL(`../../server/growth/references/${name}`, import.meta.url), 'utf8')).toBe(content);
});
