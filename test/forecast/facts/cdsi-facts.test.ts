// Records read in the words of a CDSi schedule: by its own coded values, whatever their numbers; an invented one here.
import type { Immunization } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { VACCINE_SYSTEM } from '../../../server/fhir/canonical.ts';
import { observationCodings } from '../../../server/forecast/cdsi/observation-codings.ts';
import type { ObservationRow, ScheduleFile } from '../../../server/forecast/cdsi/source.ts';
import { CDSI_OBSERVATION_SYSTEM } from '../../../server/forecast/facts/cdsi-facts.ts';
import { type PlanningResource, planningInput } from '../../../server/forecast/facts/planning-input.ts';

const SNOMED = 'http://snomed.info/sct';
const CVX = 'http://hl7.org/fhir/sid/cvx';
const rows: ObservationRow[] = [
  row('A', 'Varicella', ['38907003', 'Varicella [Disorder]']),
  row('B', 'Pregnant', ['77386006', 'Patient currently pregnant [finding]']),
  row('C', 'Onset of pregnancy', ['248986005', 'Estimated date of conception [observable entity]']),
  row('D', 'Recipient of a hematopoietic stem cell transplant', ['234336002', 'Transplantation [procedure]']),
  { code: 'E', title: 'Date of hematopoietic stem cell transplant' },
  {
    ...row('F', 'Whole blood transfusion', ['116859006', 'Transfusion of blood product [procedure]']),
    contraindicationText: 'Do not vaccinate after a transfusion in the previous 6 months.',
  },
  row('G', 'Sex partner of infected persons', ['165806002', 'Hepatitis B surface antigen positive [finding]']),
  row(
    'H',
    'Rabies researchers',
    ['159282002', 'Technician [occupation]'],
    ['24932003', 'Exposure to [qualifier value]'],
  ),
  row('I', 'Asthma', ['195967001', 'Asthma [disorder]']),
  row('J', 'Lives in area one', ['161152002', 'Area one']),
  row('K', 'Lives in area two', ['161152002', 'Area two']),
  {
    code: 'L',
    title: 'Severe allergic reaction after previous dose of Measles',
    codedValues: [
      { system: 'CVX', code: '05' },
      { system: 'SNOMED', code: '219096004', text: 'Adverse reaction to measles vaccine [disorder]' },
    ],
  },
  { code: 'M', title: 'Hep B IG administration', codedValues: [{ system: 'CVX', code: '30' }] },
  row('N', 'HIV - not severely immunocompromised', ['62479008', 'AIDS [disorder]']),
];
const schedule = {
  version: '1',
  vaccineConflicts: [],
  vaccineGroups: [],
  vaccineGroupToAntigens: [],
  cvxToAntigens: [{ cvx: '05', associations: [] }],
  observations: rows,
} satisfies ScheduleFile;
const antigen = { antigen: 'Varicella', immunity: { clinicalHistory: [{ observationCode: 'A' }] }, series: [] };
const codings = observationCodings(schedule, [antigen]);

function row(code: string, title: string, ...values: [code: string, text: string][]): ObservationRow {
  return { code, title, codedValues: values.map(([value, text]) => ({ system: 'SNOMED', code: value, text })) };
}

const subject = { reference: 'Patient/hanako' };
const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
const condition = (code: object, more: object = {}) => ({ resourceType: 'Condition', subject, code, ...more });
const ended = { clinicalStatus: coded('urn:clinical', 'resolved') };

function read(facts: object[], immunizations: object[] = []) {
  const record = {
    patient: { resourceType: 'Patient' as const, birthDate: '1995-01-15' },
    immunizations: immunizations as Immunization[],
    facts: facts as PlanningResource[],
  };
  const { input, warnings } = planningInput(record, '2026-06-20', codings);
  return {
    input,
    codes: (input.observations ?? []).map(({ code }) => code),
    warnings: warnings.map(({ code }) => code),
  };
}

