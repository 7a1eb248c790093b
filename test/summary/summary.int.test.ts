// Patient/[id]/$summary: an International Patient Summary of what the caller may read, valid by the IPS package.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseJson } from '../../server/fhir/json.ts';
import { validateInForce } from '../../server/validation/in-force.ts';
import { errorsOf } from '../../server/validation/strictness.ts';
import { type Body, type Caller, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

type SectionNode = {
  title: string;
  code: { coding: { code: string }[] };
  text: { div: string };
  entry?: { reference: string }[];
  emptyReason?: { coding: { code: string }[] };
  extension?: { valueAnnotation: { text: string } }[];
};

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
  const folder = new URL('../../profiles/examples/', import.meta.url);
  for (const file of readdirSync(folder)) {
    const resource = parseJson(readFileSync(new URL(file, folder), 'utf8')) as Body;
    await t.system.put(`${resource.resourceType}/${resource.id}`, resource);
  }
});
afterAll(() => t.close());

const faultsOf = (body: unknown) =>
  errorsOf(validateInForce(body)).map(({ diagnostics, expression }) => `${expression?.[0]}: ${diagnostics}`);

const summaryOf = async (id: string, query = '', caller: Caller = t.system) =>
  (await caller.get(`Patient/${id}/$summary${query}`)).body;
const sectionsOf = (body: Body) => body.entry[0]?.resource.section as unknown as SectionNode[];
const section = (body: Body, code: string): SectionNode | undefined =>
  sectionsOf(body).find((one) => one.code.coding[0]?.code === code);
const entries = (body: Body, code: string): Body[] =>
  (section(body, code)?.entry ?? []).map(
    ({ reference }) => body.entry.find(({ fullUrl }) => fullUrl === reference)?.resource as Body,
  );
const notes = (body: Body, code: string) =>
  (section(body, code)?.extension ?? []).map(({ valueAnnotation }) => valueAnnotation.text).join(' ');

const [PROBLEMS, ALLERGIES, MEDICATIONS, IMMUNIZATIONS] = ['11450-4', '48765-2', '10160-0', '11369-6'] as const;
const [PLAN, RESULTS, VITAL_SIGNS, ALERTS, PAST] = ['18776-5', '30954-2', '8716-3', '104605-1', '11348-0'] as const;

const childBorn = (birthDate: string) => t.system.create(patientNamed('試験', '太郎', { birthDate }));
const about = (id: string) => ({ reference: `Patient/${id}` });
const CONDITION = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const conditionOf = (id: string, text: string, status: string, more: object = {}) => ({
  resourceType: 'Condition',
  clinicalStatus: { coding: [{ system: CONDITION, code: status }] },
  code: { text },
  subject: about(id),
  ...more,
});

