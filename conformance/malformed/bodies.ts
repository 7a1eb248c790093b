// Classes of fault in what is sent as a resource. FHIR R4, https://hl7.org/fhir/R4/json.html and xml.html
import fc from 'fast-check';
import { observation, patient } from './samples.ts';
import {
  bent,
  type FaultClass,
  fhirJson,
  metacharacters,
  nasty,
  type Sent,
  withOneReplaced,
  wrongValue,
} from './sent.ts';

const samples = [patient, observation];
const sample = fc.constantFrom(...samples);
const fhirXml = { 'content-type': 'application/fhir+xml' };
const xml =
  '<Patient xmlns="http://hl7.org/fhir"><id value="malformed-1"/><active value="true"/><name><family value="試験"/>' +
  '<given value="花子"/></name><birthDate value="2020-02-29"/></Patient>';

/** A body to one of the places that take a resource. */
function sendAs(type: string, body: string | Buffer, headers: Record<string, string> = fhirJson): fc.Arbitrary<Sent> {
  return fc.constantFrom<Sent>(
    { method: 'POST', path: `/${type}`, headers, body },
    { method: 'PUT', path: `/${type}/malformed-1`, headers, body },
    { method: 'POST', path: `/${type}/$validate`, headers, body },
  );
}

const sendJson = (value: unknown): fc.Arbitrary<Sent> => sendAs(typeOf(value), JSON.stringify(value) ?? '');

function typeOf(value: unknown): string {
  return value === observation || (value as { resourceType?: unknown })?.resourceType === 'Observation'
    ? 'Observation'
    : 'Patient';
}

const unknownMember: fc.Arbitrary<[string, unknown]> = fc.oneof(
  fc.tuple(nasty, wrongValue),
  fc.constantFrom<[string, unknown]>(
    ['Name', []],
    ['_active', true],
    ['_name', [null]],
    ['valueString', 'x'],
    ['valueInteger', 1],
    ['deceasedBoolean', true],
    ['deceasedDateTime', '2020'],
    ['fhir_comments', ['x']],
    ['resourceType', 'Observation'],
    ['implicitRules', ''],
    ['contained', [{ resourceType: 'Patient', contained: [{ resourceType: 'Patient' }] }]],
    ['contained', [{ resourceType: 'Bundle', type: 'collection' }]],
    ['__proto__', { active: true }],
    ['constructor', { prototype: {} }],
    ['hasOwnProperty', 1],
    ['toJSON', 'x'],
  ),
);

const deepText: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(10, 65, 100, 1000, 20_000, 200_000),
    fc.constantFrom<[string, string]>(
      ['[', ']'],
      ['{"a":', '}'],
      ['[{"url":"u","extension":', '}]'],
      ['{"extension":[', ']}'],
      ['[{"contained":', '}]'],
    ),
    fc.constantFrom('1', '1.50', '', 'null', '"x"'),
    fc.constantFrom('extension', 'contained', 'name', 'meta', 'x', 'multipleBirthInteger'),
  )
  .map(
    ([depth, [open, close], inner, name]) =>
      `{"resourceType":"Patient","${name}":${open.repeat(depth)}${inner}${close.repeat(depth)}}`,
  );

const giant: fc.Arbitrary<unknown> = fc
  .tuple(fc.constantFrom(1000, 20_000, 100_000), fc.integer({ min: 0, max: 6 }))
  .map(([count, kind]) => {
    const many = <T>(one: T): T[] => Array.from({ length: count }, () => one);
    const small = { resourceType: 'Patient' };
    if (kind === 0) return { ...small, name: many({ text: '' }) };
    if (kind === 1) return { ...small, name: [{ given: many(null) }] };
    if (kind === 2) return { ...small, identifier: many({ system: 'urn:x', value: 1 }) };
    if (kind === 3) return { ...small, extension: many({}) };
    if (kind === 4) return { ...small, name: [{ text: 'x'.repeat(count * 20) }] };
    if (kind === 5) return { ...small, contained: many({ resourceType: 'Patient', id: 'a' }) };
    return Object.fromEntries([...many(0).map((_, n) => [`member${n}`, n] as const), ['resourceType', 'Patient']]);
  });

const badText: fc.Arbitrary<string> = fc.constantFrom('\\u0000', '\\ud800', '\\udc00\\ud800', 'a\\uDFFFb', '\\u0001');

const badReference: fc.Arbitrary<unknown> = fc
  .tuple(
    fc.constantFrom('subject', 'performer', 'encounter', 'device', 'focus', 'hasMember'),
    fc.oneof(
      nasty,
      fc.constantFrom(
        'Patient',
        'Patient/',
        '/Patient/1',
        'Patient/1/2',
        'Nothing/1',
        'Medication/1',
        '#nothing',
        '#',
        'urn:uuid:not-one',
        'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a',
        'Patient?nonsense=1',
        'Patient?identifier=',
        'Patient?name=試験',
        'Patient/1/_history/0',
        'Patient/1/_history/x',
        'javascript:alert(1)',
        'http://',
        `Patient/${'x'.repeat(65)}`,
      ),
    ),
  )
  .map(([name, reference]) => {
    const isArray = ['performer', 'focus', 'hasMember'].includes(name);
    return { ...observation, [name]: isArray ? [{ reference }] : { reference } };
  });

