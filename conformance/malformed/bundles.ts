// Classes of fault in bundles, patches, operations and GraphQL.
// FHIR R4, https://hl7.org/fhir/R4/http.html#transaction and #patch, operations.html, graphql.html
import fc from 'fast-check';
import { parameters, patient, transaction } from './samples.ts';
import { bent, encoded, type FaultClass, fhirJson, nasty, type Sent, withOneReplaced, wrongValue } from './sent.ts';

const toBase = (bundle: unknown): Sent => ({
  method: 'POST',
  path: '',
  headers: fhirJson,
  body: JSON.stringify(bundle),
});
const bundleOf = (kind: string, entry: unknown) => ({ resourceType: 'Bundle', type: kind, entry });
const kind = fc.constantFrom('transaction', 'batch');
const put = (id: string, more: object = {}) => ({
  resource: { resourceType: 'Patient', id, ...more },
  request: { method: 'PUT', url: `Patient/${id}` },
});
const uuids = Array.from({ length: 10 }, (_, n) => `urn:uuid:61ebe359-bfdc-4613-8bf2-${String(n).padStart(12, '0')}`);

/** Entries that refer to each other in a ring, or to themselves: legal, and a trap for who follows references. */
const ring = fc.constantFrom(1, 2, 3, 10).map((size) =>
  Array.from({ length: size }, (_, n) => ({
    fullUrl: uuids[n],
    resource: { resourceType: 'Patient', link: [{ other: { reference: uuids[(n + 1) % size] }, type: 'seealso' }] },
    request: { method: 'POST', url: 'Patient' },
  })),
);

const badEntries: fc.Arbitrary<unknown> = fc.oneof(
  ring,
  wrongValue,
  fc.array(wrongValue, { maxLength: 3 }),
  fc.constantFrom<unknown>(
    [put('malformed-5'), put('malformed-5')],
    [put('malformed-5'), { request: { method: 'DELETE', url: 'Patient/malformed-5' } }],
    [
      { ...put('malformed-5'), fullUrl: uuids[0] },
      { ...put('malformed-6'), fullUrl: uuids[0] },
    ],
    [{ resource: transaction, request: { method: 'POST', url: '' } }],
    [{ resource: transaction, request: { method: 'POST', url: '/' } }],
    [{ request: { method: 'GET', url: '' } }],
    [{ request: { method: 'GET', url: 'metadata' } }],
    [{ request: { method: 'GET', url: 'https://elsewhere.example/fhir/Patient/1' } }],
    [{ request: { method: 'BREW', url: 'Patient' } }],
    [{ request: { method: 'POST', url: 'Patient' } }],
    [{ request: { method: 'POST', url: 'Patient/1' }, resource: { resourceType: 'Patient' } }],
    [{ request: { method: 'PATCH', url: 'Patient/suite-patient-0' }, resource: { resourceType: 'Binary' } }],
    [{ request: { method: 'HEAD', url: 'Patient/suite-patient-0' } }],
    [{ request: { method: 'DELETE', url: 'Patient' } }],
    [{ request: { method: 'DELETE', url: 'Patient?' } }],
    [
      {
        request: { method: 'PUT', url: 'Patient/malformed-5', ifMatch: 'W/"x"' },
        resource: { resourceType: 'Patient', id: 'malformed-5' },
      },
    ],
    Array.from({ length: 5001 }, (_, n) => put(`malformed-many-${n}`)),
    Array.from({ length: 30 }, () => ({ request: { method: 'GET', url: 'Patient/nobody' } })),
  ),
  nasty.map((url) => [{ request: { method: 'GET', url } }]),
  nasty.map((fullUrl) => [{ ...put('malformed-5'), fullUrl }]),
  nasty.map((reference) => [put('malformed-5', { generalPractitioner: [{ reference }] })]),
  nasty.map((ifNoneExist) => [
    { resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient', ifNoneExist } },
  ]),
);

const jsonPatch = [
  { op: 'test', path: '/gender', value: 'female' },
  { op: 'replace', path: '/name/0/family', value: '見本' },
];
const fhirPathPatch = {
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'replace' },
        { name: 'path', valueString: 'Patient.gender' },
        { name: 'value', valueCode: 'male' },
      ],
    },
  ],
};
const patchOperation = fc.record(
  {
    op: fc.oneof(fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'delete', 'ADD', ''), wrongValue),
    path: fc.oneof(
      fc.constantFrom(
        '',
        '/',
        '/name/-1',
        '/name/99',
        '/name/-',
        '/name/01',
        '/~',
        '/~2',
        '/id',
        '/resourceType',
        '/__proto__/x',
        'name',
      ),
      fc.constantFrom('/meta/versionId', '/constructor/prototype', '/name/0/given/0/x', '/name/1e3'),
      wrongValue,
    ),
    from: fc.oneof(fc.constantFrom('', '/name', '/nothing', '/'), wrongValue),
    value: wrongValue,
  },
  { requiredKeys: ['op'] },
);
const badPath = fc.oneof(
  nasty,
  fc.constantFrom(
    'Patient.',
    'Patient.nothing',
    'Patient.name[99]',
    'Patient.name.where(',
    'Patient.repeat($this)',
    'Patient.repeat(Patient.name)',
    '(1 | 2).combine($this)',
    "'a'.matches('(a+)+$')",
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.matches('^(a+)+$')",
    `${'('.repeat(5000)}1${')'.repeat(5000)}`,
    `Patient${'.name'.repeat(5000)}`,
    'Observation.status',
    'resolve()',
    '%resource',
    '%nothing',
    'Patient.id',
    '{}',
    '1',
    'true',
  ),
);
const fhirPathOperation = fc
  .tuple(fc.constantFrom('add', 'insert', 'delete', 'replace', 'move', 'upsert', ''), badPath, nasty, wrongValue)
  .map(([operation, path, name, value]) => ({
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: operation },
          { name: 'path', valueString: path },
          { name: 'name', valueString: name },
          { name: 'index', valueInteger: value },
          { name: 'value', valueString: value },
        ],
      },
    ],
  }));