describe('the document', () => {
  test('of an empty record is valid and says that nothing is recorded, not that there is nothing', async () => {
    const { id } = await childBorn('2026-09-15');
    const body = await summaryOf(id);
    expect(faultsOf(body)).toEqual([]);
    for (const code of [PROBLEMS, ALLERGIES, MEDICATIONS]) {
      expect(section(body, code)?.emptyReason?.coding[0]?.code).toBe('unavailable');
      expect(section(body, code)?.text.div).toContain('登録がありません');
    }
  });

  test.each(['child', 'mother', 'older-child'])('of %s is valid, in Japanese and in English', async (id) => {
    for (const language of ['ja', 'en']) {
      const body = await summaryOf(id, `?language=${language}`);
      expect(faultsOf(body)).toEqual([]);
      expect(body.language).toBe(language);
      const held = new Set(body.entry.map(({ fullUrl }) => fullUrl));
      const named = [...JSON.stringify(body).matchAll(/"reference":"([^"#][^"]*)"/g)].map(([, one]) => String(one));
      expect(named.filter((one) => !held.has(one))).toEqual([]);
      expect(body.entry.map(({ resource }) => resource.resourceType).slice(0, 2)).toEqual(['Composition', 'Patient']);
    }
  });

  test('is judged by the IPS profiles: a laboratory result that loses its performer is refused', async () => {
    const body = await summaryOf('mother');
    for (const { resource } of body.entry) delete (resource as { performer?: unknown }).performer;
    expect(faultsOf(body).join()).toMatch(/performer/);
  });

  test('speaks the language of Accept-Language where none is asked for, and names both in titles', async () => {
    const { body } = await t.system.get('Patient/child/$summary', { 'accept-language': 'en' });
    expect(section(body, IMMUNIZATIONS)?.title).toBe('Immunizations');
    expect(JSON.stringify(section(body, IMMUNIZATIONS))).toContain('予防接種の記録');
    expect(section(await summaryOf('child'), IMMUNIZATIONS)?.title).toBe('予防接種の記録');
  });

  test('has an identifier of its own each time, and the same addresses', async () => {
    const [one, other] = [await summaryOf('child'), await summaryOf('child')];
    expect(one.identifier).not.toEqual(other.identifier);
    expect(one.entry[1]?.fullUrl).toBe(other.entry[1]?.fullUrl);
  });
});

describe('what stands in it', () => {
  test('a vaccine has its name in English and CVX beside what was written', async () => {
    const [first] = entries(await summaryOf('child', '?language=en'), IMMUNIZATIONS);
    expect(JSON.stringify(first)).toContain('"system":"http://hl7.org/fhir/sid/cvx","code":"120"');
    const { div } = section(await summaryOf('child', '?language=en'), IMMUNIZATIONS)?.text ?? { div: '' };
    expect(div).toContain('Diphtheria-pertussis-tetanus-inactivated polio-Hib vaccine');
    expect(div).toContain('ゴービック');
  });

  test('one dose that two sources tell of is there once', async () => {
    const { id } = await childBorn('2025-04-02');
    const dose = (source: string) => ({
      resourceType: 'Immunization',
      status: 'completed',
      identifier: [{ system: `urn:${source}`, value: '1' }],
      vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '19' }] },
      patient: about(id),
      occurrenceDateTime: '2025-09-10',
      lotNumber: 'T1',
    });
    for (const source of ['clinic', 'ledger']) await t.system.create(dose(source));
    expect(entries(await summaryOf(id), IMMUNIZATIONS)).toHaveLength(1);
  });

  test('problems that are over are apart from those that are not, and refuted ones are nowhere', async () => {
    const { id } = await childBorn('2020-04-02');
    await t.system.create(conditionOf(id, '気管支喘息', 'active'));
    await t.system.create(conditionOf(id, '川崎病', 'resolved'));
    const refuted = {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'refuted' }],
    };
    await t.system.create(conditionOf(id, '先天性心疾患', 'active', { verificationStatus: refuted }));
    const body = await summaryOf(id);
    expect(faultsOf(body)).toEqual([]);
    expect(section(body, PROBLEMS)?.text.div).toContain('気管支喘息');
    expect(section(body, PAST)?.text.div).toContain('川崎病');
    expect(JSON.stringify(body)).not.toContain('先天性心疾患');
  });

  test('a medicine without a time says that it is unknown; what ended long ago is left out', async () => {
    const { id } = await childBorn('2020-04-02');
    const medicine = (text: string, more: object) => ({
      resourceType: 'MedicationStatement',
      status: 'active',
      medicationCodeableConcept: { text },
      subject: about(id),
      ...more,
    });
    await t.system.create(medicine('試験薬A', { informationSource: about(id) }));
    await t.system.create(
      medicine('試験薬B', { status: 'completed', effectivePeriod: { start: '2025-01-01', end: '2025-01-07' } }),
    );
    const body = await summaryOf(id);
    expect(faultsOf(body)).toEqual([]);
    const [only, ...others] = entries(body, MEDICATIONS);
    expect(others).toEqual([]);
    expect(JSON.stringify(only)).toContain('data-absent-reason');
    // Said by the family, and marked so for people and for machines.
    expect(JSON.stringify(only?.meta)).toContain('PATAST');
    expect(section(body, MEDICATIONS)?.text.div).toContain('本人・家族の申告');
  });

  test('a measurement without a day or in no unit is named and not given; a decimal keeps its text', async () => {
    const { id } = await childBorn('2025-04-02');
    const weight = (effectiveDateTime: string, value: string, code: string) =>
      `{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}],"text":"体重"},"subject":{"reference":"Patient/${id}"},"effectiveDateTime":"${effectiveDateTime}","valueQuantity":{"value":${value},"unit":"${code}","system":"http://unitsofmeasure.org","code":"${code}"}}`;
    for (const [when, value, unit] of [
      ['2026-05-01', '9.50', 'kg'],
      ['2026-06', '9.7', 'kg'],
    ] as const)
      await t.system.send('POST', 'Observation', weight(when, value, unit), {
        'content-type': 'application/fhir+json',
      });
    const { text, body } = await t.system.get(`Patient/${id}/$summary`);
    expect(faultsOf(parseJson(text))).toEqual([]);
    expect(text).toContain('"value":9.50');
    expect(entries(body, VITAL_SIGNS)).toHaveLength(1);
    expect(notes(body, VITAL_SIGNS)).toContain('2026-06');
  });

  test('of each laboratory test the newest result is shown, and that there are older ones is said', async () => {
    const { id } = await childBorn('2020-04-02');
    for (const day of ['2026-01-05', '2026-03-05', '2026-02-05'])
      await t.system.create({
        resourceType: 'Observation',
        status: 'final',
        category: [
          { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] },
        ],
        code: { coding: [{ system: 'http://loinc.org', code: '718-7', display: 'Hemoglobin' }] },
        subject: about(id),
        effectiveDateTime: day,
        valueQuantity: { value: 12, unit: 'g/dL', system: 'http://unitsofmeasure.org', code: 'g/dL' },
      });
    const body = await summaryOf(id);
    expect(faultsOf(body)).toEqual([]);
    expect(entries(body, RESULTS).map((one) => one.effectiveDateTime)).toEqual(['2026-03-05']);
    expect(notes(body, RESULTS)).toContain('新しいもの');
  });

  test('the next vaccines are in the plan of care of a child, and not of a grown-up', async () => {
    expect(entries(await summaryOf('child'), PLAN)[0]?.resourceType).toBe('ImmunizationRecommendation');
    expect(section(await summaryOf('mother'), PLAN)).toBeUndefined();
  });

  test('markup in a name is text', async () => {
    const { id } = await childBorn('2020-04-02');
    await t.system.create(conditionOf(id, '<script>alert("x")</script> & 咳', 'active'));
    const body = await summaryOf(id);
    expect(faultsOf(body)).toEqual([]);
    expect(section(body, PROBLEMS)?.text.div).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; 咳');
  });

  test('a protection never goes in, nor where a protected family goes', async () => {
    const { id } = await childBorn('2024-04-02');
    const V = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' };
    const SDV = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SDV' };
    await t.system.create({
      resourceType: 'Flag',
      meta: { security: [V] },
      status: 'active',
      code: { text: '情報提供の制限' },
      subject: about(id),
    });
    await t.system.create({
      resourceType: 'Immunization',
      meta: { security: [SDV] },
      status: 'completed',
      vaccineCode: { text: 'BCG' },
      patient: about(id),
      occurrenceDateTime: '2024-09-10',
      location: { display: '隠れ町分院' },
      performer: [{ actor: { display: '隠れ町診療所' } }],
    });
    const { text, body } = await t.system.get(`Patient/${id}/$summary`);
    expect(section(body, ALERTS)).toBeUndefined();
    expect(text).not.toMatch(/情報提供の制限|隠れ町/);
    expect(entries(body, IMMUNIZATIONS)).toHaveLength(1);
    expect(faultsOf(body)).toEqual([]);
  });
});

