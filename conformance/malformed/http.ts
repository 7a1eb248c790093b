// Classes of fault in HTTP itself: addresses, ids, methods, headers, tokens, media types, and bytes that are no request.
// FHIR R4, https://hl7.org/fhir/R4/http.html; RFC 9110 and 9112
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { patient } from './samples.ts';
import { encoded, type FaultClass, fhirJson, headerText, nasty, type Sent } from './sent.ts';

const body = JSON.stringify(patient);
const readOrWrite = (path: string, headers: Record<string, string>): fc.Arbitrary<Sent> =>
  fc.constantFrom<Sent>(
    { method: 'GET', path, headers },
    { method: 'GET', path: '/Patient?_count=1', headers },
    { method: 'PUT', path: '/Patient/malformed-1', headers: { ...fhirJson, ...headers }, body },
    { method: 'POST', path: '/Patient', headers: { ...fhirJson, ...headers }, body },
    { method: 'DELETE', path: '/Patient/malformed-7', headers },
  );

const badId = fc.oneof(
  nasty.map(encoded),
  fc.constantFrom(
    '.',
    '..',
    '...',
    '-',
    '%20',
    '%2f',
    'a%2fb',
    '%00',
    '_',
    'a_b',
    'x'.repeat(65),
    'x'.repeat(9000),
    '$',
    '%252e',
  ),
);
const badAddress = fc.oneof(
  fc.constantFrom(
    '/%',
    '/%zz',
    '/%c0%ae',
    '//',
    '///Patient',
    '/Patient//1',
    '/Patient/1/',
    '/Patient/1/_history/',
    '/patient',
  ),
  fc.constantFrom(
    '/Patient/1/_history/1/2',
    '/Patient/1/$',
    '/_history/1',
    '/Resource/1',
    '/DomainResource',
    '/__proto__/1',
  ),
  fc.constantFrom(
    '/metadata/x',
    '/metadata?mode=nonsense',
    '/Patient;a=b',
    '/Patient?',
    '/Patient?&&&',
    '/Patient?=',
    '/?',
    '?=x',
  ),
  fc.constantFrom(
    '/Patient?a?b',
    '/../fhir/Patient',
    '/./Patient',
    '/Patient/1#x',
    '/.well-known/x',
    '/Patient/*/Observation',
  ),
  fc.constantFrom('/Patient/1/Nothing', '/Nothing/1/Patient', '/Patient/1/Observation?nonsense=1', '/Device/1/Patient'),
  fc.array(nasty.map(encoded), { minLength: 1, maxLength: 6 }).map((parts) => `/${parts.join('/')}`),
);
const badHeader: fc.Arbitrary<Record<string, string>> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        'if-match',
        'if-none-match',
        'if-modified-since',
        'prefer',
        'accept',
        'accept-language',
        'accept-encoding',
      ),
      fc.oneof(
        nasty,
        fc.constantFrom(
          'W/"',
          'W/"-1"',
          '"1","2"',
          'W/"99999999999"',
          '*',
          'return=everything',
          'handling=maybe',
          'respond-async',
        ),
        fc.constantFrom(
          'application/fhir+turtle',
          'application/fhir+json; fhirVersion=1.0',
          'text/*;q=2',
          ';;;',
          'gzip;q=x',
          'image/png',
        ),
      ),
    )
    .map(([name, value]) => ({ [name]: headerText(value) })),
  fc
    .tuple(
      fc.constantFrom(
        'x-forwarded-for',
        'x-forwarded-host',
        'forwarded',
        'host',
        'origin',
        'referer',
        'cookie',
        'x-request-id',
        'range',
      ),
      nasty,
    )
    .map(([name, value]) => ({ [name]: headerText(value) })),
  fc.constantFrom<Record<string, string>>(
    { expect: 'nonsense' },
    { 'x-http-method-override': 'DELETE' },
    { 'x-provenance': 'x' },
    { upgrade: 'x' },
  ),
  nasty.map((value) => ({ 'x-long': headerText(value).repeat(3) })),
);
const badToken = fc.oneof(
  fc.constantFrom(
    '',
    'Bearer',
    'Bearer ',
    'Bearer  x',
    'bearer',
    'Basic dXNlcjpwYXNz',
    'Bearer null',
    'Digest x',
    `Bearer ${'x'.repeat(8000)}`,
  ),
  fc.constantFrom('Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.', 'Bearer a b c', 'Bearer "x"', 'Token x'),
  nasty.map((text) => `Bearer ${headerText(text)}`),
  nasty.map(headerText),
);
const badMedia = fc.constantFrom<[string, string | undefined, string | Buffer]>(
  ['text/plain', undefined, body],
  ['application/octet-stream', undefined, body],
  ['application/fhir+turtle', undefined, body],
  ['multipart/form-data; boundary=x', undefined, '--x--'],
  ['application/x-www-form-urlencoded', undefined, 'name=x'],
  ['application/fhir+json; charset=shift_jis', undefined, body],
  ['application/fhir+json; charset=utf-16', undefined, Buffer.from(body, 'utf16le')],
  ['application/fhir+json;;;', undefined, body],
  ['application/', undefined, body],
  ['', undefined, body],
  ['json', undefined, body],
  ['application/fhir+xml', undefined, body],
  ['application/fhir+json', undefined, '<Patient xmlns="http://hl7.org/fhir"/>'],
  ['application/fhir+json', 'gzip', body],
  ['application/fhir+json', 'gzip', gzipSync(body).subarray(0, 20)],
  ['application/fhir+json', 'gzip', gzipSync('[0]'.padEnd(60_000_000, ' '))],
  ['application/fhir+json', 'br', body],
  ['application/fhir+json', 'deflate', 'x'],
  ['application/fhir+json', 'nonsense', body],
  ['application/fhir+json', 'gzip, gzip', gzipSync(body)],
  ['application/fhir+json', 'identity', body],
);

