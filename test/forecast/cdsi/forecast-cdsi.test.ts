// The planner's answer as a whole: what cannot be used is warned of, vague dates and duplicates are said, every decision
// names its rule and row, and one function serves every schedule.
import { describe, expect, test } from 'vitest';
import { compileCdsi } from '../../../server/forecast/cdsi/compile.ts';
import { cdsiRules } from '../../../server/forecast/cdsi/rules.ts';
import { certaintyOf, explain } from '../../../server/forecast/explain.ts';
import { forecast } from '../../../server/forecast/forecast.ts';
import { ScheduleError } from '../../../server/forecast/schedule-error.ts';
import {
  answer,
  doses,
  evaluationOf,
  given,
  groupAnswer,
  groupVerdict,
  ofAntigen,
  prefers,
  risk,
  scheduleOf,
  series,
  sourceOf,
  verdicts,
} from './small-schedule.ts';

const ages = { absMinAge: '6 weeks - 4 days', minAge: '6 weeks', earliestRecAge: '2 months', latestRecAge: '4 months' };
const interval = { fromPrevious: true, absMinInt: '4 weeks - 4 days', minInt: '4 weeks' };
const schedule = scheduleOf([series(doses({ ages: [ages] }, { preferableIntervals: [interval] }))]);

describe('input that cannot be used', () => {
  test.each([
    ['2020-03-01 XX', 'unknownVaccine'],
    ['2020-02-30 A1', 'invalidDate'],
    ['soon A1', 'invalidDate'],
    ['2022-01-16 A1', 'afterAssessmentDate'],
    ['2020-01-14 A1', 'beforeBirth'],
  ])('%s is left out with the warning %s', (text, code) => {
    const result = answer(schedule, { doses: given(text, '2020-03-01 A1') });
    expect(result.warnings).toEqual([expect.objectContaining({ code, doseId: 'd1' })]);
    expect(result.evaluations.map(({ doseId }) => doseId)).toEqual(['d2']);
    expect(groupAnswer(result)).toEqual(groupAnswer(answer(schedule, { doses: given('2020-03-01 A1') })));
  });

  test('an unknown observation and a date of one that is none are warned of', () => {
    const { warnings } = answer(schedule, { observations: [{ code: 'Z' }, { code: 'S', date: 'once' }] });
    expect(warnings.map(({ code }) => code)).toEqual(['unknownObservation', 'invalidDate']);
  });

  test('a birth date that is none is refused', () => {
    expect(() => answer(schedule, { birthDate: '2020-13-01' })).toThrow('birthDate');
    expect(() => answer(schedule, { assessmentDate: '2020' })).toThrow('assessmentDate');
  });

  test('five hundred doses and a birth in the year 1000 have an answer', () => {
    const many = Array.from({ length: 500 }, (_, i) => `20${10 + (i % 12)}-0${1 + (i % 9)}-1${i % 10} A1`);
    const result = answer(schedule, { birthDate: '1000-01-01', doses: given(...many) });
    expect(result.evaluations.length).toBeGreaterThan(100);
    expect(groupAnswer(result)?.status).toBe('complete');
  });
});

test('the same record twice is one dose; the second is extraneous and changes nothing', () => {
  const result = answer(schedule, { doses: given('2020-03-01 A1', '2020-03-01 A1') });
  expect(verdicts(result)).toEqual(['valid', 'extraneous duplicateRecord']);
  const longer = answer(schedule, { doses: given('2020-03-01 A1', '2020-03-01 A1', '2020-03-01 B1', '2020-05-01 A1') });
  expect(verdicts(longer)).toEqual(['valid', 'valid', 'extraneous duplicateRecord']);
  expect(result.warnings).toEqual([expect.objectContaining({ code: 'duplicateRecord', doseId: 'd2' })]);
  expect(groupAnswer(result)).toEqual(groupAnswer(answer(schedule, { doses: given('2020-03-01 A1') })));
});

