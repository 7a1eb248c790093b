// "Every error under /fhir is an OperationOutcome": fitting status, code, text for people, nothing of the inside.
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Body, observationOf, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

const bodyLimitBytes = 2_000_000;
let t: TestApp;
beforeAll(async () => {
  t = await startApp({ bodyLimitBytes });
  await t.system.create(patientNamed('他人', '秘密', { identifier: [{ system: 'urn:secret', value: 'himitsu-999' }] }));
});
afterAll(() => t.close());
afterEach(async () => {
  expect((await t.system.get('Patient?_count=1')).status).toBe(200);
});

/** An OperationOutcome that tells nothing of the inside. */
function outcomeOf({ body, text, headers }: Response) {
  expect(headers['content-type']).toMatch(/^application\/fhir\+json/);
  expect(body.resourceType).toBe('OperationOutcome');
  expect(text).not.toMatch(/\bat .*\.ts|node_modules|select |insert |SQLSTATE|server\/|himitsu|秘密|0x|jsonb|pg_/i);
  const [issue] = body.issue;
  expect(issue?.diagnostics).not.toBe('');
  expect(issue?.details.text).not.toBe('');
  return issue;
}
const raw = (text: string) => `{"resourceType":"Patient","name":[{"text":"${text}"}]}`;
const deep = (n: number) =>
  `{"resourceType":"Patient","extension":${'[{"url":"u","extension":'.repeat(n)}[]${'}]'.repeat(n)}}`;

