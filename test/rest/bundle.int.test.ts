// Batch and transaction. https://hl7.org/fhir/R4/http.html#transaction
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

type Entry = { fullUrl?: string; resource?: object; request?: object };
const bundle = (type: string, entry: Entry[]) => ({ resourceType: 'Bundle', type, entry });
const transact = (entry: Entry[]) => t.system.post('', bundle('transaction', entry));
const post = (resource: { resourceType: string }, fullUrl?: string, more: object = {}): Entry => ({
  ...(fullUrl ? { fullUrl } : {}),
  resource,
  request: { method: 'POST', url: resource.resourceType, ...more },
});
const put = (resource: { resourceType: string; id: string }, more: object = {}): Entry => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}`, ...more },
});
const urn = () => `urn:uuid:${randomUUID()}`;
const observation = (reference: string, more: object = {}) => ({
  ...observationOf('x'),
  subject: { reference },
  ...more,
});

const tables = ['resource', 'history', 'term', 'words', 'audit', 'outbox', 'alias'];
const counts = async () => {
  const found: Record<string, number> = {};
  for (const table of tables) found[table] = (await t.pool.query(`select count(*)::int n from ${table}`)).rows[0].n;
  return found;
};
/** Runs work that must be refused, and checks that no table changed. */
async function refused(work: () => ReturnType<typeof transact>, status: number) {
  const before = await counts();
  const answer = await work();
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status });
  expect(answer.body.resourceType).toBe('OperationOutcome');
  expect(await counts()).toEqual(before);
  return answer.body.issue[0];
}
const idAt = (location: string | undefined) => location?.split('/').at(-3) ?? '';

describe('transaction', () => {
  test.each([
    ['first', true],
    ['last', false],
  ])('resolves urn:uuid references, the target %s', async (_, isFirst) => {
    const name = urn();
    const target = post(patientNamed('試験', '花子'), name);
    const other = post(observation(name));
    const { status, body } = await transact(isFirst ? [target, other] : [other, target]);
    expect(status).toBe(200);
    expect(body.type).toBe('transaction-response');
    const locations = body.entry.map(({ response }) => response.location);
    const [patient, found] = isFirst ? locations : locations.toReversed();
    const stored = await t.system.get(`Observation/${idAt(found)}`);
    expect(stored.body.subject).toEqual({ reference: `Patient/${idAt(patient)}` });
    expect((await t.system.get(`Observation?patient=${idAt(patient)}`)).body.entry).toHaveLength(1);
  });

  test('resolves the url of an attachment that is an entry, and leaves other urns alone', async () => {
    const [name, other] = [urn(), urn()];
    const attachments = [name, other].map((url) => ({ attachment: { url } }));
    const document = {
      resourceType: 'DocumentReference',
      status: 'current',
      masterIdentifier: { system: 'urn:ietf:rfc:3986', value: name },
      content: attachments,
    };
    const { body } = await transact([
      post(document),
      post({ resourceType: 'Binary', contentType: 'text/plain', data: 'AAAA' } as never, name),
    ]);
    const [stored, binary] = body.entry.map(({ response }) => idAt(response.location));
    const { body: found } = await t.system.get(`DocumentReference/${stored}`);
    expect(found.content).toEqual([{ attachment: { url: `Binary/${binary}` } }, { attachment: { url: other } }]);
    expect(found.masterIdentifier).toEqual({ system: 'urn:ietf:rfc:3986', value: name });
  });

  test('resolves circular references', async () => {
    const [a, b] = [urn(), urn()];
    const { status, body } = await transact([
      post({ ...patientNamed('輪', '一'), link: [{ other: { reference: b }, type: 'seealso' }] } as never, a),
      post({ ...patientNamed('輪', '二'), link: [{ other: { reference: a }, type: 'seealso' }] } as never, b),
    ]);
    expect(status).toBe(200);
    const [one = '', two = ''] = body.entry.map(({ response }) => idAt(response.location));
    expect((await t.system.get(`Patient/${one}`)).text).toContain(`Patient/${two}`);
    expect((await t.system.get(`Patient/${two}`)).text).toContain(`Patient/${one}`);
    expect((await t.system.get(`Patient?link=Patient/${one}`)).body.entry.map(({ resource }) => resource.id)).toEqual([
      two,
    ]);
  });

  test('refuses a reference to a urn:uuid that no entry has, and writes nothing', async () => {
    const issue = await refused(
      () => transact([post(patientNamed('試験', '花子'), urn()), post(observation(urn()))]),
      422,
    );
    expect(issue?.expression[0]).toContain('Bundle.entry[1]');
  });

  test('resolves conditional references, and refuses those with no match or several', async () => {
    const identifier = (value: string) => ({ identifier: [{ system: 'urn:test:cond', value }] });
    const { id } = await t.system.create(patientNamed('条件', '一', identifier('1')));
    for (const given of ['二', '三']) await t.system.create(patientNamed('条件', given, identifier('2')));
    const { status, body } = await transact([post(observation('Patient?identifier=urn:test:cond|1'))]);
    expect(status).toBe(200);
    const stored = await t.system.get(`Observation/${idAt(body.entry[0]?.response.location)}`);
    expect(stored.body.subject).toEqual({ reference: `Patient/${id}` });
    await refused(() => transact([post(observation('Patient?identifier=urn:test:cond|2'))]), 412);
    await refused(() => transact([post(observation('Patient?identifier=urn:test:cond|3'))]), 412);
    await refused(() => transact([post(observation('Patient?nonsense=3'))]), 400);
  });

  test('with ifNoneExist links to what is there and creates what is not', async () => {
    const identifier = (value: string) => ({ identifier: [{ system: 'urn:test:ine', value }] });
    const { id } = await t.system.create(patientNamed('既存', '一', identifier('1')));
    const [a, b] = [urn(), urn()];
    const { body } = await transact([
      post(patientNamed('既存', '一', identifier('1')), a, { ifNoneExist: 'identifier=urn:test:ine|1' }),
      post(patientNamed('新規', '二', identifier('2')), b, { ifNoneExist: 'identifier=urn:test:ine|2' }),
      post(observation(a)),
      post(observation(b)),
    ]);
    expect(body.entry.map(({ response }) => response.status)).toEqual(['200', '201', '201', '201']);
    expect(idAt(body.entry[0]?.response.location)).toBe(id);
    expect((await t.system.get(`Observation?patient=${id}`)).body.entry).toHaveLength(1);
    expect((await t.system.get('Patient?identifier=urn:test:ine|1&_total=accurate')).body.total).toBe(1);
  });

  test('does creates, updates and deletes in one, and answers in the order of entries', async () => {
    await t.system.put('Patient/tx-upd', { ...patientNamed('旧', '一'), id: 'tx-upd' });
    await t.system.put('Patient/tx-del', { ...patientNamed('旧', '二'), id: 'tx-del' });
    const { body } = await transact([
      { request: { method: 'DELETE', url: 'Patient/tx-del' } },
      put({ ...patientNamed('新', '一'), id: 'tx-upd' }, { ifMatch: 'W/"1"' }),
      put({ ...patientNamed('新', '三'), id: 'tx-new' }),
      post(patientNamed('新', '四')),
    ]);
    expect(body.entry.map(({ response }) => `${response.status} ${response.etag}`)).toEqual([
      '204 W/"2"',
      '200 W/"2"',
      '201 W/"1"',
      '201 W/"1"',
    ]);
    expect((await t.system.get('Patient/tx-del')).status).toBe(410);
    expect((await t.system.get('Patient/tx-upd')).text).toContain('新');
  });

  test.each<[string, number, () => Entry]>([
    ['an invalid resource', 422, () => post({ resourceType: 'Patient', gender: 'x' } as never)],
    ['a stale ifMatch', 412, () => put({ ...patientNamed('古', '一'), id: 'stale' }, { ifMatch: 'W/"7"' })],
    ['a delete of nothing', 404, () => ({ request: { method: 'DELETE', url: 'Patient/not-there' } })],
    ['an unknown type', 404, () => post({ resourceType: 'Patienten' })],
    ['no request', 400, () => ({ resource: patientNamed('試験', '花子') })],
    [
      'an unknown method',
      400,
      () => ({ request: { method: 'BREW', url: 'Patient' }, resource: patientNamed('試', '花') }),
    ],
    [
      'a body of another type',
      400,
      () => ({ request: { method: 'POST', url: 'Observation' }, resource: patientNamed('試', '花') }),
    ],
    ['no resource', 400, () => ({ request: { method: 'POST', url: 'Patient' } })],
  ])('with one entry that is %s writes nothing at all', async (_, status, bad) => {
    await t.system.put('Patient/stale', { ...patientNamed('古', '一'), id: 'stale' });
    await t.system.put('Patient/kept', { ...patientNamed('元', '一'), id: 'kept' });
    await refused(
      () =>
        transact([
          post({ ...patientNamed('試験', '花子'), identifier: [{ system: 'urn:q', value: '1' }] } as never),
          put({ ...patientNamed('変更', '一'), id: 'kept' }),
          put({ ...patientNamed('新規', '一'), id: `new-${randomUUID()}` }),
          bad(),
        ]),
      status,
    );
    expect((await t.system.get('Patient/kept')).text).toContain('元');
  });

  test('refuses two entries with one fullUrl, and two that change the same resource', async () => {
    const name = urn();
    await refused(() => transact([post(patientNamed('一', '一'), name), post(patientNamed('二', '二'), name)]), 400);
    const twice = { ...patientNamed('二', '重'), id: 'twice' };
    await refused(() => transact([put(twice), put(twice)]), 400);
    await refused(() => transact([put(twice), { request: { method: 'DELETE', url: 'Patient/twice' } }]), 400);
  });

  test('refuses conditions that lead two entries to one resource', async () => {
    const identifier = [{ system: 'urn:two-ways', value: '1' }];
    const person = { ...patientNamed('二', '道'), identifier, id: 'two-ways', active: true };
    await t.system.put('Patient/two-ways', person);
    const conditional = (criteria: string): Entry => ({
      resource: person,
      request: { method: 'PUT', url: `Patient?${criteria}` },
    });
    const byIdentifier = conditional('identifier=urn:two-ways|1');
    expect((await transact([byIdentifier])).status).toBe(200);
    await refused(() => transact([byIdentifier, put(person)]), 400);
    await refused(() => transact([byIdentifier, conditional('active=true&identifier=urn:two-ways|1')]), 400);
    await refused(() => transact([byIdentifier, byIdentifier]), 412);
  });

  test('refuses more than 5,000 entries', async () => {
    const entry = Array.from({ length: 5001 }, () => post(patientNamed('多', '数')));
    expect((await refused(() => transact(entry), 400))?.code).toBe('too-costly');
  });

  test('of 1,000 entries is stored whole', async () => {
    const name = urn();
    const entry = [post(patientNamed('大', '量'), name), ...Array.from({ length: 999 }, () => post(observation(name)))];
    const { status, body } = await transact(entry);
    expect(status).toBe(200);
    const patient = idAt(body.entry[0]?.response.location);
    expect((await t.system.get(`Observation?patient=${patient}&_summary=count`)).body.total).toBe(999);
    expect((await t.system.get(`Patient/${patient}/$everything`)).body.entry).toHaveLength(1000);
  });

  test('of nothing is answered with nothing', async () => {
    expect((await transact([])).status).toBe(200);
    expect((await t.system.post('', { resourceType: 'Bundle', type: 'transaction' })).status).toBe(200);
  });

  test.each([
    ['POST with a query', 'fhir?_format=json'],
    ['POST to the base with a slash', 'fhir/'],
  ])('%s', async (_, path) => {
    const { statusCode } = await t.app.inject({
      method: 'POST',
      url: `/${path}`,
      headers: { authorization: `Bearer ${t.system.token}`, 'content-type': 'application/fhir+json' },
      payload: JSON.stringify(bundle('transaction', [])),
    });
    expect(statusCode).toBe(200);
  });

  test.each<[string, unknown]>([
    ['a Patient', patientNamed('試験', '花子')],
    ['a searchset', bundle('searchset', [])],
    ['entries that are no objects', { resourceType: 'Bundle', type: 'transaction', entry: [null, 3] }],
    ['entry that is no list', { resourceType: 'Bundle', type: 'transaction', entry: {} }],
    ['nothing', undefined],
  ])('refuses %s with 400', async (_, body) => {
    expect((await t.system.post('', body)).status).toBe(400);
  });
});

describe('batch', () => {
  test('answers each entry for itself, good ones beside bad ones', async () => {
    const { id } = await t.system.create(patientNamed('束', '一'));
    const { status, body } = await t.system.post(
      '',
      bundle('batch', [
        { request: { method: 'GET', url: `Patient/${id}` } },
        { request: { method: 'GET', url: 'Patient/not-there' } },
        post(patientNamed('束', '二')),
        post({ resourceType: 'Patient', gender: 'x' } as never),
        { request: { method: 'GET', url: `Patient?_id=${id}` } },
        { request: { method: 'DELETE', url: `Patient/${id}` } },
        { request: { method: 'GET', url: `Patient/${id}` } },
        { request: { method: 'GET', url: 'Nonsense' } },
        { resource: patientNamed('束', '三') },
        { request: { method: 'POST', url: '' }, resource: bundle('batch', []) },
      ]),
    );
    expect(status).toBe(200);
    expect(body.type).toBe('batch-response');
    expect(body.entry.map(({ response }) => response.status)).toEqual([
      '200',
      '404',
      '201',
      '422',
      '200',
      '204',
      '410',
      '404',
      '400',
      '400',
    ]);
    expect(body.entry[0]?.resource.id).toBe(id);
    expect(body.entry[1]?.response.outcome.resourceType).toBe('OperationOutcome');
    expect(body.entry[4]?.resource.type).toBe('searchset');
  });

  test('writes its good entries and leaves nothing of the bad ones', async () => {
    const before = await counts();
    await t.system.post('', bundle('batch', [post(observation('Patient/x')), post({ resourceType: 'Observation' })]));
    expect((await counts()).resource).toBe((before.resource ?? 0) + 1);
  });
});
