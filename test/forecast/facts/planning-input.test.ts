// What each resource of a record tells the planner, and what it does not.
import type { Immunization } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { PLANNING_FACT_SYSTEM } from '../../../profiles/planning-fact.ts';
import { VACCINE_SYSTEM } from '../../../server/fhir/canonical.ts';
import { type PlanningResource, planningInput } from '../../../server/forecast/facts/planning-input.ts';

const SNOMED = 'http://snomed.info/sct';
const LOINC = 'http://loinc.org';
const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
const subject = { reference: 'Patient/hanako' };
const asOf = '2026-06-20';

function read(facts: object[], immunizations: object[] = [], mother: object[] = []) {
  const { input, warnings } = planningInput(
    {
      patient: { resourceType: 'Patient', birthDate: '2025-01-15' },
      immunizations: immunizations as Immunization[],
      facts: facts as PlanningResource[],
      mother: mother as PlanningResource[],
    },
    asOf,
  );
  return { doses: input.doses, facts: input.observations ?? [], warnings: warnings.map(({ code }) => code) };
}

const condition = (code: object, more: object = {}) => ({ resourceType: 'Condition', subject, code, ...more });
const allergy = (more: object) => ({ resourceType: 'AllergyIntolerance', patient: subject, ...more });
const observed = (code: string, more: object) => ({
  resourceType: 'Observation',
  status: 'final',
  subject,
  code: coded(LOINC, code),
  ...more,
});
const given = (code: string, occurrenceDateTime: string, more: object = {}) => ({
  resourceType: 'Immunization',
  id: `d-${occurrenceDateTime}`,
  status: 'completed',
  patient: subject,
  vaccineCode: coded(VACCINE_SYSTEM, code),
  occurrenceDateTime,
  ...more,
});

describe('diseases and exclusions', () => {
  const clinical = (code: string) => ({ clinicalStatus: coded('urn:clinical', code) });
  const verified = (code: string) => ({ verificationStatus: coded('urn:verification', code) });
  test.each<[string, object, string[], string[]]>([
    ['an active malformation', clinical('active'), ['gastrointestinal-malformation'], []],
    ['one without a status', {}, ['gastrointestinal-malformation'], []],
    ['one that was operated', clinical('resolved'), [], []],
    ['one that has ended', { abatementDateTime: '2026-01-01' }, [], []],
    ['a provisional one', verified('provisional'), [], ['uncertainFact']],
    ['a refuted one', verified('refuted'), [], []],
    ['one found later', { onsetDateTime: '2026-07-01' }, [], []],
  ])('%s', (_, more, facts, warnings) => {
    const found = read([condition(coded('http://hl7.org/fhir/sid/icd-10', 'Q41.1'), more)]);
    expect([found.facts.map(({ code }) => code), found.warnings]).toEqual([facts, warnings]);
  });

  test('a fever moves doses by its days, and without days is only named', () => {
    const fever = coded('http://hl7.org/fhir/sid/icd-10', 'R50.9');
    expect(read([condition(fever, { onsetDateTime: '2026-06-19', abatementDateTime: '2026-06-22' })]).facts).toEqual([
      { code: 'fever', date: '2026-06-19', until: '2026-06-22' },
    ]);
    expect(read([condition(fever, { ...clinical('active'), onsetDateTime: '2026-06-19' })]).facts).toEqual([
      { code: 'fever', date: '2026-06-19' },
    ]);
    expect(read([condition(fever)])).toMatchObject({ facts: [], warnings: ['undatedFact'] });
    const measured = (value: number) =>
      read([observed('8310-5', { effectiveDateTime: asOf, valueQuantity: { value, unit: 'Cel', code: 'Cel' } })]).facts;
    expect(measured(37.5)).toEqual([{ code: 'fever', date: asOf, until: asOf }]);
    expect(measured(37.4)).toEqual([]);
  });

  test.each<[string, object, string[]]>([
    [
      'anaphylaxis to a vaccine',
      { code: coded(VACCINE_SYSTEM, 'MR'), reaction: [{ manifestation: [coded(SNOMED, '39579001')] }] },
      ['anaphylaxis:MR'],
    ],
    [
      'high criticality, by CVX',
      { code: coded('http://hl7.org/fhir/sid/cvx', '21'), criticality: 'high' },
      ['anaphylaxis:VAR'],
    ],
    [
      'a vaccine borne badly',
      { code: { text: 'ロタリックス' }, reaction: [{ manifestation: [{ text: '発疹' }] }] },
      ['reaction-after-dose'],
    ],
    ['an egg allergy', { code: coded(SNOMED, '91930004') }, []],
    [
      'anaphylaxis to egg',
      { code: { text: '鶏卵' }, reaction: [{ manifestation: [{ text: 'アナフィラキシー' }] }] },
      ['anaphylaxis:egg'],
    ],
    ['latex', { code: coded(SNOMED, '300916003') }, ['latex-allergy']],
    ['an allergy to immunoglobulin is none given', { code: { text: '免疫グロブリン' } }, []],
    ['pollen', { code: { text: 'スギ花粉' } }, []],
  ])('allergies: %s', (_, more, facts) => {
    expect(read([allergy(more)]).facts.map(({ code }) => code)).toEqual(facts);
  });

  test('immunodeficiency in the family is not in the person', () => {
    const family = (relationship: string, code: object) => ({
      resourceType: 'FamilyMemberHistory',
      status: 'completed',
      patient: subject,
      relationship: coded('http://terminology.hl7.org/CodeSystem/v3-RoleCode', relationship),
      condition: [{ code }],
    });
    const scid = coded(SNOMED, '31323000');
    expect(read([family('NBRO', scid)]).facts).toEqual([{ code: 'immunodeficiency-in-family' }]);
    expect(read([family('NBRO', coded(SNOMED, '38907003'))]).facts).toEqual([]);
  });

  test('a code of ours that is none is named', () => {
    expect(read([condition(coded(PLANNING_FACT_SYSTEM, 'moon'))]).warnings).toEqual(['unknownFact']);
  });

  test('immunosuppression lasts half a year beyond the last administration', () => {
    const infliximab = (effectiveDateTime: string) => ({
      resourceType: 'MedicationAdministration',
      status: 'completed',
      subject,
      medicationCodeableConcept: coded('http://www.whocc.no/atc', 'L04AB02'),
      effectiveDateTime,
    });
    expect(read([infliximab('2026-03-01')]).facts.map(({ code }) => code)).toEqual(['immunosuppressive-therapy']);
    expect(read([infliximab('2025-06-01')]).facts).toEqual([]);
  });
});

