// The processing rules of batch and transaction: patches, reads behind the writes, order, links, what is answered.
// https://hl7.org/fhir/R4/http.html#trules
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Headers, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

type Entry = { fullUrl?: string; resource?: object; request: { method: string; url: string; [name: string]: string } };
const send = (type: string, entry: Entry[], headers: Headers = {}) =>
  t.system.post('', { resourceType: 'Bundle', type, entry }, headers);
const transact = (entry: Entry[], headers?: Headers) => send('transaction', entry, headers);
const entry = (method: string, url: string, resource?: object, more: object = {}): Entry => ({
  ...(resource ? { resource } : {}),
  request: { method, url, ...more },
});
const post = (resource: { resourceType: string }, fullUrl?: string, more: object = {}): Entry => ({
  ...(fullUrl ? { fullUrl } : {}),
  ...entry('POST', resource.resourceType, resource, more),
});
const urn = () => `urn:uuid:${randomUUID()}`;
const idAt = (location: string | undefined) => location?.split('/').at(-3) ?? '';
const statuses = (answer: Awaited<ReturnType<typeof send>>) => answer.body.entry.map(({ response }) => response.status);
const person = (value: string, more: object = {}) =>
  patientNamed('規則', '花子', { identifier: [{ system: 'urn:rules', value }], ...more });
const total = async (query: string) => (await t.system.get(`${query}&_total=accurate`)).body.total;

const binaryPatch = (operations: object[]) => ({
  resourceType: 'Binary',
  contentType: 'application/json-patch+json',
  data: Buffer.from(JSON.stringify(operations)).toString('base64'),
});
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

describe.each(['batch', 'transaction'])('a patch in a %s', (type) => {
  test('is a Parameters resource, or a Binary with a JSON Patch; by id and by condition', async () => {
    const name = randomUUID();
    const { id } = await t.system.create(person(name));
    const other = await t.system.create(person(`${name}-2`));
    const family = fhirPathPatch('Patient.name[0].family', { valueString: '見本' });
    const gender = binaryPatch([{ op: 'add', path: '/gender', value: 'female' }]);
    const answer = await send(type, [
      entry('PATCH', `Patient/${id}`, family, { ifMatch: 'W/"1"' }),
      entry('PATCH', `Patient?identifier=urn:rules|${name}-2`, gender),
    ]);
    expect(statuses(answer)).toEqual(['200', '200']);
    expect((await t.system.get(`Patient/${id}`)).body.name).toMatchObject([{ family: '見本' }]);
    expect((await t.system.get(`Patient/${other.id}`)).body.gender).toBe('female');
  });

  test.each<[string, string, () => object | undefined, object]>([
    ['nothing', '415', () => undefined, {}],
    ['a Patient', '400', () => patientNamed('試', '花'), {}],
    ['a Binary of another type', '400', () => ({ ...binaryPatch([]), contentType: 'text/plain' }), {}],
    ['a Binary that is no JSON', '400', () => ({ ...binaryPatch([]), data: 'eHg=' }), {}],
    ['a patch that does not fit', '422', () => binaryPatch([{ op: 'remove', path: '/photo' }]), {}],
    ['a stale ifMatch', '412', () => binaryPatch([]), { ifMatch: 'W/"7"' }],
  ])('is refused as %s > %s', async (_, status, resource, more) => {
    const { id } = await t.system.create(person('refused'));
    const answer = await send(type, [
      entry('GET', 'Patient?_count=1'),
      entry('PATCH', `Patient/${id}`, resource(), more),
    ]);
    if (type === 'batch') expect(statuses(answer)).toEqual(['200', status]);
    else {
      expect(answer.status).toBe(Number(status));
      expect(answer.body.issue[0]?.expression[0]).toMatch(/^Bundle\.entry\[1\]/);
    }
  });
});