const badPrimitive: fc.Arbitrary<unknown> = fc.oneof(
  fc
    .constantFrom(
      '2020-13-01',
      '2021-02-29',
      '20200101',
      '2020-1-1',
      '0000',
      '99999',
      'today',
      '2020-01-01T25:00:00Z',
      '',
    )
    .map((birthDate) => ({ ...patient, birthDate })),
  fc
    .constantFrom('1', '1e400', '-', '0x10', '٣', '1,5', 'NaN')
    .map((value) => ({ ...observation, valueQuantity: { value } })),
  fc.constantFrom('Female', 'FEMALE', ' female', '女', '').map((gender) => ({ ...patient, gender })),
  nasty.map((value) => ({ ...patient, text: { status: 'generated', div: value } })),
  nasty.map((value) => ({ ...patient, id: value })),
  nasty.map((value) => ({ ...patient, identifier: [{ system: value, value }] })),
  nasty.map((value) => ({ ...patient, meta: { versionId: value, lastUpdated: value, profile: [value] } })),
);

export const bodyFaults: FaultClass[] = [
  {
    name: 'broken JSON',
    request: sample.chain((one) => bent(JSON.stringify(one)).chain((text) => sendAs(typeOf(one), text))),
  },
  { name: 'broken XML', request: bent(xml).chain((text) => sendAs('Patient', text, fhirXml)) },
  {
    name: 'XML that does harm',
    isAlwaysRefused: true,
    request: fc
      .constantFrom(
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Patient xmlns="http://hl7.org/fhir"><id value="&x;"/></Patient>',
        `<!DOCTYPE a [<!ENTITY a "${'x'.repeat(1000)}"><!ENTITY b "${'&a;'.repeat(1000)}">]><Patient xmlns="http://hl7.org/fhir"><id value="&b;"/></Patient>`,
        `<Patient xmlns="http://hl7.org/fhir">${'<extension url="u">'.repeat(50_000)}</Patient>`,
        `<Patient xmlns="http://hl7.org/fhir">${'<extension url="u">'.repeat(5000)}${'</extension>'.repeat(5000)}</Patient>`,
        `<Patient xmlns="http://hl7.org/fhir" ${Array.from({ length: 20_000 }, (_, n) => `a${n}="1"`).join(' ')}/>`,
        '<Patient/>',
        '<Patient xmlns="urn:other"/>',
        '<Patient xmlns="http://hl7.org/fhir"><active>true</active></Patient>',
        '<Patient xmlns="http://hl7.org/fhir"><active value="true"/><active value="false"/></Patient>',
        '<Patient xmlns="http://hl7.org/fhir"><id value="&#0;"/></Patient>',
        '<Patient xmlns="http://hl7.org/fhir"><id value="&#xD800;"/></Patient>',
        '<?xml version="1.0" encoding="utf-16"?><Patient xmlns="http://hl7.org/fhir"/>',
        '',
        'hello',
      )
      .chain((text) => sendAs('Patient', text, fhirXml)),
  },
  { name: 'wrong JSON types', request: sample.chain((one) => withOneReplaced(one, wrongValue)).chain(sendJson) },
  { name: 'bad primitive values', request: badPrimitive.chain(sendJson) },
  {
    name: 'unknown, repeated and prototype members',
    request: fc
      .tuple(sample, unknownMember)
      .chain(([one, [name, value]]) =>
        sendAs(typeOf(one), `${JSON.stringify(one).slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(value)}}`),
      ),
  },
  {
    name: 'bytes that are not UTF-8',
    request: fc
      .tuple(sample, fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.double({ min: 0, max: 1, noNaN: true }))
      .chain(([one, bytes, place]) => {
        const good = Buffer.from(JSON.stringify(one));
        const at = Math.floor(place * good.length);
        return sendAs(typeOf(one), Buffer.concat([good.subarray(0, at), Buffer.from(bytes), good.subarray(at)]));
      }),
  },
  { name: 'deep nesting', isAlwaysRefused: true, request: deepText.chain((text) => sendAs('Patient', text)) },
  { name: 'giant arrays and texts', request: giant.chain((value) => sendAs('Patient', JSON.stringify(value))) },
  {
    name: 'NUL, controls and half surrogates in bodies',
    request: fc
      .tuple(badText, fc.constantFrom('family', 'text'), fc.constantFrom('"%":"x"', '"family":"%"', '"given":["%"]'))
      .chain(([text, _, member]) =>
        sendAs('Patient', `{"resourceType":"Patient","name":[{${member.replace('%', text)}}]}`),
      ),
    isAlwaysRefused: true,
  },
  {
    name: 'SQL and HTML in values',
    request: fc
      .constantFrom(...metacharacters)
      .map((text) => ({ ...patient, name: [{ text, family: text }], identifier: [{ system: text, value: text }] }))
      .chain(sendJson),
  },
  { name: 'bad references', request: badReference.chain(sendJson) },
  {
    name: 'a body of another type, id or kind',
    request: fc.constantFrom<Sent>(
      { method: 'POST', path: '/Observation', headers: fhirJson, body: JSON.stringify(patient) },
      { method: 'PUT', path: '/Patient/another', headers: fhirJson, body: JSON.stringify(patient) },
      { method: 'PUT', path: '/Patient/x', headers: fhirJson, body: '{"resourceType":"Patient"}' },
      { method: 'POST', path: '/Patient', headers: fhirJson, body: '[]' },
      { method: 'POST', path: '/Patient', headers: fhirJson, body: '"Patient"' },
      { method: 'POST', path: '/Patient', headers: fhirJson, body: '{}' },
      { method: 'POST', path: '/Patient', headers: fhirJson, body: '{"resourceType":["Patient"]}' },
      { method: 'POST', path: '/Patient', headers: fhirJson },
      { method: 'POST', path: '/Patient', headers: fhirJson, body: '' },
      { method: 'POST', path: '/Patient', headers: fhirJson, body: '\ufeff' },
      { method: 'PUT', path: '/Patient', headers: fhirJson, body: JSON.stringify(patient) },
    ),
    isAlwaysRefused: true,
  },
];