describe('results', () => {
  const HBsAg = (value: object) => ({ ...observed('5196-1', value), id: 'o' });
  test.each<[string, object, boolean | undefined]>([
    ['陽性', { valueCodeableConcept: { text: '陽性' } }, true],
    ['(+)', { valueString: '（＋）' }, true],
    ['a SNOMED qualifier', { valueCodeableConcept: coded(SNOMED, '10828004') }, true],
    ['an interpretation', { valueQuantity: { value: 250 }, interpretation: [coded('urn:i', 'POS')] }, true],
    ['陰性', { valueString: '陰性' }, false],
    ['(-)', { valueString: '(-)' }, false],
    ['NEG', { valueQuantity: { value: 0.1 }, interpretation: [coded('urn:i', 'NEG')] }, false],
    ['a number alone', { valueQuantity: { value: 0.1 } }, undefined],
    ['no value', {}, undefined],
  ])("the mother's HBsAg, %s", (_, value, isPositive) => {
    const { facts, warnings } = read([], [], [HBsAg(value)]);
    expect(facts).toEqual(isPositive === true ? [{ code: 'mother:HBsAg-positive' }] : []);
    expect(warnings).toEqual(isPositive === undefined ? ['unreadableResult'] : []);
  });

  test.each<[string, object, number | undefined]>([
    ['a quantity', { valueQuantity: { value: 16 } }, 16],
    ['倍', { valueString: '16倍' }, 16],
    ['1:16', { valueString: '1:16' }, 16],
    ['a ratio', { valueRatio: { numerator: { value: 1 }, denominator: { value: 32 } } }, 32],
    ['below the least', { valueString: '8倍未満' }, 4],
    ['<8', { valueQuantity: { value: 8, comparator: '<' } }, 4],
    ['no number', { valueString: '不明' }, undefined],
  ])('a rubella titre as %s', (_, value, titre) => {
    const { facts } = read([observed('22497-2', { effectiveDateTime: '2026-02-01', ...value })]);
    expect(facts).toEqual(titre === undefined ? [] : [{ code: 'rubella-titre', date: '2026-02-01', value: titre }]);
  });

  test('birth weight in grams or kilograms', () => {
    const born = (valueQuantity: object) => read([observed('8339-4', { valueQuantity })]);
    expect(born({ value: 1.999, code: 'kg' }).facts).toEqual([{ code: 'birth-weight', value: 1999 }]);
    expect(born({ value: 2000, code: 'g' }).facts).toEqual([{ code: 'birth-weight', value: 2000 }]);
    expect(born({ value: 2000 })).toMatchObject({ facts: [], warnings: ['unreadableResult'] });
  });

  test('anti-HBs counts a month after the third dose, and the latest counts', () => {
    const doses = ['2025-01-15', '2025-02-15', '2025-07-15'].map((date) => given('HepB', date));
    const test = (effectiveDateTime: string, value: number) =>
      observed('16935-9', { effectiveDateTime, valueQuantity: { value, unit: 'mIU/mL' } });
    expect(read([test('2025-10-20', 5)], doses).facts).toMatchObject([{ code: 'anti-HBs-low' }]);
    expect(read([test('2025-10-20', 5)], doses.slice(1)).facts).toEqual([]);
    expect(read([test('2025-07-20', 5)], doses).facts).toEqual([]);
    expect(read([test('2025-10-20', 5), test('2026-02-20', 50)], doses).facts).toEqual([]);
  });

  test('what is about a specimen or the unborn child is not about the person', () => {
    const focus = [{ reference: 'BodyStructure/1' }];
    expect(read([observed('5196-1', { focus, valueString: '陽性' })])).toMatchObject({ facts: [], warnings: [] });
  });
});

