// Search parameters by type, on a handful of resources. https://hl7.org/fhir/R4/search.html
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { matchIds, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
const put = async (resource: { resourceType: string; id: string }) => {
  const { status, text } = await t.system.put(`${resource.resourceType}/${resource.id}`, resource);
  if (status !== 201) throw new Error(text);
};
/** The matches' ids, sorted. */
const found = async (search: string) => {
  const response = await t.system.get(encodeURI(search).replaceAll('+', '%2B'));
  if (response.status !== 200) throw new Error(`${response.status}: ${response.text}`);
  return matchIds(response).sort();
};
const expectFound = (search: string, ids: string) =>
  expect(found(search)).resolves.toEqual(ids.split(' ').filter(Boolean));

beforeAll(async () => {
  t = await startApp();
  await put({
    ...patientNamed('試験', '花子'),
    id: 'a',
    identifier: [{ system: 'urn:s1', value: '1' }],
    gender: 'female',
    active: true,
  } as never);
  await put({
    ...patientNamed('見本', '太郎'),
    id: 'b',
    identifier: [{ system: 'urn:s2', value: '1' }],
    gender: 'male',
  } as never);
  await put({
    ...patientNamed('Muster', 'Ähnli'),
    id: 'c',
    identifier: [{ value: '1' }, { system: 'urn:s1', value: '2,3' }],
  } as never);
  await put({
    resourceType: 'Patient',
    id: 'd',
    name: [
      { family: '試験', given: ['葉子'], text: '試験　葉子' },
      {
        family: 'シケン',
        given: ['ヨウコ'],
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation', valueCode: 'SYL' }],
      },
    ],
  } as never);
  const code = (system: string | undefined, value: string) => ({
    coding: [{ ...(system ? { system } : {}), code: value }],
  });
  await put({
    ...observationOf('a'),
    id: 'o1',
    code: code('http://loinc.org', '8302-2'),
    effectiveDateTime: '2026-04-01',
  } as never);
  await put({
    ...observationOf('a'),
    id: 'o2',
    code: code('urn:other', '8302-2'),
    effectivePeriod: { start: '2026-04-01', end: '2026-04-10' },
  } as never);
  await put({ ...observationOf('b'), id: 'o3', code: code(undefined, '8302-2') } as never);
  await put({
    ...observationOf('b'),
    id: 'o4',
    code: code('http://loinc.org', '3141-9'),
    subject: { reference: 'https://elsewhere.test/fhir/Patient/a' },
  } as never);
  await put({
    ...observationOf('b'),
    id: 'o5',
    code: { text: 'no code' },
    subject: { identifier: { system: 'urn:s1', value: '1' } },
  } as never);
  await put({
    ...observationOf('a'),
    id: 'o6',
    code: code('http://loinc.org', '3141-9'),
    subject: { reference: 'Group/a' },
    performer: [{ reference: 'Patient/a' }],
  } as never);
});
afterAll(() => t.close());

describe('token', () => {
  test.each([
    ['Patient?identifier=1', 'a b c'],
    ['Patient?identifier=urn:s1|1', 'a'],
    ['Patient?identifier=|1', 'c'],
    ['Patient?identifier=urn:s1|', 'a c'],
    ['Patient?identifier=urn:s1|1,urn:s2|1', 'a b'],
    ['Patient?identifier=1,1', 'a b c'],
    ['Patient?identifier=1&identifier=urn:s2|', 'b'],
    ['Patient?identifier=2\\,3', 'c'],
    ['Patient?identifier=urn:s1|2\\,3', 'c'],
    ['Patient?identifier=2,3', ''],
    ['Patient?identifier:not=urn:s1|1', 'b c d'],
    ['Patient?identifier:missing=true', 'd'],
    ['Patient?identifier:missing=false', 'a b c'],
    ['Patient?gender=female', 'a'],
    ['Patient?gender=female,male', 'a b'],
    ['Patient?gender:not=female', 'b c d'],
    ['Patient?gender:missing=true', 'c d'],
    ['Patient?active=true', 'a'],
    ['Patient?active=false', ''],
    ['Observation?code=8302-2', 'o1 o2 o3'],
    ['Observation?code=http://loinc.org|8302-2', 'o1'],
    ['Observation?code=|8302-2', 'o3'],
    ['Observation?code=http://loinc.org|', 'o1 o4 o6'],
    ['Observation?code=http://loinc.org|8302-2,3141-9', 'o1 o4 o6'],
    ['Observation?code:not=8302-2', 'o4 o5 o6'],
    ['Observation?status=final&code=3141-9', 'o4 o6'],
  ])('%s', (search, ids) => expectFound(search, ids));
});

describe('reference', () => {
  test.each([
    ['Observation?subject=Patient/a', 'o1 o2'],
    ['Observation?subject=a', 'o1 o2 o6'],
    ['Observation?subject:Patient=a', 'o1 o2'],
    ['Observation?subject:Group=a', 'o6'],
    ['Observation?patient=a', 'o1 o2'],
    ['Observation?patient=Patient/a', 'o1 o2'],
    ['Observation?patient=Patient/a,Patient/b', 'o1 o2 o3'],
    ['Observation?performer=Patient/a', 'o6'],
    ['Observation?subject=https://tsumugi.test/fhir/Patient/a', 'o1 o2'],
    ['Observation?subject=https://elsewhere.test/fhir/Patient/a', 'o4'],
    ['Observation?subject:identifier=urn:s1|1', 'o5'],
    ['Observation?subject:identifier=1', 'o5'],
    ['Observation?subject:identifier=urn:s1|', 'o5'],
    ['Observation?subject:identifier=urn:s2|1', ''],
    ['Observation?subject:missing=false', 'o1 o2 o3 o4 o5 o6'],
    ['Observation?patient=nobody', ''],
    ['Observation?focus=Patient/a', ''],
  ])('%s', (search, ids) => expectFound(search, ids));

  test('an id alone where any type may be meant is refused, not answered with nothing', async () => {
    expect((await t.system.get('Observation?focus=a')).status).toBe(400);
  });
});

describe('uri and canonical', () => {
  beforeAll(async () => {
    const set = { resourceType: 'ValueSet', status: 'active' };
    await put({ ...set, id: 'v1', url: 'https://example.jp/ValueSet/a', version: '1' } as never);
    await put({ ...set, id: 'v2', url: 'https://example.jp/ValueSet/a/b' } as never);
    const response = (id: string, questionnaire: string) => ({
      resourceType: 'QuestionnaireResponse',
      id,
      status: 'completed',
      questionnaire,
    });
    await put(response('q1', 'https://example.jp/Questionnaire/a|1.0'));
    await put(response('q2', 'https://example.jp/Questionnaire/a'));
    await put({
      resourceType: 'Basic',
      id: 'm',
      code: { text: 'x' },
      meta: { profile: ['https://example.jp/p'], tag: [{ system: 'urn:t', code: 'demo' }] },
    } as never);
  });
  test.each([
    ['ValueSet?url=https://example.jp/ValueSet/a', 'v1'],
    ['ValueSet?url=https://example.jp/ValueSet', ''],
    ['ValueSet?url=https://example.jp/ValueSet/a,https://example.jp/ValueSet/a/b', 'v1 v2'],
    ['QuestionnaireResponse?questionnaire=https://example.jp/Questionnaire/a', 'q1 q2'],
    ['QuestionnaireResponse?questionnaire=https://example.jp/Questionnaire/a|1.0', 'q1'],
    ['Basic?_profile=https://example.jp/p', 'm'],
    ['Basic?_tag=demo', 'm'],
    ['Basic?_tag=urn:t|demo', 'm'],
    ['Basic?_tag=urn:u|demo', ''],
  ])('%s', (search, ids) => expectFound(search, ids));
});

describe('string', () => {
  test.each([
    ['Patient?family=試', 'a d'],
    ['Patient?family=試験', 'a d'],
    ['Patient?family=験', ''],
    ['Patient?family:contains=験', 'a d'],
    ['Patient?family:exact=試', ''],
    ['Patient?family:exact=試験', 'a d'],
    ['Patient?name=試験花子', 'a'],
    ['Patient?name=試験 花子', 'a'],
    ['Patient?name=試験　葉子', 'd'],
    ['Patient?name:exact=試験　葉子', 'd'],
    ['Patient?name:exact=試験 葉子', ''],
    ['Patient?name=しけん', 'd'],
    ['Patient?name=ｼｹﾝ', 'd'],
    ['Patient?name=ようこ', 'd'],
    ['Patient?given=花子,太郎', 'a b'],
    ['Patient?name=試験&name=花子', 'a'],
    ['Patient?family=MUST', 'c'],
    ['Patient?given=ahn', 'c'],
    ['Patient?given:exact=ahnli', ''],
    ['Patient?given:exact=Ähnli', 'c'],
    ['Patient?address:missing=true', 'a b c d'],
    ['Patient?name=%', ''],
    ['Patient?name=_', ''],
    ["Patient?name:contains=' or 1=1 --", ''],
  ])('%s', (search, ids) => expectFound(search, ids));
});

describe('_id and _lastUpdated', () => {
  test.each([
    ['Patient?_id=a', 'a'],
    ['Patient?_id=a,c,nobody', 'a c'],
    ['Patient?_id=a&_id=b', ''],
    ['Patient?_id=a,b&_id=b,c', 'b'],
    ['Patient?_id=a&gender=male', ''],
    ['Patient?_id=o1', ''],
    ['Patient?_lastUpdated=2026-11-23', 'a b c d'],
    ['Patient?_lastUpdated=gt2026-11-23', ''],
    ['Patient?_lastUpdated=lt2026-11-23', ''],
    ['Patient?_lastUpdated=ge2026-11-23T00:00:00Z&_lastUpdated=lt2026-11-24', 'a b c d'],
  ])('%s', (search, ids) => expectFound(search, ids));
});

describe('what comes back', () => {
  test('_total=accurate and _summary=count agree with the matches, for every kind of filter', async () => {
    for (const search of [
      'Patient?_id=a,b',
      'Patient?_id=a&_id=b',
      'Patient?name=試験',
      'Observation?patient=a',
      'Patient?gender:not=male',
      'Observation?date=2026-04',
      'Patient?identifier=1',
      'Patient?identifier:missing=true',
    ]) {
      const { length } = await found(search);
      const total = async (more: string) => (await t.system.get(encodeURI(`${search}&${more}`))).body;
      expect({ search, total: (await total('_total=accurate')).total }).toEqual({ search, total: length });
      expect(await total('_summary=count')).toMatchObject({ total: length, type: 'searchset' });
      expect(await total('_count=0')).toMatchObject({ total: length });
      expect((await total('_summary=count')).entry).toBeUndefined();
      // Unasked it is told only where it costs nothing: where one page holds all.
      expect((await total('_count=1')).total).toBe(length <= 1 ? length : undefined);
      expect((await total('_count=100')).total).toBe(length);
    }
  });

  test('POST _search is the same search, its parameters in body and URL together', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const both = await t.system.post('Patient/_search?gender=female', 'identifier=1', form);
    expect(matchIds(both)).toEqual(['a']);
    expect(matchIds(await t.system.post('Patient/_search', undefined))).toHaveLength(4);
  });

  test('_include brings what the matches refer to, once each and marked', async () => {
    const { body } = await t.system.get('Observation?code=8302-2&_include=Observation:subject');
    const included = body.entry.filter(({ search }) => search.mode === 'include').map(({ resource }) => resource.id);
    expect(included.sort()).toEqual(['a', 'b']);
    const typed = await t.system.get('Observation?_id=o6&_include=Observation:performer:Practitioner');
    expect(typed.body.entry).toHaveLength(1);
    const performer = await t.system.get('Observation?_id=o6&_include=Observation:performer:Patient');
    expect(performer.body.entry.map(({ resource }) => resource.id)).toEqual(['o6', 'a']);
  });

  test('the self link says what was understood', async () => {
    const { body } = await t.system.get('Patient?gender=female&_count=5', { prefer: 'handling=lenient' });
    expect(body.link[0]).toEqual({ relation: 'self', url: `${t.base}/Patient?gender=female&_count=5` });
  });

  test('leniency ignores an unknown parameter with a warning, and never a wrong value', async () => {
    const { status, body } = await t.system.get('Patient?nonsense=1&gender=female', { prefer: 'handling=lenient' });
    expect(status).toBe(200);
    expect(body.entry.map(({ search }) => search.mode)).toEqual(['match', 'outcome']);
    expect(body.entry[1]?.resource.issue[0]).toMatchObject({ severity: 'warning', code: 'not-supported' });
    expect(body.link[0]?.url).not.toContain('nonsense');
    expect((await t.system.get('Patient?birthdate=x', { prefer: 'handling=lenient' })).status).toBe(400);
  });

  test('_count over the most is the most, and full URLs lead to the resource', async () => {
    const { status, body } = await t.system.get('Patient?_count=999999&_id=a');
    expect(status).toBe(200);
    expect(body.entry[0]?.fullUrl).toBe(`${t.base}/Patient/a`);
  });
});

