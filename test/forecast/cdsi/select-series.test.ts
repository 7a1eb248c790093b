// The choice among the series of a group, and among groups (CDSi chapter 8).
import { describe, expect, test } from 'vitest';
import type { SeriesDoseRow, SeriesRow } from '../../../server/forecast/cdsi/source.ts';
import type { ForecastInput, ForecastResult } from '../../../server/forecast/types.ts';
import { answer, doses, given, groupAnswer, prefers, risk, scheduleOf, series } from './small-schedule.ts';

type Select = Partial<SeriesRow['selectSeries']>;

/** A series of group 1 that is no default. */
function named(
  seriesName: string,
  rows: SeriesDoseRow[],
  select: Select = {},
  part: Partial<SeriesRow> = {},
): SeriesRow {
  const { selectSeries: _, ...rest } = part;
  return series(rows, { ...rest, seriesName, select: { defaultSeries: false, ...select } });
}

const a2 = { preferableVaccines: [prefers('A2')] };
const apart = { preferableIntervals: [{ fromPrevious: true, absMinInt: '4 weeks', minInt: '4 weeks' }] };

function run(rows: SeriesRow[], texts: string[] = [], input: Partial<ForecastInput> = {}): ForecastResult {
  return answer(scheduleOf(rows), { doses: given(...texts), ...input });
}

function chosen(rows: SeriesRow[], texts: string[] = [], input: Partial<ForecastInput> = {}): string | undefined {
  return groupAnswer(run(rows, texts, input))?.seriesName;
}

