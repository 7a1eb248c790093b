// A second reading of the Japanese fact sheet: rules whose words an earlier reading of the engine did not follow.
import { describe, expect, test } from 'vitest';
import { runCase } from '../../server/forecast/cases.ts';
import { japaneseSchedule } from '../../server/forecast/schedules/jp/index.ts';
import type { ForecastInput } from '../../server/forecast/types.ts';
import { answerFor, doses, evaluationsFor, plan } from './child.ts';

const asked = (birthDate: string, assessmentDate: string, lines: string[], observations: Observations = []) =>
  plan({ birthDate, assessmentDate, sex: 'female', doses: doses(...lines), observations });
type Observations = NonNullable<ForecastInput['observations']>;

describe('RSV vaccine in pregnancy', () => {
  test.each([
    ['2026-11-21', 'notValid', ['gestationalAgeTooEarly']],
    ['2026-11-22', 'valid', []],
    ['2027-01-23', 'valid', []],
    ['2027-01-24', 'notValid', ['gestationalAgeTooLate']],
  ])('a dose on %s, due on 2027-02-14, is %s %j', (date, status, reasons) => {
    const due = [{ code: 'pregnancy-edd', date: '2027-02-14' }];
    const result = asked('1995-05-05', '2027-02-01', [`${date} RSV-MAT`], due);
    expect(evaluationsFor(result, 'RSVM')).toMatchObject([{ status, reasons, countsClinically: true }]);
  });

  test('in the right weeks before the programme it is in no window', () => {
    const due = [{ code: 'pregnancy-edd', date: '2026-05-10' }];
    const result = asked('1995-05-05', '2026-04-10', ['2026-03-25 RSV-MAT'], due);
    expect(evaluationsFor(result, 'RSVM')).toMatchObject([{ status: 'notValid', reasons: ['outsideAnyWindow'] }]);
  });
});

describe('a dose between two phases', () => {
  test.each([
    ['MR1', 'MR2', '2023-05-10', ['2025-06-01 MR']],
    ['JE1', 'JE2', '2018-03-10', ['2021-04-01 JE', '2021-04-20 JE', '2026-05-01 JE']],
  ])('is too late for %s where that was unfinished, and in no window of %s', (one, two, birthDate, lines) => {
    const result = asked(birthDate, '2026-11-22', lines);
    const last = evaluationsFor(result, one).at(-1);
    expect(last).toMatchObject({ status: 'notValid', reasons: ['ageTooOld', 'outsideAnyWindow'] });
    expect(evaluationsFor(result, two)).toMatchObject([{ status: 'notValid', reasons: ['outsideAnyWindow'] }]);
    expect(answerFor(result, one).status).toBe('agedOut');
  });

  test('is judged once where the earlier phase was complete', () => {
    const result = asked('2021-05-10', '2026-11-22', ['2022-06-01 MR', '2025-06-01 MR']);
    expect(evaluationsFor(result, 'MR1')).toHaveLength(1);
    expect(evaluationsFor(result, 'MR2')).toMatchObject([{ status: 'notValid', reasons: ['outsideAnyWindow'] }]);
  });

  test('past the age of its own day is too old, though the programme opened again later', () => {
    const [bcg] = evaluationsFor(asked('2012-08-01', '2013-04-01', ['2013-02-15 BCG']), 'BCG');
    expect(bcg?.reasons).toEqual(['outsideAnyWindow', 'ageTooOld']);
  });
});

describe('Japanese encephalitis, the cohorts that missed doses', () => {
  const HAD = ['2010-08-01 JE', '2026-11-03 JE', '2026-11-10 JE'];

  test.each([
    ['2026-11-16', 'notValid', 'notComplete'],
    ['2026-11-17', 'valid', 'complete'],
  ])('phase 2 on %s, after phase 1 on 2026-11-10: %s', (date, judged, status) => {
    const result = asked('2007-01-15', '2026-11-25', [...HAD, `${date} JE`]);
    expect(evaluationsFor(result, 'JE2')).toMatchObject([{ status: judged }]);
    expect(answerFor(result, 'JE2').status).toBe(status);
  });

  test('before the measure a third dose waited as for everybody', () => {
    const lines = ['2011-03-01 JE', '2011-03-15 JE', '2011-04-01 JE'];
    const third = evaluationsFor(asked('2005-01-15', '2011-05-01', lines), 'JE1').at(-1);
    expect(third).toMatchObject({ status: 'notValid', reasons: ['intervalTooSoon'] });
  });

  test('phase 2 is over for somebody whose phase 1 no longer fits before 20', () => {
    const late = asked('2007-01-15', '2026-11-22', []);
    expect(answerFor(late, 'JE1')).toMatchObject({ status: 'notComplete', canFinish: false });
    expect(answerFor(late, 'JE2').status).toBe('agedOut');
    expect(answerFor(asked('2007-01-15', '2026-05-01', []), 'JE2').status).toBe('notComplete');
  });
});

test('varicella in the transition of 2014: one dose, none for those who had one', () => {
  const had = asked('2011-09-20', '2014-12-01', ['2013-05-01 VAR', '2014-10-20 VAR']);
  expect(answerFor(had, 'VAR')).toMatchObject({ status: 'complete', dosesRequired: 0 });
  expect(evaluationsFor(had, 'VAR').map(({ status }) => status)).toEqual(['valid', 'extraneous']);
  expect(answerFor(asked('2012-04-10', '2014-12-01', ['2013-05-01 VAR']), 'VAR')).toMatchObject({
    status: 'notComplete',
    doseNumber: 2,
  });
});

