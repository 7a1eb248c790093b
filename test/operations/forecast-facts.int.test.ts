// What $forecast knows about a person beside the doses, over the whole server: stored, within the scopes of the token, and sent
// along in $immds-forecast.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyOf } from '../../server/search/keys.ts';
import { type Body, type Caller, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

const ICD10 = 'http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full';
const CLAIMS = 'http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterB-disease';
const LOINC = 'http://loinc.org';
const VACCINE = 'https://tsumugi.example/fhir/CodeSystem/vaccine';
const FACT = 'https://tsumugi.example/fhir/CodeSystem/planning-fact';
const CVX = 'http://hl7.org/fhir/sid/cvx';
const coded = (system: string, code: string) => ({ coding: [{ system, code }] });

type Entry = { targetDisease: { coding: { code: string }[] }; forecastStatus: { coding: { code: string }[] } };

async function person(birthDate: string, resources: (patient: object) => object[], more: object = {}): Promise<string> {
  const { id } = await t.system.create(patientNamed('試験', '花子', { birthDate, ...more }));
  for (const resource of resources({ reference: `Patient/${id}` })) await t.system.create(resource);
  return id;
}

const condition = (subject: object, code: object, more: object = {}) => ({
  resourceType: 'Condition',
  subject,
  code,
  ...more,
});
const observation = (subject: object, code: object, more: object) => ({
  resourceType: 'Observation',
  status: 'final',
  subject,
  code,
  ...more,
});
const dose = (patient: object, vaccineCode: object, occurrenceDateTime: string, more: object = {}) => ({
  resourceType: 'Immunization',
  status: 'completed',
  patient,
  vaccineCode,
  occurrenceDateTime,
  ...more,
});

async function forecast(id: string, assessmentDate: string, caller: Caller = t.system) {
  return answerOf(await caller.get(`Patient/${id}/$forecast?assessmentDate=${assessmentDate}`));
}

function answerOf({ status, body, text }: Response) {
  if (status !== 200) throw new Error(`${status}: ${text}`);
  const resource = body.parameter.find(({ name }) => name === 'recommendation')?.resource as Body & {
    recommendation: (Entry & { dateCriterion?: { code: { coding: { code: string }[] }; value: string }[] })[];
    extension: { url: string; extension: { url: string; valueCode?: string; valueString?: string }[] }[];
  };
  const entry = (series: string) =>
    resource.recommendation.find(({ targetDisease }) => targetDisease.coding[0]?.code === series);
  return {
    text,
    evaluations: body.parameter.filter(({ name }) => name === 'evaluation').map((one) => one.resource),
    status: (series: string) => entry(series)?.forecastStatus.coding[0]?.code,
    earliest: (series: string) =>
      entry(series)?.dateCriterion?.find(({ code }) => code.coding[0]?.code === '30981-5')?.value,
    latest: (series: string) =>
      entry(series)?.dateCriterion?.find(({ code }) => code.coding[0]?.code === '59777-3')?.value,
    warnings: resource.extension
      .filter(({ url }) => url.endsWith('forecast-warning'))
      .map(({ extension }) => extension.find(({ url }) => url === 'code')?.valueCode),
    warningTexts: resource.extension
      .filter(({ url }) => url.endsWith('forecast-warning'))
      .map(({ extension }) => extension.find(({ url }) => url === 'text')?.valueString ?? ''),
  };
}

describe('$forecast from the record', () => {
  test('a child with keloid is not offered BCG; a suspicion only is named', async () => {
    const born = '2026-01-15';
    const keloid = await person(born, (of) => [condition(of, coded(ICD10, 'L910'))]);
    const sure = await person(born, (of) => [condition(of, { text: 'ケロイド' })]);
    const suspected = await person(born, (of) => [
      condition(of, {
        ...coded(CLAIMS, '7014001'),
        extension: [
          {
            url: 'http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Condition_DiseasePostfixModifier',
            valueCodeableConcept: coded('http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterZ-disease-modifier', '8002'),
          },
        ],
      }),
    ]);
    expect((await forecast(keloid, '2026-06-20')).status('BCG')).toBe('contraindicated');
    expect((await forecast(keloid, '2026-06-20')).warnings).toContain('looseCode');
    expect((await forecast(sure, '2026-06-20')).status('BCG')).toBe('contraindicated');
    const open = await forecast(suspected, '2026-06-20');
    expect([open.status('BCG'), open.warnings]).toEqual(['notComplete', ['uncertainFact']]);
  });

  test.each([
    ['ICD-10 of Japan', coded(ICD10, 'B019'), 'immune'],
    ['ICD-10 with its dot', coded('http://hl7.org/fhir/sid/icd-10', 'B01.9'), 'immune'],
    ['the claims code', coded(CLAIMS, '8842189'), 'immune'],
    ['SNOMED CT', coded('http://snomed.info/sct', '38907003'), 'immune'],
    ['its name', { text: 'みずぼうそう' }, 'immune'],
    ['another disease', coded(ICD10, 'B029'), 'notComplete'],
    ['a longer name', { text: '水痘の疑い' }, 'notComplete'],
  ])('varicella had, by %s', async (_, code, status) => {
    const resolved = coded('http://terminology.hl7.org/CodeSystem/condition-clinical', 'resolved');
    const id = await person('2025-01-15', (of) => [condition(of, code, { clinicalStatus: resolved })]);
    expect((await forecast(id, '2026-06-20')).status('VAR')).toBe(status);
  });

  test('what was refuted or entered in error is no fact', async () => {
    const verification = (code: string) => ({
      verificationStatus: coded('http://terminology.hl7.org/CodeSystem/condition-ver-status', code),
    });
    const id = await person('2025-01-15', (of) => [
      condition(of, coded(ICD10, 'B019'), verification('refuted')),
      condition(of, coded(ICD10, 'B019'), verification('entered-in-error')),
    ]);
    const { status, warnings } = await forecast(id, '2026-06-20');
    expect([status('VAR'), warnings]).toEqual(['notComplete', []]);
  });

  test('immunoglobulin moves measles-rubella by 3 months, a high dose by 6', async () => {
    const given = (subject: object, more: object) => ({
      resourceType: 'MedicationAdministration',
      status: 'completed',
      subject,
      effectiveDateTime: '2026-05-10T10:00:00+09:00',
      ...more,
    });
    const low = await person('2025-05-20', (of) => [
      given(of, {
        medicationCodeableConcept: { text: '献血ヴェノグロブリンIH10%静注' },
        dosage: { dose: { value: 100, unit: 'mg/kg' } },
      }),
    ]);
    const high = await person('2025-05-20', (of) => [
      given(of, {
        medicationCodeableConcept: coded('http://www.whocc.no/atc', 'J06BA02'),
        dosage: { dose: { value: 18, unit: 'g', system: 'http://unitsofmeasure.org', code: 'g' } },
      }),
      observation(of, coded(LOINC, '29463-7'), {
        effectiveDateTime: '2026-05-09',
        valueQuantity: { value: 9, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
      }),
    ]);
    const unknown = await person('2025-05-20', (of) => [dose(of, coded(CVX, '87'), '2026-05-10')]);
    expect((await forecast(low, '2026-06-01')).earliest('MR1')).toBe('2026-08-10');
    expect((await forecast(high, '2026-06-01')).earliest('MR1')).toBe('2026-11-10');
    const vague = await forecast(unknown, '2026-06-01');
    expect(vague.earliest('MR1')).toBe('2026-08-10');
    expect(vague.warnings).toContain('amountUnknown');
  });

  test.each<[string, (of: object) => object[]]>([
    ['the due date', (of) => [observation(of, coded(LOINC, '11778-8'), { valueDateTime: '2026-09-01' })]],
    ['the last period', (of) => [observation(of, coded(LOINC, '8665-2'), { valueDateTime: '2025-11-25' })]],
    [
      'the age of the pregnancy on a day',
      (of) => [
        observation(of, coded(LOINC, '18185-9'), {
          effectiveDateTime: '2026-04-14',
          valueQuantity: { value: 140, unit: '日', system: 'http://unitsofmeasure.org', code: 'd' },
        }),
      ],
    ],
    [
      'weeks and days',
      (of) => [observation(of, coded(LOINC, '49051-6'), { effectiveDateTime: '2026-04-15', valueString: '20週1日' })],
    ],
  ])('a pregnancy opens the RSV window of the mother, from %s', async (_, resources) => {
    const id = await person('1995-01-15', resources, { gender: 'female' });
    const { earliest, latest } = await forecast(id, '2026-05-01');
    expect([earliest('RSVM'), latest('RSVM')]).toEqual(['2026-06-09', '2026-08-10']);
  });

  test('a pregnancy long past opens nothing, and a corrected due date counts instead of the first', async () => {
    const edd = (of: object, effectiveDateTime: string, valueDateTime: string) =>
      observation(of, coded(LOINC, '11778-8'), { effectiveDateTime, valueDateTime });
    const past = await person('1995-01-15', (of) => [edd(of, '2024-02-01', '2024-09-01')]);
    expect((await forecast(past, '2026-05-01')).status('RSVM')).toBeUndefined();
    const moved = await person('1995-01-15', (of) => [
      edd(of, '2026-03-01', '2026-09-01'),
      edd(of, '2026-02-01', '2026-09-08'),
    ]);
    expect((await forecast(moved, '2026-05-01')).earliest('RSVM')).toBe('2026-06-09');
  });

  test("the mother's HBsAg and the immunoglobulin at birth lead to the perinatal protocol", async () => {
    const hbig = (of: object) => dose(of, coded(VACCINE, 'HBIG'), '2026-05-20');
    const first = (of: object) => dose(of, coded(VACCINE, 'HepB'), '2026-05-20');
    const byCondition = await person('2026-05-20', (of) => [
      hbig(of),
      first(of),
      condition(of, coded(CLAIMS, '8843998')),
    ]);
    const byFamily = await person('2026-05-20', (of) => [
      hbig(of),
      first(of),
      {
        resourceType: 'FamilyMemberHistory',
        status: 'completed',
        patient: of,
        relationship: coded('http://terminology.hl7.org/CodeSystem/v3-RoleCode', 'MTH'),
        condition: [{ code: coded('http://snomed.info/sct', '165806002') }],
      },
    ]);
    const own = await person('2026-05-20', (of) => [
      hbig(of),
      first(of),
      observation(of, coded(LOINC, '5196-1'), { valueCodeableConcept: { text: '陽性' } }),
    ]);
    expect((await forecast(byCondition, '2026-06-01')).earliest('HEPB_MTCT')).toBe('2026-06-20');
    expect((await forecast(byFamily, '2026-06-01')).earliest('HEPB_MTCT')).toBe('2026-06-20');
    expect((await forecast(own, '2026-06-01')).status('HEPB_MTCT')).toBeUndefined();
  });

  test("an Observation in the child's record with the mother as its focus is about her", async () => {
    const id = await person('2026-05-20', (of) => [dose(of, coded(VACCINE, 'HBIG'), '2026-05-20')]);
    const patient = { reference: `Patient/${id}` };
    const relationship = [coded('http://terminology.hl7.org/CodeSystem/v3-RoleCode', 'MTH')];
    const mother = await t.system.create({ resourceType: 'RelatedPerson', patient, relationship });
    const focus = [{ reference: `RelatedPerson/${mother.id}` }];
    await t.system.create(
      observation(patient, coded(LOINC, '5196-1'), {
        focus,
        valueCodeableConcept: coded('http://snomed.info/sct', '10828004'),
      }),
    );
    expect((await forecast(id, '2026-06-01')).status('HEPB_MTCT')).toBe('notComplete');
  });

  test('a certified long illness reopens what was missed, as a Flag says', async () => {
    const flag = (subject: object, code: string) => ({
      resourceType: 'Flag',
      status: 'active',
      subject,
      code: coded(FACT, code),
      period: { start: '2026-01-01', end: '2026-06-30' },
    });
    const id = await person('2024-01-15', (of) => [flag(of, 'missed:BCG'), flag(of, 'long-illness-ended')]);
    expect((await forecast(id, '2026-07-15')).latest('BCG')).toBe('2028-01-14');
  });

  test.each<[string, (of: object) => object, string, string]>([
    [
      'AllergyIntolerance with words only',
      (patient) => ({
        resourceType: 'AllergyIntolerance',
        clinicalStatus: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
        },
        patient,
        code: { text: 'BCGワクチン' },
        criticality: 'high',
      }),
      'BCG',
      'contraindicated',
    ],
    ['Condition with words only', (of) => condition(of, { text: '重症複合免疫不全症' }), 'BCG', 'contraindicated'],
    [
      'Observation by what it found',
      (of) =>
        observation(of, coded('urn:local', 'x'), { valueCodeableConcept: coded('http://snomed.info/sct', '33659008') }),
      'BCG',
      'contraindicated',
    ],
    [
      'a component of an Observation',
      (of) => observation(of, { text: '問診' }, { component: [{ code: coded(FACT, 'keloid'), valueBoolean: true }] }),
      'BCG',
      'contraindicated',
    ],
    [
      'a component that says no',
      (of) => observation(of, { text: '問診' }, { component: [{ code: coded(FACT, 'keloid'), valueBoolean: false }] }),
      'BCG',
      'notComplete',
    ],
  ])('%s is found among the stored ones', async (_, resource, series, status) => {
    const id = await person('2026-01-15', (of) => [resource(of)]);
    expect((await forecast(id, '2026-06-20')).status(series)).toBe(status);
  });

  test.each<[string, (of: object) => object]>([
    [
      'MedicationStatement with words only',
      (subject) => ({
        resourceType: 'MedicationStatement',
        status: 'completed',
        subject,
        medicationCodeableConcept: { text: 'ガンマグロブリン' },
        effectiveDateTime: '2026-05-10',
      }),
    ],
    [
      'MedicationAdministration of a contained Medication',
      (subject) => ({
        resourceType: 'MedicationAdministration',
        status: 'completed',
        subject,
        contained: [{ resourceType: 'Medication', id: 'm', code: coded('http://www.whocc.no/atc', 'J06BA02') }],
        medicationReference: { reference: '#m' },
        effectivePeriod: { start: '2026-05-09', end: '2026-05-10' },
      }),
    ],
    [
      'Procedure',
      (subject) => ({
        resourceType: 'Procedure',
        status: 'completed',
        subject,
        code: coded('http://snomed.info/sct', '116859006'),
        performedDateTime: '2026-05-10',
      }),
    ],
  ])('%s of a blood product moves measles-rubella', async (_, resource) => {
    const id = await person('2025-05-20', (of) => [resource(of)]);
    expect((await forecast(id, '2026-06-01')).earliest('MR1')).toBe('2026-08-10');
  });

  test("what a sibling's record holds is not read", async () => {
    const id = await person('2025-01-15', () => []);
    const sibling = { reference: `Patient/${await person('2023-01-15', () => [])}` };
    // In the child's compartment as a performer only.
    await t.system.create(
      observation(sibling, coded(FACT, 'disease:varicella'), { performer: [{ reference: `Patient/${id}` }] }),
    );
    expect((await forecast(id, '2026-06-20')).status('VAR')).toBe('notComplete');
  });
});

describe('$forecast within the scopes', () => {
  const scopes = 'patient/Patient.rs patient/Immunization.rs patient/Observation.rs';
  test('without Condition the answer says that it was not looked at, and shows nothing of it', async () => {
    const id = await person('2025-01-15', (of) => [condition(of, coded(ICD10, 'B019'))]);
    const bare = await person('2025-01-15', () => []);
    const caller = await t.caller(scopes, { patient: id });
    const answer = await forecast(id, '2026-06-20', caller);
    expect(answer.status('VAR')).toBe('notComplete');
    expect(answer.warnings).toEqual(['notLookedAt']);
    expect(answer.warningTexts[0]).toContain('Condition');
    expect(answer.warningTexts[0]).not.toContain('Observation');
    const other = await forecast(bare, '2026-06-20', await t.caller(scopes, { patient: bare }));
    expect(answer.warningTexts).toEqual(other.warningTexts);
    expect((await forecast(id, '2026-06-20')).status('VAR')).toBe('immune');
  });

  test('with all scopes nothing is left unlooked at', async () => {
    const id = await person('2025-01-15', () => []);
    expect((await forecast(id, '2026-06-20', await t.caller('patient/*.rs', { patient: id }))).warnings).toEqual([]);
  });
});

describe('$immds-forecast with more than the ImmDS parameters', () => {
  const asked = (...more: object[]) => ({
    resourceType: 'Parameters',
    parameter: [
      { name: 'assessmentDate', valueDate: '2026-06-20' },
      { name: 'patient', resource: { resourceType: 'Patient', id: 'p', birthDate: '2025-01-15' } },
      ...more,
    ],
  });
  const subject = { reference: 'Patient/p' };

  test.each([
    ['condition', condition(subject, coded(ICD10, 'B019'))],
    ['observation', observation(subject, { text: '既往' }, { valueCodeableConcept: coded(FACT, 'disease:varicella') })],
    ['flag', { resourceType: 'Flag', status: 'active', subject, code: coded(FACT, 'disease:varicella') }],
  ])('%s says that varicella was had', async (name, resource) => {
    const answer = answerOf(await t.system.post('$immds-forecast', asked({ name, resource })));
    expect(answer.status('VAR')).toBe('immune');
  });

  test.each<[string, object[], number]>([
    [
      'an allergy under its short name',
      [{ name: 'allergy', resource: { resourceType: 'AllergyIntolerance', patient: subject, code: { text: '卵' } } }],
      200,
    ],
    [
      'another type than the name says',
      [{ name: 'condition', resource: { resourceType: 'Flag', status: 'active', subject, code: {} } }],
      400,
    ],
    [
      'a resource that is not valid',
      [{ name: 'condition', resource: { resourceType: 'Condition', subject, code: 'x' } }],
      422,
    ],
    ['a name that is not known', [{ name: 'coverage', resource: {} }], 400],
    [
      'what is about somebody else',
      [{ name: 'condition', resource: condition({ reference: 'Patient/q' }, { text: '水痘' }) }],
      400,
    ],
  ])('%s', async (_, more, status) => {
    expect((await t.system.post('$immds-forecast', asked(...more))).status).toBe(status);
  });
});

describe("the mother's own record", () => {
  const number = (value: string) => [{ system: 'urn:oid:1.2.392.100495.20.3.51.11310500001', value }];
  // An identifier of the entry itself is no number of hers.
  const ofTheEntry = { system: 'http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier', value: 'birth.1' };
  const mth = [coded('http://terminology.hl7.org/CodeSystem/v3-RoleCode', 'MTH')];
  async function motherAndChild(value: string, birthDate = '2026-05-20') {
    const mother = await person(
      '1995-01-15',
      (of) => [observation(of, coded(LOINC, '5196-1'), { valueString: '陽性', effectiveDateTime: '2025-12-01' })],
      { gender: 'female', identifier: number(value) },
    );
    const child = await person(birthDate, (patient) => [
      { resourceType: 'RelatedPerson', patient, relationship: mth, identifier: [ofTheEntry, ...number(value)] },
      dose(patient, coded(VACCINE, 'HBIG'), birthDate),
    ]);
    return { mother, child };
  }

  test('tells of a small child, for who may read both, and leaves an audit row of hers', async () => {
    const { mother, child } = await motherAndChild('0001');
    expect((await forecast(child, '2026-06-01')).status('HEPB_MTCT')).toBe('notComplete');
    const { rows } = await t.pool.query<{ count: number }>(
      "select count(*)::int as count from audit where interaction = 'forecast' and owner = $1",
      [keyOf('Patient', mother)],
    );
    expect(rows[0]?.count).toBe(1);
  });

  test("is not looked at for the child's own app, which is told alike whether she has one or not", async () => {
    const { child } = await motherAndChild('0002');
    const lonely = await person('2026-05-20', (patient) => [
      { resourceType: 'RelatedPerson', patient, relationship: mth, identifier: number('9999') },
    ]);
    const one = await forecast(child, '2026-06-01', await t.caller('patient/*.rs', { patient: child }));
    const other = await forecast(lonely, '2026-06-01', await t.caller('patient/*.rs', { patient: lonely }));
    expect(one.status('HEPB_MTCT')).toBeUndefined();
    expect(one.warnings).toEqual(['notLookedAt']);
    expect(one.warningTexts).toEqual(other.warningTexts);
  });

  test('is read once, also where two babies are named as mothers of each other', async () => {
    const babies = await Promise.all(
      ['a', 'b'].map((value) =>
        person(
          '2026-05-20',
          (patient) => [
            {
              resourceType: 'RelatedPerson',
              patient,
              relationship: mth,
              identifier: number(value === 'a' ? 'b' : 'a'),
            },
          ],
          { identifier: number(value) },
        ),
      ),
    );
    expect((await forecast(babies[0] ?? '', '2026-06-01')).status('BCG')).toBe('notComplete');
  });

  test('is closed again when the child has grown', async () => {
    const { child } = await motherAndChild('0003', '2020-05-20');
    expect((await forecast(child, '2026-06-01')).status('HEPB_MTCT')).toBeUndefined();
  });
});
