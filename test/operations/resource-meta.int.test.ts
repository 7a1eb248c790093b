// $meta, $meta-add, $meta-delete. FHIR R4, https://hl7.org/fhir/R4/resource-operations.html
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let a: string;
let id: string;
const tag = (code: string, more: object = {}) => ({ system: 'urn:tag', code, ...more });
const profile = 'https://example.org/profile';
beforeAll(async () => {
  t = await startApp();
  a = (await t.system.create(patientNamed('試験', '花子'))).id;
});
afterAll(() => t.close());

const call = (caller: Caller, code: string, valueMeta?: object, headers?: Record<string, string>) =>
  caller.post(
    `Observation/${id}/$${code}`,
    { resourceType: 'Parameters', parameter: valueMeta ? [{ name: 'meta', valueMeta }] : [] },
    headers,
  );
const metaIn = (answer: { body: unknown }) =>
  (answer.body as { parameter: { valueMeta: Record<string, unknown> }[] }).parameter[0]?.valueMeta;
const fresh = async (meta: object | undefined) => {
  id = (await t.system.create(observationOf(a, { meta, valueQuantity: { value: 1.5 } }))).id;
};

test('$meta tells the labels of a resource, and of one of its versions', async () => {
  await fresh({ tag: [tag('one')] });
  await t.system.put(`Observation/${id}`, { ...observationOf(a, { meta: { profile: [profile] } }), id });
  const now = await t.system.get(`Observation/${id}/$meta`);
  expect(now.status).toBe(200);
  expect(metaIn(now)).toMatchObject({ versionId: '2', profile: [profile] });
  expect(metaIn(await call(t.system, 'meta'))).toEqual(metaIn(now));
  expect(metaIn(await t.system.get(`Observation/${id}/_history/1/$meta`))).toMatchObject({ tag: [tag('one')] });
  expect((await t.system.get(`Observation/${id}/_history/9/$meta`)).status).toBe(404);
  expect((await t.system.get(`Observation/${id}/$meta?nonsense=1`)).status).toBe(400);
  await t.system.delete(`Observation/${id}`);
  expect((await t.system.get(`Observation/${id}/$meta`)).status).toBe(410);
});

test('$meta-add adds what is not there yet as a new version, and search finds the rest as it was', async () => {
  await fresh({ tag: [tag('one')], source: 'urn:source' });
  const added = await call(t.system, 'meta-add', {
    tag: [tag('one', { display: '一' }), tag('two')],
    profile: [profile],
  });
  expect(added.status).toBe(200);
  expect(metaIn(added)).toMatchObject({
    versionId: '2',
    source: 'urn:source',
    profile: [profile],
    tag: [tag('one'), tag('two')],
  });
  const { body } = await t.system.get(`Observation/${id}`);
  expect(body.meta).toEqual(metaIn(added));
  expect((await t.system.get(`Observation/${id}`)).text).toContain('"valueQuantity":{"value":1.5}');
  const again = await call(t.system, 'meta-add', { tag: [tag('two')] });
  expect(metaIn(again)).toEqual(metaIn(added));
});

test('$meta-delete takes labels away by system and code, and leaves no empty list', async () => {
  await fresh({ tag: [tag('one', { display: '一' })], security: [tag('r')] });
  const deleted = await call(t.system, 'meta-delete', { tag: [tag('one'), tag('never')] });
  expect(metaIn(deleted)).toMatchObject({ versionId: '2', security: [tag('r')] });
  expect(metaIn(deleted)).not.toHaveProperty('tag');
  expect(metaIn(await call(t.system, 'meta-delete', { tag: [tag('one')] }))).toMatchObject({ versionId: '2' });
});

test('of many at once none is lost; a version in If-Match is asked for', async () => {
  await fresh(undefined);
  const answers = await Promise.all(['a', 'b', 'c'].map((code) => call(t.system, 'meta-add', { tag: [tag(code)] })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await t.system.get(`Observation/${id}`)).body.meta).toMatchObject({ versionId: '4' });
  expect((await call(t.system, 'meta-add', { tag: [tag('x')] }, { 'if-match': 'W/"1"' })).status).toBe(412);
});

test('what is missing or is no meta is refused', async () => {
  await fresh(undefined);
  expect((await call(t.system, 'meta-add')).status).toBe(400);
  expect((await call(t.system, 'meta-add', { tag: 'x' })).status).toBe(400);
  expect((await call(t.system, 'meta-add', { tag: ['x'] })).status).toBe(422);
  expect((await t.system.post(`Observation/${id}/$meta-add`, observationOf(a))).status).toBe(400);
});

test('rights are those of reading and updating', async () => {
  await fresh(undefined);
  const reader = await t.caller('patient/*.rs', { patient: a });
  expect((await reader.get(`Observation/${id}/$meta`)).status).toBe(200);
  expect((await call(reader, 'meta-add', { tag: [tag('x')] })).status).toBe(403);
  const own = await t.caller('patient/*.cruds', { patient: a });
  expect((await call(own, 'meta-add', { tag: [tag('x')] })).status).toBe(200);
  const stranger = await t.caller('patient/*.cruds', { patient: 'someone-else' });
  expect((await stranger.get(`Observation/${id}/$meta`)).status).toBe(404);
  for (const code of ['meta-add', 'meta-delete'])
    expect((await call(stranger, code, { tag: [tag('x')] })).status).toBe(404);
});