describe('stand-alone Hib since the five-in-one vaccine', () => {
  test('is advised against while it is legal, and over after 60 months', () => {
    expect(answerFor(asked('2022-02-10', '2027-02-09', []), 'HIB').status).toBe('notRecommended');
    expect(answerFor(asked('2022-02-10', '2027-02-10', []), 'HIB')).toMatchObject({
      status: 'agedOut',
      latest: '2027-02-09',
    });
  });

  test('stays advised against for a child begun with five-in-one, at any age', () => {
    const begun = asked('2019-01-01', '2024-08-01', ['2024-06-01 DPT-IPV-Hib']);
    expect(answerFor(begun, 'HIB').status).toBe('notRecommended');
  });

  test('is due again after a long illness, up to ten years of age', () => {
    const ill = [{ code: 'long-illness-ended', date: '2026-06-30' }, { code: 'missed:HIB' }];
    expect(answerFor(asked('2017-02-10', '2026-11-22', [], ill), 'HIB')).toMatchObject({
      status: 'notComplete',
      label: '1回目(長期療養特例)',
      latest: '2027-02-09',
    });
  });
});

describe('records whose day is not sure', () => {
  test('a vague dose is judged on both its days after the last day of a vague dose before it', () => {
    const dates = ['2024-06 JE', '2024-07 JE'];
    const [first, second] = evaluationsFor(asked('2021-05-15', '2026-11-22', dates), 'JE1');
    expect(first).toMatchObject({ status: 'valid', doseNumber: 1 });
    expect(second).toMatchObject({ status: 'undetermined', reasons: ['dateTooVague'] });
    const [, later] = evaluationsFor(asked('2021-05-15', '2026-11-22', ['2024-06 JE', '2024-08 JE']), 'JE1');
    expect(later).toMatchObject({ status: 'valid', doseNumber: 2 });
  });

  test('two products on one day are a question, not too short an interval', () => {
    const result = asked('2026-05-10', '2026-08-20', ['2026-07-09 PCV20', '2026-07-09 PCV15']);
    expect(evaluationsFor(result, 'PCV').map(({ status }) => status)).toEqual(['valid', 'undetermined']);
    expect(answerFor(result, 'PCV')).toMatchObject({ doseNumber: 2, needsClinician: true });
  });

  test.each([
    ['アクトヒブ', false],
    ['another', true],
  ])('one vaccine recorded twice on a day, %s: ask %s', (product, isAsked) => {
    const [one, two] = doses('2023-04-20 Hib', '2023-04-20 Hib');
    if (one === undefined || two === undefined) throw new Error('two doses');
    const given = [
      { ...one, product: 'アクトヒブ' },
      { ...two, product },
    ];
    const result = plan({ birthDate: '2023-02-14', assessmentDate: '2023-05-01', doses: given });
    expect(evaluationsFor(result, 'HIB').map(({ status }) => status)).toEqual(['valid', 'extraneous']);
    expect(answerFor(result, 'HIB').needsClinician).toBe(isAsked);
  });
});

describe('programmes of the elderly', () => {
  test('a second zoster dose that came too early leaves the second dose open', () => {
    const result = asked('1962-04-01', '2027-01-22', ['2026-10-31 RZV', '2026-12-30 RZV']);
    expect(answerFor(result, 'ZOSTER')).toMatchObject({ status: 'notComplete', doseNumber: 2, needsClinician: true });
  });

  test('who turns 65 after the season is too young for it, not past it', () => {
    const keys = asked('1962-04-02', '2026-11-22', []).recommendations.map(({ series }) => series);
    expect(keys).not.toContain('FLU65');
    expect(keys).not.toContain('COVID65');
    const next = asked('1962-04-02', '2027-04-01', []);
    expect(answerFor(next, 'FLU65')).toMatchObject({ status: 'notComplete', earliest: '2027-10-01' });
  });
});

test('findings of SCID close every live series', () => {
  const result = asked('2026-06-10', '2026-11-22', [], [{ code: 'scid' }]);
  for (const series of ['ROTA', 'BCG', 'MR1', 'VAR', 'MUMPS'])
    expect(answerFor(result, series).status).toBe('contraindicated');
});

test('a wait after immunoglobulin that outlasts the window is for the clinician', () => {
  const given = [{ code: 'immunoglobulin', date: '2026-11-01', value: 2000 }];
  const result = asked('2020-05-10', '2026-11-22', ['2021-06-01 MR'], given);
  expect(answerFor(result, 'MR2')).toMatchObject({ status: 'agedOut', latest: '2027-03-31', needsClinician: true });
});

test('rotavirus names no product before the first dose', () => {
  expect(answerFor(asked('2026-08-10', '2026-10-20', []), 'ROTA').product).toBeUndefined();
  expect(answerFor(asked('2026-08-10', '2026-10-20', ['2026-10-12 RV5']), 'ROTA').product).toBe('RV5');
});

test('a transfusion without an amount in a case waits three months, not six', () => {
  const line = JSON.stringify({
    id: 'transfusion',
    birthDate: '2025-09-10',
    assessmentDate: '2026-11-22',
    context: { immunoglobulin: [{ date: '2026-09-01' }] },
    history: [],
    expect: { MR1: { status: 'notYetDue', earliestDate: '2026-12-01' } },
  });
  expect(runCase(line, japaneseSchedule()).failures).toEqual([]);
});
