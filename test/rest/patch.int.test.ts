// PATCH over HTTP. https://hl7.org/fhir/R4/http.html#patch
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Body, type Caller, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

const jsonPatch = { 'content-type': 'application/json-patch+json' };
const patch = (path: string, operations: unknown, headers: object = {}, caller: Caller = t.system) =>
  caller.send('PATCH', path, JSON.stringify(operations), { ...jsonPatch, ...headers });
const replaceGender = (gender: string) => [{ op: 'add', path: '/gender', value: gender }];
const fhirPathPatch = (path: string, value: object) => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'replace' },
        { name: 'path', valueString: path },
        { name: 'value', ...value },
      ],
    },
  ],
});
const versionsOf = async (path: string) => (await t.system.get(`${path}/_history`)).body.entry.length;

describe('patch', () => {
  test('by JSON Patch makes the next version and answers with it', async () => {
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    const answer = await patch(`Patient/${id}`, replaceGender('female'));
    expect({ status: answer.status, etag: answer.headers.etag }).toEqual({ status: 200, etag: 'W/"2"' });
    expect(answer.headers.location).toBeUndefined();
    expect(answer.body).toMatchObject({ ...patientNamed('試験', '花子'), gender: 'female' });
    expect((await t.system.get(`Patient/${id}`)).text).toBe(answer.text);
    expect((await t.system.get(`Patient/${id}/_history/1`)).body.gender).toBeUndefined();
    expect((await t.system.get(`Patient?_id=${id}&gender=female`)).body.entry).toHaveLength(1);
  });

  test('by FHIRPath Patch does the same, as JSON and as plain JSON', async () => {
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    const body = (family: string) => fhirPathPatch('Patient.name[0].family', { valueString: family });
    const first = await t.system.send('PATCH', `Patient/${id}`, body('見本'));
    expect({ status: first.status, name: first.body.name }).toMatchObject({ status: 200, name: [{ family: '見本' }] });
    const second = await t.system.send('PATCH', `Patient/${id}`, body('試験'), { 'content-type': 'application/json' });
    expect(second.headers.etag).toBe('W/"3"');
  });

  test('by FHIRPath Patch in XML does the same, and answers in XML', async () => {
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    const part = (name: string, value: string) => `<part><name value="${name}"/>${value}</part>`;
    const body = `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/>${part('type', '<valueCode value="add"/>')}${part('path', '<valueString value="Patient"/>')}${part('name', '<valueString value="gender"/>')}${part('value', '<valueCode value="female"/>')}</parameter></Parameters>`;
    const answer = await t.app.inject({
      method: 'PATCH',
      url: `/fhir/Patient/${id}`,
      headers: {
        authorization: `Bearer ${t.system.token}`,
        'content-type': 'application/fhir+xml',
        accept: 'application/fhir+xml',
      },
      payload: body,
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.payload).toContain('<gender value="female"/>');
  });

  test('leaves every number it does not touch as it was written', async () => {
    const text =
      '{"resourceType":"Observation","status":"final","code":{"text":"体重"},"valueQuantity":{"value":3.50},"component":[{"code":{"text":"a"},"valueQuantity":{"value":1e1}}]}';
    const { id } = (await t.system.post('Observation', text)).body;
    const byJson = await patch(`Observation/${id}`, [{ op: 'replace', path: '/status', value: 'amended' }]);
    expect(byJson.text).toContain('"valueQuantity":{"value":3.50}');
    expect(byJson.text).toContain('"value":1e1');
    const byPath = fhirPathPatch('Observation.component[0].code.text', { valueString: 'b' });
    const answer = await t.system.send('PATCH', `Observation/${id}`, byPath);
    expect(answer.text).toContain('"valueQuantity":{"value":3.50}');
    expect(answer.text).toContain('"value":1e1');
  });

  test('with If-Match of the current version passes, of an older one is 412 and changes nothing', async () => {
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    expect((await patch(`Patient/${id}`, replaceGender('male'), { 'if-match': 'W/"1"' })).status).toBe(200);
    const stale = await patch(`Patient/${id}`, replaceGender('female'), { 'if-match': 'W/"1"' });
    expect({ status: stale.status, code: stale.body.issue[0]?.code }).toEqual({ status: 412, code: 'conflict' });
    expect((await t.system.get(`Patient/${id}`)).body.gender).toBe('male');
  });

  test('that changes nothing makes no version, and is in the audit as a look', async () => {
    const { id, meta } = await t.system.create(patientNamed('試験', '花子', { gender: 'male' }));
    t.clock.nowMs += 5000;
    const answer = await patch(`Patient/${id}`, [{ op: 'test', path: '/gender', value: 'male' }]);
    expect({ status: answer.status, etag: answer.headers.etag }).toEqual({ status: 200, etag: 'W/"1"' });
    expect(answer.body.meta).toEqual(meta);
    expect(await versionsOf(`Patient/${id}`)).toBe(1);
    const { rows } = await t.pool.query('select interaction, version from audit where key = $1 order by id', [id]);
    expect(rows.slice(0, 2)).toEqual([
      { interaction: 'create', version: 1 },
      { interaction: 'read', version: 1 },
    ]);
    expect((await t.pool.query('select from outbox where key = $1', [id])).rowCount).toBe(1);
  });

  test.each([
    ['resourceType', [{ op: 'replace', path: '/resourceType', value: 'Person' }]],
    ['the id', [{ op: 'replace', path: '/id', value: 'another' }]],
    ['no id', [{ op: 'remove', path: '/id' }]],
    ['the version', [{ op: 'replace', path: '/meta/versionId', value: '9' }]],
    ['the time', [{ op: 'replace', path: '/meta/lastUpdated', value: '2020-01-01T00:00:00Z' }]],
    ['everything', [{ op: 'replace', path: '', value: [] }]],
    ['a code that is none', [{ op: 'add', path: '/gender', value: 'woman' }]],
    ['an element that there is not', [{ op: 'add', path: '/colour', value: 'red' }]],
    ['a place that there is not', [{ op: 'replace', path: '/contact/0/gender', value: 'male' }]],
    ['a test that fails', [{ op: 'test', path: '/name/0/family', value: '別人' }]],
    [
      'a My Number',
      [{ op: 'add', path: '/identifier', value: [{ type: { text: '個人番号' }, value: '123456789018' }] }],
    ],
  ])('to %s is refused with 422 and changes nothing', async (_, operations) => {
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    const { status, body } = await patch(`Patient/${id}`, operations);
    expect({ status, type: body.resourceType }).toEqual({ status: 422, type: 'OperationOutcome' });
    expect(await versionsOf(`Patient/${id}`)).toBe(1);
  });

  test('may add tags beside the version, and take the whole meta away', async () => {
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    const tagged = await patch(`Patient/${id}`, [{ op: 'add', path: '/meta/tag', value: [{ code: 'x' }] }]);
    expect(tagged.body.meta).toMatchObject({ versionId: '2', tag: [{ code: 'x' }] });
    const bare = await patch(`Patient/${id}`, [{ op: 'remove', path: '/meta' }]);
    expect(bare.body.meta).toEqual({ versionId: '3', lastUpdated: bare.body.meta.lastUpdated });
  });

  test('of the last one in a list takes the list along', async () => {
    const { id } = await t.system.create(
      patientNamed('試験', '花子', { telecom: [{ system: 'phone', value: '000' }] }),
    );
    const answer = await patch(`Patient/${id}`, [{ op: 'remove', path: '/telecom/0' }]);
    expect({ status: answer.status, telecom: answer.body.telecom }).toEqual({ status: 200, telecom: undefined });
  });

  test('of what never was is 404, of what is deleted 410', async () => {
    expect((await patch('Patient/never-was', replaceGender('male'))).status).toBe(404);
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    await t.system.delete(`Patient/${id}`);
    expect((await patch(`Patient/${id}`, replaceGender('male'))).status).toBe(410);
    // The ids of a server are unique over all types: under another type this one names nothing.
    expect((await patch(`Observation/${id}`, [])).status).toBe(404);
  });

  test.each([
    ['application/xml-patch+xml', '<diff/>', 415],
    ['text/plain', 'x', 415],
    ['application/x-www-form-urlencoded', 'a=b', 415],
    ['application/json', '[]', 415],
    ['application/fhir+json', '[]', 415],
    ['application/fhir+json', '{"resourceType":"Patient"}', 400],
    ['application/json-patch+json', '{"op":"add"}', 400],
    ['application/json-patch+json', '[', 400],
    ['application/json-patch+json', '', 400],
  ])('as %s with %j > %i', async (type, body, status) => {
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    const answer = await t.system.send('PATCH', `Patient/${id}`, body, { 'content-type': type });
    expect(answer.status).toBe(status);
    expect(answer.body.resourceType).toBe('OperationOutcome');
    if (status === 415)
      expect(answer.body.issue[0]?.diagnostics).toMatch(/application\/json-patch\+json.*application\/fhir\+json/);
  });

  test('JSON Patch is for nothing but PATCH', async () => {
    const answer = await t.system.send('POST', 'Patient', JSON.stringify(patientNamed('試', '花')), jsonPatch);
    expect(answer.status).toBe(415);
  });

  test('needs the right to read as well as to update, for it shows what is stored', async () => {
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    for (const scope of ['system/*.u', 'system/*.r']) {
      const answer = await patch(`Patient/${id}`, [], {}, await t.caller(scope));
      expect({ scope, status: answer.status }).toEqual({ scope, status: 403 });
    }
    expect((await patch(`Patient/${id}`, [], {}, await t.caller('system/*.ru'))).status).toBe(200);
  });

  test('of a family does not move the record to another patient', async () => {
    const [a, b] = [
      await t.system.create(patientNamed('試験', '一')),
      await t.system.create(patientNamed('試験', '二')),
    ];
    const own = await t.caller('patient/*.cruds', { patient: a.id });
    const { id } = await own.create(observationOf(a.id));
    const move = [{ op: 'replace', path: '/subject/reference', value: `Patient/${b.id}` }];
    expect((await patch(`Observation/${id}`, move, {}, own)).status).toBe(403);
    const number = [{ op: 'add', path: '/identifier', value: [{ system: 'urn:hospital', value: '1' }] }];
    expect((await patch(`Patient/${a.id}`, number, {}, own)).status).toBe(422);
    const shared = await t.system.create(observationOf(b.id, { performer: [{ reference: `Patient/${a.id}` }] }));
    expect((await patch(`Observation/${shared.id}`, [], {}, own)).status).toBe(404);
  });
});

describe('conditional patch', () => {
  const person = (value: string) => patientNamed('条件', '花子', { identifier: [{ system: 'urn:cp', value }] });

  test('patches the one match, is 404 without, 412 with several', async () => {
    const { id } = await t.system.create(person('1'));
    const answer = await patch('Patient?identifier=urn:cp|1', replaceGender('female'));
    expect({ status: answer.status, id: answer.body.id, etag: answer.headers.etag }).toEqual({
      status: 200,
      id,
      etag: 'W/"2"',
    });
    expect((await patch('Patient?identifier=urn:cp|none', replaceGender('male'))).status).toBe(404);
    await t.system.create(person('1'));
    expect((await patch('Patient?identifier=urn:cp|1', replaceGender('male'))).status).toBe(412);
  });

  test('honours If-Match, and refuses a condition that says nothing', async () => {
    await t.system.create(person('2'));
    const stale = await patch('Patient?identifier=urn:cp|2', replaceGender('male'), { 'if-match': 'W/"7"' });
    expect(stale.status).toBe(412);
    for (const condition of ['', '?', '?_count=1', '?nonsense=1'])
      expect((await patch(`Patient${condition}`, [])).status).toBe(400);
  });
});

// https://hl7.org/fhir/R4/http.html#cdelete
describe('conditional delete', () => {
  const person = (value: string) => patientNamed('条件', '花子', { identifier: [{ system: 'urn:cd', value }] });

  test('deletes the one match, does nothing without, refuses several with 412', async () => {
    const { id } = await t.system.create(person('1'));
    for (let n = 0; n < 2; n++) {
      const { status, text } = await t.system.delete('Patient?identifier=urn:cd|1');
      expect({ status, text }).toEqual({ status: 204, text: '' });
    }
    expect((await t.system.get(`Patient/${id}`)).status).toBe(410);
    const two = [await t.system.create(person('2')), await t.system.create(person('2'))];
    expect((await t.system.delete('Patient?identifier=urn:cd|2')).status).toBe(412);
    for (const one of two) expect((await t.system.get(`Patient/${one.id}`)).status).toBe(200);
  });

  test('honours If-Match, also when nothing matches', async () => {
    await t.system.create(person('3'));
    for (const value of ['3', 'none']) {
      const answer = await t.system.delete(`Patient?identifier=urn:cd|${value}`, { 'if-match': 'W/"2"' });
      expect({ value, status: answer.status }).toEqual({ value, status: 412 });
    }
    expect((await t.system.delete('Patient?identifier=urn:cd|3', { 'if-match': 'W/"1"' })).status).toBe(204);
  });

  test('without criteria, or with such as say nothing, is 400', async () => {
    for (const condition of ['', '?', '?_count=1', '?nonsense=1', '?_sort=birthdate'])
      expect({ condition, status: (await t.system.delete(`Patient${condition}`)).status }).toEqual({
        condition,
        status: 400,
      });
  });
});

describe('update', () => {
  test('that says what is stored makes no version, nor does one that sends back what was read', async () => {
    const sent = patientNamed('同じ', '花子', { meta: { tag: [{ code: 'x' }] }, id: 'unchanged' });
    const created = await t.system.put('Patient/unchanged', sent);
    t.clock.nowMs += 5000;
    for (const body of [sent, created.text]) {
      const answer = await t.system.put('Patient/unchanged', body);
      expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: created.text });
    }
    expect(await versionsOf('Patient/unchanged')).toBe(1);
    // Digits are content: 1.5 is not 1.50.
    const weight = (value: string) =>
      `{"resourceType":"Observation","id":"weight","status":"final","code":{"text":"体重"},"valueQuantity":{"value":${value}}}`;
    for (const value of ['1.50', '1.5', '1.50', '1.50']) await t.system.put('Observation/weight', weight(value));
    expect(await versionsOf('Observation/weight')).toBe(3);
  });

  test('with If-Match of another version is 412 even when it says what is stored', async () => {
    const { id, ...rest } = await t.system.create(patientNamed('同じ', '花子'));
    expect((await t.system.put(`Patient/${id}`, { ...rest, id }, { 'if-match': 'W/"2"' })).status).toBe(412);
  });

  test('with If-None-Match: * creates and never replaces', async () => {
    const body = { ...patientNamed('新', '花子'), id: 'only-new' };
    const put = (headers: Record<string, string>) => t.system.put('Patient/only-new', body, headers);
    expect((await put({ 'if-none-match': '*' })).status).toBe(201);
    const again = await put({ 'if-none-match': '*' });
    expect({ status: again.status, code: again.body.issue[0]?.code }).toEqual({ status: 412, code: 'conflict' });
    await t.system.delete('Patient/only-new');
    expect((await put({ 'if-none-match': '*' })).status).toBe(201);
    expect((await put({ 'if-none-match': 'W/"1"' })).status).toBe(400);
  });

  test('by a condition with If-Match is 412 when nothing matches', async () => {
    const body = patientNamed('条件', '花子', { identifier: [{ system: 'urn:cu-match', value: '1' }] });
    const answer = await t.system.put('Patient?identifier=urn:cu-match|1', body, { 'if-match': 'W/"1"' });
    expect(answer.status).toBe(412);
    expect((await t.system.get('Patient?identifier=urn:cu-match|1&_total=accurate')).body.total).toBe(0);
  });
});

