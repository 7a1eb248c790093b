// $graphql over the whole server: what is found, that nothing is seen which the caller may not read, and the limits.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Caller, observationOf, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let a: string;
let b: string;
let own: Caller;
beforeAll(async () => {
  t = await startApp();
  a = (await t.system.create(patientNamed('試験', '花子', { birthDate: '2020-01-01', active: true }))).id;
  b = (await t.system.create(patientNamed('他人', '秘密', { birthDate: '2019-01-01' }))).id;
  own = await t.caller('patient/*.rs', { patient: a });
});
afterAll(() => t.close());

const ask = (caller: Caller, path: string, query: string, variables: object = {}): Promise<Response> =>
  caller.post(path, { query, variables }, { 'content-type': 'application/json' });
const dataOf = ({ status, body, text }: Response) => {
  if (status !== 200) throw new Error(`${status}: ${text}`);
  return body.data as Record<string, never>;
};
const errorOf = ({ body }: Response) => (body.errors as { message: string; extensions: { resource: object } }[])[0];

test('decimals keep their text, arrays their form, and what is absent is left out', async () => {
  const quantity = '{"value":1.50,"unit":"kg"}';
  const body = JSON.stringify({ ...observationOf(a), valueQuantity: 0 }).replace(
    '"valueQuantity":0',
    `"valueQuantity":${quantity}`,
  );
  const { id } = (await t.system.post('Observation', body)).body;
  const { text } = await ask(
    own,
    `Observation/${id}/$graphql`,
    '{ status issued valueQuantity { value unit } code { coding { code } } }',
  );
  expect(text).toBe(`{"data":{"status":"final","valueQuantity":${quantity},"code":{"coding":[{"code":"29463-7"}]}}}`);
});

test('trace() of a FHIRPath leaves nothing of the record in the log', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const data = dataOf(
    await ask(own, `Patient/${a}/$graphql`, `{ name(fhirpath: "family.trace('x').exists()") { family } }`),
  );
  expect(data).toEqual({ name: [{ family: '試験' }] });
  expect(log).not.toHaveBeenCalled();
  log.mockRestore();
});

test.each([
  '__proto__',
  'family.__proto__',
  '`__proto__`',
  '`\\u005f_proto__`',
  '%__proto__',
  "%'__proto__'",
  '%`__proto__`',
  "%'\\u005f_proto__'",
  'constructor',
  'select(__proto__)',
  "defineVariable('__proto__', name).select(%__proto__)",
])('a FHIRPath with %s leaves nothing behind on what all objects share', async (path) => {
  const names = () => [Object, String, Array, Function].map((one) => Object.getOwnPropertyNames(one.prototype));
  // The library itself, once it is loaded, adds a few of its own.
  await ask(own, `Patient/${a}/$graphql`, '{ name(fhirpath: "family.exists()") { family } }');
  const before = names();
  for (const query of [
    `name(fhirpath: ${JSON.stringify(path)}) { family }`,
    `name @slice(path: ${JSON.stringify(path)}) { family }`,
  ]) {
    const answer = await ask(own, `Patient/${a}/$graphql`, `{ ${query} }`);
    expect(errorOf(answer)?.message).toBe('The FHIRPath cannot be evaluated');
  }
  expect(names()).toEqual(before);
});

