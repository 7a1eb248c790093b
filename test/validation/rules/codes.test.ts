// Coding, Identifier, CodeSystem and ValueSet beyond their structure, and the vital signs profiles. FHIR R4,
// https://hl7.org/fhir/R4/terminologies.html and https://hl7.org/fhir/R4/observation-vitalsigns.html
import { describe, expect, test } from 'vitest';
import { definitionsOf } from '../../../server/definitions/definitions.ts';
import type { JsonObject } from '../../../server/fhir/json.ts';
import { createTerminology } from '../../../server/terminology/create-terminology.ts';
import { impliedProfiles } from '../../../server/validation/rules/resource-rules.ts';
import { found } from './found.ts';

const url = 'https://tsumugi.example/fhir/CodeSystem/test';
const concept = (code: string, members: JsonObject = {}): JsonObject => ({ code, ...members });
const codeSystem = (members: JsonObject): JsonObject => ({
  resourceType: 'CodeSystem',
  url,
  status: 'active',
  content: 'complete',
  ...members,
});
const known = codeSystem({
  concept: [concept('a', { display: 'First' }), concept('b', { concept: [concept('c')] })],
  property: [
    { code: 'flag', type: 'boolean' },
    { code: 'next', type: 'Coding' },
  ],
  filter: [{ code: 'concept', operator: ['is-a', 'in'], value: 'a code' }],
});
const definitions = [
  known,
  { resourceType: 'ValueSet', url: 'https://tsumugi.example/fhir/ValueSet/test', status: 'active' },
  { ...codeSystem({ content: 'supplement', supplements: url }), url: 'https://tsumugi.example/fhir/CodeSystem/more' },
];
const check = (resource: JsonObject): string[] =>
  found(resource, definitions, createTerminology(definitionsOf(definitions)));

describe('a Coding', () => {
  const condition = (coding: JsonObject): JsonObject => ({
    resourceType: 'Condition',
    code: { coding: [coding] },
    subject: { display: '試験 花子' },
  });
  test.each<[string, JsonObject, string[]]>([
    ['is a code of its system', { system: url, code: 'a', display: 'First' }, []],
    ['is no code of its system', { system: url, code: 'x' }, ['error code-invalid Condition.code.coding[0].code']],
    [
      'has other words',
      { system: url, code: 'a', display: 'Second' },
      ['warning invalid Condition.code.coding[0].display'],
    ],
    ['has no system', { code: 'x' }, []],
    [
      'is of an unknown system',
      { system: 'urn:oid:1.2.3', code: 'x' },
      ['information not-found Condition.code.coding[0].system'],
    ],
    ['has a system without scheme', { system: 'icd-10', code: 'x' }, ['error invalid Condition.code.coding[0].system']],
    [
      'has a value set for its system',
      { system: 'https://tsumugi.example/fhir/ValueSet/test', code: 'x' },
      ['error invalid Condition.code.coding[0].system'],
    ],
    [
      'has a value set of HL7 for its system',
      { system: 'http://hl7.org/fhir/ValueSet/measure-type', code: 'x' },
      ['error invalid Condition.code.coding[0].system'],
    ],
    [
      'has a supplement for its system',
      { system: 'https://tsumugi.example/fhir/CodeSystem/more', code: 'a' },
      ['error invalid Condition.code.coding[0].system'],
    ],
  ])('%s', (_name, coding, expected) => {
    expect(check(condition(coding))).toEqual(expected);
  });
});

test.each<[JsonObject, string[]]>([
  [{ system: 'urn:oid:1.2.3', value: '7' }, []],
  [{ system: 'local', value: '7' }, ['error code-invalid Patient.identifier[0].system']],
  [{ system: 'urn:ietf:rfc:3986', value: 'urn:oid:1.2.3' }, []],
  [{ system: 'urn:ietf:rfc:3986', value: 'https://record.example/1' }, []],
  [{ system: 'urn:ietf:rfc:3986', value: '1.2.3' }, ['error invalid Patient.identifier[0].value']],
  [{ system: 'urn:ietf:rfc:3986', value: 'urn:oid:1.02.3' }, ['error invalid Patient.identifier[0].value']],
  [{ system: 'urn:ietf:rfc:3986', value: 'urn:uuid:12' }, ['error invalid Patient.identifier[0].value']],
])('an Identifier %o', (identifier, expected) => {
  expect(check({ resourceType: 'Patient', identifier: [identifier] })).toEqual(expected);
});

test('text that looks like HTML is told of, text with a less-than sign is not', () => {
  const named = (text: string) => check({ resourceType: 'Patient', name: [{ text }] });
  expect(named('試験 <script>a()</script>')).toEqual(['information invalid Patient.name[0].text']);
  expect(named('体重 <3000 g, 身長 > 45 cm')).toEqual([]);
});

