// Whatever a client may make too long, too deep, too many or too slow is refused in words, over a real socket. What a
// search may ask for is in bad-input and in test/search/bounds.
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Body, patientNamed, startApp, type TestApp } from '../support/app.ts';

const bodyLimitBytes = 1_000_000;
const requestTimeoutMs = 600;
let t: TestApp;
let port: number;
beforeAll(async () => {
  t = await startApp({ bodyLimitBytes, requestTimeoutMs, statementTimeoutMs: 700 });
  port = Number(new URL(await t.app.listen({ port: 0, host: '127.0.0.1' })).port);
});
afterAll(() => t.close());

const head = (line: string, ...headers: string[]) =>
  [`${line} HTTP/1.1`, 'host: x', `authorization: Bearer ${t.system.token}`, ...headers, '', ''].join('\r\n');
const json = 'content-type: application/fhir+json';

type Answer = { status: number; text: string; body: Body };

/** Sends the pieces with a pause between them, and reads until the server hangs up. */
async function conversation(pieces: Iterable<string>, pauseMs = 0): Promise<Answer> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  for (const piece of pieces) {
    if (chunks.length > 0 || socket.destroyed) break;
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain').catch(() => undefined), closed]);
    if (pauseMs > 0) await sleep(pauseMs);
  }
  await closed;
  const text = Buffer.concat(chunks).toString();
  const start = text.indexOf('{');
  return { status: Number(text.slice(9, 12)), text, body: start < 0 ? ({} as Body) : JSON.parse(text.slice(start)) };
}

const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] };

describe('bodies', () => {
  test('a body without an announced length > 413 as soon as it is too long, while it is still being sent', async () => {
    let sent = 0;
    function* endless() {
      yield head('POST /fhir/Patient', json, 'transfer-encoding: chunked');
      for (; sent < 50_000_000; sent += 0x10000) yield `10000\r\n${' '.repeat(0x10000)}\r\n`;
    }
    expect(await conversation(endless())).toMatchObject({ status: 413, body: outcome });
    expect(sent).toBeLessThan(20_000_000);
  });

  test.each([
    ['JSON', 'application/fhir+json', `{"resourceType":"Patient","extension":${'[{"extension":'.repeat(150)}1`],
    ['JSON in one line of brackets', 'application/fhir+json', '['.repeat(500_000)],
    ['XML', 'application/fhir+xml', `<Patient xmlns="http://hl7.org/fhir">${'<extension url="u">'.repeat(300)}`],
  ])('%s nested too deeply > 422 that names the bound', async (_, type, body) => {
    const { status, body: answer } = await t.system.post('Patient', body, { 'content-type': type });
    expect({ status, issue: answer.issue[0] }).toMatchObject({
      status: 422,
      issue: { code: 'too-long', diagnostics: 'The body is nested more than 200 levels deep' },
    });
  });

  test('brackets in text do not count as nesting', async () => {
    const text = `${'[{'.repeat(300)}\\"${'[{'.repeat(300)}`;
    const body = `{"resourceType":"Patient","name":[{"text":"${text}"}]}`;
    expect((await t.system.post('Patient', body)).status).toBe(201);
  });
});

describe('time', () => {
  test.each<[string, () => string[]]>([
    [
      'headers',
      () => Array.from({ length: 100 }, (_, n) => (n === 0 ? 'GET /fhir/metadata HTTP/1.1\r\n' : `x${n}: y\r\n`)),
    ],
    [
      'a body',
      () => [head('POST /fhir/Patient', json, 'content-length: 5000'), ...Array.from({ length: 100 }, () => ' ')],
    ],
  ])('%s that trickle in > 408', async (_, pieces) => {
    const startMs = performance.now();
    expect(await conversation(pieces(), 100)).toMatchObject({ status: 408, body: outcome });
    expect(performance.now() - startMs).toBeLessThan(5000);
  });

  test('what takes the database too long > 422 too-costly', async () => {
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    const client = await t.pool.connect();
    try {
      await client.query('begin');
      await client.query('lock table resource in access exclusive mode');
      expect(await t.system.get(`Patient/${id}`)).toMatchObject({
        status: 422,
        body: { issue: [{ code: 'too-costly' }] },
      });
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});

describe('HTTP', () => {
  test.each<[string, () => string, number]>([
    ['a URL of 20,000 characters', () => head(`GET /fhir/Patient?name=${'x'.repeat(20_000)}`), 431],
    ['headers of 20,000 characters', () => head('GET /fhir/metadata', `x: ${'y'.repeat(20_000)}`), 431],
    ['5,000 headers', () => head('GET /fhir/metadata', ...Array.from({ length: 5000 }, (_, n) => `x${n}: y`)), 431],
    ['two lengths', () => head('POST /fhir/Patient', json, 'content-length: 2', 'content-length: 3'), 400],
    [
      'a length and chunks',
      () => head('POST /fhir/Patient', json, 'content-length: 2', 'transfer-encoding: chunked'),
      400,
    ],
    ['a length that is none', () => head('POST /fhir/Patient', json, 'content-length: -1'), 400],
    ['a line break in a header', () => head('GET /fhir/metadata', 'x: a\rb'), 400],
    ['a method that is none', () => head('FETCH /fhir/metadata'), 400],
    ['TLS', () => '\u0016\u0003\u0001\u0002\u0000\u0001\u0000', 400],
  ])('%s > a refusal in words', async (_, text, status) => {
    expect(await conversation([text()])).toMatchObject({ status, body: outcome });
  });

  test('a chunk that is none, in the middle of a body > 400', async () => {
    const start = head('POST /fhir/Patient', json, 'transfer-encoding: chunked');
    expect(await conversation([`${start}5\r\n{"res\r\nzz\r\n`])).toMatchObject({ status: 400, body: outcome });
  });

  test('rubbish behind a request does not get into its answer', async () => {
    const { text } = await conversation([`${head('GET /fhir/metadata')}rubbish\r\n\r\n`]);
    expect(text.match(/HTTP\/1\.1 /g)?.length ?? 0).toBeLessThanOrEqual(2);
  });

  test('Expect: 100-continue is answered before the body is sent', async () => {
    const sent = httpRequest({
      port,
      method: 'POST',
      path: '/fhir/Patient',
      headers: {
        authorization: `Bearer ${t.system.token}`,
        'content-type': 'application/fhir+json',
        expect: '100-continue',
      },
    });
    sent.flushHeaders();
    await once(sent, 'continue');
    sent.end('{"resourceType":"Patient"}');
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(201);
  });

  test('a query parameter of ours that comes twice > 400', async () => {
    const { status, body } = await t.system.get('Patient?_format=json&_format=xml');
    expect({ status, body }).toMatchObject({ status: 400, body: outcome });
  });
});

test('the server still answers', async () => {
  expect((await t.system.get('Patient?_count=1')).status).toBe(200);
});