describe('transaction', () => {
  test('a patch may refer to what the same transaction creates, and bring a urn of its own', async () => {
    const { id } = await t.system.create(observationOf('x'));
    const [doctor, mother] = [urn(), urn()];
    const performer = [{ op: 'add', path: '/performer', value: [{ reference: doctor }] }];
    const note = fhirPathPatch('Observation.subject.reference', { valueString: mother });
    const { id: second } = await t.system.create(observationOf('x'));
    const answer = await transact([
      entry('PATCH', `Observation/${id}`, binaryPatch(performer)),
      entry('PATCH', `Observation/${second}`, note),
      post({ resourceType: 'Practitioner' }, doctor),
      post(patientNamed('試験', '母'), mother),
    ]);
    const [, , practitioner, patient] = answer.body.entry.map(({ response }) => idAt(response.location));
    expect((await t.system.get(`Observation/${id}`)).body.performer).toEqual([
      { reference: `Practitioner/${practitioner}` },
    ]);
    expect((await t.system.get(`Observation?patient=${patient}`)).body.entry).toHaveLength(1);
  });

  test('reads and searches come last, see what was written, and are answered in their place', async () => {
    const name = randomUUID();
    const { id } = await t.system.create(person(name));
    const answer = await transact([
      entry('GET', `Patient?identifier=urn:rules|${name}`),
      entry('GET', `Patient/${id}`),
      entry('PUT', `Patient/${id}`, { ...person(name, { gender: 'female' }), id }),
      entry('HEAD', `Patient/${id}`),
      entry('GET', `Patient/${id}`, undefined, { ifNoneMatch: 'W/"2"' }),
      post(person(name)),
      entry('GET', `Patient/${id}/_history`),
      entry('GET', `Patient/${id}/$everything`),
    ]);
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
    expect(statuses(answer)).toEqual(['200', '200', '200', '200', '304', '201', '200', '200']);
    const [search, read, , head, known, , history] = answer.body.entry;
    expect(search?.resource.entry).toHaveLength(2);
    expect(read?.resource.gender).toBe('female');
    expect(head?.resource).toBeUndefined();
    expect(head?.response.etag).toBe('W/"2"');
    expect(known?.resource).toBeUndefined();
    expect(history?.resource.entry).toHaveLength(2);
    const { rows } = await t.pool.query("select version from audit where key = $1 and interaction = 'read'", [id]);
    expect(rows).toEqual([{ version: 2 }, { version: 2 }, { version: 2 }]);
  });

  test('a read that fails undoes the writes', async () => {
    const name = randomUUID();
    const answer = await transact([post(person(name)), entry('GET', 'Patient/not-there')]);
    expect({ status: answer.status, at: answer.body.issue[0]?.expression }).toEqual({
      status: 404,
      at: ['Bundle.entry[1]'],
    });
    expect(await total(`Patient?identifier=urn:rules|${name}`)).toBe(0);
  });

  test('of reads alone is a view of them', async () => {
    const { id } = await t.system.create(person('view'));
    const answer = await transact([entry('GET', `Patient/${id}`), entry('GET', `Patient?_id=${id}`)]);
    expect(statuses(answer)).toEqual(['200', '200']);
  });

  test('reads only what the caller may see', async () => {
    const [own, hidden] = [await t.system.create(person('own')), await t.system.create(person('hidden'))];
    const family = await t.caller('patient/*.cruds', { patient: own.id });
    const ask = (...urls: string[]) =>
      family.post('', { resourceType: 'Bundle', type: 'transaction', entry: urls.map((url) => entry('GET', url)) });
    expect((await ask(`Patient/${hidden.id}`)).status).toBe(404);
    const { body } = await ask('Patient?_total=accurate', `Patient/${own.id}`);
    expect(body.entry[0]?.resource.total).toBe(1);
  });

  test('deletes come first: what is deleted is no match for the conditions of the others', async () => {
    const name = randomUUID();
    const condition = `identifier=urn:rules|${name}`;
    const { id } = await t.system.create(person(name));
    const answer = await transact([
      post(person(name), undefined, { ifNoneExist: condition }),
      entry('DELETE', `Patient?${condition}`),
    ]);
    expect(statuses(answer)).toEqual(['201', '204']);
    expect((await t.system.get(`Patient/${id}`)).status).toBe(410);
    expect(await total(`Patient?${condition}`)).toBe(1);
  });

  test('a conditional delete without a match is 204 and says nothing else', async () => {
    const answer = await transact([entry('DELETE', `Patient?identifier=urn:rules|${randomUUID()}`)]);
    expect(answer.body.entry).toEqual([{ response: { status: '204' } }]);
  });

  test('refuses two ways to one resource, whichever they are', async () => {
    const name = randomUUID();
    const { id } = await t.system.create(person(name));
    const byCondition = `Patient?identifier=urn:rules|${name}`;
    const ways = [
      entry('DELETE', `Patient/${id}`),
      entry('PATCH', `Patient/${id}`, binaryPatch([])),
      entry('PATCH', byCondition, binaryPatch([])),
      entry('PUT', `Patient/${id}`, { ...person(name), id }),
    ];
    for (const one of ways)
      for (const other of ways) {
        const { status } = await transact([one, other]);
        expect([400, 412, 404]).toContain(status);
      }
    const refused = await transact([
      entry('DELETE', byCondition),
      entry('PUT', `Patient/${id}`, { ...person(name), id }),
    ]);
    expect({ status: refused.status, at: refused.body.issue[0]?.expression }).toEqual({
      status: 400,
      at: ['Bundle.entry[1]'],
    });
    expect((await t.system.get(`Patient/${id}`)).body.meta.versionId).toBe('1');
  });

  test('ifNoneMatch * on PUT only creates', async () => {
    const id = `new-${randomUUID()}`;
    const put = entry('PUT', `Patient/${id}`, { ...person('new'), id }, { ifNoneMatch: '*' });
    expect(statuses(await transact([put]))).toEqual(['201']);
    expect((await transact([put])).status).toBe(412);
    expect((await transact([post(person('x'), undefined, { ifNoneMatch: '*' })])).status).toBe(400);
  });

  test('links in uri elements and narratives are made real; what names a definition is left alone', async () => {
    const [name, other] = [urn(), urn()];
    const div = `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${name}">x</a><img src='${name}' alt=""/><a href="${other}">y</a></div>`;
    const answer = await transact([
      post({
        ...observationOf('x'),
        text: { status: 'generated', div },
        extension: [
          { url: name, valueUri: name },
          { url: 'urn:b', valueString: name },
        ],
        contained: [{ resourceType: 'Organization', id: 'o', identifier: [{ system: name, value: name }] }],
        performer: [{ reference: '#o' }],
      } as never),
      post({ resourceType: 'Binary', contentType: 'text/plain', data: 'AAAA' } as never, name),
    ]);
    const [stored, binary] = answer.body.entry.map(({ response }) => idAt(response.location));
    const { body } = await t.system.get(`Observation/${stored}`);
    const real = `Binary/${binary}`;
    expect(body.extension).toEqual([
      { url: name, valueUri: real },
      { url: 'urn:b', valueString: name },
    ]);
    expect(body.contained).toMatchObject([{ identifier: [{ system: real, value: name }] }]);
    expect(body.text).toEqual({
      status: 'generated',
      div: div.replace(`href="${name}"`, `href="${real}"`).replace(`src='${name}'`, `src='${real}'`),
    });
  });

  test('versions of elsewhere become the version that is made here', async () => {
    const there = 'https://elsewhere.example/fhir/Patient/7';
    const answer = await transact([
      post(patientNamed('試験', '花子'), there),
      post({ ...observationOf('x'), subject: { reference: `${there}/_history/9` } } as never),
    ]);
    const [patient, stored] = answer.body.entry.map(({ response }) => idAt(response.location));
    const { subject } = (await t.system.get(`Observation/${stored}`)).body;
    expect(subject).toEqual({ reference: `Patient/${patient}/_history/1` });
    expect(await total(`Observation?patient=${patient}`)).toBe(1);
  });

  test.each([
    ['minimal', undefined, undefined],
    ['representation', 'Patient', undefined],
    ['OperationOutcome', undefined, 'OperationOutcome'],
  ])('Prefer: return=%s', async (prefer, resource, outcome) => {
    for (const type of ['transaction', 'batch']) {
      const answer = await send(type, [post(patientNamed('試験', '花子'))], { prefer: `return=${prefer}` });
      const [only] = answer.body.entry;
      expect([only?.resource?.resourceType, only?.response.outcome?.resourceType]).toEqual([resource, outcome]);
      expect(only?.response.status).toBe('201');
    }
  });

  test('an entry that is refused is named, with the element at fault', async () => {
    const ask = async (bad: Entry) => {
      const { body } = await transact([entry('GET', 'Patient?_count=1'), post(patientNamed('良', '一')), bad]);
      return body.issue.flatMap(({ expression }) => expression);
    };
    expect(await ask(post({ resourceType: 'Patient', gender: 'x' } as never))).toEqual([
      'Bundle.entry[2].resource.gender',
    ]);
    expect(await ask(entry('PUT', 'Patient/a', { resourceType: 'Patient', id: 'b' }))).toEqual([
      'Bundle.entry[2].resource.id',
    ]);
    expect(await ask(entry('DELETE', 'Patient/never-was'))).toEqual(['Bundle.entry[2]']);
    expect(await ask(entry('PUT', 'Patient?nonsense=1', { resourceType: 'Patient' }))).toEqual(['Bundle.entry[2]']);
    expect(await ask(post({ ...observationOf('x'), subject: { reference: urn() } } as never))).toEqual([
      'Bundle.entry[2]',
    ]);
  });

  test.each<[string, unknown]>([
    ['a fullUrl with a version', 'https://elsewhere.example/Patient/1/_history/2'],
    ['a fullUrl that is no text', 7],
  ])('refuses %s', async (_, fullUrl) => {
    expect((await transact([{ ...post(patientNamed('試', '花')), fullUrl } as Entry])).status).toBe(400);
  });
});

