// What goes in and out over a real socket: JSON and XML, packed and not, and HTTP's own words.
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseJson } from '../../server/fhir/json.ts';
import { parseXml } from '../../server/fhir/xml-read.ts';
import { type Body, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

const bodyLimitBytes = 200_000;
const xmlns = 'xmlns="http://hl7.org/fhir"';
const fhirXml = 'application/fhir+xml';
let t: TestApp;
let port: number;
let patient: string;
beforeAll(async () => {
  t = await startApp({ bodyLimitBytes });
  port = Number(new URL(await t.app.listen({ port: 0, host: '127.0.0.1' })).port);
  patient = (await t.system.create(patientNamed('試験', '花子', { active: true }))).id;
  for (let n = 0; n < 30; n++) await t.system.create(observationOf(patient, { valueInteger: n }));
});
afterAll(() => t.close());

type Wire = { status: number; headers: IncomingHttpHeaders; bytes: Buffer; text: string };

/** One request with the headers given and no others. */
function wire(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Buffer,
): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({
      port,
      host: '127.0.0.1',
      method,
      path: `/fhir${path}`,
      headers: { authorization: `Bearer ${t.system.token}`, ...headers },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text: bytes.toString() });
      });
    });
    sent.end(body);
  });
}

const json = ({ text }: { text: string }) => parseJson(text) as Body;
const xml = ({ text }: { text: string }) => parseXml(text) as Body;
const without = (headers: Record<string, string>) => ({ authorization: '', ...headers });

