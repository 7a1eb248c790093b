// FHIR R4 conditional read (https://hl7.org/fhir/R4/http.html#cread) and HEAD.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patientNamed, startApp, type TestApp } from '../support/app.ts';

let server: TestApp;
let path = '';
beforeAll(async () => {
  server = await startApp();
  const { id } = await server.system.create(patientNamed('試験', '花子'));
  path = `Patient/${id}`;
});
afterAll(() => server.close());

describe('conditional read', () => {
  test.each([
    [{ 'if-none-match': 'W/"1"' }, 304],
    [{ 'if-none-match': '"1"' }, 304],
    [{ 'if-none-match': 'W/"7", W/"1"' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': 'W/"2"' }, 200],
    [{ 'if-modified-since': 'Mon, 23 Nov 2026 00:00:00 GMT' }, 304],
    [{ 'if-modified-since': 'Sun, 22 Nov 2026 23:59:59 GMT' }, 200],
    [{ 'if-modified-since': 'not a date' }, 200],
    // RFC 9110 section 13.1.3: If-None-Match goes before If-Modified-Since.
    [{ 'if-none-match': 'W/"2"', 'if-modified-since': 'Mon, 23 Nov 2026 00:00:00 GMT' }, 200],
  ])('%j -> %i', async (headers, status) => {
    const answer = await server.system.get(path, headers as Record<string, string>);
    expect(answer.status).toBe(status);
    expect(answer.text === '').toBe(status === 304);
    expect(answer.headers.etag).toBe('W/"1"');
  });

  test('two versions of one second: the second is not taken for the first', async () => {
    const { id } = await server.system.create(patientNamed('試験', '太郎'));
    server.clock.nowMs += 500;
    const first = await server.system.get(`Patient/${id}`);
    const since = { 'if-modified-since': String(first.headers['last-modified']) };
    expect((await server.system.get(`Patient/${id}`, since)).status).toBe(304);
    await server.system.put(`Patient/${id}`, { ...patientNamed('試験', '次郎'), id });
    expect((await server.system.get(`Patient/${id}`, since)).status).toBe(200);
    const later = { 'if-modified-since': new Date(server.clock.nowMs + 1000).toUTCString() };
    expect((await server.system.get(`Patient/${id}`, later)).status).toBe(304);
  });

  test('a search is never "unchanged"', async () => {
    const { status } = await server.system.get('Patient?_count=1', { 'if-none-match': '*' });
    expect(status).toBe(200);
  });
});

describe('HEAD', () => {
  test('says what GET says, without the body', async () => {
    const get = await server.system.get(path);
    const head = await server.system.send('HEAD', path);
    expect([head.status, head.text]).toEqual([200, '']);
    for (const name of ['etag', 'last-modified', 'content-type', 'content-length']) {
      expect(head.headers[name]).toBe(get.headers[name]);
    }
  });

  test('of the CapabilityStatement needs no token, as GET', async () => {
    expect((await server.withToken(undefined).send('HEAD', 'metadata')).status).toBe(200);
  });

  test('of what is not there is 404, and without a token 401', async () => {
    expect((await server.system.send('HEAD', 'Patient/nobody')).status).toBe(404);
    expect((await server.withToken(undefined).send('HEAD', path)).status).toBe(401);
  });
});
