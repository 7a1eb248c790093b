// Requests at the same moment: nobody's write is lost, nothing is made twice.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

const together = (n: number, work: (n: number) => Promise<Response>) =>
  Promise.all(Array.from({ length: n }, (_, index) => work(index)));
const tally = (answers: Response[]) => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

test('64 updates with the same If-Match > exactly one wins', async () => {
  const { id } = await t.system.create(patientNamed('試験', '花子'));
  const answers = await together(64, (n) =>
    t.system.put(`Patient/${id}`, { ...patientNamed('試験', `第${n}`), id }, { 'if-match': 'W/"1"' }),
  );
  expect(tally(answers)).toEqual({ 200: 1, 412: 63 });
  const winner = answers.find(({ status }) => status === 200);
  expect((await t.system.get(`Patient/${id}`)).text).toBe(winner?.text);
});

test('64 updates without If-Match > 64 versions, each once', async () => {
  const { id } = await t.system.create(patientNamed('試験', '花子'));
  const answers = await together(64, (n) => t.system.put(`Patient/${id}`, { ...patientNamed('試験', `第${n}`), id }));
  expect(tally(answers)).toEqual({ 200: 64 });
  expect(new Set(answers.map(({ headers }) => headers.etag)).size).toBe(64);
  const { rows } = await t.pool.query('select count(*)::int n, max(version) m from history where key = $1', [id]);
  expect(rows[0]).toEqual({ n: 64, m: 64 });
});

test('64 equal conditional creates > one row, and 63 answers 200 with its id', async () => {
  const identifier = [{ system: 'urn:test:mrn', value: 'same' }];
  const answers = await together(64, (n) =>
    // The same criteria in another order are the same criteria.
    t.system.post(
      'Patient',
      { ...patientNamed('試験', '花子'), identifier, active: true },
      {
        'if-none-exist':
          n % 2 ? 'identifier=urn:test:mrn|same&active=true' : '?active=true&identifier=urn:test:mrn|same',
      },
    ),
  );
  expect(tally(answers)).toEqual({ 200: 63, 201: 1 });
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect((await t.system.get('Patient?identifier=urn:test:mrn|same&_total=accurate')).body.total).toBe(1);
});

test('64 equal conditional updates > one row, every one of them a version of it', async () => {
  const identifier = [{ system: 'urn:test:mrn', value: 'updated' }];
  const answers = await together(64, (n) =>
    t.system.put('Patient?identifier=urn:test:mrn|updated', { ...patientNamed('試験', `第${n}`), identifier }),
  );
  expect(tally(answers)).toEqual({ 200: 63, 201: 1 });
  const { body } = await t.system.get('Patient?identifier=urn:test:mrn|updated');
  expect(body.entry.map(({ resource }) => resource.meta.versionId)).toEqual(['64']);
});

test('conditional creates and updates of one identifier, mixed > one row', async () => {
  const identifier = [{ system: 'urn:test:mrn', value: 'mixed' }];
  const condition = 'identifier=urn:test:mrn|mixed';
  const answers = await together(32, (n) =>
    n % 2
      ? t.system.put(`Patient?${condition}`, { ...patientNamed('試験', `第${n}`), identifier })
      : t.system.post('Patient', { ...patientNamed('試験', `第${n}`), identifier }, { 'if-none-exist': condition }),
  );
  expect(tally(answers)).toEqual({ 200: 31, 201: 1 });
});

test('two PUTs to one free id > one creates it, the other updates it', async () => {
  for (let round = 0; round < 10; round++) {
    const id = `free-${round}`;
    const answers = await together(2, (n) => t.system.put(`Patient/${id}`, { ...patientNamed('試験', `第${n}`), id }));
    expect(tally(answers)).toEqual({ 200: 1, 201: 1 });
    expect((await t.system.get(`Patient/${id}/_history`)).body.entry).toHaveLength(2);
  }
});

test('update and delete at the same moment > versions stay one line', async () => {
  for (let round = 0; round < 10; round++) {
    const id = `ud-${round}`;
    await t.system.put(`Patient/${id}`, { ...patientNamed('試験', '花子'), id });
    await together(6, (n) =>
      n % 2
        ? t.system.delete(`Patient/${id}`)
        : t.system.put(`Patient/${id}`, { ...patientNamed('試験', `第${n}`), id }),
    );
    const { body } = await t.system.get(`Patient/${id}/_history`);
    const versions = body.entry.map(({ response }) => Number(/\d+/.exec(response.etag)?.[0]));
    expect(versions).toEqual(versions.map((_, n) => versions.length - n));
  }
});

test('transactions that touch the same two resources in opposite order > both happen or are refused, none hangs', async () => {
  for (const id of ['swap-a', 'swap-b']) await t.system.put(`Patient/${id}`, { ...patientNamed('試験', '花子'), id });
  const answers = await together(16, (n) => {
    const ids = n % 2 ? ['swap-a', 'swap-b'] : ['swap-b', 'swap-a'];
    const entry = ids.map((id) => ({
      resource: { ...patientNamed('試験', `第${n}`), id },
      request: { method: 'PUT', url: `Patient/${id}` },
    }));
    return t.system.post('', { resourceType: 'Bundle', type: 'transaction', entry });
  });
  expect(tally(answers)).toEqual({ 200: 16 });
});
