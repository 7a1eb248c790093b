// One resource over HTTP: create, read, vread, update, delete, history. https://hl7.org/fhir/R4/http.html
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

describe('create', () => {
  test('answers 201 with Location, ETag, Last-Modified and the stored resource', async () => {
    const { status, headers, body } = await t.system.post('Patient', {
      ...patientNamed('試験', '花子'),
      id: 'ignored',
    });
    expect(status).toBe(201);
    expect(body.id).not.toBe('ignored');
    expect(headers.location).toBe(`${t.base}/Patient/${body.id}/_history/1`);
    expect(headers.etag).toBe('W/"1"');
    expect(headers['last-modified']).toBe(new Date(t.clock.nowMs).toUTCString());
    expect(headers['content-type']).toMatch(/^application\/fhir\+json/);
    expect(body.meta).toEqual({ versionId: '1', lastUpdated: new Date(t.clock.nowMs).toISOString() });
    expect((await t.system.get(`Patient/${body.id}`)).body).toEqual(body);
  });

  test('leaves the body out with Prefer: return=minimal', async () => {
    const answer = await t.system.post('Patient', patientNamed('試験', '花子'), { prefer: 'return=minimal' });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 201, text: '' });
  });

  test('under a condition that is met already says where the match is', async () => {
    const identifier = [{ system: 'urn:test:location', value: '1' }];
    const create = () =>
      t.system.post('Patient', patientNamed('既存', '花子', { identifier }), {
        'if-none-exist': 'identifier=urn:test:location|1',
      });
    const { headers } = await create();
    const again = await create();
    expect(again).toMatchObject({ status: 200, headers: { location: headers.location, etag: 'W/"1"' } });
    expect(headers.location).toBe(`${t.base}/Patient/${again.body.id}/_history/1`);
  });

  test.each(['', '?', 'Patient?', 'https://tsumugi.test/fhir/Patient?'])(
    'takes the condition with %j in front, as clients send it',
    async (front) => {
      const { id } = await t.system.create(patientNamed('条件', '花子', { identifier: [{ value: `front-${front}` }] }));
      const condition = `${front}identifier=${encodeURIComponent(`front-${front}`)}`;
      const answer = await t.system.post('Patient', patientNamed('条件', '二'), { 'if-none-exist': condition });
      expect([answer.status, answer.body.id]).toEqual([200, id]);
    },
  );

  test('refuses a body of another type with 400', async () => {
    const { status, body } = await t.system.post('Observation', patientNamed('試験', '花子'));
    expect(status).toBe(400);
    expect(body.issue[0]).toMatchObject({ code: 'invalid', expression: ['resourceType'] });
  });

  test('refuses a wrong structure with 422, naming the place', async () => {
    const { status, body } = await t.system.post('Patient', { resourceType: 'Patient', gender: 'woman', foo: 1 });
    expect(status).toBe(422);
    expect(body.issue.flatMap(({ expression }) => expression).sort()).toEqual(['Patient.foo', 'Patient.gender']);
  });

  test('writes history, index, audit and outbox with the row', async () => {
    const { id } = await t.system.create({
      ...patientNamed('索引', '一郎'),
      identifier: [{ system: 'urn:x', value: 'i1' }],
    });
    const count = async (text: string) => (await t.pool.query(text, [id])).rows[0].n;
    expect(await count('select count(*)::int n from term where key = $1')).toBe(1);
    expect(await count('select count(*)::int n from words where key = $1')).toBeGreaterThan(2);
    expect(await count("select count(*)::int n from audit where key = $1 and interaction = 'create'")).toBe(1);
    expect(await count('select count(*)::int n from outbox where key = $1 and version = 1')).toBe(1);
    expect(await count('select count(*)::int n from history where key = $1')).toBe(0);
  });
});

