// FHIR into the planner and its answer as ImmDS Parameters: codes, dates as Japan counts them, valid R4, stable ids.
import type {
  Extension,
  Flag,
  Immunization,
  ImmunizationEvaluation,
  ImmunizationRecommendation,
  Parameters,
  Patient,
} from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { VACCINE_SYSTEM } from '../../server/fhir/canonical.ts';
import { OperationOutcomeError } from '../../server/fhir/outcome.ts';
import { japanDate } from '../../server/forecast/facts/calendar-date.ts';
import { vaccineCodeOf } from '../../server/forecast/facts/given-doses.ts';
import { forecastAnswer } from '../../server/operations/immds.ts';
import { vaccineConcept } from '../../server/operations/immds-answer.ts';
import { daysAfter, numbers } from '../forecast/child.ts';
import { refusalsOf } from '../support/valid.ts';

const patient: Patient = { resourceType: 'Patient', id: 'hanako', birthDate: '2026-05-20', gender: 'female' };

function dose(id: string, occurrenceDateTime: string, vaccineCode: Immunization['vaccineCode'], more: object = {}) {
  return {
    resourceType: 'Immunization',
    id,
    status: 'completed',
    patient: { reference: 'Patient/hanako' },
    occurrenceDateTime,
    vaccineCode,
    ...more,
  } as Immunization;
}

const own = (code: string) => ({ coding: [{ system: VACCINE_SYSTEM, code }] });

function answer(immunizations: Immunization[], assessmentDate = '2026-11-22') {
  const parameters = JSON.parse(String(forecastAnswer({ patient, immunizations, assessmentDate }))) as Parameters;
  const resources = (parameters.parameter ?? []).map(({ resource }) => resource);
  const evaluations = resources.filter(
    (one): one is ImmunizationEvaluation => one?.resourceType === 'ImmunizationEvaluation',
  );
  const recommendations = resources.filter(
    (one): one is ImmunizationRecommendation => one?.resourceType === 'ImmunizationRecommendation',
  );
  const [recommendation] = recommendations;
  if (recommendation === undefined || recommendations.length !== 1) throw new Error('one recommendation is due');
  const entry = (series: string) => {
    const found = recommendation.recommendation.find(
      ({ targetDisease }) => targetDisease?.coding?.[0]?.code === series,
    );
    if (found === undefined) throw new Error(`no ${series}`);
    return found;
  };
  return { parameters, evaluations, recommendation, entry };
}

const dates = (entry: ReturnType<ReturnType<typeof answer>['entry']>) =>
  Object.fromEntries((entry.dateCriterion ?? []).map(({ code, value }) => [code?.coding?.[0]?.code, value]));

const extensionOf = ({ extension }: { extension?: Extension[] }, name: string) =>
  extension?.find(({ url }) => url.endsWith(`forecast-${name}`));

/** A dose that could not be judged is doubtful by itself, whatever the rules are worth. */
const undetermined = (one: object) => 'doseStatus' in one && JSON.stringify(one.doseStatus).includes('undetermined');

describe('vaccineCodeOf', () => {
  test.each([
    ['our own code', { coding: [{ system: VACCINE_SYSTEM, code: 'PCV20' }] }, 'PCV20'],
    ['CVX', { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '120' }] }, 'DPT-IPV-Hib'],
    ['the less exact CVX', { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '17' }] }, 'Hib'],
    ['a ledger spelling', { text: '５種混合' }, 'DPT-IPV-Hib'],
    ['a ledger spelling with ワクチン', { text: '五種混合ワクチン' }, 'DPT-IPV-Hib'],
    ['half-width kana', { text: 'ﾛﾀﾘｯｸｽ' }, 'RV1'],
    ['a brand inside a package name', { text: 'プレベナー２０水性懸濁注 0.5mL' }, 'PCV20'],
    ['the longer of two brands', { text: 'プレベナー13水性懸濁注' }, 'PCV13'],
    ['the display of a foreign code', { coding: [{ system: 'urn:x', code: '1', display: '水痘' }] }, 'VAR'],
    ['nothing', undefined, undefined],
    ['a brand with its amount', { text: 'ビームゲン 0.5mL' }, 'HepB'],
    ['no number behind a brand', { text: 'プレベナー24水性懸濁注' }, undefined],
    ['no foreign code as a name', { coding: [{ system: 'urn:x', code: 'M' }] }, undefined],
    ['an unknown name', { text: '百日せきジフテリア破傷風なにか' }, undefined],
    ['an unknown code of ours', { coding: [{ system: VACCINE_SYSTEM, code: 'MOON' }] }, undefined],
  ])('reads %s', (_, concept, code) => {
    expect(vaccineCodeOf(concept)).toBe(code);
  });

  test('writes our code first and the nearest CVX beside it', () => {
    expect(vaccineConcept('HepB').coding?.map(({ code }) => code)).toEqual(['HepB', '08']);
  });
});

