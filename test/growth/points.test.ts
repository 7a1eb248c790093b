// The points of a growth chart: which age they are compared at, which reference scores them, and what is said about them.
import { describe, expect, test } from 'vitest';
import { correctedAgeDays } from '../../server/growth/age.ts';
import { type Child, growthPoints, type Measurement } from '../../server/growth/points.ts';
import { MEASURES, type ReferenceId } from '../../server/growth/references.ts';

const girl: Child = { birthDay: 20_000, sex: 'female', gestationDays: undefined };
const measured = (
  measure: Measurement['measure'],
  value: number | undefined,
  ageDays: number | undefined,
  more: Partial<Measurement> = {},
) => ({
  measure,
  value,
  day: ageDays === undefined ? undefined : girl.birthDay + ageDays,
  isPreliminary: false,
  source: `Observation/${measure}-${ageDays}`,
  ...more,
});
const points = (list: Measurement[], child: Child = girl, reference?: ReferenceId) =>
  growthPoints(child, list, MEASURES, reference);
const only = (one: Measurement, child: Child = girl, reference?: ReferenceId) => {
  const [point] = points([one], child, reference);
  if (point === undefined) throw new Error('no point');
  return point;
};

test.each<[gestation: number | undefined, age: number, corrected: number | undefined]>([
  [undefined, 100, undefined],
  [37 * 7, 100, undefined],
  [37 * 7 - 1, 100, 100 - 22],
  [224, 0, -56],
  [224, 56, 0],
  [224, 730, 674],
  [224, 731, undefined],
])('born after %s days of pregnancy, at %i days: corrected %s', (gestation, age, corrected) => {
  expect(correctedAgeDays(age, gestation)).toBe(corrected);
});

describe('the references', () => {
  test.each<
    [
      measure: Measurement['measure'],
      value: number,
      age: number,
      percentile: string | undefined,
      sd: string | undefined,
    ]
  >([
    ['weight', 7.5, 180, 'jp-2023', 'jp-2000'],
    ['weight', 19, 2374, 'jp-2023', 'jp-2000'],
    ['weight', 20, 2375, 'jp-2000', 'jp-2000'],
    ['height', 150, 6391, 'jp-2000', 'jp-2000'],
    ['height', 150, 6400, undefined, undefined],
    ['head-circumference', 48, 1095, 'jp-2023', 'jp-2023'],
    ['head-circumference', 48, 1097, undefined, undefined],
    ['bmi', 15, 1826, 'who', 'who'],
    ['bmi', 15, 1827, undefined, undefined],
  ])('%s %d at %i days: percentile by %s, SD score by %s', (measure, value, age, percentile, sd) => {
    const { score, notes } = only(measured(measure, value, age));
    expect([score?.percentile?.reference, score?.sdScore?.reference]).toEqual([percentile, sd]);
    expect(notes.includes('outside-reference')).toBe(percentile === undefined);
  });

  test('one that is asked for gives both, or nothing', () => {
    expect(only(measured('weight', 7.5, 180), girl, 'who').score).toMatchObject({
      percentile: { reference: 'who' },
      sdScore: { reference: 'who' },
    });
    expect(only(measured('bmi', 16, 180), girl, 'jp-2023').notes).toEqual(['outside-reference']);
  });

  test("the same value has its published place: the lowest percentile of 2023, and WHO's median", () => {
    // Girls, birth: 2.22 kg is the 3rd percentile of the survey; girls, 365 days: WHO's M is 8.9462 kg.
    expect(only(measured('weight', 2.22, 0)).score?.percentile).toEqual({
      value: expect.closeTo(3, 9),
      reference: 'jp-2023',
    });
    expect(only(measured('weight', 2.21, 0)).score?.percentile).toEqual({
      value: 3,
      reference: 'jp-2023',
      comparator: '<',
    });
    expect(only(measured('weight', 3.67, 0)).score?.percentile).toEqual({
      value: 97,
      reference: 'jp-2023',
      comparator: '>',
    });
    expect(only(measured('weight', 2.21, 0)).notes).toEqual(['beyond-published']);
  });
});

