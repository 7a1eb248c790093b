// Conditional skips (CDSi 6.2) in evaluation, at the assessment date and at the earliest date.
import { describe, expect, test } from 'vitest';
import type { SkipConditionRow, SkipRow, SkipSetRow } from '../../../server/forecast/cdsi/source.ts';
import {
  answer,
  type DosePart,
  doses,
  evaluationOf,
  given,
  groupAnswer,
  prefers,
  risk,
  scheduleOf,
  series,
  verdicts,
} from './small-schedule.ts';

function skipOf(context: SkipRow['context'], ...conditions: SkipConditionRow[]): DosePart {
  return { conditionalSkips: [{ context, sets: [{ conditionLogic: 'AND', conditions }] }] };
}

function count(part: Partial<SkipConditionRow>): SkipConditionRow {
  return { type: 'Vaccine Count by Age', doseType: 'Valid', doseCountLogic: 'greater than', doseCount: 0, ...part };
}

const never = { preferableVaccines: [prefers('A3')] };

/** The number of the dose that the forecast names, after a first dose that may be skipped. */
function nextDose(first: DosePart, ...texts: string[]): number | undefined {
  const result = answer(scheduleOf([series(doses({ ...never, ...first }, never, never))]), { doses: given(...texts) });
  const place = groupAnswer(result)?.because.find(
    ({ sets, rule }) => sets === 'status' && rule.id === 'CDSi-7.4f',
  )?.place;
  return place?.dose;
}

describe('a condition', () => {
  test('of age holds from its begin to before its end, at the assessment date', () => {
    expect(nextDose(skipOf('Forecast', { type: 'Age', beginAge: '2 years' }))).toBe(2);
    expect(nextDose(skipOf('Forecast', { type: 'Age', beginAge: '2 years + 1 day' }))).toBe(1);
    const ending = (endAge: string) => skipOf('Forecast', { type: 'Age', beginAge: '1 year', endAge });
    expect(nextDose(ending('2 years'))).toBe(1);
    expect(nextDose(ending('2 years + 1 day'))).toBe(2);
  });

  test('of an interval needs a previous dose', () => {
    const first = skipOf('Forecast', { type: 'Interval', interval: '1 year' });
    expect(nextDose(first)).toBe(1);
    expect(nextDose(first, '2021-01-15 A1')).toBe(2);
    expect(nextDose(first, '2021-01-16 A1')).toBe(1);
  });

  test.each([
    ['greater than', 1, [1, 1, 2]],
    ['Greater Than', 0, [1, 2, 2]],
    ['equal to', 1, [1, 2, 1]],
    ['less than', 1, [2, 1, 1]],
  ])('of a count %s %i', (doseCountLogic, doseCount, expected) => {
    const first = skipOf('Forecast', count({ doseType: 'Total', doseCountLogic, doseCount }));
    expect(
      [[], ['2021-01-15 A1'], ['2021-01-15 A1', '2021-02-15 A1']].map((texts) => nextDose(first, ...texts)),
    ).toEqual(expected);
  });

  test('of a count looks into its window of ages and of dates, both half open', () => {
    const byAge = skipOf('Forecast', count({ doseType: 'Total', beginAge: '1 month', endAge: '2 months' }));
    expect(nextDose(byAge, '2020-02-14 A1')).toBe(1);
    expect(nextDose(byAge, '2020-02-15 A1')).toBe(2);
    expect(nextDose(byAge, '2020-03-14 A1')).toBe(2);
    expect(nextDose(byAge, '2020-03-15 A1')).toBe(1);
    const byDate = skipOf(
      'Forecast',
      count({ type: 'Vaccine Count by Date', doseType: 'Total', startDate: '2020-05-01', endDate: '2020-06-01' }),
    );
    expect(nextDose(byDate, '2020-04-30 A1')).toBe(1);
    expect(nextDose(byDate, '2020-05-01 A1')).toBe(2);
    expect(nextDose(byDate, '2020-05-31 A1')).toBe(2);
    expect(nextDose(byDate, '2020-06-01 A1')).toBe(1);
  });

  test('of a total of listed products counts products of other antigens, a valid count does not', () => {
    expect(nextDose(skipOf('Forecast', count({ doseType: 'Total', vaccineTypesCvx: ['G1'] })), '2020-05-01 G1')).toBe(
      2,
    );
    expect(nextDose(skipOf('Forecast', count({ vaccineTypesCvx: ['G1'] })), '2020-05-01 G1')).toBe(1);
    expect(nextDose(skipOf('Forecast', count({ doseType: 'Total', vaccineTypesCvx: ['A2'] })), '2020-05-01 A1')).toBe(
      1,
    );
  });

  test('of a valid count leaves doses out that are not valid', () => {
    expect(nextDose(skipOf('Forecast', count({})), '2020-05-01 A1')).toBe(1);
    const schedule = scheduleOf([series(doses({}, { ...skipOf('Forecast', count({})), ...never }))]);
    expect(groupAnswer(answer(schedule, { doses: given('2020-05-01 A1') }))?.status).toBe('complete');
  });
});