describe('batch', () => {
  test('answers 304 to who has the version, HEAD without a body, and searches', async () => {
    const { id } = await t.system.create(person('batch'));
    const answer = await send('batch', [
      entry('GET', `Patient/${id}`, undefined, { ifNoneMatch: 'W/"1"' }),
      entry('GET', `Patient/${id}`, undefined, { ifModifiedSince: '2026-11-23T00:00:00Z' }),
      entry('GET', `Patient/${id}`, undefined, { ifModifiedSince: '2026-11-22T00:00:00Z' }),
      entry('HEAD', `Patient/${id}`),
      entry('GET', `Patient?_id=${id}`),
      entry('DELETE', 'Patient?identifier=urn:rules|batch'),
      entry('DELETE', 'Patient?identifier=urn:rules|batch'),
    ]);
    expect(statuses(answer)).toEqual(['304', '304', '200', '200', '200', '204', '204']);
    expect(answer.body.entry.map(({ resource }) => resource?.resourceType)).toEqual([
      undefined,
      undefined,
      'Patient',
      undefined,
      'Bundle',
      undefined,
      undefined,
    ]);
  });

  test('shows the CapabilityStatement and the resource of a Binary', async () => {
    const { id } = await t.system.create({ resourceType: 'Binary', contentType: 'text/plain', data: 'eA==' });
    const answer = await send('batch', [entry('GET', 'metadata'), entry('GET', `Binary/${id}`)]);
    expect(statuses(answer)).toEqual(['200', '200']);
    const [capabilities, binary] = answer.body.entry.map(({ resource }) => resource);
    expect(capabilities).toEqual((await t.system.get('metadata')).body);
    expect(binary).toMatchObject({ resourceType: 'Binary', data: 'eA==' });
  });

  test('has an end to what it holds: a read beyond it is refused, a write is done and not shown', async () => {
    const data = Buffer.alloc(3 * 1024 * 1024).toString('base64');
    const { id } = await t.system.create({ resourceType: 'Binary', contentType: 'text/plain', data });
    const reads = Array.from({ length: 9 }, () => entry('GET', `Binary/${id}`));
    const small = entry('GET', `Patient/${(await t.system.create(person('small'))).id}`);
    const answer = await send('batch', [
      ...reads,
      small,
      post({ resourceType: 'Binary', contentType: 'text/plain', data } as never),
    ]);
    expect(statuses(answer)).toEqual([...Array.from({ length: 7 }, () => '200'), '413', '413', '200', '201']);
    expect(answer.body.entry[8]?.response.outcome.issue[0]?.code).toBe('too-costly');
    expect(answer.body.entry[10]?.resource).toBeUndefined();
    expect((await transact(reads)).status).toBe(413);
  });
});