function patch(contentType: string, body: string): fc.Arbitrary<Sent> {
  const headers = { 'content-type': contentType };
  return fc.constantFrom('/Patient/suite-patient-0', '/Patient/nobody', '/Nothing/1', '/Patient', '').map((path) => ({
    method: 'PATCH',
    path,
    headers,
    body,
  }));
}

const operationPath = fc.constantFrom(
  '/$validate',
  '/Patient/$validate',
  '/Patient/suite-patient-0/$validate',
  '/Patient/suite-patient-0/$everything',
  '/Patient/$everything',
  '/Patient/suite-patient-0/$forecast',
  '/$immds-forecast',
  '/$deliver',
  '/Observation/$lastn',
  '/$meta',
  '/Patient/suite-patient-0/$meta',
  '/Patient/suite-patient-0/$meta-add',
  '/Patient/suite-patient-0/$meta-delete',
  '/Patient/suite-patient-0/$diff',
  '/$diff',
  '/Patient/suite-patient-0/$expunge',
  '/Patient/suite-patient-0/$archive',
  '/$verify-archive',
  '/Patient/suite-patient-0/$link-facility',
  '/Organization/x/$link-code',
  '/ValueSet/$expand',
  '/CodeSystem/$lookup',
  '/$nothing',
  '/Patient/$nothing',
  '/$',
  '/Patient/$',
  '/$$',
);
const graphQl = fc.oneof(
  nasty,
  bent('{ Patient(id: "suite-patient-0") { name { family given } } }'),
  fc.constantFrom(
    '{',
    '{}',
    'query { a }',
    'mutation { PatientDelete(id: "suite-patient-0") { id } }',
    'subscription { a }',
    '{ __schema { types { name } } }',
    '{ ...a } fragment a on Query { ...a }',
    'query a { b } query c { d }',
    '{ PatientList(name: 1) { id } }',
    '{ PatientList(nonsense: "x") { id } }',
    '{ Patient { id } }',
    '{ Patient(id: "nobody") { id } }',
    '{ PatientList { id nothing } }',
    '{ PatientList { generalPractitioner { resource { ... on Practitioner { id nothing } } } } }',
    `${'{ a '.repeat(3000)}${'}'.repeat(3000)}`,
    `{ ${Array.from({ length: 2000 }, (_, n) => `a${n}: PatientList { id }`).join(' ')} }`,
    `{ PatientList ${'@first '.repeat(500)} { id } }`,
    '{ PatientList @include(if: $x) { id } }',
    '{ PatientList { name(fhirpath: "(((") { family } } }',
  ),
);