describe('one of a group', () => {
  const main = named('default', doses({}, apart), { defaultSeries: true, maxAgeToStart: '1 year' });
  const late = named('late', doses({}), { seriesPreference: 2 });
  const rows = [late, main];

  test('is the default while nothing was given', () => {
    expect(chosen(rows)).toBe('default');
  });

  test('must have been started before its maximum age to start', () => {
    expect(chosen(rows, ['2021-01-14 A1'])).toBe('late');
    const open = [named('open', doses({}, apart, apart), { seriesPreference: 2 }), main];
    expect(chosen(open, ['2021-01-14 A1'])).toBe('default');
    expect(chosen(open, ['2021-01-15 A1'])).toBe('open');
  });

  test('is the only complete one', () => {
    expect(chosen([main, late], ['2020-06-01 A1'])).toBe('late');
  });

  test('of several complete ones has the most satisfied doses, then the better preference', () => {
    const one = named('one', doses({}), { seriesPreference: 1 });
    const two = named('two', doses({}, {}), { seriesPreference: 2 });
    const alsoTwo = named('also two', doses({}, {}), { seriesPreference: 3 });
    expect(chosen([one, alsoTwo, two], ['2020-06-01 A1', '2020-07-01 A1'])).toBe('two');
  });

  test('is the only one in process', () => {
    const other = named('other', doses({ ...a2 }, a2, a2));
    expect(chosen([main, other], ['2020-06-01 A2'])).toBe('other');
  });

  test('in process: a product path with all doses valid goes before', () => {
    const mixed = named('mixed', doses({}, {}, {}), { seriesPreference: 1 });
    const path = named('path', doses({}, {}, {}), { seriesPreference: 2, productPath: true });
    expect(chosen([mixed, path], ['2020-06-01 A1'])).toBe('path');
    const strict = named('path', doses({ ages: [{ absMinAge: '2 months' }] }, {}, {}), {
      seriesPreference: 2,
      productPath: true,
    });
    // The first dose came too soon for the path: it was repeated and counts, but not every judgement was valid.
    const texts = ['2020-02-01 A1', '2020-06-01 A1'];
    const four = named('mixed', doses({ ages: [{ absMinAge: '2 months' }] }, {}, {}), { seriesPreference: 1 });
    expect(chosen([strict, four], texts)).toBe('mixed');
  });

  test('in process: one that can still be completed goes before', () => {
    const closing = {
      ages: [{ maxAge: '25 months' }],
      preferableIntervals: [{ fromPrevious: true, minInt: '8 weeks' }],
    };
    const short = named('short', doses({}, {}, closing), { seriesPreference: 1 });
    const open = named('open', doses({}, {}, {}, {}), { seriesPreference: 2 });
    expect(chosen([short, open], ['2022-01-10 A1'])).toBe('open');
  });

  test('in process: completed by the day before the maximum age, counted with the longest interval that remains', () => {
    const open = named('open', doses({}, {}, {}), { seriesPreference: 1 });
    const closing = (maxAge: string) =>
      doses({}, { ages: [{ maxAge }], preferableIntervals: [{ fromPrevious: true, minInt: '8 weeks' }] });
    const name = (maxAge: string) => chosen([open, named('closing', closing(maxAge))], ['2022-01-10 A1']);
    expect(name('2 years + 107 days')).toBe('open');
    expect(name('2 years + 108 days')).toBe('closing');
  });

  test('in process: most doses satisfied, fewest open', () => {
    const more = named('more', doses({}, {}, {}), { seriesPreference: 2 });
    const fewer = named('fewer', doses({}, {}, a2, a2, a2), { seriesPreference: 1 });
    expect(chosen([fewer, more], ['2020-06-01 A1', '2020-08-01 A1'])).toBe('more');
  });

  test('in process: the one that can finish first, else the better preference', () => {
    const slow = named('slow', doses({}, { preferableIntervals: [{ fromPrevious: true, minInt: '1 year' }] }), {
      seriesPreference: 1,
    });
    const fast = named('fast', doses({}, apart), { seriesPreference: 2 });
    expect(chosen([slow, fast], ['2022-01-01 A1'])).toBe('fast');
    const same = named('same', doses({}, apart), { seriesPreference: 1 });
    expect(chosen([fast, same], ['2022-01-01 A1'])).toBe('same');
  });

  test('without a default and without doses: the one that can start first, not a product path', () => {
    const at = (minAge: string) => doses({ ages: [{ minAge }] });
    expect(chosen([named('two', at('2 years')), named('one', at('1 year'))])).toBe('one');
    expect(chosen([named('path', at('1 year'), { productPath: true }), named('any', at('1 year'))])).toBe('any');
  });

  test('of two defaults is the one of better preference', () => {
    const first = named('first', doses({}), { defaultSeries: true, seriesPreference: 2 });
    const second = named('second', doses({}), { defaultSeries: true, seriesPreference: 1 });
    expect(chosen([first, second])).toBe('second');
  });

  test('of equals is the first in the data', () => {
    expect(chosen([named('a', doses({})), named('b', doses({}))])).toBe('a');
  });

  test('there is one even where every series was started too late', () => {
    const young = (name: string, seriesPreference: number) =>
      named(name, doses({}, apart), { maxAgeToStart: '1 year', seriesPreference });
    expect(chosen([young('b', 2), young('a', 1)], ['2021-06-01 A1'])).toBe('a');
  });

  test('is for the gender it is written for; an unknown one is a value of its own', () => {
    const women = named('women', doses({}), {}, { requiredGender: ['Female', 'Unknown'] });
    const men = named('men', doses({}), {}, { requiredGender: ['Male'] });
    expect(chosen([women, men], [], { sex: 'male' })).toBe('men');
    expect(chosen([women, men], [], { sex: 'female' })).toBe('women');
    expect(chosen([women, men])).toBe('women');
  });

  test('that is contraindicated by its products gives way to another', () => {
    const alpha = {
      contraindications: { vaccine: [{ observationCode: 'S', contraindicatedVaccines: [{ cvx: 'A1' }] }] },
    };
    const schedule = scheduleOf([main, named('other', doses(a2))], { alpha });
    const result = answer(schedule, { observations: [{ code: 'S' }] });
    expect(groupAnswer(result)).toMatchObject({ seriesName: 'other', status: 'notComplete' });
  });
});