describe('ways to ask', () => {
  const expected = { data: { id: expect.any(String), active: true } };
  const query = '{ id active }';

  test('GET, JSON, application/graphql and Parameters give the same', async () => {
    const path = `Patient/${a}/$graphql`;
    const answers = [
      await own.get(`${path}?query=${encodeURIComponent(query)}`),
      await ask(own, path, query),
      await own.post(path, query, { 'content-type': 'application/graphql' }),
      await own.post(path, { resourceType: 'Parameters', parameter: [{ name: 'query', valueString: query }] }),
    ];
    for (const answer of answers) {
      expect([answer.status, answer.body]).toEqual([200, expected]);
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    }
  });

  test('variables and operationName', async () => {
    const two = 'query one($x: Boolean!) { id @include(if: $x) active } query two { id }';
    const path = `Patient/${a}/$graphql?query=${encodeURIComponent(two)}&operationName=one&variables=`;
    expect((await own.get(`${path}${encodeURIComponent('{"x":false}')}`)).body).toEqual({ data: { active: true } });
    expect((await own.get(`${path}nonsense`)).status).toBe(400);
  });

  test.each([
    ['no query', '$graphql', '$graphql needs a query'],
    ['an unknown parameter', '$graphql?query=x&limit=1', 'Known: query, variables, operationName'],
  ])('%s is refused', async (_, path, sentence) => {
    const { status, body } = await own.get(path);
    expect([status, body.resourceType]).toEqual([400, 'OperationOutcome']);
    expect(body.issue[0]?.diagnostics).toContain(sentence);
  });

  test('faults of the query are GraphQL errors, each with its OperationOutcome', async () => {
    const answer = await ask(own, `Patient/${a}/$graphql`, '{\n  id\n  cat { id }\n}');
    expect(answer.status).toBe(400);
    expect(errorOf(answer)?.message).toContain('cat, line 3: Patient has no such field. Known: id, meta');
    expect(errorOf(answer)?.extensions.resource).toMatchObject({ resourceType: 'OperationOutcome' });
    expect(answer.body).not.toHaveProperty('data');
  });

  test.each([
    ['{ name }', 'say which elements of HumanName are wanted'],
    ['{ birthDate { year } }', 'a primitive value has nothing to select from'],
    ['{ name(cat: 1) { family } }', 'HumanName has no element "cat" to filter by'],
    ['{ name(fhirpath: "((") { family } }', 'The FHIRPath cannot be evaluated'],
    ['{ ObservationList { id } }', '_reference has to name the search parameter'],
    ['{ ObservationList(_reference: cat) { id } }', 'Observation has no search parameter "cat"'],
    ['{ ObservationList(_reference: subject, _include: "x") { id } }', '_include has no use in GraphQL'],
    ['{ Patient(id: "x") { id } }', 'Patient has no such field'],
  ])('%s is refused', async (query, sentence) => {
    const answer = await ask(t.system, `Patient/${a}/$graphql`, query);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)?.message).toContain(sentence);
  });
});