describe('lying and standing', () => {
  const sd = (position: Measurement['position'], age: number, value: number) =>
    only(measured('height', value, age, { position }), girl, 'who').score?.sdScore?.value;

  test('0.7 cm are added to a baby that stood, and taken from a child that lay, for WHO alone', () => {
    expect(sd('standing', 730, 85)).toBe(sd('lying', 730, 85.7));
    expect(sd('lying', 731, 85.7)).toBeCloseTo(sd('standing', 731, 85) ?? 0, 10);
    expect(sd(undefined, 730, 85)).toBe(sd('lying', 730, 85));
    const standing = only(measured('height', 85, 700, { position: 'standing' }));
    expect(standing.notes).toEqual([]);
    expect(standing.score).toEqual(only(measured('height', 85, 700)).score);
  });

  test('BMI and weight-for-length follow', () => {
    const both = (height: number, position: Measurement['position']) =>
      points([measured('weight', 11, 700), measured('height', height, 700, { position })])
        .filter(({ measure }) => measure === 'bmi' || measure === 'weight-for-length')
        .map(({ score }) => score?.sdScore?.value ?? Number.NaN);
    const [bmi, weightForLength] = both(84.3, 'standing');
    const expected = both(85, 'lying');
    expect([bmi, weightForLength]).toEqual(expected.map((one) => expect.closeTo(one, 9)));
  });
});

describe('a child born preterm', () => {
  const early: Child = { ...girl, gestationDays: 224 };

  test('is compared by the corrected age, and by the age since birth beside it', () => {
    const point = only(measured('weight', 5, 156), early);
    expect(point.correctedAgeDays).toBe(100);
    expect(point.score).toEqual(only(measured('weight', 5, 100)).score);
    expect(point.uncorrected).toEqual(only(measured('weight', 5, 156)).score);
  });

  test('has no score before the due date', () => {
    expect(only(measured('weight', 1.8, 20), early)).toMatchObject({ correctedAgeDays: -36, notes: ['before-term'] });
    expect(only(measured('weight', 1.8, 20), early).score).toBeUndefined();
  });

  test('is compared by the age since birth from two years on', () => {
    const point = only(measured('weight', 11, 800), early);
    expect([point.correctedAgeDays, point.uncorrected]).toEqual([undefined, undefined]);
  });
});

describe('what is made of a weight and a height', () => {
  test('BMI and weight-for-length, of the last of each on a day', () => {
    const made = points([
      measured('weight', 9, 400),
      measured('weight', 10, 400, { source: 'Observation/later' }),
      measured('height', 80, 400),
      measured('weight', 11, 500),
      measured('height', 82, 501),
    ]).filter(({ measure }) => !['weight', 'height'].includes(measure));
    expect(made).toMatchObject([
      { measure: 'bmi', value: 15.625, notes: ['computed'], sources: ['Observation/later', 'Observation/height-400'] },
      { measure: 'weight-for-length', value: 10, heightCm: 80, notes: [] },
    ]);
  });

  test('weight-for-length up to five years, as WHO has it', () => {
    const on = (age: number) =>
      points([measured('weight', 17, age), measured('height', 105, age)]).map(({ measure }) => measure);
    expect(on(1826)).toContain('weight-for-length');
    expect(on(1827)).toEqual(['weight', 'height', 'bmi']);
  });

  test('no BMI where the record has one of that day', () => {
    const made = points([measured('weight', 10, 400), measured('height', 80, 400), measured('bmi', 15.6, 400)]);
    expect(made.filter(({ measure }) => measure === 'bmi').map(({ value, notes }) => [value, notes])).toEqual([
      [15.6, []],
    ]);
  });
});

describe('what is wrong is said and not dropped', () => {
  test.each<[why: string, one: Measurement, child: Child, notes: string[]]>([
    ['a gram taken for a kilogram', measured('weight', 89, 400), girl, ['implausible', 'beyond-published']],
    ['a negative weight', measured('weight', -3, 400), girl, ['implausible']],
    ['a weight of nothing', measured('weight', 0, 400), girl, ['implausible']],
    ['a day before the birth', measured('weight', 3, -1), girl, ['before-birth']],
    ['no day', measured('weight', 3, undefined), girl, ['no-day']],
    ['no value', measured('weight', undefined, 10), girl, ['unreadable']],
    ['a preliminary result', measured('weight', 3, 10, { isPreliminary: true }), girl, ['preliminary']],
    ['an unknown sex', measured('weight', 3, 10), { ...girl, sex: undefined }, []],
  ])('%s', (_, one, child, notes) => {
    expect(only(one, child).notes).toEqual(notes);
  });
});

test('points stand by measure and day, those without a day last', () => {
  const order = points([
    measured('height', 60, undefined),
    measured('height', 70, 300),
    measured('weight', 8, 300),
    measured('height', 50, 0),
  ]).map(({ measure, ageDays }) => [measure, ageDays]);
  expect(order.slice(0, 4)).toEqual([
    ['weight', 300],
    ['height', 0],
    ['height', 300],
    ['height', undefined],
  ]);
});