describe('bodies', () => {
  test.each<[string, number, string | Buffer]>([
    ['cut JSON', 400, '{"resourceType":"Patient",'],
    ['text', 400, 'hello'],
    ['invalid UTF-8', 400, Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['an array', 400, '[]'],
    ['a number', 400, '3'],
    ['null', 400, 'null'],
    ['nothing', 400, ''],
    ['objects nested 10,000 deep', 422, deep(10_000)],
    [
      'arrays nested 100,000 deep',
      422,
      `{"resourceType":"Patient","name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    ],
    [
      'numbers nested 100,000 deep',
      422,
      `{"resourceType":"Patient","name":${'['.repeat(100_000)}1.50${']'.repeat(100_000)}}`,
    ],
    ['a __proto__ key', 422, '{"resourceType":"Patient","__proto__":{"active":true}}'],
    ['a constructor key', 422, '{"resourceType":"Patient","constructor":{"prototype":{"x":1}}}'],
    ['__proto__ in place of resourceType', 400, '{"__proto__":{"resourceType":"Patient"}}'],
    ['NUL in a string', 400, raw('a\\u0000b')],
    ['NUL in a code', 400, '{"resourceType":"Patient","language":"a\\u0000b"}'],
    ['NUL in a uri', 400, '{"resourceType":"Patient","identifier":[{"system":"urn:\\u0000","value":"1"}]}'],
    ['a high surrogate alone', 400, raw('a\\ud800b')],
    ['a low surrogate alone', 400, raw('\\udc00')],
    ['a surrogate alone in a key', 400, '{"resourceType":"Patient","\\ud800":1}'],
    ['a raw control character', 400, raw('a\u0001b')],
    ['a string over the limit', 413, raw('x'.repeat(bodyLimitBytes))],
  ])('%s > %i', async (_, status, body) => {
    const answer = await t.system.post('Patient', body);
    expect({ status: answer.status, text: answer.text.slice(0, 500) }).toMatchObject({ status });
    outcomeOf(answer);
  });

  test('a surrogate pair and an escaped backslash before u0000 are text like any other', async () => {
    const { status, body } = await t.system.post('Patient', raw('\\ud842\\udfb7 \\\\u0000'));
    expect(status).toBe(201);
    expect((await t.system.get(`Patient/${body.id}`)).body.name).toEqual([{ text: '𠮷 \\u0000' }]);
  });

  test.each([
    '$deliver',
    '$immds-forecast',
    '',
    'Organization/x/$link-code',
    'Patient/x/$link-facility',
    'Patient/x/$import',
  ])('POST %s nested 100,000 deep > 4xx', async (path) => {
    const nest = `${'[{"a":'.repeat(100_000)}1${'}]'.repeat(100_000)}`;
    const original =
      '{"name":"original","resource":{"resourceType":"Binary","contentType":"text/plain","data":"AAAA"}}';
    for (const body of [
      `{"resourceType":"Parameters","parameter":[${original},{"name":"record","resource":${nest}}]}`,
      `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","name":${nest}},"request":{"method":"POST","url":"Patient"}}]}`,
      nest,
    ]) {
      const answer = await t.system.post(path, body);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      outcomeOf(answer);
    }
  });

  test('a body over the limit > 413 that names the limit', async () => {
    const answer = await t.system.post('Patient', raw('x'.repeat(bodyLimitBytes)));
    expect(outcomeOf(answer)?.diagnostics).toContain(String(bodyLimitBytes));
  });

  test('JSON faults are named by place, never quoted', async () => {
    const answer = await t.system.post('Patient', '{"resourceType":"Patient","name":"秘密 himitsu" oops}');
    expect(answer.status).toBe(400);
    expect(outcomeOf(answer)?.diagnostics).toMatch(/position \d+/);
  });

  test.each(['application/pdf', 'text/plain', 'text/turtle', 'multipart/form-data; boundary=x'])(
    'Content-Type %s > 415',
    async (type) => {
      const answer = await t.system.post('Patient', '<Patient/>', { 'content-type': type });
      expect(answer.status).toBe(415);
      outcomeOf(answer);
    },
  );

  test('a form where a resource belongs, and JSON where a form belongs > 415', async () => {
    const form = await t.system.post('Patient', 'name=x', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(form.status).toBe(415);
    outcomeOf(form);
    const json = await t.system.post('Patient/_search', { name: 'x' });
    expect(json.status).toBe(415);
    outcomeOf(json);
  });

  test.each(['text/turtle', 'application/xhtml+xml', 'image/png'])('Accept %s > 406', async (accept) => {
    const answer = await t.system.get('Patient', { accept });
    expect(answer.status).toBe(406);
    outcomeOf(answer);
  });

  test.each(['application/fhir+json', 'application/json;q=0.9', '*/*', 'application/fhir+json; charset=utf-8'])(
    'Accept %s is fine',
    async (accept) => {
      expect((await t.system.get('Patient?_count=1', { accept })).status).toBe(200);
    },
  );

  test.each(['turtle', 'application/xhtml+xml', 'ttl'])('_format=%s > 406', async (format) => {
    const answer = await t.system.get(`Patient?_format=${format}`);
    expect(answer.status).toBe(406);
    outcomeOf(answer);
  });
});

describe('addresses', () => {
  test.each([
    ['GET', 'Patienten', 404],
    ['GET', 'patient', 404],
    ['GET', 'Resource', 404],
    ['GET', '__proto__', 404],
    ['GET', 'Patient/no-such-id', 404],
    ['GET', 'Patient/no%00such', 404],
    ['GET', "Patient/'; drop table resource; --", 404],
    ['GET', 'Patient/x/_history/abc', 404],
    ['GET', 'Patient/x/_history/99999999999999', 404],
    ['GET', 'Patient/x/y/z', 404],
    ['GET', 'Patient/$no-such-operation', 404],
    ['GET', '$no-such-operation', 404],
    ['POST', '$no-such-operation', 404],
    ['PUT', '$no-such-operation', 404],
    ['DELETE', 'Patient', 400],
    ['PATCH', 'Patient/1', 415],
    ['PUT', 'Patient', 400],
    ['PUT', '', 405],
    ['GET', '_search', 405],
    ['OPTIONS', 'Patient/x/y/z', 404],
    ['GET', 'Patient/%zz', 400],
    ['GET', '%', 400],
    ['GET', 'Patient/%ff%fe', 400],
    ['GET', `Patient/${'x'.repeat(40_000)}`, 404],
  ])('%s %s > %i', async (method, path, status) => {
    const answer = await t.system.send(method, path.replaceAll(' ', '%20'));
    expect({ status: answer.status, text: answer.text.slice(0, 300) }).toMatchObject({ status });
    outcomeOf(answer);
  });
});

describe('on the wire', () => {
  let port: number;
  beforeAll(async () => {
    port = Number(new URL(await t.app.listen({ port: 0, host: '127.0.0.1' })).port);
  });

  /** What comes back for raw bytes: the status and the OperationOutcome. */
  async function sent(text: string): Promise<{ status: number; body: Body }> {
    const socket = connect(port, '127.0.0.1');
    socket.end(text);
    const answer = Buffer.concat(await socket.toArray()).toString();
    return { status: Number(answer.slice(9, 12)), body: JSON.parse(answer.slice(answer.indexOf('{'))) as Body };
  }

  test.each([
    ['a URL of 20,000 characters', `GET /fhir/Patient?name=${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431],
    ['no Host', 'GET /fhir/Patient HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    [
      'an expectation that is not 100-continue',
      'GET /fhir/Patient HTTP/1.1\r\nhost: x\r\nexpect: tea\r\nconnection: close\r\n\r\n',
      417,
    ],
    ['something else than HTTP', 'MSH|^~\\&|\r\n\r\n', 400],
  ])('%s > an OperationOutcome with the right status', async (_, text, status) => {
    const answer = await sent(text);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] });
  });

  test('a body that is announced as too long > 413 before it is sent', async () => {
    const head = `POST /fhir/Patient HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${t.system.token}\r\n`;
    const answer = await sent(
      `${head}content-type: application/fhir+json\r\ncontent-length: 99999999\r\nconnection: close\r\n\r\n{`,
    );
    expect(answer).toMatchObject({ status: 413, body: { resourceType: 'OperationOutcome' } });
  });
});

describe('searches', () => {
  test.each([
    '_count=-1',
    '_count=ten',
    '_count=1.5',
    '_page=garbage',
    '_page=a.b.c.d.e',
    'nonsense=1',
    'name:nonsense=1',
    'gender:above=1',
    'birthdate=yesterday',
    'birthdate=2026-02-30',
    'birthdate=2026-02-03T24:00',
    'birthdate=2026-02-03T00:00:00%2B99:00',
    'birthdate=2026-02-03T00:00:00%2B14:01',
    'birthdate=ge',
    'birthdate:exact=2026',
    '_lastUpdated=x',
    '_sort=nonsense',
    '_include=Patient:nonsense',
    '_include=Nonsense:x',
    '_include=Patient:organization:Nonsense',
    '_include=Observation:subject',
    '_total=maybe',
    '_summary=some',
    '_elements=nonsense',
    'active:missing=perhaps',
    'name=%00',
    'name:contains=%00',
    'identifier=a%00b',
    'birthdate=%00',
    '_id=%00',
  ])('Patient?%s > 400', async (query) => {
    const answer = await t.system.get(`Patient?${query}`);
    expect({ status: answer.status, text: answer.text.slice(0, 300) }).toMatchObject({ status: 400 });
    outcomeOf(answer);
  });

  test('an unknown parameter > lists the known ones', async () => {
    const { body } = await t.system.get('Patient?nonsense=1');
    expect(body.issue[0]).toMatchObject({ code: 'not-supported', expression: ['nonsense'] });
    for (const known of ['birthdate', '_lastUpdated', 'identifier'])
      expect(body.issue[0]?.diagnostics).toContain(known);
  });

  test('100 parameters > 400 too-costly; 300 values in one as well', async () => {
    const many = await t.system.get(`Patient?${Array.from({ length: 100 }, (_, n) => `name=n${n}`).join('&')}`);
    expect({ status: many.status, code: outcomeOf(many)?.code }).toEqual({ status: 400, code: 'too-costly' });
    const values = await t.system.get(`Patient?name=${Array.from({ length: 300 }, (_, n) => n).join(',')}`);
    expect({ status: values.status, code: outcomeOf(values)?.code }).toEqual({ status: 400, code: 'too-costly' });
  });

  test.each(['name', 'name:exact', 'name:contains', 'identifier', 'organization', 'general-practitioner', '_id'])(
    'a very long %s finds nothing',
    async (name) => {
      const { status, body } = await t.system.post('Patient/_search', `${name}=${'x'.repeat(100_000)}`, {
        'content-type': 'application/x-www-form-urlencoded',
      });
      expect({ status, entry: body.entry }).toEqual({ status: 200, entry: undefined });
    },
  );

  test.each([
    'name=,',
    'birthdate=,',
    '_id=,',
    '_lastUpdated=,',
    'gender=,',
    'name=%5C',
    'identifier=|',
    'name=%FF',
    '_count=0',
  ])('Patient?%s is answered, not an error of ours', async (query) => {
    const answer = await t.system.get(`Patient?${query}`);
    expect(answer.status).toBeLessThan(500);
  });

  test.each(['name=%00', 'birthdate=x', 'nonsense=1', '_page=x', ''])('If-None-Exist: %s > 400', async (condition) => {
    const answer = await t.system.post('Patient', patientNamed('条件', '花子'), { 'if-none-exist': condition });
    expect(answer.status).toBe(400);
    outcomeOf(answer);
  });
});

describe('language', () => {
  test.each([
    [undefined, 'ja'],
    ['ja', 'ja'],
    ['ja-JP,ja;q=0.9,en;q=0.8', 'ja'],
    ['en', 'en'],
    ['en-US,en;q=0.9,ja;q=0.8', 'en'],
    ['fr', 'ja'],
  ])('Accept-Language %s > details.text in %s, diagnostics in English', async (asked, language) => {
    const { body } = await t.system.get('Patient/none', asked ? { 'accept-language': asked } : {});
    const [issue] = body.issue;
    expect(issue?.details.text).toMatch(language === 'ja' ? /見つかりません/ : /Not found/);
    expect(issue?.diagnostics).toMatch(/^[ -~]+$/);
  });
});

describe('My Number', () => {
  // Check digit by ordinance 85 of 2014; invented.
  const digits = '123456789018';
  const holder = { ...patientNamed('試験', '花子'), identifier: [{ type: { text: '個人番号' }, value: digits }] };

  test.each<[string, () => Promise<Response>]>([
    ['create', () => t.system.post('Patient', holder)],
    ['update', () => t.system.put('Patient/mn', { ...holder, id: 'mn' })],
    ['text', () => t.system.post('Patient', { resourceType: 'Patient', name: [{ text: `マイナンバー ${digits}` }] })],
    [
      'transaction',
      () =>
        t.system.post('', {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [{ resource: holder, request: { method: 'POST', url: 'Patient' } }],
        }),
    ],
  ])('is refused on %s, its place named and its digits never echoed', async (_, work) => {
    const answer = await work();
    expect(answer.status).toBe(422);
    const issue = outcomeOf(answer);
    expect(issue?.code).toBe('business-rule');
    expect(issue?.expression[0]).toMatch(/(Patient|resource)\.(identifier|name)\[0\]/);
    expect(answer.text).not.toContain(digits);
    const { rows } = await t.pool.query(`select count(*)::int n from resource where content like '%${digits}%'`);
    expect(rows[0].n).toBe(0);
  });

  test('twelve digits of another kind, as their check digit tells, are kept', async () => {
    const { body: patient } = await t.system.post('Patient', patientNamed('試験', '花子'));
    const answer = await t.system.post(
      'Observation',
      observationOf(patient.id, { identifier: [{ system: 'urn:x', value: '123456789012' }] }),
    );
    expect(answer.status).toBe(201);
  });
});