describe('what was sent comes back', () => {
  test.each(['1.50', '1e3', '0.0000001', '12345678901234567890', '1.0', '-0.0', '100', '1E-7'])(
    'the decimal %s keeps its text',
    async (decimal) => {
      const text = `{"resourceType":"Observation","status":"final","code":{"text":"体重"},"valueQuantity":{"value":${decimal}}}`;
      const created = await t.system.post('Observation', text);
      expect(created.status).toBe(201);
      expect(created.text).toContain(`"valueQuantity":{"value":${decimal}}`);
      const { id } = created.body;
      expect((await t.system.get(`Observation/${id}`)).text).toBe(created.text);
      expect((await t.system.get(`Observation?_id=${id}`)).text).toContain(`"value":${decimal}}`);
      expect((await t.system.get(`Observation/${id}/_history`)).text).toContain(`"value":${decimal}}`);
    },
  );

  test('unknown extensions, text with every kind of character, and the order of elements', async () => {
    const sent = {
      resourceType: 'Patient',
      extension: [{ url: 'https://example.jp/unknown', valueString: '改行\n引用"符\\と𠮷\u2028' }],
      name: [{ text: '試験　花子', _text: { id: 'n1' } }],
      birthDate: '2026-04',
      gender: 'female',
    };
    const { id } = await t.system.create(sent);
    const { body } = await t.system.get(`Patient/${id}`);
    expect(body).toEqual({ ...sent, id, meta: body.meta });
    expect(Object.keys(body)).toEqual(['resourceType', 'id', 'meta', 'extension', 'name', 'birthDate', 'gender']);
  });
});

describe('update', () => {
  test('makes the next version, keeps the last one, and answers 200 without Location', async () => {
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    const answer = await t.system.put(`Patient/${id}`, { ...patientNamed('試験', '華子'), id });
    expect(answer.status).toBe(200);
    expect(answer.headers.etag).toBe('W/"2"');
    expect(answer.headers.location).toBeUndefined();
    expect((await t.system.get(`Patient/${id}/_history/1`)).text).toContain('花子');
    expect((await t.system.get(`Patient/${id}/_history/2`)).text).toContain('華子');
    expect((await t.system.get(`Patient/${id}/_history/3`)).status).toBe(404);
  });

  test('with If-Match of the current version passes, of an older one is 412 and changes nothing', async () => {
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    const body = { ...patientNamed('試験', '華子'), id };
    expect((await t.system.put(`Patient/${id}`, body, { 'if-match': 'W/"1"' })).status).toBe(200);
    const stale = await t.system.put(`Patient/${id}`, { ...patientNamed('誤り', '華子'), id }, { 'if-match': 'W/"1"' });
    expect(stale.status).toBe(412);
    expect(stale.body.issue[0]?.code).toBe('conflict');
    expect((await t.system.get(`Patient/${id}`)).text).toContain('華子');
    expect((await t.system.delete(`Patient/${id}`, { 'if-match': 'W/"1"' })).status).toBe(412);
    for (const wrong of ['two', '', '*'])
      expect((await t.system.put(`Patient/${id}`, body, { 'if-match': wrong })).status).toBe(400);
  });

  test('refuses an id in the body that is not the one in the URL with 400', async () => {
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    for (const other of [undefined, 'another']) {
      const { status, body } = await t.system.put(`Patient/${id}`, { ...patientNamed('試験', '花子'), id: other });
      expect(status).toBe(400);
      expect(body.issue[0]?.expression).toEqual(['Patient.id']);
    }
  });

  test('of a free id creates it, and a deleted id comes back as the next version', async () => {
    const body = { ...patientNamed('試験', '次郎'), id: 'chosen.Id-1' };
    const created = await t.system.put('Patient/chosen.Id-1', body);
    expect(created.status).toBe(201);
    expect(created.headers.location).toBe(`${t.base}/Patient/chosen.Id-1/_history/1`);
    expect((await t.system.delete('Patient/chosen.Id-1')).status).toBe(204);
    const again = await t.system.put('Patient/chosen.Id-1', body);
    expect(again.status).toBe(201);
    expect(again.headers.etag).toBe('W/"3"');
    expect((await t.system.get('Patient/chosen.Id-1')).body.meta.versionId).toBe('3');
    expect((await t.system.get('Observation/chosen.Id-1')).status).toBe(404);
  });

  test.each(['has space', '日本', 'a'.repeat(65), 'under_score'])('refuses to create the id %j', async (id) => {
    const { status } = await t.system.put(`Patient/${encodeURIComponent(id)}`, { ...patientNamed('試験', '花子'), id });
    expect(status).toBe(422);
  });

  // A server-made id is its own key, so the same id under another type reaches the same row.
  test('under the id of a resource of another type touches nothing', async () => {
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    const { status } = await t.system.put(`Observation/${id}`, { ...observationOf(id), id });
    expect(status).toBe(409);
    expect((await t.system.delete(`Observation/${id}`)).status).toBe(404);
    expect((await t.system.get(`Patient/${id}`)).body.meta.versionId).toBe('1');
    const own = await t.caller('patient/*.cruds', { patient: id });
    expect((await own.delete(`Observation/${id}`)).status).toBe(404);
    expect((await own.put(`Observation/${id}`, { ...observationOf(id), id })).status).toBe(404);
    expect((await t.system.get(`Patient/${id}`)).body.resourceType).toBe('Patient');
    await t.system.delete(`Patient/${id}`);
    expect((await t.system.put(`Observation/${id}`, { ...observationOf(id), id })).status).toBe(409);
  });

  test('leaves no trace of the old values in search', async () => {
    const { id } = await t.system.create({
      ...patientNamed('旧姓', '花子'),
      identifier: [{ system: 'urn:old', value: '1' }],
    });
    await t.system.put(`Patient/${id}`, {
      ...patientNamed('新姓', '花子'),
      identifier: [{ system: 'urn:new', value: '2' }],
      id,
    });
    const found = async (search: string) => (await t.system.get(`Patient?${search}`)).body.entry?.length ?? 0;
    expect(await found('identifier=urn:old|1')).toBe(0);
    expect(await found(`family=${encodeURIComponent('旧姓')}`)).toBe(0);
    expect(await found('identifier=urn:new|2')).toBe(1);
    expect(await found(`family=${encodeURIComponent('新姓')}`)).toBe(1);
  });
});