describe('answers', () => {
  test.each<[string, Record<string, string>, string]>([
    ['nothing', {}, 'json'],
    ['*/*', { accept: '*/*' }, 'json'],
    ['a browser', { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }, 'json'],
    ['FHIR XML', { accept: 'application/fhir+xml' }, 'xml'],
    ['XML', { accept: 'application/xml' }, 'xml'],
    ['text/xml', { accept: 'text/xml' }, 'xml'],
    ['a version', { accept: 'application/fhir+xml; fhirVersion=4.0' }, 'xml'],
    ['XML rather than JSON', { accept: 'application/fhir+json;q=0.5, application/fhir+xml;q=0.9' }, 'xml'],
    ['JSON rather than XML', { accept: 'application/fhir+xml;q=0.5, application/fhir+json' }, 'json'],
    ['anything but JSON', { accept: 'application/fhir+json;q=0, */*' }, 'xml'],
    ['turtle, or else anything', { accept: 'text/turtle, */*;q=0.1' }, 'json'],
    ['another version, or else R4', { accept: 'application/fhir+xml; fhirVersion=5.0, application/fhir+json' }, 'json'],
  ])('Accept %s > the right form', async (_, headers, format) => {
    const answer = await wire('GET', `/Patient/${patient}`, headers);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe(`application/fhir+${format}; charset=utf-8`);
    expect((format === 'xml' ? xml : json)(answer)).toEqual(json(await wire('GET', `/Patient/${patient}`)));
  });

  test.each([
    ['xml', 'xml'],
    ['json', 'json'],
    ['text/xml', 'xml'],
    ['application/xml', 'xml'],
    ['application/fhir%2Bxml', 'xml'],
    ['application/fhir+xml', 'xml'],
    ['application/fhir+json', 'json'],
    ['html', 'json'],
  ])('_format=%s > %s, whatever Accept says', async (asked, format) => {
    const accept = format === 'xml' ? 'application/fhir+json' : fhirXml;
    for (const path of [`/Patient/${patient}?_format=${asked}`, `/Patient?_format=${asked}`]) {
      const answer = await wire('GET', path, { accept });
      expect(answer.headers['content-type']).toContain(`fhir+${format}`);
    }
  });

  test('_format in the form of a search counts', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await wire(
      'POST',
      '/Patient/_search',
      headers,
      '_format=xml&_pretty=true&family=%E8%A9%A6%E9%A8%93',
    );
    expect(xml(answer)).toMatchObject({ resourceType: 'Bundle', entry: [{ resource: { id: patient } }] });
  });

  test.each([
    ['/Patient', { accept: 'text/turtle' }],
    ['/Patient', { accept: 'application/fhir+json; fhirVersion=3.0' }],
    ['/Patient?_format=ttl', {}],
    ['/Patient?_format=constructor', {}],
    ['/Patient?_format=application/fhir%2Bxml;fhirVersion=5.0', {}],
    ['/metadata?_format=ttl', {}],
  ])('%s %j > 406 that says what there is', async (path, headers) => {
    const answer = await wire('GET', path, headers);
    expect(answer.status).toBe(406);
    expect(json(answer).issue[0]?.diagnostics).toContain('application/fhir+json and application/fhir+xml');
  });

  test('_pretty indents JSON and XML, and keeps the text of numbers', async () => {
    const { id } = await t.system.create(observationOf(patient, { valueQuantity: { value: 0, unit: 'kg' } }));
    await wire(
      'PUT',
      `/Observation/${id}`,
      { 'content-type': 'application/fhir+json' },
      JSON.stringify(observationOf(patient, { id, valueQuantity: { value: 'N', unit: 'kg' } })).replace('"N"', '1.50'),
    );
    const inJson = await wire('GET', `/Observation/${id}?_pretty=true`);
    expect(inJson.text).toContain('\n    "value": 1.50,\n');
    const inXml = await wire('GET', `/Observation/${id}?_pretty=true&_format=xml`);
    expect(inXml.text).toContain('\n  <valueQuantity>\n    <value value="1.50"/>\n');
    expect(xml(inXml)).toEqual(json(inJson));
    expect((await wire('GET', `/Observation/${id}?_pretty=perhaps`)).status).toBe(400);
  });

  test.each([
    'Observation?_count=20&',
    'Patient/ID/$everything?_count=20&',
    'Observation/_history?_count=20&',
    '?_type=Observation&_count=20&',
  ])('the next pages of %s keep the form that was asked for', async (search) => {
    const first = xml(await wire('GET', `/${search.replace('ID', patient)}_format=xml&_pretty=true`));
    const next = first.link.find(({ relation }) => relation === 'next')?.url ?? '';
    const second = await wire('GET', next.slice(t.base.length));
    expect(second.headers['content-type']).toContain(fhirXml);
    expect(second.text).toContain('\n  <entry>');
    expect(xml(second).entry.length).toBeGreaterThan(9);
  });

  test.each(['', '&_pretty=true'])('$everything is streamed in XML as in JSON%s', async (pretty) => {
    const path = `/Patient/${patient}/$everything`;
    const plain = json(await wire('GET', path));
    expect(plain.entry.length).toBeGreaterThan(30);
    expect(xml(await wire('GET', `${path}?_format=xml${pretty}`))).toEqual(plain);
    expect(json(await wire('GET', `${path}?_format=json${pretty}`))).toEqual(plain);
  });

  test('the CapabilityStatement, a batch and an operation come in XML', async () => {
    expect(xml(await wire('GET', '/metadata', without({ accept: fhirXml })))).toMatchObject({
      resourceType: 'CapabilityStatement',
      format: ['application/fhir+json', 'application/fhir+xml', 'json', 'xml'],
    });
    expect((await wire('GET', '/metadata?_format=xml&_pretty=true')).text).toContain('\n  <status value="active"/>\n');
    expect(json(await wire('GET', '/metadata')).resourceType).toBe('CapabilityStatement');
    const batch = `<Bundle ${xmlns}><type value="batch"/><entry><request><method value="GET"/><url value="Patient/${patient}"/></request></entry></Bundle>`;
    const answer = await wire('POST', '', { accept: fhirXml, 'content-type': fhirXml }, batch);
    expect(xml(answer)).toMatchObject({ type: 'batch-response', entry: [{ resource: { id: patient } }] });
    expect(xml(await wire('GET', `/Patient/${patient}/$forecast`, { accept: fhirXml })).resourceType).toBeDefined();
  });

  test.each<[number, string, string, Record<string, string>, string?]>([
    [401, 'GET', '/Patient', { authorization: '' }],
    [404, 'GET', '/Patient/none', {}],
    [404, 'GET', '/Nonsense', {}],
    [405, 'PUT', '/Patient/x/_history', {}],
    [413, 'POST', '/Patient', { 'content-type': fhirXml }, 'x'.repeat(bodyLimitBytes + 1)],
    [415, 'POST', '/Patient', { 'content-type': 'text/plain' }, 'x'],
    [400, 'POST', '/Patient', { 'content-type': fhirXml }, 'x'],
    [422, 'POST', '/Patient', { 'content-type': fhirXml }, `<Patient ${xmlns}><nick value="a"/></Patient>`],
    [400, 'POST', '/Patient', { 'content-type': fhirXml }, ''],
  ])('%i is an OperationOutcome in XML for who asked for XML', async (status, method, path, headers, body) => {
    const answer = await wire(method, path, { accept: fhirXml, ...headers }, body);
    expect(answer.status).toBe(status);
    expect(xml(answer)).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] });
  });
});

