// The same races over two servers on one database: locks are the database's, not a process's.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let other: TestApp;
beforeAll(async () => {
  t = await startApp();
  other = await t.second();
});
afterAll(async () => {
  await other.close();
  await t.close();
});

/** 64 at once, every second one at the other server. */
const race = (work: (caller: Caller, n: number) => Promise<Response>) =>
  Promise.all(Array.from({ length: 64 }, (_, n) => work(n % 2 ? other.system : t.system, n)));
const tally = (answers: Response[]) => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};
const jsonPatch = (caller: Caller, path: string, operations: object[], headers: object = {}) =>
  caller.send('PATCH', path, JSON.stringify(operations), { 'content-type': 'application/json-patch+json', ...headers });
const versionsOf = async (id: string) =>
  (await t.pool.query('select count(*)::int n, max(version) m from history where key = $1', [id])).rows[0];

test('64 equal conditional creates > one row', async () => {
  const identifier = [{ system: 'urn:race', value: 'create' }];
  const answers = await race((caller) =>
    caller.post('Patient', patientNamed('試験', '花子', { identifier }), {
      'if-none-exist': 'identifier=urn:race|create',
    }),
  );
  expect(tally(answers)).toEqual({ 200: 63, 201: 1 });
  expect((await t.system.get('Patient?identifier=urn:race|create&_total=accurate')).body.total).toBe(1);
});

test('64 updates with one If-Match > one winner', async () => {
  const { id } = await t.system.create(patientNamed('試験', '花子'));
  const answers = await race((caller, n) =>
    caller.put(`Patient/${id}`, { ...patientNamed('試験', `第${n}`), id }, { 'if-match': 'W/"1"' }),
  );
  expect(tally(answers)).toEqual({ 200: 1, 412: 63 });
});

test('64 patches that add, without If-Match > every one is in, each a version', async () => {
  const { id } = await t.system.create(
    patientNamed('試験', '花子', { identifier: [{ system: 'urn:n', value: 'first' }] }),
  );
  const answers = await race((caller, n) =>
    jsonPatch(caller, `Patient/${id}`, [
      { op: 'add', path: '/identifier/-', value: { system: 'urn:n', value: `${n}` } },
    ]),
  );
  expect(tally(answers)).toEqual({ 200: 64 });
  const { identifier } = (await t.system.get(`Patient/${id}`)).body as { identifier?: { value: string }[] };
  expect(new Set(identifier?.map(({ value }) => value)).size).toBe(65);
  expect(await versionsOf(id)).toEqual({ n: 64, m: 64 });
});

test('64 patches with one If-Match > one winner', async () => {
  const { id } = await t.system.create(patientNamed('試験', '花子'));
  const answers = await race((caller, n) =>
    jsonPatch(caller, `Patient/${id}`, [{ op: 'replace', path: '/name/0/family', value: `第${n}` }], {
      'if-match': 'W/"1"',
    }),
  );
  expect(tally(answers)).toEqual({ 200: 1, 412: 63 });
  const winner = answers.find(({ status }) => status === 200);
  expect((await t.system.get(`Patient/${id}`)).text).toBe(winner?.text);
});

test('64 equal conditional deletes > one deletes, the others find nothing to do', async () => {
  const identifier = [{ system: 'urn:race', value: 'delete' }];
  const { id } = await t.system.create(patientNamed('試験', '花子', { identifier }));
  const answers = await race((caller) => caller.delete('Patient?identifier=urn:race|delete'));
  expect(tally(answers)).toEqual({ 204: 64 });
  expect(answers.filter(({ headers }) => headers.etag === 'W/"2"')).toHaveLength(1);
  expect(await versionsOf(id)).toEqual({ n: 2, m: 2 });
});

test('conditional creates, updates and deletes of one identifier, mixed > never two rows', async () => {
  const condition = 'identifier=urn:race|mixed';
  const body = (n: number) => patientNamed('試験', `第${n}`, { identifier: [{ system: 'urn:race', value: 'mixed' }] });
  const answers = await race((caller, n) => {
    if (n % 3 === 0) return caller.post('Patient', body(n), { 'if-none-exist': condition });
    return n % 3 === 1 ? caller.put(`Patient?${condition}`, body(n)) : caller.delete(`Patient?${condition}`);
  });
  expect(answers.every(({ status }) => status < 300)).toBe(true);
  expect((await t.system.get(`Patient?${condition}&_total=accurate`)).body.total).toBeLessThan(2);
});

test('64 PUTs of a new id with If-None-Match: * > one creates it', async () => {
  const answers = await race((caller, n) =>
    caller.put('Patient/race-new', { ...patientNamed('試験', `第${n}`), id: 'race-new' }, { 'if-none-match': '*' }),
  );
  expect(tally(answers)).toEqual({ 201: 1, 412: 63 });
});