// https://hl7.org/fhir/R4/http.html#cond-update
describe('conditional update', () => {
  const person = (value: string, more: object = {}) =>
    patientNamed('条件', '花子', { identifier: [{ system: 'urn:cu', value }], ...more });

  test('updates the one match, creates when there is none, refuses several with 412', async () => {
    const { id } = await t.system.create(person('1'));
    const updated = await t.system.put('Patient?identifier=urn:cu|1', person('1', { gender: 'female' }));
    expect({ status: updated.status, id: updated.body.id, etag: updated.headers.etag }).toEqual({
      status: 200,
      id,
      etag: 'W/"2"',
    });
    const created = await t.system.put('Patient?identifier=urn:cu|2', person('2'));
    expect(created.status).toBe(201);
    const chosen = await t.system.put('Patient?identifier=urn:cu|3', { ...person('3'), id: 'chosen-cu' });
    expect({ status: chosen.status, id: chosen.body.id }).toEqual({ status: 201, id: 'chosen-cu' });
    await t.system.create(person('1'));
    expect((await t.system.put('Patient?identifier=urn:cu|1', person('1'))).status).toBe(412);
  });

  test('refuses an id in the body that is not the match’s, and a condition that says nothing, with 400', async () => {
    expect((await t.system.put('Patient?identifier=urn:cu|2', { ...person('2'), id: 'another' })).status).toBe(400);
    for (const condition of ['', '?', '?_count=1', '?nonsense=1'])
      expect((await t.system.put(`Patient${condition}`, person('9'))).status).toBe(400);
  });
});