describe('a CodeSystem', () => {
  test.each<[string, JsonObject, string[]]>([
    ['of its own count', { count: 3, concept: [concept('a', { concept: [concept('b')] }), concept('c')] }, []],
    ['of another count', { count: 2, concept: [concept('a')] }, ['error invalid CodeSystem.count']],
    ['that is not complete counts more than it has', { content: 'fragment', count: 2, concept: [concept('a')] }, []],
    ['with a relative url', { url: 'CodeSystem/a' }, ['error invalid CodeSystem.url']],
    [
      'with a property twice',
      {
        property: [
          { code: 'a', type: 'string' },
          { code: 'a', type: 'string' },
        ],
      },
      ['error business-rule CodeSystem.property[1]'],
    ],
    [
      'with a property of HL7 in another type',
      { property: [{ code: 'inactive', uri: 'http://hl7.org/fhir/concept-properties#inactive', type: 'string' }] },
      ['error business-rule CodeSystem.property[0]'],
    ],
    [
      'with a value of another type',
      {
        property: [{ code: 'a', type: 'string' }],
        concept: [concept('x', { property: [{ code: 'a', valueInteger: 1 }] })],
      },
      ['error business-rule CodeSystem.concept[0].property[0]'],
    ],
    [
      'with a value of no property',
      { concept: [concept('x', { property: [{ code: 'a', valueInteger: 1 }] })] },
      ['warning business-rule CodeSystem.concept[0].property[0]'],
    ],
    [
      'that supplements a code that is not there',
      { url: 'urn:x', content: 'supplement', supplements: url, concept: [concept('a'), concept('x')] },
      ['error code-invalid CodeSystem.concept[1].code'],
    ],
    ['that supplements nothing', { content: 'supplement' }, ['error business-rule CodeSystem']],
  ])('%s', (_name, members, expected) => {
    expect(check(codeSystem(members))).toEqual(expected);
  });
});

describe('a ValueSet', () => {
  const path = 'ValueSet.compose.include[0]';
  const valueSet = (include: JsonObject): JsonObject => ({
    resourceType: 'ValueSet',
    url: 'https://tsumugi.example/fhir/ValueSet/other',
    status: 'active',
    compose: { include: [include] },
  });
  const filtered = (property: string, op: string, value: string) => ({
    system: url,
    filter: [{ property, op, value }],
  });
  test.each<[string, JsonObject, string[]]>([
    ['includes codes', { system: url, concept: [concept('a'), concept('b')] }, []],
    [
      'includes what there is not',
      { system: url, concept: [concept('x')] },
      [`warning code-invalid ${path}.concept[0].code`],
    ],
    [
      'includes a code twice',
      { system: url, concept: [concept('a'), concept('a')] },
      [`warning business-rule ${path}.concept[1]`],
    ],
    ['includes a contained system', { system: '#a' }, [`error invalid ${path}`]],
    [
      'includes a value set as a system',
      { system: 'https://tsumugi.example/fhir/ValueSet/test' },
      [`error invalid ${path}.system`],
    ],
    [
      'includes itself',
      { valueSet: ['https://tsumugi.example/fhir/ValueSet/other'] },
      [`error business-rule ${path}.valueSet`],
    ],
    ['filters by its codes', filtered('concept', 'is-a', 'b'), []],
    ['filters by a code that there is not', filtered('concept', 'is-a', 'x'), [`error invalid ${path}.filter[0]`]],
    [
      'filters by an operator the system does not allow',
      filtered('concept', '=', 'a'),
      [`error invalid ${path}.filter[0]`],
    ],
    ['filters by true and false', filtered('flag', '=', 'true'), []],
    ['filters by neither true nor false', filtered('flag', '=', '1'), [`error invalid ${path}.filter[0]`]],
    ['filters by a Coding', filtered('next', '=', `${url}#a`), []],
    ['filters by a Coding that there is not', filtered('next', '=', `${url}#x`), [`error invalid ${path}.filter[0]`]],
    ['filters by half a Coding', filtered('next', '=', 'a'), [`error invalid ${path}.filter[0]`]],
    ['filters by an expression', filtered('display', 'regex', '('), [`error invalid ${path}.filter[0]`]],
    ['filters by a property that there is not', filtered('other', '=', 'a'), [`warning invalid ${path}.filter[0]`]],
  ])('%s', (_name, include, expected) => {
    expect(check(valueSet(include))).toEqual(expected);
  });
});

test.each([
  [{ coding: [{ system: 'http://loinc.org', code: '29463-7' }] }, ['bodyweight']],
  [
    {
      coding: [
        { system: 'http://loinc.org', code: '9843-4' },
        { system: 'urn:jlac10', code: 'x' },
      ],
    },
    ['headcircum'],
  ],
  [{ coding: [{ system: 'urn:other', code: '29463-7' }] }, []],
  [{ text: '体重' }, []],
])('an Observation of %o has to conform to %o', (code, profiles) => {
  const implied = impliedProfiles.Observation?.({ resourceType: 'Observation', code });
  expect(implied).toEqual(profiles.map((name) => `http://hl7.org/fhir/StructureDefinition/${name}`));
});

test('an Observation with systolic and diastolic components is a blood pressure', () => {
  const component = [{ code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] } }];
  expect(impliedProfiles.Observation?.({ component })).toEqual(['http://hl7.org/fhir/StructureDefinition/bp']);
});