describe('a vague date', () => {
  test('is judged where its first and its last day agree, and that is said', () => {
    const result = answer(schedule, { doses: given('2020-04 A1') });
    const one = evaluationOf(result, 'd1');
    expect(one).toMatchObject({ status: 'valid', needsClinician: false });
    expect(one?.because.map(({ sets }) => sets)).toContain('warning');
    expect(groupAnswer(result)).toMatchObject({ earliest: '2020-05-28', needsClinician: false });
  });

  test('is undetermined where they do not; the forecast counts from the last day and asks the clinician', () => {
    const result = answer(schedule, { doses: given('2020-02 A1') });
    expect(evaluationOf(result, 'd1')).toMatchObject({
      status: 'undetermined',
      reasons: ['dateTooVague'],
      countsClinically: false,
      needsClinician: true,
    });
    expect(groupVerdict(result, 'd1', 'Alpha')?.status).toBe('undetermined');
    expect(groupAnswer(result)).toMatchObject({ doseNumber: 2, earliest: '2020-03-28', needsClinician: true });
  });

  test('does not reach before birth or past the assessment', () => {
    const result = answer(schedule, { assessmentDate: '2020-03-10', doses: given('2020 A1') });
    expect(groupAnswer(result)?.earliest).toBe('2020-04-07');
    expect(result.warnings).toEqual([]);
  });
});

test('a dose for which this person has no series is not judged, and that is said', () => {
  const result = answer(scheduleOf([risk(doses({}))]), { doses: given('2020-03-01 A1') });
  expect(evaluationOf(result, 'd1')).toMatchObject({
    status: 'undetermined',
    reasons: ['noRelevantSeries'],
    isStatutory: false,
    countsClinically: false,
    needsClinician: false,
  });
  expect(result.recommendations).toEqual([]);
});

describe('reasons', () => {
  const result = answer(schedule, { assessmentDate: '2020-03-01', doses: given('2020-02-22 A1') });
  const because = groupAnswer(result)?.because ?? [];

  test('name the row that set the date, in both languages', () => {
    const texts = { en: explain(because, 'en'), ja: explain(because, 'ja') };
    expect(texts.en).toContain(
      'earliest 2020-03-21: Minimum interval before this dose. (CALCDTINT-4; Alpha, Alpha series, dose 2, ' +
        'preferableIntervals[0].minInt: 4 weeks; CDC CDSi logic specification 4.6)',
    );
    expect(texts.ja.some((line) => line.includes('最も早い日 2020-03-21: この回までの最短の間隔。'))).toBe(true);
    expect(texts.en.length).toBe(texts.ja.length);
  });

  test('name a skipped dose and the series that answers', () => {
    const skipping = doses(
      {
        conditionalSkips: [
          { context: 'Both', sets: [{ description: 'grown up', conditions: [{ type: 'Age', beginAge: '1 year' }] }] },
        ],
      },
      { preferableVaccines: [prefers('A2')] },
    );
    const grounds = groupAnswer(answer(scheduleOf([series(skipping)])))?.because ?? [];
    expect(grounds).toContainEqual(
      expect.objectContaining({ sets: 'dropped', place: expect.objectContaining({ dose: 1, value: 'grown up' }) }),
    );
    expect(grounds).toContainEqual(expect.objectContaining({ sets: 'path' }));
    expect(certaintyOf(grounds)).toBe('O');
  });

  test('have words in Japanese and English for every rule, and one id each', () => {
    const rules = Object.values(cdsiRules);
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const { text, source } of rules) {
      expect(text.ja).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
      expect(text.en).toMatch(/^[A-Z].*\.$/);
      expect(source.ja && source.en).toBeTruthy();
    }
  });
});

test('an antigen file that names itself otherwise goes by the target disease of its series', () => {
  const source = sourceOf([ofAntigen('Beta', 'Beta', series(doses({ preferableVaccines: [prefers('B1')] })))]);
  const [file] = source.antigens;
  if (file === undefined) throw new Error('one antigen');
  const renamed = { ...source, antigens: [{ ...file, content: { ...file.content, antigen: 'BE' } }] };
  const result = answer(compileCdsi(renamed, 'renamed'), { doses: given('2020-03-01 B1') });
  expect(verdicts(result, 'Beta')).toEqual(['valid']);
});

test('a row that cannot be read is refused with its place', () => {
  const rows = [series(doses({}, { ages: [{ minAge: 'two months' }] }))];
  expect(() => scheduleOf(rows)).toThrow(ScheduleError);
  expect(() => scheduleOf(rows)).toThrow('alpha.json > Alpha series > dose 2 > ages[0].minAge: "two months"');
});

test('one function answers by any schedule', () => {
  const input = { birthDate: '2020-01-15', assessmentDate: '2022-01-15', doses: given('2020-03-01 A1') };
  expect(forecast(input, schedule)).toMatchObject(answer(schedule, input));
  expect(forecast(input, schedule).schedule).toEqual({ id: 'small', version: '1' });
});