describe('bodies', () => {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Observation ${xmlns}>
    <status value="final"/><code><text value="体重"/></code><subject><reference value="Patient/PATIENT"/></subject>
    <valueQuantity><value value="3.250"/><unit value="kg"/></valueQuantity></Observation>`;
  const own = () => body.replace('PATIENT', patient);

  test.each(['application/fhir+xml', 'application/xml', 'text/xml', 'application/fhir+xml; charset=UTF-8'])(
    '%s is stored as what it says',
    async (type) => {
      const made = await wire('POST', '/Observation', { 'content-type': type, accept: fhirXml }, own());
      expect({ status: made.status, text: made.text }).toMatchObject({ status: 201 });
      const { id } = xml(made);
      expect((await wire('GET', `/Observation/${id}`)).text).toContain('"value":3.250,');
    },
  );

  test('update, conditional create and transaction take XML', async () => {
    const put = `<Patient ${xmlns}><id value="by-xml"/><active value="true"/></Patient>`;
    expect((await wire('PUT', '/Patient/by-xml', { 'content-type': fhirXml }, put)).status).toBe(201);
    const condition = { 'content-type': fhirXml, 'if-none-exist': '_id=by-xml' };
    expect((await wire('POST', '/Patient', condition, put)).status).toBe(200);
    const transaction = `<Bundle ${xmlns}><type value="transaction"/><entry><resource>${put.replace('true', 'false')}</resource><request><method value="PUT"/><url value="Patient/by-xml"/></request></entry></Bundle>`;
    expect((await wire('POST', '', { 'content-type': fhirXml }, transaction)).status).toBe(200);
    expect(json(await wire('GET', '/Patient/by-xml')).active).toBe(false);
  });

  test.each([
    ['application/fhir+json; charset=utf-8', 201],
    ['application/fhir+json; charset="UTF-8"', 201],
    ['application/fhir+json; fhirVersion=4.0', 201],
    ['application/fhir+json; charset=Shift_JIS', 415],
    ['application/fhir+json; charset=utf-16', 415],
    ['application/fhir+json; fhirVersion=5.0', 415],
  ])('Content-Type %s > %i', async (type, status) => {
    const answer = await wire('POST', '/Patient', { 'content-type': type }, JSON.stringify(patientNamed('試験', '二')));
    expect(answer.status).toBe(status);
  });
});

describe('packing', () => {
  const search = '/Observation?_count=100&subject=Patient/';
  test.each<[string, string | undefined, (bytes: Buffer) => Buffer]>([
    ['gzip', 'gzip', gunzipSync],
    ['br', 'br', brotliDecompressSync],
    ['deflate', 'deflate', inflateSync],
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['br;q=0.2, gzip;q=0.8', 'gzip', gunzipSync],
    ['*', 'br', brotliDecompressSync],
    ['br;q=0, *', 'gzip', gunzipSync],
    ['identity', undefined, (bytes) => bytes],
    ['gzip;q=0', undefined, (bytes) => bytes],
    ['zstd', undefined, (bytes) => bytes],
  ])('Accept-Encoding %s > %s, of pages and of what is streamed', async (accepted, coding, unpack) => {
    for (const path of [search + patient, `/Patient/${patient}/$everything`]) {
      const plain = await wire('GET', path);
      const packed = await wire('GET', path, { 'accept-encoding': accepted });
      expect(packed.headers['content-encoding']).toBe(coding);
      expect(packed.headers.vary).toBe('Accept, Accept-Encoding, Origin');
      expect(unpack(packed.bytes).equals(plain.bytes)).toBe(true);
      if (coding) expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 3);
    }
  });

  test('what is small goes out as it is, and the ETag stays the same', async () => {
    const answer = await wire('GET', `/Patient/${patient}`, { 'accept-encoding': 'gzip' });
    expect(answer.headers).toMatchObject({ etag: 'W/"1"', vary: 'Accept, Accept-Encoding, Origin' });
    expect(answer.headers['content-encoding']).toBeUndefined();
  });

  test('XML is packed, and fetch reads it without being told', async () => {
    const headers = { authorization: `Bearer ${t.system.token}`, accept: fhirXml };
    const answer = await fetch(`http://127.0.0.1:${port}/fhir${search}${patient}`, { headers });
    expect(answer.headers.get('content-encoding')).toMatch(/gzip|br|deflate/);
    expect(xml({ text: await answer.text() }).resourceType).toBe('Bundle');
  });

  test.each(['gzip', 'x-gzip'])('a body in %s is unpacked', async (coding) => {
    const headers = { 'content-type': 'application/fhir+json', 'content-encoding': coding };
    const body = gzipSync(JSON.stringify(patientNamed('試験', '三郎')));
    expect((await wire('POST', '/Patient', headers, body)).status).toBe(201);
    expect((await wire('POST', '/Patient', { ...headers, 'transfer-encoding': 'chunked' }, body)).status).toBe(201);
  });

  test('the limit is on what comes out: a small body that unpacks to much > 413', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
    expect(bomb.length).toBeLessThan(bodyLimitBytes);
    const headers = { 'content-type': 'application/fhir+json', 'content-encoding': 'gzip' };
    const startMs = performance.now();
    const answer = await wire('POST', '/Patient', headers, bomb);
    expect(answer.status).toBe(413);
    expect(json(answer).issue[0]?.code).toBe('too-long');
    expect(performance.now() - startMs).toBeLessThan(2000);
  });

  test.each([
    ['compress', 'x', 415],
    ['gzip', 'not gzip', 400],
    ['gzip', gzipSync('{"resourceType":"Patient"}').subarray(0, 20), 400],
  ])('a body in %s that cannot be unpacked > a refusal', async (coding, body, status) => {
    const headers = { 'content-type': 'application/fhir+json', 'content-encoding': coding };
    const answer = await wire('POST', '/Patient', headers, body);
    expect(answer.status).toBe(status);
    expect(json(answer).resourceType).toBe('OperationOutcome');
  });
});

