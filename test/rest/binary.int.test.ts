// Binary in its own media type. FHIR R4, https://hl7.org/fhir/R4/binary.html#rest
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp({ listens: true });
});
afterAll(() => t.close());

const fhirJson = 'application/fhir+json';
const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0xff]);
const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: Buffer | string) =>
  fetch(`${t.base}/${path}`, {
    method,
    headers: { authorization: `Bearer ${t.system.token}`, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  });
const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

test('content goes in as it is and comes out as it was', async () => {
  const created = await ask('POST', 'Binary', { 'content-type': 'image/png', 'x-security-context': 'Patient/1' }, png);
  expect(created.status).toBe(201);
  const stored = (await created.json()) as { id: string };
  expect(stored).toMatchObject({
    resourceType: 'Binary',
    contentType: 'image/png',
    securityContext: { reference: 'Patient/1' },
    data: png.toString('base64'),
  });
  for (const accept of ['image/png', 'image/*,*/*;q=0.8', 'text/html,application/xml;q=0.9,*/*;q=0.8']) {
    const answer = await ask('GET', `Binary/${stored.id}`, { accept });
    expect([accept, answer.status, answer.headers.get('content-type')]).toEqual([accept, 200, 'image/png']);
    expect(answer.headers.get('etag')).toBe('W/"1"');
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
    expect(await bytesOf(answer)).toEqual(png);
  }
  expect((await ask('GET', `Binary/${stored.id}`, { 'if-none-match': 'W/"1"' })).status).toBe(304);
  const head = await ask('HEAD', `Binary/${stored.id}`, { accept: 'image/*' });
  expect([head.status, head.headers.get('content-type')]).toEqual([200, 'image/png']);
});

test('an update takes content too, and each version has its own', async () => {
  const put = (type: string, text: string) => ask('PUT', 'Binary/note', { 'content-type': type }, text);
  expect((await put('text/plain; charset=utf-8', '一')).status).toBe(201);
  expect((await put('text/csv', '二')).status).toBe(200);
  const first = await ask('GET', 'Binary/note/_history/1', { accept: 'text/*' });
  expect([first.headers.get('content-type'), await first.text()]).toEqual(['text/plain; charset=utf-8', '一']);
  const second = await ask('GET', 'Binary/note', { accept: 'text/*' });
  expect([second.headers.get('content-type'), await second.text()]).toEqual(['text/csv', '二']);
});

test('who names a FHIR format, or nothing, is answered the resource', async () => {
  const read = async (search: string, accept: string) =>
    (await ask('GET', `Binary/note${search}`, { accept })).headers.get('content-type')?.split(';')[0];
  expect(await read('', fhirJson)).toBe(fhirJson);
  expect(await read('', '*/*')).toBe(fhirJson);
  expect(await read('', 'application/json')).toBe(fhirJson);
  expect(await read('', 'application/fhir+xml')).toBe('application/fhir+xml');
  expect(await read('?_format=json', '*/*')).toBe(fhirJson);
  expect(await read('?_format=xml', 'text/csv')).toBe('application/fhir+xml');
  expect(await read('?_summary=true', '*/*')).toBe(fhirJson);
});

test('a content type that cannot stand in a header is told as bytes', async () => {
  const resource = { resourceType: 'Binary', contentType: 'text/plain; name="試験"', data: 'eA==' };
  const { id } = (await (
    await ask('POST', 'Binary', { 'content-type': fhirJson }, JSON.stringify(resource))
  ).json()) as { id: string };
  const answer = await ask('GET', `Binary/${id}`, { accept: 'text/*' });
  expect([answer.headers.get('content-type'), await answer.text()]).toEqual(['application/octet-stream', 'x']);
});

test('refusals are OperationOutcomes: nothing there, another type, no media type', async () => {
  const missing = await ask('GET', 'Binary/nothing', { accept: 'image/png' });
  expect([missing.status, missing.headers.get('content-type')]).toEqual([404, `${fhirJson}; charset=utf-8`]);
  expect((await ask('POST', 'Patient', { 'content-type': 'image/png' }, png)).status).toBe(415);
  expect((await ask('PATCH', 'Binary/note', { 'content-type': 'image/png' }, png)).status).toBe(415);
  expect((await ask('POST', 'Binary', { 'content-type': 'a b' }, png)).status).toBe(415);
  expect((await ask('GET', 'Patient/nothing', { accept: 'image/png' })).status).toBe(406);
});