describe('delete', () => {
  test('answers 204, then read is 410, search finds nothing, old versions stay', async () => {
    const { id } = await t.system.create({
      ...patientNamed('消去', '花子'),
      identifier: [{ system: 'urn:del', value: '1' }],
    });
    const answer = await t.system.delete(`Patient/${id}`);
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' });
    const read = await t.system.get(`Patient/${id}`);
    expect(read.status).toBe(410);
    expect(read.body.issue[0]?.code).toBe('deleted');
    expect((await t.system.get(`Patient/${id}/_history/1`)).text).toContain('消去');
    expect((await t.system.get(`Patient/${id}/_history/2`)).status).toBe(410);
    expect((await t.system.get('Patient?identifier=urn:del|1')).body.entry).toBeUndefined();
    expect((await t.system.delete(`Patient/${id}`)).status).toBe(204);
    expect((await t.system.get(`Patient/${id}/_history`)).body.entry).toHaveLength(2);
  });

  test('of an id that never was is 404', async () => {
    expect((await t.system.delete('Patient/never-was')).status).toBe(404);
  });

  test('stays with the patient whose record it was: in the audit, the outbox and the family’s history', async () => {
    const { id: patient } = await t.system.create(patientNamed('試験', '花子'));
    const own = await t.caller('patient/*.cruds', { patient });
    const { id } = await own.create(observationOf(patient));
    expect((await own.delete(`Observation/${id}`)).status).toBe(204);
    const owners = async (text: string) => (await t.pool.query(text, [id])).rows.map(({ owner }) => owner);
    expect(await owners("select owner from audit where key = $1 and interaction = 'delete'")).toEqual([patient]);
    expect(await owners("select owner from outbox where key = $1 and method = 'D'")).toEqual([patient]);
    expect((await own.get(`Observation/${id}/_history`)).body.entry).toHaveLength(2);
    expect((await own.get(`Observation/${id}`)).status).toBe(410);
    expect((await own.delete(`Observation/${id}`)).status).toBe(204);
  });
});

describe('history', () => {
  test('lists versions newest first with what each request was', async () => {
    const id = 'history-1';
    for (const given of ['一', '二', '三']) await t.system.put(`Patient/${id}`, { ...patientNamed('試験', given), id });
    await t.system.delete(`Patient/${id}`);
    const { status, body } = await t.system.get(`Patient/${id}/_history`);
    expect(status).toBe(200);
    expect(body.type).toBe('history');
    expect(body.entry.map(({ request, response }) => `${request.method} ${request.url} ${response.etag}`)).toEqual([
      'DELETE Patient/history-1 W/"4"',
      'PUT Patient/history-1 W/"3"',
      'PUT Patient/history-1 W/"2"',
      'PUT Patient/history-1 W/"1"',
    ]);
    expect(body.entry.map(({ resource }) => resource?.meta.versionId)).toEqual([undefined, '3', '2', '1']);
  });

  test('is paged by _count, every version once', async () => {
    const id = 'history-2';
    for (let n = 1; n <= 7; n++) await t.system.put(`Patient/${id}`, { ...patientNamed('試験', `${n}`), id });
    const versions: string[] = [];
    for (let path: string | undefined = `Patient/${id}/_history?_count=3`; path; ) {
      const { body } = await t.system.get(path);
      versions.push(...body.entry.map(({ resource }) => resource.meta.versionId));
      path = body.link.find(({ relation }) => relation === 'next')?.url.slice(t.base.length + 1);
    }
    expect(versions).toEqual(['7', '6', '5', '4', '3', '2', '1']);
  });

  test('of nothing is 404, and parameters it does not know are refused', async () => {
    expect((await t.system.get('Patient/never-was/_history')).status).toBe(404);
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    expect((await t.system.get(`Patient/${id}/_history?_count=0`)).status).toBe(400);
    const list = await t.system.get(`Patient/${id}/_history?_list=1`);
    expect(list.status).toBe(400);
    expect(list.body.issue[0]?.diagnostics).toContain('_list');
  });
});

describe('metadata', () => {
  test('is open and lists every interaction, operation and search parameter of each type', async () => {
    const { status, body } = await t.withToken(undefined).get('metadata');
    expect(status).toBe(200);
    const [rest] = body.rest as {
      resource: { type: string; interaction: { code: string }[]; searchParam: { name: string }[] }[];
    }[];
    expect(rest?.resource).toHaveLength(146);
    const patient = rest?.resource.find(({ type }) => type === 'Patient');
    expect(patient?.interaction.map(({ code }) => code).sort()).toEqual(
      [
        'create',
        'delete',
        'history-instance',
        'history-type',
        'patch',
        'read',
        'search-type',
        'update',
        'vread',
      ].sort(),
    );
    for (const { name } of patient?.searchParam ?? []) {
      const isDate = name === '_lastUpdated' || name === 'birthdate' || name === 'death-date';
      const asked = isDate ? '2026' : name === '_filter' ? 'name%20pr%20true' : 'x';
      expect({ name, status: (await t.system.get(`Patient?${name}=${asked}`)).status }).toEqual({ name, status: 200 });
    }
  });
});
