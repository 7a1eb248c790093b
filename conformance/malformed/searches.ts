// Classes of fault in searches: parameters, modifiers, prefixes, values, results, chains, pages, conditions and history.
// FHIR R4, https://hl7.org/fhir/R4/search.html
import fc from 'fast-check';
import { resourceTypes, searchParametersOf } from '../../server/fhir/definitions.ts';
import { patient } from './samples.ts';
import {
  bent,
  encoded,
  type FaultClass,
  fhirJson,
  form,
  headerText,
  metacharacters,
  nasty,
  type Sent,
} from './sent.ts';

const type = fc.oneof(fc.constantFrom('Patient', 'Observation', 'Encounter'), fc.constantFrom(...resourceTypes));
type Pair = [type: string, code: string];
/** A type and one of its parameters. */
const parameter: fc.Arbitrary<Pair> = type.chain((name) =>
  fc.tuple(fc.constant(name), fc.constantFrom(...searchParametersOf(name).map(({ code }) => code))),
);
/** A type and one of its parameters of some kinds. */
const parameterOf = (...kinds: string[]): fc.Arbitrary<Pair> =>
  fc.constantFrom(
    ...[...resourceTypes].flatMap((name) =>
      searchParametersOf(name).flatMap(({ code, type }): Pair[] => (kinds.includes(type) ? [[name, code]] : [])),
    ),
  );
const modifiers = [
  'missing',
  'exact',
  'contains',
  'not',
  'text',
  'in',
  'not-in',
  'below',
  'above',
  'of-type',
  'identifier',
];
const someType = fc.constantFrom('Patient', 'Observation', 'Nothing', 'patient', '', 'Resource');

const get = (path: string): Sent => ({ method: 'GET', path });
/** As GET, as POST _search, or half and half. */
function search(name: string, query: string): fc.Arbitrary<Sent> {
  return fc.constantFrom<Sent>(
    get(`/${name}?${query}`),
    { method: 'POST', path: `/${name}/_search`, headers: form, body: query },
    { method: 'POST', path: `/${name}/_search?${query}`, headers: form, body: query },
  );
}

const searchFor = (pair: fc.Arbitrary<[type: string, query: string]>): fc.Arbitrary<Sent> =>
  pair.chain(([name, query]) => search(name, query));

const badDate = fc.constantFrom(
  '2020-02-30',
  '2020-13',
  '20200101',
  '2020-01-01T',
  '2020-01-01T24:00',
  '2020-01-01T00:00:00+99:00',
  '0000-00-00',
  '99999-01-01',
  '-2020',
  'ge',
  'ge2020-01-01ge',
  'eqeq2020',
  'xx2020',
  'GE2020',
  'ap',
  'now',
  '2020-01-01 00:00:00',
  '2020-W01',
  '１９９９',
);
const badNumber = fc.constantFrom(
  '1e400',
  '1e-999',
  '--1',
  '+1',
  '0x1',
  '1.2.3',
  '1,2,x',
  'gt',
  'lt|',
  '5.4||',
  '5.4|http://unitsofmeasure.org|mg|x',
  '|',
  '||mg',
  'ap',
  'ap1e308',
  '9'.repeat(1000),
  '0.'.padEnd(1000, '0'),
  '1e2147483648',
  'NaN',
  '5.4|http://unitsofmeasure.org|[nonsense]',
);