describe('HTTP', () => {
  test.each([
    '/metadata',
    '/Patient?_count=1',
    '/Patient/none',
    '/Patient/PATIENT',
    '/Patient/PATIENT/_history',
    '/Patient/PATIENT/_history/1',
    '/Patient/PATIENT/$everything',
  ])('HEAD %s > the status and headers of GET, nothing behind them', async (path) => {
    const at = path.replace('PATIENT', patient);
    const head = await wire('HEAD', at);
    const get = await wire('GET', at);
    expect({ status: head.status, bytes: head.bytes.length }).toEqual({ status: get.status, bytes: 0 });
    for (const name of ['content-type', 'etag', 'last-modified', 'vary', 'cache-control', 'x-content-type-options'])
      expect(head.headers[name]).toBe(get.headers[name]);
  });

  test.each([
    ['/Patient/x', 'GET, PUT, DELETE, HEAD, OPTIONS'],
    ['/Patient', 'GET, POST, PUT, HEAD, OPTIONS'],
    ['/Patient/x/$everything', 'GET, POST, HEAD, OPTIONS'],
    ['/metadata', 'GET, HEAD, OPTIONS'],
  ])('OPTIONS %s > 204 with Allow', async (path, allow) => {
    const answer = await wire('OPTIONS', path);
    const allowed = (answer.headers.allow ?? '').split(', ');
    expect(answer.status).toBe(204);
    expect(allowed).toEqual(expect.arrayContaining(allow.split(', ')));
  });

  test.each([
    ['DELETE', '/metadata', 405],
    ['POST', '/Patient/x', 405],
    ['PUT', '/Patient/x/_history', 405],
    ['DELETE', '/Patient/x/$everything', 405],
    ['GET', '/Patient/x/y/z', 404],
    ['POST', '/Nonsense/x', 404],
    ['OPTIONS', '/Nonsense/x', 404],
    ['PROPFIND', '/Patient', 405],
  ])('%s %s > %i, with Allow where the address is known', async (method, path, status) => {
    const answer = await wire(method, path);
    expect(answer.status).toBe(status);
    expect(json(answer).resourceType).toBe('OperationOutcome');
    if (status === 405) expect(answer.headers.allow).toContain('OPTIONS');
    else expect(answer.headers.allow).toBeUndefined();
  });

  test('a slash at the end is tolerated, an empty segment is not', async () => {
    expect((await wire('GET', `/Patient/${patient}/`)).status).toBe(200);
    expect((await wire('GET', '/Patient/?_count=1')).status).toBe(200);
    expect((await wire('GET', '/metadata/')).status).toBe(200);
    expect((await wire('GET', `//Patient/${patient}`)).status).toBe(404);
    expect((await wire('GET', `/Patient//${patient}`)).status).toBe(404);
  });

  test('If-Modified-Since in whole seconds; what is no date is as if it were not there', async () => {
    const { headers } = await wire('GET', `/Patient/${patient}`);
    const since = (text: string) => wire('GET', `/Patient/${patient}`, { 'if-modified-since': text });
    const [date = ''] = [headers['last-modified']];
    expect((await since(date)).status).toBe(304);
    expect((await since(new Date(Date.parse(date) - 1000).toUTCString())).status).toBe(200);
    expect((await since('yesterday')).status).toBe(200);
  });

  test('answers may be kept by their reader alone, are not guessed at, and carry the id of the request', async () => {
    const sent = await wire('GET', `/Patient/${patient}`, { 'x-request-id': 'my-id.1' });
    expect(sent.headers).toMatchObject({
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
      'x-correlation-id': 'my-id.1',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const { rows } = await t.pool.query('select 1 from audit where request = $1', [sent.headers['x-request-id']]);
    expect(rows).toHaveLength(1);
    const strange = await wire('GET', `/Patient/${patient}`, { 'x-request-id': '花子'.repeat(3).replace(/./g, '<') });
    expect(strange.headers['x-correlation-id']).toBeUndefined();
  });
});