describe('what the caller may not read', () => {
  test('is withheld and said to be, type by type', async () => {
    const app = await t.caller('patient/Patient.rs patient/Immunization.rs', { patient: 'older-child' });
    const body = await summaryOf('older-child', '', app);
    expect(faultsOf(body)).toEqual([]);
    expect(section(body, ALLERGIES)?.emptyReason?.coding[0]?.code).toBe('withheld');
    expect(notes(body, ALLERGIES)).toContain('許されていない');
    expect(JSON.stringify(body)).not.toContain('鶏卵');
  });

  test('of a type in part only, is left out, and each section says so', async () => {
    const category = 'http://terminology.hl7.org/CodeSystem/observation-category|vital-signs';
    const scope = `patient/Patient.rs patient/Observation.rs?category=${category}`;
    const body = await summaryOf('mother', '', await t.caller(scope, { patient: 'mother' }));
    expect(faultsOf(body)).toEqual([]);
    expect(section(body, RESULTS)).toBeUndefined();
    expect(entries(body, VITAL_SIGNS).length).toBeGreaterThan(0);
    expect(notes(body, VITAL_SIGNS)).toContain('許された範囲だけ');
    expect(section(body, IMMUNIZATIONS)?.emptyReason?.coding[0]?.code).toBe('withheld');
    expect(JSON.stringify(body.entry[0]?.resource.text)).toContain('許された範囲だけ');
  });

  test('another patient, one that is missing and one without a scope', async () => {
    const app = await t.caller('patient/*.rs', { patient: 'child' });
    expect((await app.get('Patient/mother/$summary')).status).toBe(404);
    expect((await app.get('Patient/nobody/$summary')).status).toBe(404);
    const other = await t.caller('patient/Observation.rs', { patient: 'child' });
    expect((await other.get('Patient/child/$summary')).status).toBe(403);
    expect((await t.withToken(undefined).get('Patient/child/$summary')).status).toBe(401);
  });
});