export const bundleFaults: FaultClass[] = [
  { name: 'bundles with a wrong part', request: withOneReplaced(transaction, wrongValue).map(toBase) },
  {
    name: 'bundles with bad entries',
    request: fc.tuple(kind, badEntries).map(([name, entry]) => toBase(bundleOf(name, entry))),
  },
  {
    name: 'bundles that are none',
    isAlwaysRefused: true,
    request: fc
      .oneof(
        fc
          .constantFrom('document', 'message', 'history', 'searchset', 'collection', 'TRANSACTION', '')
          .map((name) => bundleOf(name, [])),
        fc.constantFrom<unknown>(
          patient,
          [],
          null,
          1,
          {},
          { resourceType: 'Bundle' },
          { resourceType: 'bundle', type: 'batch' },
        ),
      )
      .map(toBase),
  },
  {
    name: 'bad JSON patches',
    request: fc
      .oneof(
        fc.array(patchOperation, { maxLength: 4 }).map((all) => JSON.stringify(all)),
        bent(JSON.stringify(jsonPatch)),
        wrongValue.map((value) => JSON.stringify(value) ?? ''),
      )
      .chain((body) => patch('application/json-patch+json', body)),
  },
  {
    name: 'bad FHIRPath patches',
    request: fc
      .oneof(
        fhirPathOperation.map((all) => JSON.stringify(all)),
        bent(JSON.stringify(fhirPathPatch)),
        withOneReplaced(fhirPathPatch, wrongValue).map((all) => JSON.stringify(all)),
      )
      .chain((body) => patch('application/fhir+json', body)),
  },
  {
    name: 'bad XML patches and patches of no kind',
    isAlwaysRefused: true,
    request: fc
      .constantFrom<[string, string]>(
        ['application/xml-patch+xml', '<diff><replace sel="/x">'],
        ['application/xml-patch+xml', ''],
        ['application/merge-patch+json', '{"active":false}'],
        ['text/plain', 'x'],
        ['application/json-patch+json', ''],
      )
      .chain(([contentType, body]) => patch(contentType, body)),
  },
  {
    name: 'bad operation calls',
    request: fc
      .tuple(
        operationPath,
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
        fc.oneof(withOneReplaced(parameters, wrongValue), wrongValue, fc.constant(parameters), fc.constant(patient)),
        fc.oneof(
          fc.constant(''),
          fc.tuple(nasty, nasty).map(([name, value]) => `?${encoded(name)}=${encoded(value)}`),
        ),
      )
      .map(
        ([path, method, body, query]): Sent =>
          method === 'GET' || method === 'DELETE'
            ? { method, path: path + query }
            : { method, path: path + query, headers: fhirJson, body: JSON.stringify(body) ?? '' },
      ),
  },
  {
    name: 'bad parameters of read operations',
    request: fc
      .tuple(
        fc.constantFrom(
          'Patient/suite-patient-0/$everything',
          'Observation/$lastn',
          'Patient/suite-patient-0/$forecast',
          'Patient/suite-patient-0/$diff',
        ),
        fc.constantFrom(
          'start',
          'end',
          '_since',
          '_count',
          '_type',
          'max',
          'patient',
          'category',
          'from',
          'to',
          'date',
          'nonsense',
        ),
        nasty,
      )
      .map(([path, name, value]): Sent => ({ method: 'GET', path: `/${path}?${name}=${encoded(value)}` })),
  },
  {
    name: 'GraphQL garbage',
    request: fc
      .tuple(
        fc.constantFrom('/$graphql', '/Patient/suite-patient-0/$graphql', '/Nothing/1/$graphql'),
        graphQl,
        fc.integer({ min: 0, max: 3 }),
      )
      .map(([path, query, way]): Sent => {
        if (way === 0 && query.length < 5000) return { method: 'GET', path: `${path}?query=${encoded(query)}` };
        if (way === 1) return { method: 'POST', path, headers: { 'content-type': 'application/graphql' }, body: query };
        const variables = way === 2 ? {} : { variables: query };
        return {
          method: 'POST',
          path,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query, ...variables }),
        };
      }),
  },
];
