// 200 My Numbers through every door there is: none is in the database, the log, the figures or an answer.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasMyNumberCheckDigit } from '../../server/fhir/my-number-text.ts';
import { patientNamed, startApp, type TestApp } from '../support/app.ts';
import { formsOf, wholeDatabase } from '../support/whole-database.ts';

let t: TestApp;
let child: string;
let clinic: string;
const log: string[] = [];
const answers: string[] = [];
beforeAll(async () => {
  const logStream = new Writable({
    write(chunk, _encoding, done) {
      log.push(String(chunk));
      done();
    },
  });
  t = await startApp({ logLevel: 'trace', logStream, listens: true });
  child = (await t.system.create(patientNamed('試験', '花子'))).id;
  clinic = (await t.system.create({ resourceType: 'Organization', name: 'テスト病院' })).id;
});
afterAll(() => t.close());

/** Numbers of a row that nothing else here has, each with its right check digit. */
const numbers = Array.from({ length: 200 }, (_, n) => {
  const eleven = String(91_234_567_801 + n * 104_729);
  const digit = [...'0123456789'].find((one) => hasMyNumberCheckDigit(eleven + one));
  return `${eleven}${digit}`;
});
const grouped = (n: string) => n.replace(/(\d{4})(?=\d)/g, '$1-');
const wide = (n: string) => n.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
const base64 = (text: string) => Buffer.from(text).toString('base64');

type Door = (n: string) => Promise<{ status: number; text: string }>;