describe('what is asked', () => {
  const IPS = 'http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips';
  const told = ({ status, body }: Response) => `${status} ${body.issue?.[0]?.code ?? ''}`.trim();

  test.each([
    [`?profile=${IPS}`, '200'],
    [`?profile=${IPS}%7C2.0.0`, '200'],
    [`?profile=${IPS}%7C1.0.0`, '400 not-supported'],
    ['?profile=http://example.org/other', '400 not-supported'],
    ['?language=fr', '400 not-supported'],
    ['?language=ja&language=en', '400 invalid'],
    ['?identifier=a%7Cb', '400 not-supported'],
    ['?graph=true', '400 not-supported'],
  ])('%s is answered with %s', async (query, answer) => {
    expect(told(await t.system.get(`Patient/child/$summary${query}`))).toBe(answer);
  });

  test('POST takes the same as Parameters', async () => {
    const parameter = [
      { name: 'profile', valueCanonical: IPS },
      { name: 'language', valueCode: 'en' },
    ];
    const { body } = await t.system.post('Patient/child/$summary', { resourceType: 'Parameters', parameter });
    expect([body.resourceType, body.language]).toEqual(['Bundle', 'en']);
    const wrong = { resourceType: 'Parameters', parameter: [{ name: 'persist', valueBoolean: true }] };
    expect(told(await t.system.post('Patient/child/$summary', wrong))).toBe('400 not-supported');
  });

  const system = 'urn:oid:1.2.392.100495.20.3.51.11319999991';
  test.each([
    [`?identifier=${system}%7C0000012345`, '200'],
    [`?identifier=${system}%7Cnobody`, '404 not-found'],
    ['?identifier=0000012345', '400 required'],
    ['?identifier=%7C0000012345', '400 required'],
    ['', '400 required'],
    [`?identifier=${system}%7C0000012345&identifier=x%7Cy`, '400 invalid'],
  ])('Patient/$summary%s is answered with %s', async (query, answer) => {
    expect(told(await t.system.get(`Patient/$summary${query}`))).toBe(answer);
  });

  test('an identifier of several is like one of nobody, and one of another patient too', async () => {
    const of = (value: string) => t.system.create(patientNamed('見本', '次郎', { identifier: [{ system, value }] }));
    await of('twice');
    await of('twice');
    expect(told(await t.system.get(`Patient/$summary?identifier=${system}%7Ctwice`))).toBe('404 not-found');
    const app = await t.caller('patient/*.rs', { patient: 'mother' });
    expect(told(await app.get(`Patient/$summary?identifier=${system}%7C0000012345`))).toBe('404 not-found');
    expect(told(await app.get(`Patient/$summary?identifier=${system}%7C0000012300`))).toBe('200');
  });

  test('leaves a row in the log of the patient', async () => {
    const { id } = await childBorn('2026-09-15');
    await summaryOf(id);
    const { rows } = await t.pool.query('select interaction from audit where owner = $1::uuid', [id]);
    expect(rows.map(({ interaction }) => interaction)).toContain('summary');
  });
});