test('a resource in two patients’ compartments is found from both, once', async () => {
  const actor = (reference: string) => ({ actor: { reference }, status: 'accepted' });
  await put({
    resourceType: 'Appointment',
    id: 'both',
    status: 'booked',
    start: '2026-12-01T10:00:00+09:00',
    end: '2026-12-01T10:30:00+09:00',
    participant: [actor('Patient/a'), actor('Patient/b')],
  } as never);
  await expectFound('Appointment?patient=a', 'both');
  await expectFound('Appointment?patient=b', 'both');
  await expectFound('Appointment?patient=Patient/a,Patient/b', 'both');
  await expectFound('Appointment?patient=c', '');
  for (const id of ['a', 'b']) {
    const everything = await t.system.get(`Patient/${id}/$everything`);
    expect(everything.body.entry.filter(({ resource }) => resource.id === 'both')).toHaveLength(1);
    const own = await t.caller('patient/*.rs', { patient: id });
    expect(matchIds(await own.get('Appointment'))).toEqual(['both']);
    expect((await own.get('Appointment/both')).status).toBe(200);
    expect((await own.get('Appointment/both/_history')).status).toBe(200);
  }
  const stranger = await t.caller('patient/*.rs', { patient: 'c' });
  expect((await stranger.get('Appointment/both')).status).toBe(404);
});