describe('while a dose is judged', () => {
  test('it does not count itself, nor does what came later', () => {
    const rows = doses({ ...skipOf('Evaluation', count({ doseType: 'Total', doseCount: 0 })), ...never }, {});
    const result = answer(scheduleOf([series(rows)]), { doses: given('2020-05-01 A1', '2020-06-01 A1') });
    expect(verdicts(result)).toEqual(['notValid notPreferableOrAllowable', 'valid']);
  });

  test('the reference date is its day', () => {
    const rows = doses({ ...skipOf('Evaluation', { type: 'Age', beginAge: '6 months' }), ...never }, {});
    const on = (date: string) => verdicts(answer(scheduleOf([series(rows)]), { doses: given(`${date} A1`) }));
    expect(on('2020-07-14')).toEqual(['notValid notPreferableOrAllowable']);
    expect(on('2020-07-15')).toEqual(['valid']);
  });

  test('skips of a forecast do not count, and the other way round', () => {
    const age = { type: 'Age', beginAge: '0 days' };
    const rows = doses({ ...skipOf('Forecast', age), ...never }, {});
    expect(verdicts(answer(scheduleOf([series(rows)]), { doses: given('2020-05-01 A1') }))).toEqual([
      'notValid notPreferableOrAllowable',
    ]);
    expect(nextDose(skipOf('Evaluation', age))).toBe(1);
    expect(nextDose(skipOf('Both', age))).toBe(2);
  });
});

describe('sets', () => {
  const yes: SkipConditionRow = { type: 'Age', beginAge: '0 days' };
  const no: SkipConditionRow = { type: 'Age', beginAge: '90 years' };
  const setOf = (part: Partial<SkipSetRow>, ...conditions: SkipConditionRow[]): SkipSetRow => ({ conditions, ...part });
  const skips = (setLogic: SkipRow['setLogic'], ...sets: SkipSetRow[]): DosePart => ({
    conditionalSkips: [{ context: 'Both', ...(setLogic && { setLogic }), sets }],
  });

  test.each<[string, DosePart, number]>([
    ['all conditions by default', skips(undefined, setOf({}, yes, no)), 1],
    ['any condition with OR', skips(undefined, setOf({ conditionLogic: 'OR' }, no, yes)), 2],
    ['all sets by default', skips(undefined, setOf({}, yes), setOf({}, no)), 1],
    ['any set with OR', skips('OR', setOf({}, no), setOf({}, yes)), 2],
    ['all sets hold', skips('AND', setOf({}, yes), setOf({}, yes)), 2],
    ['a set out of force is left out', skips('AND', setOf({}, yes), setOf({ effectiveDate: '2022-01-16' }, no)), 2],
    [
      'a set in force on its first day counts',
      skips('AND', setOf({}, yes), setOf({ effectiveDate: '2022-01-15' }, no)),
      1,
    ],
    ['no set in force is not met', skips('AND', setOf({ cessationDate: '2022-01-14' }, yes)), 1],
  ])('%s', (_, first, dose) => {
    expect(nextDose(first)).toBe(dose);
  });

  test('any matching instance skips, not only the first', () => {
    const first: DosePart = {
      conditionalSkips: [
        { context: 'Both', sets: [{ conditions: [no] }] },
        { context: 'Both', sets: [{ conditions: [yes] }] },
      ],
    };
    expect(nextDose(first)).toBe(2);
  });
});

describe('a completed series', () => {
  const completed = (group: string) => skipOf('Both', { type: 'Completed Series', seriesGroups: [group] });
  const standard = series(doses({ ages: [{ maxAge: '1 year' }] }));

  test.each(['1', 'Standard'])('is named by id or by name (%s)', (group) => {
    const schedule = scheduleOf([standard, risk(doses({ ...completed(group), ...never }, {}))]);
    const input = { observations: [{ code: 'R' }] };
    const before = answer(schedule, { ...input, doses: given('2021-03-01 A1') });
    expect(groupAnswer(before, 'Alpha', 'risk')?.validDoseCount).toBe(0);
    const after = answer(schedule, { ...input, doses: given('2020-03-01 A1', '2021-03-01 A1') });
    expect(groupAnswer(after, 'Alpha', 'risk')?.status).toBe('complete');
  });

  test('counts from the very day on which it was complete', () => {
    const rows = [standard, risk(doses({ ...completed('1'), ...never }, { preferableVaccines: [prefers('A2')] }))];
    const on = (second: string) =>
      answer(scheduleOf(rows), { observations: [{ code: 'R' }], doses: given('2020-03-01 A1', `${second} A2`) });
    expect(evaluationOf(on('2020-03-01'), 'd2')?.status).toBe('valid');
    expect(groupAnswer(on('2020-03-01'), 'Alpha', 'risk')?.status).toBe('complete');
  });

  test('counts for an old dose only from the day it was complete', () => {
    const two = series(doses({}, {}), { select: { seriesGroup: '1' } });
    const later = risk(doses(completed('1'), { preferableVaccines: [prefers('A2')] }));
    const result = answer(scheduleOf([two, later]), {
      observations: [{ code: 'R' }],
      doses: given('2020-03-01 A1', '2020-05-01 A1', '2020-07-01 A2'),
    });
    // The first dose satisfies the risk series' first target, although the standard series is complete by now.
    expect(groupAnswer(result, 'Alpha', 'risk')?.status).toBe('complete');
    expect(evaluationOf(result, 'd3')).toMatchObject({ status: 'valid', series: 'Alpha risk series', doseNumber: 2 });
  });
});

test('a dose that would be skipped by its earliest date is skipped now', () => {
  const second = {
    ...skipOf('Both', { type: 'Age', beginAge: '3 years' }),
    preferableIntervals: [{ fromPrevious: true, absMinInt: '2 years', minInt: '2 years' }],
  };
  const third = { preferableIntervals: [{ fromPrevious: true, absMinInt: '8 weeks', minInt: '8 weeks' }] };
  const result = answer(scheduleOf([series(doses({}, second, third))]), { doses: given('2022-01-01 A1') });
  expect(groupAnswer(result)).toMatchObject({ status: 'notComplete', doseNumber: 2, earliest: '2022-02-26' });
});