test.each([
  ['2026-07-18', '2026-07-18'],
  ['2026-07', '2026-07'],
  ['2026-07-18T15:00:00Z', '2026-07-19'],
  ['2026-07-18T14:59:59.999Z', '2026-07-18'],
  ['2026-07-18T09:00:00+09:00', '2026-07-18'],
  ['2026-07-18T20:00:00-10:00', '2026-07-19'],
  ['2026-12-31T23:00:00Z', '2027-01-01'],
  ['yesterday', undefined],
])('%s is the Japanese day %s', (dateTime, date) => {
  expect(japanDate(dateTime)).toBe(date);
});

describe('forecastAnswer', () => {
  test('judges each dose once a series and writes the dates under their LOINC codes', () => {
    const { evaluations, entry } = answer([dose('a', '2026-07-19', own('HepB')), dose('b', '2026-08-15', own('HepB'))]);
    expect(
      evaluations.map(({ immunizationEvent, doseStatus }) => [
        immunizationEvent.reference,
        doseStatus.coding?.[0]?.code,
      ]),
    ).toEqual([
      ['Immunization/a', 'valid'],
      ['Immunization/b', 'notvalid'],
    ]);
    expect(evaluations[1]?.doseStatusReason?.[0]?.coding?.[0]?.code).toBe('toosoon');
    const hepB = entry('HEPB');
    expect(hepB).toMatchObject({ doseNumberPositiveInt: 2, supportingImmunization: [{ reference: 'Immunization/a' }] });
    expect(dates(hepB)).toMatchObject({ '30981-5': '2026-08-16', '59778-1': '2027-02-19', '59777-3': '2027-05-19' });
    expect(hepB.extension?.find(({ url }) => url.endsWith('forecast-review'))?.valueBoolean).toBe(true);
  });

  test.each<[string, string, string[], string]>([
    ['due', 'PCV', ['notComplete', 'due'], '2026-08-01'],
    ['overdue', 'PCV', ['notComplete', 'overdue'], '2027-02-01'],
    ['not yet due', 'MR1', ['notComplete'], '2026-08-01'],
    ['aged out', 'ROTA', ['agedOut'], '2027-03-01'],
    ['advised against', 'ROTA', ['notRecommended'], '2026-10-01'],
  ])('forecastStatus: %s', (_, series, codes, assessmentDate) => {
    expect(
      answer([], assessmentDate)
        .entry(series)
        .forecastStatus.coding?.map(({ code }) => code),
    ).toEqual(codes);
  });

  test('a complete series carries both codings and no dates', () => {
    const bcg = answer([dose('a', '2026-10-20', own('BCG'))]).entry('BCG');
    expect(bcg.forecastStatus.coding?.map(({ code }) => code)).toEqual(['complete', 'complete']);
    expect(bcg.dateCriterion).toBeUndefined();
  });

  test('doses not done or entered in error are no history', () => {
    const { evaluations } = answer([
      dose('a', '2026-10-20', own('BCG'), { status: 'not-done' }),
      dose('b', '2026-10-20', own('BCG'), { status: 'entered-in-error' }),
    ]);
    expect(evaluations).toEqual([]);
  });

  test('an unknown product stays in the answer as a warning and nothing else changes', () => {
    const known = answer([dose('a', '2026-10-20', own('BCG'))]);
    const more = answer([dose('a', '2026-10-20', own('BCG')), dose('z', '2026-09-01', { text: '謎のワクチン' })]);
    expect(more.recommendation.recommendation).toEqual(known.recommendation.recommendation);
    const warning = more.recommendation.extension?.find(({ url }) => url.endsWith('forecast-warning'));
    expect(warning?.extension?.find(({ url }) => url === 'immunization')?.valueReference?.reference).toBe(
      'Immunization/z',
    );
    expect(warning?.extension?.find(({ url }) => url === 'text')?.valueString).toContain('謎のワクチン');
  });

  test('a subpotent dose is not counted', () => {
    const { evaluations, entry } = answer([dose('a', '2026-10-20', own('BCG'), { isSubpotent: true })]);
    expect(evaluations[0]?.extension?.[0]).toMatchObject({ valueCode: 'subStandard' });
    expect(entry('BCG').forecastStatus.coding?.[0]?.code).toBe('notComplete');
  });

  test('is valid R4 through and through, and the same twice', () => {
    const doses = [
      dose('a', '2026-07-19', own('RV1')),
      dose('b', '2026-08', own('RV5')),
      dose('c', '2026-08-20T10:00:00+09:00', own('DPT-IPV-Hib')),
      dose('c2', '2026-08-20', own('DPT-IPV-Hib')),
      dose('d', '2026-08-25', { text: '謎' }),
    ];
    const first = answer(doses);
    const resources = [...first.evaluations, first.recommendation];
    for (const resource of resources) expect(refusalsOf(resource as never)).toEqual([]);
    expect(refusalsOf(first.parameters as never)).toEqual([]);
    expect(new Set(resources.map(({ id }) => id)).size).toBe(resources.length);
    expect(JSON.stringify(answer(doses).parameters)).toBe(JSON.stringify(first.parameters));
  });

  test('says since when and until when the dose is free of charge, beside the days on which it may be given', () => {
    const mr = answer([], '2027-06-01').entry('MR1');
    expect(dates(mr)).toMatchObject({ '30981-5': '2027-05-19', '59777-3': '2028-05-19' });
    expect(extensionOf(mr, 'coverage-start')?.valueDate).toBe('2027-05-19');
    expect(extensionOf(mr, 'coverage-end')?.valueDate).toBe('2028-05-19');
    // The second dose is free in the same window as the first, however long the interval makes it wait.
    const hepB = answer([dose('a', '2026-07-19', own('HepB'))]).entry('HEPB');
    expect(dates(hepB)['30981-5']).toBe('2026-08-16');
    expect(extensionOf(hepB, 'coverage-start')?.valueDate).toBe('2026-05-20');
    expect(extensionOf(answer([]).entry('MUMPS'), 'coverage-start')).toBeUndefined();
  });

  test('names what was assumed, and drops what somebody has said', () => {
    const assumed = (resource: ImmunizationRecommendation) =>
      (resource.extension ?? [])
        .filter(({ url }) => url.endsWith('forecast-assumed'))
        .map(({ extension }) => extension?.find(({ url }) => url === 'code')?.valueCode);
    expect(assumed(answer([]).recommendation)).toEqual(['noConditionKnown', 'noDoseKnown', 'productDefault']);
    const { recommendation } = answer([dose('a', '2026-08', own('RV1'))]);
    expect(assumed(recommendation)).toEqual(['noConditionKnown', 'vagueDate', 'productDefault']);
    const vague = recommendation.extension?.find(({ extension }) => extension?.[0]?.valueCode === 'vagueDate');
    expect(vague?.extension?.find(({ url }) => url === 'immunization')?.valueReference?.reference).toBe(
      'Immunization/a',
    );
    const { gender: _, ...unknown } = patient;
    const asked = {
      patient: unknown,
      immunizations: [],
      assessmentDate: '2026-11-22',
      facts: [{ resourceType: 'Flag', status: 'active', subject: {}, code: { text: 'ケロイド' } } as Flag],
    };
    const parameters = JSON.parse(String(forecastAnswer(asked))) as Parameters;
    expect(assumed(parameters.parameter?.at(-1)?.resource as ImmunizationRecommendation)).toEqual([
      'noDoseKnown',
      'sexUnknown',
      'productDefault',
    ]);
  });

  test('says when the answer changes by itself', () => {
    const { recommendation } = answer([], '2026-06-01');
    // Rotavirus may be given from six weeks, on 1 July; until then everything only waits.
    expect(extensionOf(recommendation, 'changes-on')?.valueDate).toBe('2026-07-19');
  });

  test('whatever rests on an uncertain rule asks the clinician and shows the letter', () => {
    const next = numbers(11);
    const products = ['RV1', 'RV5', 'HepB', 'PCV20', 'DPT-IPV-Hib', 'BCG', 'MR', 'VAR', 'JE', 'MUMPS', 'IIV'];
    let uncertain = 0;
    for (let child = 0; child < 60; child += 1) {
      const doses = Array.from({ length: next(9) }, (_, n) => {
        const date = daysAfter('2026-05-20', next(400));
        const flaw = next(9) === 0 ? { isSubpotent: true } : {};
        return dose(`d${n}`, next(6) === 0 ? date.slice(0, 7) : date, own(products[next(products.length)] ?? ''), flaw);
      });
      const { evaluations, recommendation } = answer(doses, '2027-07-01');
      for (const one of [...evaluations, ...recommendation.recommendation]) {
        const letters = (one.extension ?? [])
          .filter(({ url }) => url.endsWith('forecast-rule'))
          .map(({ extension }) => extension?.find(({ url }) => url === 'certainty')?.valueCode);
        const isReviewed = extensionOf(one, 'review')?.valueBoolean;
        const letter = extensionOf(one, 'certainty')?.valueCode;
        expect([isReviewed, JSON.stringify(one)]).toEqual([letter === 'U' || undetermined(one), JSON.stringify(one)]);
        if (letter === 'U') expect(letters).toContain('U');
        if (letter === 'U') uncertain += 1;
      }
    }
    expect(uncertain).toBeGreaterThan(50);
  });

  test('an assessment date that is no date is a 400', () => {
    const asked = { patient, immunizations: [], assessmentDate: '2026-02-30' };
    expect(() => forecastAnswer(asked)).toThrow(expect.objectContaining({ status: 400 }));
  });

  test.each([undefined, '2026', '2026-05'])(
    'without a full birth date (%j) it is a 422 that names the element',
    (birthDate) => {
      const { birthDate: _, ...rest } = patient;
      const asked = {
        patient: birthDate === undefined ? rest : { ...rest, birthDate },
        immunizations: [],
        assessmentDate: '2026-11-22',
      };
      expect(() => forecastAnswer(asked)).toThrow(OperationOutcomeError);
      try {
        forecastAnswer(asked);
      } catch (error) {
        expect(error).toMatchObject({ status: 422, issues: [{ expression: ['Patient.birthDate'] }] });
      }
    },
  );
});