describe('risk series', () => {
  const indicated = { observations: [{ code: 'R' }] };
  const standard = series(doses({}, {}), { equivalentSeriesGroups: ['2'] });

  test('are relevant by an active indication at its ages', () => {
    const row = risk(doses({}), { indications: [{ observationCode: 'R', beginAge: '1 year', endAge: '2 years' }] });
    const answers = (assessmentDate: string, code = 'R') =>
      run([row], [], { observations: [{ code }], assessmentDate }).recommendations.length;
    expect(answers('2021-01-14')).toBe(0);
    expect(answers('2021-01-15')).toBe(1);
    expect(answers('2022-01-14')).toBe(1);
    expect(answers('2022-01-15')).toBe(0);
    expect(answers('2021-06-01', 'S')).toBe(0);
  });

  test('compete only with those of the best priority that is relevant', () => {
    const a = risk(doses({ ...a2 }, a2), { seriesName: 'A', indications: [{ observationCode: 'S' }] });
    const b = risk(doses({}, {}), { seriesName: 'B', select: { seriesPriority: 'B' } });
    const name = (...codes: string[]) =>
      groupAnswer(run([b, a], ['2020-06-01 A1'], { observations: codes.map((code) => ({ code })) }), 'Alpha', 'risk')
        ?.seriesName;
    expect(name('R')).toBe('B');
    expect(name('R', 'S')).toBe('A');
  });

  test('silence the standard answer of an equivalent group until one of the two is complete', () => {
    const sides = (texts: string[], rows = [standard, risk(doses({}, {}, {}))]) =>
      run(rows, texts, indicated).recommendations.map(({ seriesType, status }) => `${seriesType} ${status}`);
    expect(sides([])).toEqual(['risk notComplete']);
    expect(sides(['2020-06-01 A1', '2020-08-01 A1'])).toEqual(['standard complete', 'risk notComplete']);
    const mutual = risk(doses({}, {}, {}), { equivalentSeriesGroups: ['1'] });
    expect(sides(['2020-06-01 A1', '2020-08-01 A1'], [standard, mutual])).toEqual(['standard complete']);
    const byName = series(doses({}, {}), { equivalentSeriesGroups: ['Risk'] });
    expect(sides([], [byName, mutual])).toEqual(['risk notComplete']);
    expect(sides([], [series(doses({})), risk(doses({}))])).toEqual(['standard notComplete', 'risk notComplete']);
  });

  test('an evaluation-only series answers when it is complete, and never before', () => {
    const only = risk(doses({ ...a2 }, a2), { seriesName: 'evaluation only', seriesType: 'Evaluation Only' });
    const rows = [only, risk(doses({}, {}))];
    const before = groupAnswer(run(rows, ['2020-06-01 A2'], indicated), 'Alpha', 'risk');
    expect(before?.seriesName).toBe('Alpha risk series');
    const after = groupAnswer(run(rows, ['2020-06-01 A2', '2020-08-01 A2'], indicated), 'Alpha', 'risk');
    expect(after).toMatchObject({ seriesName: 'evaluation only', status: 'complete' });
  });

  test('an evaluation-only series of a standard group answers as standard, also beside a risk group', () => {
    const only = named('evaluation only', doses(a2), {}, { seriesType: 'Evaluation Only' });
    const rows = [series(doses({}, {})), only, risk(doses({}))];
    expect(chosen(rows, ['2020-06-01 A2'])).toBe('evaluation only');
    const unequal = [only, risk(doses({}), { select: { seriesGroup: '2' } })];
    expect(chosen(unequal, ['2020-06-01 A2'], indicated)).toBe('evaluation only');
  });

  test('of groups that do not replace each other each have their answer, but those for later in life', () => {
    const travel = risk(doses({}), { seriesName: 'travel', select: { seriesGroup: '3' } });
    const work = risk(doses(a2), { seriesName: 'work', select: { seriesGroup: '4' } });
    const later = risk(doses({}), { seriesName: 'later', select: { seriesGroup: '5', minAgeToStart: '19 years' } });
    const names = run([later, travel, work], [], indicated).recommendations.map(({ seriesName }) => seriesName);
    expect(names).toEqual(['travel', 'work']);
  });

  test('name the indication that made them relevant', () => {
    const result = groupAnswer(run([risk(doses({}))], [], indicated), 'Alpha', 'risk');
    expect(result?.because).toContainEqual(
      expect.objectContaining({ sets: 'path', place: expect.objectContaining({ field: 'indications[0]' }) }),
    );
  });
});
