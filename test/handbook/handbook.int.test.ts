// $handbook, $vaccination-certificate and $school-form over the whole server: what stands in the PDF, read by programs of others.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exactNumber } from '../../server/fhir/json.ts';
import { type Caller, startApp, type TestApp } from '../support/app.ts';
import { leftOut } from '../support/left-out.ts';
import { fontsIn, hasPdfTools, said, textIn } from './pdf-tools.ts';

const hasTools = hasPdfTools();
if (!hasTools) leftOut('PDFs read by others: no pdftotext, pdffonts or qpdf found');

const LOINC = 'http://loinc.org';
const VACCINE = 'https://tsumugi.example/fhir/CodeSystem/vaccine';
const NUMBER = { system: 'urn:oid:1.2.392.100495.20.3.51.19999999999', value: '0000077777' };
const NAME = '試験 𠮷葛\u{e0100}'; // 葛 as U+845B U+E0100

let t: TestApp;
let child: string;
beforeAll(async () => {
  t = await startApp();
  const person = { resourceType: 'Patient', birthDate: '2026-02-01', gender: 'female' };
  child = (await t.system.create({ ...person, name: [{ text: NAME }] })).id;
  const mother = await t.system.create({
    resourceType: 'Patient',
    identifier: [NUMBER],
    name: [{ text: '試験 花子' }],
    birthDate: '1995-04-12',
  });
  await t.system.create({
    resourceType: 'RelatedPerson',
    patient: { reference: `Patient/${child}` },
    identifier: [NUMBER],
    relationship: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'MTH' }] }],
  });
  await observed(mother.id, '11881-0', '2025-12-01', { valueQuantity: quantity('28.50', 'cm') });
  await observed(child, '8339-4', '2026-02-01', { valueQuantity: quantity('2980', 'g') });
  await observed(child, '29463-7', '2026-06-01', { valueQuantity: quantity('6.80', 'kg') });
  await dose(child, 'HepB', '2026-04-02', 'TEST-042');
  await dose(child, 'BCG', '2026-07-05', 'TEST-043');
});
afterAll(() => t.close());

const quantity = (value: string, unit: string) => ({
  value: exactNumber(value),
  unit,
  system: 'http://unitsofmeasure.org',
  code: unit,
});
const observed = (patient: string, code: string, date: string, more: object) =>
  t.system.create({
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: LOINC, code }] },
    subject: { reference: `Patient/${patient}` },
    effectiveDateTime: date,
    ...more,
  });
const dose = (patient: string, code: string, date: string, lotNumber: string) =>
  t.system.create({
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { coding: [{ system: VACCINE, code }] },
    patient: { reference: `Patient/${patient}` },
    occurrenceDateTime: date,
    lotNumber,
    manufacturer: { display: '試験製薬' },
    performer: [{ actor: { display: '見本医院' } }],
  });

async function printed(path: string, { token }: Pick<Caller, 'token'> = t.system): Promise<Buffer> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/pdf' };
  const answer = await t.app.inject({ url: `/fhir/${path}`, headers });
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/pdf']);
  return answer.rawPayload;
}