async function call(method: string, url: string, payload?: string | object, headers: object = {}) {
  const type = typeof payload === 'object' ? 'application/fhir+json' : undefined;
  const { statusCode, payload: text } = await t.app.inject({
    method: method as 'GET',
    url: encodeURI(url),
    headers: {
      authorization: `Bearer ${t.system.token}`,
      ...(type ? { 'content-type': type } : {}),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: statusCode, text };
}
const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const own = { ...json, origin: 'https://tsumugi.test', 'sec-fetch-site': 'same-origin' };
const patch = { 'content-type': 'application/json-patch+json' };
const xml = { 'content-type': 'application/fhir+xml' };
const bundle = (type: string, entry: object) => ({ resourceType: 'Bundle', type, entry: [entry] });
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const delivered = (original: string, contentType: string, patient: object = {}) =>
  parameters(
    { name: 'patient', valueReference: { reference: `Patient/${child}` }, ...patient },
    { name: 'original', resource: { resourceType: 'Binary', contentType, data: base64(original) } },
    { name: 'problem', valueString: 'x' },
  );

const doors: Record<string, Door> = {
  create: (n) => call('POST', '/fhir/Patient', { resourceType: 'Patient', identifier: [{ value: n }] }),
  'create of a name': (n) => call('POST', '/fhir/Patient', patientNamed(n, '花子')),
  'create with a note': (n) =>
    call('POST', '/fhir/Basic', { resourceType: 'Basic', code: { text: `番号 ${grouped(n)}` } }),
  'create that is not valid': (n) => call('POST', '/fhir/Patient', { resourceType: 'Patient', [n]: n, gender: n }),
  'create of a type that is none': (n) => call('POST', '/fhir/Patient', { resourceType: n }),
  'create if none exists': (n) =>
    call('POST', '/fhir/Basic', { resourceType: 'Basic', code: { text: 'x' } }, { 'if-none-exist': `identifier=${n}` }),
  'create of a text file': (n) => call('POST', '/fhir/Binary', `a,${n}`, { 'content-type': 'text/csv' }),
  'create in XML': (n) =>
    call(
      'POST',
      '/fhir/Patient',
      `<Patient xmlns="http://hl7.org/fhir"><name><family value="${n}"/></name></Patient>`,
      xml,
    ),
  'update under it as an id': (n) => call('PUT', `/fhir/Patient/${n}`, { resourceType: 'Patient', id: n }),
  'update by a condition': (n) =>
    call('PUT', `/fhir/Basic?identifier=${n}`, { resourceType: 'Basic', code: { text: 'x' } }),
  'JSON Patch': (n) =>
    call('PATCH', `/fhir/Patient/${child}`, `[{"op":"add","path":"/name/0/text","value":"${n}"}]`, patch),
  'JSON Patch by a path': (n) => call('PATCH', `/fhir/Patient/${child}`, `[{"op":"remove","path":"/${n}"}]`, patch),
  'FHIRPath Patch': (n) =>
    call(
      'PATCH',
      `/fhir/Patient/${child}`,
      parameters({
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'add' },
          { name: 'path', valueString: 'Patient' },
          { name: 'name', valueString: 'language' },
          { name: 'value', valueCode: n },
        ],
      }),
    ),
  'XML Patch': (n) =>
    call('PATCH', `/fhir/Patient/${child}`, `<diff><add sel="Patient">${n}</add></diff>`, {
      'content-type': 'application/xml-patch+xml',
    }),
  transaction: (n) =>
    call(
      'POST',
      '/fhir',
      bundle('transaction', { resource: patientNamed(n, 'x'), request: { method: 'POST', url: 'Patient' } }),
    ),
  'transaction, its condition': (n) =>
    call('POST', '/fhir', bundle('transaction', { request: { method: 'DELETE', url: `Patient?identifier=${n}` } })),
  'transaction, its fullUrl': (n) =>
    call(
      'POST',
      '/fhir',
      bundle('transaction', {
        fullUrl: `urn:x:${n}`,
        resource: patientNamed('x', 'x'),
        request: { method: 'POST', url: 'Patient' },
      }),
    ),
  batch: (n) =>
    call(
      'POST',
      '/fhir',
      bundle('batch', { resource: patientNamed(wide(n), 'x'), request: { method: 'POST', url: 'Patient' } }),
    ),
  'batch, its URL': (n) =>
    call('POST', '/fhir', bundle('batch', { request: { method: 'GET', url: `Patient?name=${n}` } })),
  '$meta-add': (n) =>
    call('POST', `/fhir/Patient/${child}/$meta-add`, parameters({ name: 'meta', valueMeta: { tag: [{ code: n }] } })),
  $graphql: (n) => call('POST', '/fhir/$graphql', `{"query":"{PatientList(name:\\"${n}\\"){id}}"}`, json),
  '$graphql in the URL': (n) => call('GET', `/fhir/$graphql?query={PatientList(name:"${n}"){id}}`),
  '$forecast of a child that is sent': (n) =>
    call('POST', '/fhir/$immds-forecast', parameters({ name: 'patient', resource: patientNamed(n, 'x') })),
  'an operation that is none': (n) => call('POST', `/fhir/$${n}`, parameters()),
  search: (n) => call('GET', `/fhir/Patient?name=${n}`),
  'search by POST': (n) => call('POST', '/fhir/Patient/_search', `identifier=${n}`, form),
  'search of an unknown parameter': (n) => call('GET', `/fhir/Patient?${n}=1`),
  'search through a reference': (n) => call('GET', `/fhir/Observation?subject:Patient.identifier=${n}`),
  read: (n) => call('GET', `/fhir/Patient/${n}`),
  'read of a type that is none': (n) => call('GET', `/fhir/${n}/1`),
  '$deliver of CSV': (n) => call('POST', '/fhir/$deliver', delivered(`a,b\r\n1,${n}\r\n`, 'text/csv')),
  '$deliver of JSON': (n) => call('POST', '/fhir/$deliver', delivered(`{"a":"${n}"}`, 'application/json')),
  '$deliver of JAHIS': (n) => call('POST', '/fhir/$deliver', delivered(`JAHISTC08,1\r\n4,${n},\r\n`, 'text/csv')),
  '$deliver of HL7 v2': (n) =>
    call('POST', '/fhir/$deliver', delivered(`MSH|^~\\&|A|B\rPID|||${n}\r`, 'x-application/hl7-v2+er7')),
  '$import of CSV': (n) =>
    call(
      'POST',
      `/fhir/Patient/${child}/$import`,
      parameters({
        name: 'file',
        resource: {
          resourceType: 'Binary',
          contentType: 'text/csv',
          data: base64(`drugName,dispensedOn\r\n${n},2026-09\r\n`),
        },
      }),
    ),
  '$deliver for it': (n) =>
    call(
      'POST',
      '/fhir/$deliver',
      parameters(
        { name: 'patient', valueIdentifier: { system: 'urn:hospital', value: n } },
        { name: 'original', resource: { resourceType: 'Binary', contentType: 'text/plain', data: base64('x') } },
        { name: 'problem', valueString: 'x' },
      ),
    ),
  '$link-code': (n) =>
    call(
      'POST',
      `/fhir/Organization/${clinic}/$link-code`,
      parameters({ name: 'identifier', valueIdentifier: { system: 'urn:hospital', value: n } }),
    ),
  '$link-facility': (n) =>
    call('POST', `/fhir/Patient/${child}/$link-facility`, parameters({ name: 'code', valueString: n })),
  'sign-up': (n) =>
    call('POST', '/login/api/sign-up', `{"login":"${n}","name":"試験","password":"かえるが鳴いたら帰ろう noon"}`, own),
  'sign-up, the name': (n) =>
    call(
      'POST',
      '/login/api/sign-up',
      `{"login":"a${Math.random()}@example.jp","name":"試験 ${n}","password":"かえるが鳴いたら帰ろう noon"}`,
      own,
    ),
  login: (n) => call('POST', '/login/api/password', `{"login":"${n}","password":"x"}`, own),
  'client registration': (n) =>
    call('POST', '/oauth/reg', `{"client_name":"${n}","redirect_uris":["https://a.example/b"]}`, json),
  authorization: (n) =>
    call(
      'GET',
      `/oauth/auth?client_id=${n}&response_type=code&redirect_uri=https://a.example/b&state=${n}&scope=openid`,
    ),
  token: (n) => call('POST', '/oauth/token', `grant_type=authorization_code&code=${n}&client_id=${n}`, form),
  'an address that is none': (n) => call('GET', `/${n}?${n}=${n}`),
  'a page of the definitions': (n) => call('GET', `/docs/${n}`),
  'a bearer token': (n) => call('GET', '/fhir/Patient', undefined, { authorization: `Bearer ${n}` }),
};

