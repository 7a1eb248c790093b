// The check before the needle on invented children: errors that the fact sheet lists, each stopped or asked about.
import { describe, expect, test } from 'vitest';
import { checkDose } from '../../server/forecast/check/check-dose.ts';
import type { IntendedDose } from '../../server/forecast/check/types.ts';
import { japaneseSchedule } from '../../server/forecast/schedules/jp/index.ts';
import type { ForecastInput } from '../../server/forecast/types.ts';
import { doses } from './child.ts';

const half = { lotNumber: 'L-1', expirationDate: '2027-03', route: 'SQ', volumeMl: 0.5 };

function check(person: Partial<ForecastInput>, intended: Partial<IntendedDose>) {
  const input = { birthDate: '2026-01-10', assessmentDate: '2026-03-10', doses: [], ...person };
  return checkDose(input, { vaccine: 'PCV20', ...half, ...intended }, japaneseSchedule());
}

const codes = (checked: ReturnType<typeof check>) => checked.reasons.map(({ code }) => code);

describe('the right product on the right day', () => {
  test.each<[string, Partial<ForecastInput>, Partial<IntendedDose>, string]>([
    ['a first PCV20 on the day two months are reached', { assessmentDate: '2026-03-09' }, {}, '初回1回目'],
    ['a five-in-one, though stand-alone Hib is not advised', {}, { vaccine: 'DPT-IPV-Hib' }, '1期初回1回目'],
    ['BCG into the skin at five months', { assessmentDate: '2026-06-10' }, { vaccine: 'BCG' }, '1回'],
    [
      'MR on the day of a varicella dose',
      { assessmentDate: '2027-01-12', doses: doses('2027-01-12 VAR') },
      { vaccine: 'MR' },
      '1期',
    ],
  ])('%s goes', (_, person, intended, label) => {
    const checked = check(person, intended);
    expect(checked).toMatchObject({
      decision: 'go',
      label,
      evaluations: [{ status: 'valid' }, ...checked.evaluations.slice(1)],
    });
    expect(codes(checked).filter((code) => !/NotStated|combo/.test(code))).toEqual([]);
  });

  test('what the package does not say is named as not checked', () => {
    const checked = checkDose(
      { birthDate: '2026-01-10', assessmentDate: '2026-03-10', doses: [] },
      { vaccine: 'PCV20' },
      japaneseSchedule(),
    );
    expect(checked.decision).toBe('go');
    expect(codes(checked)).toEqual(['lotNotStated', 'expiryNotStated', 'routeNotStated', 'volumeNotStated']);
  });
});

describe('errors', () => {
  test.each<[string, string, Partial<ForecastInput>, Partial<IntendedDose>, string, string?]>([
    ['a day too young', 'stop', { assessmentDate: '2026-03-08' }, {}, 'ageTooYoung', '2026-03-09'],
    [
      'a day before the interval ends',
      'stop',
      { assessmentDate: '2026-04-06', doses: doses('2026-03-10 PCV20') },
      {},
      'intervalTooSoon',
      '2026-04-07',
    ],
    [
      'an injected live vaccine 26 whole days after another',
      'stop',
      { birthDate: '2025-01-10', doses: doses('2026-02-11 VAR') },
      { vaccine: 'MR' },
      'vaccineConflict',
      '2026-03-11',
    ],
    [
      'one dose too many',
      'stop',
      { birthDate: '2023-01-10', doses: doses('2025-06-01 PCV20') },
      {},
      'seriesAlreadyComplete',
    ],
    ['the same dose twice on a day', 'stop', { doses: doses('2026-03-10 PCV20') }, {}, 'duplicateRecord'],
    [
      'a boy in the HPV years',
      'ask',
      { birthDate: '2013-01-10', sex: 'male' },
      { vaccine: 'HPV9', route: 'IM' },
      'voluntaryOnly',
    ],
    ['keloid and BCG', 'stop', { observations: [{ code: 'keloid' }] }, { vaccine: 'BCG' }, 'contraindicated'],
    [
      'someone who had varicella',
      'stop',
      { birthDate: '2025-01-10', observations: [{ code: 'disease:varicella' }] },
      { vaccine: 'VAR' },
      'immune',
    ],
    ['a lot that expired last month', 'stop', {}, { expirationDate: '2026-02' }, 'lotExpired'],
    ['a lot that ends this month', 'go', {}, { expirationDate: '2026-03', volumeMl: 0.5 }, ''],
    ['the wrong route', 'stop', {}, { route: 'PO' }, 'wrongRoute'],
    ['the volume of an older child', 'stop', { assessmentDate: '2028-01-10' }, { vaccine: 'JE' }, 'wrongVolume'],
    [
      'a first rotavirus dose after 14 weeks',
      'ask',
      { assessmentDate: '2026-05-10' },
      { vaccine: 'RV1', route: 'PO', volumeMl: 1.5 },
      'advisedAgainst',
    ],
    [
      'a rotavirus dose behind its licence',
      'stop',
      { assessmentDate: '2026-07-10' },
      { vaccine: 'RV1', route: 'PO', volumeMl: 1.5 },
      'outsideLicence',
    ],
    [
      'the other rotavirus product',
      'ask',
      { assessmentDate: '2026-04-20', doses: doses('2026-03-10 RV1') },
      { vaccine: 'RV5', route: 'PO', volumeMl: 2 },
      'review',
    ],
    ['a product no longer sold', 'ask', { assessmentDate: '2026-06-10' }, { vaccine: 'DPT-IPV' }, 'notOnMarket'],
    ['between two windows', 'ask', { birthDate: '2018-01-10' }, { vaccine: 'JE' }, 'outsideAnyWindow'],
    ['a product nobody knows', 'ask', {}, { vaccine: 'MOON' }, 'unknownProduct'],
    ['an antibody', 'ask', {}, { vaccine: 'NIRSEVIMAB' }, 'antibodyProduct'],
    [
      'three months after immunoglobulin not over',
      'ask',
      { birthDate: '2025-01-10', observations: [{ code: 'immunoglobulin', date: '2026-01-20', value: 0 }] },
      { vaccine: 'MR' },
      'givenDuringDeferral',
    ],
    ['a record that cannot be read', 'ask', { doses: doses('2026-02-30 PCV20') }, {}, 'invalidDate'],
  ])('%s: %s', (_, decision, person, intended, code, date) => {
    const checked = check(person, intended);
    expect(checked.decision).toBe(decision);
    if (code === '') return;
    expect(codes(checked)).toContain(code);
    if (date !== undefined) expect(checked.reasons.find((one) => one.code === code)?.date).toBe(date);
  });

  test('every reason has words in both languages, and those of a rule name it', () => {
    const checked = check({ assessmentDate: '2026-03-08' }, { route: 'PO', volumeMl: 1 });
    for (const { text } of checked.reasons) expect([text.ja, text.en].every((words) => words.length > 3)).toBe(true);
    expect(checked.reasons.find(({ code }) => code === 'ageTooYoung')?.rule?.id).toBe('PCV-1');
    expect(checked.reasons.find(({ code }) => code === 'wrongVolume')?.text.en).toContain('0.5 mL');
  });
});