describe('Prefer: return', () => {
  const ask = async (prefer: string) => {
    const headers = { prefer: `return=${prefer}` };
    const created = await t.system.post('Patient', patientNamed('好み', '花子'), headers);
    const id = created.headers.location?.split('/').at(-3) ?? '';
    return [
      created,
      await t.system.put(`Patient/${id}`, { ...patientNamed('好み', '二'), id }, headers),
      await patch(`Patient/${id}`, replaceGender('male'), headers),
      await t.system.delete(`Patient/${id}`, headers),
    ];
  };

  test('minimal sends no body, representation the resource', async () => {
    expect((await ask('minimal')).map(({ status, text }) => [status, text])).toEqual([
      [201, ''],
      [200, ''],
      [200, ''],
      [204, ''],
    ]);
    const shown = await ask('representation');
    expect(
      shown.map(({ status, text }) => [status, text === '' ? '' : (JSON.parse(text) as Body).resourceType]),
    ).toEqual([
      [201, 'Patient'],
      [200, 'Patient'],
      [200, 'Patient'],
      [204, ''],
    ]);
  });

  test('OperationOutcome says what was done, also of a delete', async () => {
    const answers = await ask('OperationOutcome');
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 200]);
    for (const { body, headers } of answers) {
      expect(body.issue).toMatchObject([{ severity: 'information', code: 'informational' }]);
      expect(headers.etag).toMatch(/^W\/"\d"$/);
    }
    const none = await t.system.delete('Patient?identifier=urn:none|1', { prefer: 'return=OperationOutcome' });
    expect(none.body.issue[0]?.diagnostics).toContain('nothing was deleted');
  });
});