test.each(Object.keys(doors))('%s is refused', async (name) => {
  const { status, text } = await (doors[name] as Door)(numbers[0] as string);
  const isBatch = name.startsWith('batch') && text.includes('"422"');
  expect(isBatch ? 422 : status, text).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
});

test('none of 200 numbers is kept, logged, counted or answered', async () => {
  const all = Object.values(doors);
  for (const [index, number] of numbers.entries()) {
    const some = index < 3 ? all : [0, 1, 2, 3].map((n) => all[(index * 4 + n) % all.length] as Door);
    for (const door of some) answers.push((await door(number)).text);
  }
  answers.push((await t.app.inject('/metrics')).payload);
  const places = new Map([
    ...(await wholeDatabase(t.pool)),
    ['the log', log.join('')],
    ['answers', answers.join('\n')],
  ]);
  expect([...places.values()].join('').length).toBeGreaterThan(10_000);
  expect(log.length).toBeGreaterThan(100);
  const found: string[] = [];
  for (const number of numbers) {
    for (const form of [number, grouped(number), wide(number)].flatMap(formsOf))
      for (const [place, text] of places) if (text.includes(form)) found.push(`${place}: ${form}`);
  }
  expect(found).toEqual([]);
});

test('files that `tsumugi import` hands in keep their fate, and none of their bytes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tsumugi-number-'));
  const number = numbers[7] as string;
  const files: [string, string][] = [
    ['hl7v2', `MSH|^~\\&|A|B|C|D|20261123||ADT^A08|1|P|2.5\rPID|||${number}^^^^PI||試験^花子\r`],
    ['jahis', `JAHISTC08,1\r\n1,試験花子,2,,,,,,,,,\r\n4,${number},\r\n`],
    ['myna', JSON.stringify({ kind: 'vaccination-json', records: [{ vaccineName: number }] })],
    ['fhir', JSON.stringify({ resourceType: 'Patient', name: [{ text: number }] })],
    ['ndjson', `${JSON.stringify({ resourceType: 'Patient', name: [{ text: number }] })}\n`],
  ];
  for (const [format, content] of files) {
    const file = join(folder, `${format}.txt`);
    await writeFile(file, content);
    const output = await run([
      'import',
      file,
      '--format',
      format,
      ...(['jahis', 'myna'].includes(format) ? ['--patient', child] : []),
    ]);
    expect(output).toContain('0 stored, 0 waiting, 1 refused');
    expect(output).not.toContain(number);
  }
  await rm(folder, { recursive: true });
  const places = await wholeDatabase(t.pool);
  for (const form of formsOf(number))
    expect([...places].filter(([, text]) => text.includes(form)).map(([name]) => name)).toEqual([]);
});

function run(args: string[]): Promise<string> {
  const cli = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
  const server = t.base.replace(/\/fhir$/, '');
  const whole = [cli, ...args, '--server', server, '--token', t.system.token ?? ''];
  const process_ = spawn(process.execPath, whole, { env: { PATH: '/usr/bin:/bin' }, cwd: tmpdir() });
  return new Promise((resolve) => {
    let text = '';
    for (const stream of [process_.stdout, process_.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
    process_.on('close', () => resolve(text));
  });
}

test('a hospital whose numbers have 12 digits is heard once its system is named', async () => {
  const number = numbers[9] as string;
  const named = await startApp({ mrnSystems: ['urn:hospital'] });
  const body = parameters(
    { name: 'patient', valueIdentifier: { system: 'urn:hospital', value: number } },
    {
      name: 'original',
      resource: {
        resourceType: 'Binary',
        contentType: 'x-application/hl7-v2+er7',
        data: base64(`MSH|^~\\&|A|B\rPID|||${number}\r`),
      },
    },
    { name: 'record', resource: { resourceType: 'Bundle', type: 'transaction', entry: [] } },
  );
  expect((await named.system.post('$deliver', body)).status).toBe(202);
  const identifier = [{ system: 'urn:hospital', value: number }];
  await named.system.create({ resourceType: 'Patient', identifier });
  expect((await named.system.get(`Patient?identifier=urn:hospital|${number}`)).body.entry).toHaveLength(1);
  expect((await named.system.post('Patient', { resourceType: 'Patient', name: [{ text: number }] })).status).toBe(422);
  await named.close();
});