const resultParameter: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(fc.constantFrom('_count', '_offset', '_page', '_maxresults'), fc.oneof(badNumber, nasty))
    .map(([name, value]) => `${name}=${encoded(value)}`),
  fc
    .oneof(
      fc.constantFrom('-', '--birthdate', 'birthdate,', ',', 'nonsense', '-nonsense', 'name:exact', '_id,_id'),
      nasty,
    )
    .map((value) => `_sort=${encoded(value)}`),
  fc
    .tuple(
      fc.constantFrom('_include', '_revinclude', '_include:iterate', '_include:nonsense', '_revinclude:recurse'),
      fc.oneof(
        nasty,
        fc.constantFrom(
          '*',
          '*:*',
          'Patient',
          'Patient:',
          ':',
          'Patient:nonsense',
          'Patient:link:Nothing',
          'Observation:*',
        ),
        fc.constantFrom('Observation:subject:Patient:x', 'Patient:name', '::::'),
      ),
    )
    .map(([name, value]) => `${name}=${encoded(value)}`),
  fc
    .tuple(
      fc.constantFrom(
        '_summary',
        '_total',
        '_elements',
        '_contained',
        '_containedType',
        '_format',
        '_pretty',
        '_score',
      ),
      fc.oneof(nasty, fc.constantFrom('TRUE', 'yes', 'text,count', 'maybe', '*', 'id,,name', 'true,true')),
    )
    .map(([name, value]) => `${name}=${encoded(value)}`),
  fc
    .tuple(
      fc.constantFrom(
        '_filter',
        '_query',
        '_list',
        '_text',
        '_content',
        '_type',
        '_has',
        '_source',
        '_security',
        '_profile',
      ),
      nasty,
    )
    .map(([name, value]) => `${name}=${encoded(value)}`),
);

const chain: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('subject', 'patient', 'performer', 'subject:Patient', 'subject:Nothing', 'code'),
      nasty,
      nasty,
    )
    .map(([head, tail, value]) => `${head}.${encoded(tail)}=${encoded(value)}`),
  fc
    .array(fc.constantFrom('subject', 'patient', 'organization', 'general-practitioner', 'link'), { maxLength: 12 })
    .map((parts) => `${['subject', ...parts].join('.')}.name=x`),
  fc
    .tuple(someType, fc.constantFrom('patient', 'subject', 'nonsense', ''), fc.constantFrom('code', 'nonsense', ''))
    .map(([source, link, code]) => `_has:${source}:${link}:${code}=x`),
  fc.integer({ min: 1, max: 12 }).map((depth) => `${'_has:Observation:patient:'.repeat(depth)}code=x`),
);