describe('doses', () => {
  test.each<[string, object, string | undefined]>([
    ['subpotent', { isSubpotent: true }, 'doseCondition'],
    ['a reason alone', { subpotentReason: [{ text: '常温で放置' }] }, 'doseCondition'],
    ['said not to be', { isSubpotent: false, subpotentReason: [{ text: '-' }] }, undefined],
    ['expired', { expirationDate: '2026-01-31' }, 'lotExpired'],
    ['on its last day', { expirationDate: '2026-02-01' }, undefined],
    ['in its last month', { expirationDate: '2026-02' }, undefined],
  ])('%s', (_, more, flaw) => {
    expect(read([], [given('BCG', '2026-02-01', more)]).doses[0]?.flaw).toBe(flaw);
  });

  test('keeps what the dose is checked by', () => {
    const more = {
      lotNumber: 'A-12',
      route: coded('urn:r', 'SC'),
      site: { text: '左上腕' },
      doseQuantity: { value: 0.5, unit: 'mL' },
      protocolApplied: [{ doseNumberPositiveInt: 2 }],
    };
    expect(read([], [given('BCG', '2026-02-01', more)]).doses).toMatchObject([
      { lot: 'A-12', route: 'SC', site: '左上腕', doseMl: 0.5, recordedNumber: '2' },
    ]);
  });

  test('what was not done is named, what was entered in error is not', () => {
    const notDone = given('BCG', '2026-02-01', { status: 'not-done', statusReason: { text: '発熱' } });
    const inError = given('BCG', '2026-02-01', { status: 'entered-in-error' });
    expect(read([], [notDone, inError])).toEqual({ doses: [], facts: [], warnings: ['notGiven'] });
  });

  test.each<[string, object, object, string[]]>([
    ['one lot on neighbouring days', { lotNumber: 'AB-1' }, { lotNumber: 'ＡＢ１' }, ['sameLotNearby']],
    ['different lots', { lotNumber: 'AB1' }, { lotNumber: 'AB2' }, []],
    ['no lot', {}, {}, []],
  ])('%s', (_, first, second, warnings) => {
    const doses = [given('MR', '2026-02-01', first), given('MR', '2026-02-03', second)];
    expect(read([], doses)).toMatchObject({ doses: [{}, {}], warnings });
  });

  test('a month that holds a known dose of the same vaccine may be that dose', () => {
    expect(read([], [given('MR', '2026-02-10'), given('MR', '2026-02')]).warnings).toEqual(['possibleDuplicate']);
    expect(read([], [given('MR', '2026-02-10'), given('MR', '2026-03')]).warnings).toEqual([]);
    expect(read([], [given('MR', '2026-02-10'), given('VAR', '2026-02')]).warnings).toEqual([]);
  });
});