describe('observations of a CDSi schedule', () => {
  test.each<[string, object, string[]]>([
    ['a code of the schedule', condition(coded(SNOMED, '195967001')), ['I']],
    ['an illness that is over', condition(coded(SNOMED, '195967001'), ended), []],
    ['immunity stays when the illness is over', condition(coded(SNOMED, '38907003'), ended), ['A']],
    ['a Japanese name, by way of SNOMED CT', condition({ text: '水痘' }), ['A']],
    [
      'a Japanese claims code',
      condition(coded('http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterB-disease', '8842189')),
      ['A'],
    ],
    ['the code of the observation itself', condition(coded(CDSI_OBSERVATION_SYSTEM, 'H')), ['H']],
    ['a part of a description is not the whole', condition(coded(SNOMED, '159282002')), []],
    ["somebody else's infection is meant", condition(coded(SNOMED, '165806002')), []],
    ['a code with two meanings', condition(coded(SNOMED, '161152002')), []],
    ['the milder half of an alternative', condition(coded(SNOMED, '62479008')), []],
  ])('%s', (_, resource, codes) => {
    expect(read([resource]).codes).toEqual(codes);
  });

  test('a suspicion is named and not used', () => {
    const suspected = condition(coded(SNOMED, '195967001'), { verificationStatus: coded('urn:v', 'provisional') });
    expect(read([suspected])).toMatchObject({ codes: [], warnings: ['uncertainFact'] });
  });

  test('a procedure is dated, and its date goes to the observation that carries it', () => {
    const procedure = (code: string, performedDateTime?: string) => ({
      resourceType: 'Procedure',
      status: 'completed',
      subject,
      code: coded(SNOMED, code),
      ...(performedDateTime === undefined ? {} : { performedDateTime }),
    });
    expect(read([procedure('234336002', '2025-03-01')]).input.observations).toEqual([
      { code: 'D', date: '2025-03-01' },
      { code: 'E', date: '2025-03-01' },
    ]);
    expect(read([procedure('116859006', '2025-12-21')]).codes).toEqual(['F']);
    expect(read([procedure('116859006', '2025-12-20')]).codes).toEqual([]);
    expect(read([procedure('116859006')])).toMatchObject({ codes: [], warnings: ['undatedFact'] });
  });

  test('a due date says pregnant, and since when', () => {
    const edd = {
      resourceType: 'Observation',
      status: 'final',
      subject,
      code: coded('http://loinc.org', '11778-8'),
      valueDateTime: '2026-09-01',
    };
    expect(read([edd]).input.observations).toEqual([{ code: 'B' }, { code: 'C', date: '2025-11-25' }]);
  });

  test.each<[string, object, string[], string[]]>([
    ['a severe reaction, by CVX', { code: coded(CVX, '05'), criticality: 'high' }, ['L'], []],
    ['one that is not said to be severe', { code: coded(CVX, '05') }, [], ['uncertainFact']],
    [
      'by SNOMED CT',
      { code: coded(SNOMED, '219096004'), reaction: [{ severity: 'severe', manifestation: [{}] }] },
      ['L'],
      [],
    ],
    ['an allergy to immunoglobulin is not the giving of it', { code: coded(CVX, '30'), criticality: 'high' }, [], []],
  ])('%s', (_, more, codes, warnings) => {
    const allergy = { resourceType: 'AllergyIntolerance', patient: subject, ...more };
    expect(read([allergy])).toMatchObject({ codes, warnings });
  });

  test('doses are named by CVX, ours by the nearest one; immunoglobulin is an observation', () => {
    const given = (vaccineCode: object) => ({
      resourceType: 'Immunization',
      status: 'completed',
      patient: subject,
      vaccineCode,
      occurrenceDateTime: '2026-05-01',
    });
    const all = [coded(CVX, '5'), coded(VACCINE_SYSTEM, 'MR'), { text: '五種混合' }, coded(CVX, '30')].map(given);
    const { input, codes } = read([], all);
    expect(input.doses.map(({ vaccine }) => vaccine)).toEqual(['05', '04', '120']);
    expect(codes).toEqual(['M']);
  });
});