export const searchFaults: FaultClass[] = [
  {
    name: 'unknown parameters',
    request: searchFor(
      fc.tuple(
        type,
        fc.tuple(nasty, nasty).map(([name, value]) => `${encoded(name)}=${encoded(value)}`),
      ),
    ),
  },
  {
    name: 'unknown and misplaced modifiers',
    request: searchFor(
      fc
        .tuple(
          parameter,
          fc.oneof(fc.constantFrom(...modifiers), fc.constantFrom(...resourceTypes), nasty.map(encoded)),
          nasty,
        )
        .map(([[name, code], modifier, value]) => [name, `${code}:${modifier}=${encoded(value)}`]),
    ),
  },
  {
    name: 'bad dates and prefixes',
    isAlwaysRefused: true,
    request: searchFor(
      fc
        .tuple(
          parameterOf('date'),
          fc.oneof(
            badDate,
            fc.tuple(fc.constantFrom('ne', 'sa', 'eb', 'ap', 'zz'), badDate).map((both) => both.join('')),
          ),
        )
        .map(([[name, code], value]) => [name, `${code}=${encoded(value)}`]),
    ),
  },
  {
    name: 'bad numbers and quantities',
    request: searchFor(
      fc
        .tuple(parameterOf('number', 'quantity', 'composite'), fc.oneof(badNumber, badNumber, nasty))
        .map(([[name, code], value]) => [name, `${code}=${encoded(value)}`]),
    ),
  },
  {
    name: 'SQL and HTML in searches',
    request: searchFor(
      fc
        .tuple(parameter, fc.constantFrom(...metacharacters))
        .map(([[name, code], value]) => [name, `${code}=${encoded(value)}`]),
    ),
  },
  {
    name: 'NUL and odd Unicode in searches',
    request: searchFor(
      fc
        .tuple(
          parameter,
          fc.constantFrom(
            '%00',
            'a%00',
            '%ff',
            '%c0%80',
            '%ed%a0%80',
            '%f4%90%80%80',
            '%ef%bf%be',
            '%zz',
            '%',
            '%2',
            '+',
            '%25%30',
          ),
        )
        .map(([[name, code], value]) => [name, `${code}=${value}`]),
    ),
  },
  { name: 'bad result parameters', request: searchFor(fc.tuple(type, resultParameter)) },
  {
    name: 'bad chains and _has',
    request: searchFor(fc.tuple(fc.constantFrom('Observation', 'Patient', 'Encounter'), chain)),
  },
  {
    name: 'too many parameters and values',
    request: searchFor(
      fc.oneof(
        fc.integer({ min: 50, max: 3000 }).map((n): [string, string] => ['Patient', 'name=a&'.repeat(n)]),
        fc.integer({ min: 100, max: 3000 }).map((n): [string, string] => ['Patient', `_id=${'a,'.repeat(n)}`]),
        fc
          .integer({ min: 10, max: 500 })
          .map((n): [string, string] => ['Patient', `_sort=${'birthdate,'.repeat(n)}_id`]),
        fc
          .integer({ min: 1, max: 200 })
          .map((n): [string, string] => ['Observation', '_include=Observation:subject&'.repeat(n)]),
        fc.integer({ min: 1000, max: 12_000 }).map((n): [string, string] => ['Patient', `name=${'x'.repeat(n)}`]),
      ),
    ),
  },
  {
    name: 'bad searches of everything and of compartments',
    request: fc
      .tuple(
        fc.constantFrom(
          '',
          '/Patient/suite-patient-0/Observation',
          '/Patient/suite-patient-0/*',
          '/Patient/nobody/Observation',
          '/Practitioner/suite-doctor/Encounter',
          '/Encounter/suite-visit-0/Nothing',
          '/Nothing/x/Observation',
        ),
        fc.oneof(
          resultParameter,
          chain,
          fc
            .tuple(
              fc.constantFrom('_type', '_type:not', '_id', '_lastUpdated', 'name', '_sort'),
              fc.oneof(badDate, nasty),
            )
            .map(([name, value]) => `${name}=${encoded(value)}`),
          fc.array(someType, { maxLength: 200 }).map((types) => `_type=${types.join(',')}`),
        ),
      )
      .map(([path, query]) => get(`${path}?${query}`)),
  },
  {
    name: 'bad page links',
    request: fc
      .tuple(
        fc.constantFrom(
          '/Patient',
          '/Observation',
          '',
          '/Patient/suite-patient-0/_history',
          '/_history',
          '/Patient/_history',
        ),
        fc.constantFrom('_page', '_before', '_cursor', '_getpages'),
        fc.oneof(nasty.map(encoded), bent('eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..YWJj.ZGVm.Z2hp')).map(encoded),
      )
      .map(([path, name, value]) => get(`${path}?${name}=${value}`)),
  },
  {
    name: 'bad history parameters',
    request: fc
      .tuple(
        fc.constantFrom('/_history', '/Patient/_history', '/Patient/suite-patient-0/_history', '/Nothing/_history'),
        fc.constantFrom('_since', '_at', '_count', '_list', '_sort', 'name', '_before'),
        fc.oneof(badDate, badNumber, nasty),
      )
      .map(([path, name, value]) => get(`${path}?${name}=${encoded(value)}`)),
  },
  {
    name: 'bad conditions of writes',
    request: fc
      .tuple(
        fc.constantFrom('If-None-Exist', 'PUT', 'DELETE', 'PATCH'),
        fc.oneof(resultParameter, chain, nasty, nasty.map(encoded)),
      )
      .map(([kind, criteria]): Sent => {
        const body = JSON.stringify(patient);
        if (kind === 'If-None-Exist')
          return {
            method: 'POST',
            path: '/Patient',
            body,
            headers: { ...fhirJson, 'if-none-exist': headerText(criteria) },
          };
        const path = `/Patient?identifier=urn:x|nobody&${/[^!-~]/.test(criteria) ? encoded(criteria) : criteria}`;
        if (kind === 'DELETE') return { method: 'DELETE', path };
        if (kind === 'PUT') return { method: 'PUT', path, headers: fhirJson, body };
        return { method: 'PATCH', path, headers: { 'content-type': 'application/json-patch+json' }, body: '[]' };
      }),
  },
  {
    name: 'broken forms',
    request: fc
      .tuple(
        fc.constantFrom('/Patient/_search', '/_search', '/Nothing/_search'),
        fc.oneof(nasty, bent('name=a&gender=female')),
      )
      .map(([path, body]): Sent => ({ method: 'POST', path, headers: form, body })),
  },
];