const onWire = (text: string): Sent => ({ method: '', path: '', wire: Buffer.from(text, 'latin1') });
const head =
  'POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\nContent-Type: application/fhir+json\r\n';
const noRequest = fc.oneof(
  fc.constantFrom(
    'hello\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /fhir/Patient HTTP/1.1\r\n\r\n',
    'GET /fhir/Patient\r\n\r\n',
    'GET  /fhir/Patient HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /fhir/Pa tient HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /fhir/Patient HTTP/1.1\r\nHost x\r\n\r\n',
    'GET /fhir/Patient HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n',
    `GET /fhir/Patient?name=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET /fhir/Patient HTTP/1.1\r\nHost: x\r\n${Array.from({ length: 3000 }, (_, n) => `X${n}: y\r\n`).join('')}\r\n`,
    `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}`,
    `${head}Content-Length: -1\r\n\r\n{}`,
    `${head}Content-Length: abc\r\n\r\n{}`,
    `${head}Content-Length: 99999999999\r\n\r\n{}`,
    `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
    `${head}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    `${head}Transfer-Encoding: nonsense\r\n\r\n{}`,
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'MSH|^~\\&|A|B\r',
  ),
  fc
    .constantFrom('BREW', 'get', 'PROPFIND', 'TRACE', 'G\xc3T', 'LINK', 'PURGE', 'M-SEARCH')
    .map((method) => `${method} /fhir/Patient HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
);

export const httpFaults: FaultClass[] = [
  {
    name: 'bad ids and versions',
    request: fc
      .tuple(
        fc.constantFrom('GET', 'PUT', 'DELETE', 'PATCH'),
        badId,
        fc.constantFrom('', '/_history', '/_history/1', '/_history/x', '/$everything'),
      )
      .map(([method, id, more]): Sent => {
        const path = `/Patient/${id}${method === 'GET' ? more : ''}`;
        return method === 'PUT' ? { method, path, headers: fhirJson, body } : { method, path };
      }),
  },
  {
    name: 'bad addresses',
    request: fc
      .tuple(fc.constantFrom('GET', 'POST', 'HEAD', 'DELETE'), badAddress)
      .map(([method, path]): Sent => ({ method, path })),
  },
  {
    name: 'bad methods',
    isAlwaysRefused: true,
    request: fc
      .tuple(
        fc.constantFrom('PROPFIND', 'MKCOL', 'LOCK', 'SEARCH', 'REPORT', 'TRACE', 'DELETE', 'PUT', 'PATCH'),
        fc.constantFrom('/metadata', '/Patient/_search', '/Patient/1/_history', '/Patient/1/_history/1', '/_history'),
      )
      .map(([method, path]): Sent => ({ method, path })),
  },
  { name: 'bad headers', request: badHeader.chain((headers) => readOrWrite('/Patient/suite-patient-0', headers)) },
  {
    name: 'bad tokens',
    isAlwaysRefused: true,
    request: badToken.chain((authorization) =>
      readOrWrite('/Patient/suite-patient-0', { authorization }).map((sent): Sent => ({ ...sent, as: 'none' })),
    ),
  },
  {
    name: 'wrong media types and encodings',
    request: fc.tuple(fc.constantFrom('/Patient', '', '/Patient/$validate', '/$deliver'), badMedia).map(
      ([path, [type, encoding, sent]]): Sent => ({
        method: 'POST',
        path,
        headers: { 'content-type': type, ...(encoding === undefined ? {} : { 'content-encoding': encoding }) },
        body: sent,
      }),
    ),
  },
  { name: 'bytes that are no request', isAlwaysRefused: true, request: noRequest.map(onWire) },
];