describe('references and searches', () => {
  test('forward, with its type, and back again', async () => {
    const { id } = await t.system.create(observationOf(a, { note: [{ text: '所見' }] }));
    const query = `{ subject { resource(type: Patient) { ... on Patient { birthDate ObservationList(_reference: patient, _id: "${id}") { note { text } } } } } }`;
    expect(dataOf(await ask(own, `Observation/${id}/$graphql`, query))).toEqual({
      subject: { resource: { birthDate: '2020-01-01', ObservationList: [{ note: [{ text: '所見' }] }] } },
    });
  });

  test('from the root: one by its id, lists with search parameters, underscores for dashes', async () => {
    await t.system.create({
      resourceType: 'Immunization',
      status: 'completed',
      patient: { reference: `Patient/${a}` },
      occurrenceDateTime: '2020-03-01',
      lotNumber: 'LOT-7',
      vaccineCode: { text: '見本' },
    });
    const query = `{ Patient(id: "${a}") { id } ImmunizationList(lot_number: "LOT-7", _count: 1) { lotNumber } ConditionList(_id: "none") { id } }`;
    expect(dataOf(await ask(t.system, '$graphql', query))).toEqual({
      Patient: { id: a },
      ImmunizationList: [{ lotNumber: 'LOT-7' }],
      ConditionList: [],
    });
  });

  test('connections: count, pages by cursor, every resource once', async () => {
    for (let n = 0; n < 5; n++)
      await t.system.create({ resourceType: 'Basic', code: { text: `b${n}` }, subject: { reference: `Patient/${a}` } });
    const found: string[] = [];
    let cursor: string | undefined;
    const pages: unknown[] = [];
    do {
      const where: string = cursor ? `_cursor: "${cursor}"` : '_count: 2, _sort: "-_lastUpdated"';
      const query = `{ BasicConnection(_reference: patient, ${where}) { count offset pagesize edges { mode resource { id } } next previous } }`;
      const page = dataOf(await ask(own, `Patient/${a}/$graphql`, query)).BasicConnection as unknown as {
        count: number;
        offset: number;
        pagesize: number;
        next?: string;
        edges: { mode: string; resource: { id: string } }[];
      };
      pages.push([page.count, page.offset, page.pagesize, page.edges.length]);
      found.push(...page.edges.map(({ resource }) => resource.id));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(pages).toEqual([
      [5, 0, 2, 2],
      [5, 2, 2, 2],
      [5, 4, 2, 1],
    ]);
    expect(new Set(found).size).toBe(5);
    const other = dataOf(
      await ask(own, `Patient/${a}/$graphql`, '{ BasicConnection(_reference: patient, _count: 2) { next } }'),
    ) as unknown as { BasicConnection: { next: string } };
    const elsewhere = await ask(
      own,
      '$graphql',
      `{ BasicConnection(_cursor: "${other.BasicConnection.next}") { offset } }`,
    );
    expect(errorOf(elsewhere)?.message).toContain('This cursor is not valid here');
  });

  test('_offset skips', async () => {
    for (let n = 0; n < 4; n++)
      await t.system.create(
        observationOf(a, { effectiveDateTime: `2021-01-0${n + 1}`, code: { text: 'x', coding: [{ code: 'off' }] } }),
      );
    const query = '{ ObservationList(code: "off", _count: 2, _offset: 1) { effectiveDateTime } }';
    expect(dataOf(await ask(own, '$graphql', query))).toEqual({
      ObservationList: [{ effectiveDateTime: '2021-01-03' }, { effectiveDateTime: '2021-01-02' }],
    });
  });
});

describe('who may see what', () => {
  const withoutIds = ({ status, text }: Response, id: string) => ({ status, text: text.replaceAll(id, 'ID') });

  test('a reference to what is hidden is like one to what is missing', async () => {
    const missing = '01a205b3-d000-8b1c-adbd-6177fe7d10f4';
    const focusOn = async (id: string) =>
      (await t.system.create(observationOf(a, { focus: [{ reference: `Patient/${id}` }] }))).id;
    const [hidden, gone] = [await focusOn(b), await focusOn(missing)];
    const look = async (observation: string, id: string, how: string) =>
      withoutIds(
        await ask(
          own,
          `Observation/${observation}/$graphql`,
          `{ focus { resource${how} { ... on Patient { name { text family } } } } }`,
        ),
        id,
      );
    for (const how of ['', '(optional: true)', '(type: Patient)', '(type: Group)'])
      expect(await look(hidden, b, how)).toEqual(await look(gone, missing, how));
    expect((await look(hidden, b, '')).status).toBe(404);
    expect(await look(hidden, b, '(optional: true)')).toEqual({ status: 200, text: '{"data":{"focus":[{}]}}' });
    for (const path of ['Patient/ID/$graphql', '$graphql']) {
      const query = (id: string) => (path.startsWith('Patient') ? '{ id }' : `{ Patient(id: "${id}") { id } }`);
      const at = async (id: string) => withoutIds(await ask(own, path.replace('ID', id), query(id)), id);
      expect(await at(b)).toEqual(await at(missing));
      expect((await at(b)).status).toBe(404);
    }
  });

  test('searches hold what is the caller’s only, counts included', async () => {
    await t.system.create(observationOf(b, { note: [{ text: '秘密' }] }));
    const query =
      '{ ObservationConnection { count edges { resource { subject { reference } note { text } } } } PatientList { id } }';
    const answer = await ask(own, '$graphql', query);
    expect(answer.text).not.toContain('秘密');
    expect(answer.text).not.toContain(b);
    expect(dataOf(answer).PatientList).toEqual([{ id: a }]);
    const total = (await own.get('Observation?_summary=count')).body.total;
    expect(dataOf(answer).ObservationConnection).toMatchObject({ count: total });
    const limited = await t.caller('patient/Observation.r', { patient: a });
    const refused = await ask(limited, '$graphql', '{ ObservationList { id } }');
    expect([refused.status, errorOf(refused)?.message]).toEqual([
      403,
      'search of Observation is not in the scopes of this token',
    ]);
    expect((await ask(t.withToken(undefined), '$graphql', query)).status).toBe(401);
  });

  test('every look is in the audit, misses too', async () => {
    const { id } = await t.system.create(observationOf(a, { focus: [{ reference: 'Patient/nobody' }] }));
    const { rows: before } = await t.pool.query('select max(id) as last from audit');
    await ask(
      own,
      `Observation/${id}/$graphql`,
      '{ subject { resource { id } } focus { resource(optional: true) { id } } }',
    );
    await ask(own, '$graphql', '{ ObservationList(_count: 1) { id } }');
    const { rows } = await t.pool.query('select interaction, owner from audit where id > $1 order by id', [
      before[0].last,
    ]);
    const nobody = '00000000-0000-0000-0000-000000000000';
    const seen = rows.map(({ interaction, owner }) => `${interaction} ${owner}`);
    expect(seen[0]).toBe(`graphql ${a}`);
    expect(seen.slice(1, 3).sort()).toEqual([`graphql ${a}`, `graphql ${nobody}`].sort());
    expect(seen.slice(3)).toEqual([`search ${a}`]);
  });
});

describe('limits', () => {
  test('resources, searches and time of a query', async () => {
    for (let n = 0; n < 3; n++) await t.system.create(observationOf(a));
    // Each level asks again for every Observation of the patient.
    const nested = (depth: number): string =>
      depth === 0
        ? 'id'
        : `id subject { resource { ... on Patient { ObservationList(_reference: subject) { ${nested(depth - 1)} } } } }`;
    const answer = await ask(own, '$graphql', `{ ObservationList { ${nested(4)} } }`);
    expect(answer.status).toBe(422);
    expect(errorOf(answer)?.message).toMatch(/A query (makes at most 100 searches|reads at most 2000 resources)/);
    const offset = await ask(own, '$graphql', '{ ObservationList(_offset: 100000) { id } }');
    expect(errorOf(offset)?.message).toContain('_offset is at most 1000');
  });

  test('a FHIRPath that never ends is stopped', async () => {
    const begin = performance.now();
    const answer = await ask(
      own,
      `Patient/${a}/$graphql`,
      '{ name(fhirpath: "(1).repeat($this + 1).exists()") { family } }',
    );
    expect([answer.status, performance.now() - begin < 5000]).toEqual([422, true]);
    expect(errorOf(answer)?.message).toContain('The FHIRPath takes too long');
  });

  test('FHIRPaths that each end in time do not hold up everybody else together', async () => {
    const path = "'aaaaaaaaaaaaaaaaaaaaaa!'.matches('^(a+)+$')";
    const field = (n: number) => `f${n}: name(fhirpath: ${JSON.stringify(path)}) { family }`;
    const fields = Array.from({ length: 240 }, (_, n) => field(n)).join(' ');
    const begin = performance.now();
    const answer = await ask(own, `Patient/${a}/$graphql`, `{ ${fields} }`);
    expect([answer.status, performance.now() - begin < 5000]).toEqual([422, true]);
    expect(errorOf(answer)?.message).toMatch(/The FHIRPaths of a query take at most|The FHIRPath takes too long/);
  });
});