describe.skipIf(!hasTools)('what others read in the PDF', () => {
  test('the handbook has the parts of the paper one, in its order, and says where nothing is recorded', async () => {
    const text = textIn(await printed(`Patient/${child}/$handbook?language=ja`));
    const parts = [
      '妊娠の経過',
      '出産の状態',
      '新生児の検査',
      'からだの発育',
      '乳幼児健康診査',
      '予防接種の記録',
      '歯の記録',
      'アレルギー',
    ];
    const contents = text.slice(0, text.indexOf('\f'));
    const places = parts.map((part) => contents.indexOf(part));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    for (const word of [
      NAME,
      'TEST-042',
      '試験製薬',
      '見本医院',
      '子宮底長 28.50 cm',
      '2980 g',
      '記録はありません',
      '家族など',
    ])
      expect(text).toContain(word);
  });

  test('in English too', async () => {
    const text = textIn(await printed(`Patient/${child}/$handbook?language=en`));
    for (const word of ['Pregnancy', 'Check-ups', 'BCG', '5 Jul 2026', 'Nothing is recorded'])
      expect(text).toContain(word);
  });

  test('is PDF/A-2b: marked so, every font embedded, nothing encrypted, nothing that runs', async () => {
    for (const path of ['$handbook', '$vaccination-certificate', '$school-form']) {
      const pdf = await printed(`Patient/${child}/${path}`);
      const fonts = fontsIn(pdf);
      expect(fonts.length).toBeGreaterThan(0);
      expect(fonts.filter(({ isEmbedded }) => !isEmbedded)).toEqual([]);
      expect(said('qpdf', ['--check', 'PDF'], pdf)).toContain('No syntax or stream encoding errors');
      const plain = said('qpdf', ['--qdf', '--object-streams=disable', 'PDF', '-'], pdf);
      expect(plain).toMatch(/<pdfaid:part>2<\/pdfaid:part>\s*<pdfaid:conformance>B</);
      expect(plain).toContain('/GTS_PDFA1');
      expect(plain).toMatch(/\/Lang \(?<?/);
      expect(plain).toContain('/StructTreeRoot');
      expect(plain).not.toMatch(/\/(?:Encrypt|JavaScript|JS|Launch|EmbeddedFile)\b/);
    }
  });

  test('a token without a type is told what is left out', async () => {
    const few = await t.caller('patient/Patient.r patient/Observation.r', { patient: child });
    const text = textIn(await printed(`Patient/${child}/$handbook?language=ja`, few));
    expect(text).toContain('見ることのできない種類');
    expect(text).not.toContain('TEST-042');
    expect(text).not.toContain('28.50');
  });

  test('the certificate is English, says that it is no ICVP, and takes the passport in a body alone', async () => {
    const answer = await t.app.inject({
      method: 'POST',
      url: `/fhir/Patient/${child}/$vaccination-certificate`,
      headers: { authorization: `Bearer ${t.system.token}`, 'content-type': 'application/fhir+json' },
      payload: { resourceType: 'Parameters', parameter: [{ name: 'passport', valueString: 'TZ0000000' }] },
    });
    const text = textIn(answer.rawPayload);
    for (const word of ['TZ0000000', 'It is not the International Certificate', 'TEST-043', '5 Jul 2026'])
      expect(text).toContain(word);
    const refused = await t.system.get(`Patient/${child}/$vaccination-certificate?passport=TZ0000000`);
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('never in an address')]);
    expect(textIn(await printed(`Patient/${child}/$vaccination-certificate`))).not.toContain('TZ0000000');
  });

  test('the form for schools has the doses as of its date', async () => {
    const then = textIn(await printed(`Patient/${child}/$school-form?date=2026-05-01`));
    expect(then).toContain('2026/4/2');
    expect(then).not.toContain('2026/7/5');
    expect(then).toContain('保護者氏名');
    expect(textIn(await printed(`Patient/${child}/$school-form`))).toContain('2026/7/5');
  });

  test('a family gets its children one after the other', async () => {
    const own = await t.caller('patient/*.rs', { patient: child });
    expect(textIn(await printed('Patient/$handbook?language=ja', own))).toContain(NAME);
    const all = await t.system.get('Patient/$handbook');
    expect([all.status, all.text]).toEqual([422, expect.stringContaining('is for a family')]);
  });
});

test.each([
  ['$handbook?language=fr', 'ja, en'],
  ['$handbook?colour=red', 'language'],
  ['$school-form?date=2026-02-30', 'YYYY-MM-DD'],
  ['$school-form?date=2026-02-01&date=2026-02-02', 'once'],
])('refuses %s and says what is known', async (path, word) => {
  const { status, text } = await t.system.get(`Patient/${child}/${path}`);
  expect([status, text]).toEqual([400, expect.stringContaining(word)]);
});

test('each print leaves its row in the audit', async () => {
  await printed(`Patient/${child}/$school-form`);
  const { rows } = await t.pool.query("select interaction from audit where interaction in ('handbook', 'school-form')");
  expect(rows.length).toBeGreaterThan(0);
});
