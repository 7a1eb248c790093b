// StructureDefinition, OperationDefinition and MeasureReport against what they build on. FHIR R4,
// https://hl7.org/fhir/R4/profiling.html#limitations, operationdefinition.html and measurereport.html
import { describe, expect, test } from 'vitest';
import { definitionsOf, layered } from '../../../server/definitions/definitions.ts';
import { shippedDefinitions } from '../../../server/definitions/shipped.ts';
import type { JsonObject } from '../../../server/fhir/json.ts';
import { findByRules, terminologyOf } from './found.ts';

const core = 'http://hl7.org/fhir/StructureDefinition/';
const mine = 'https://tsumugi.example/fhir/StructureDefinition/';
const profile = (name: string, type: string, base: string, ...element: JsonObject[]): JsonObject => ({
  resourceType: 'StructureDefinition',
  url: `${mine}${name}`,
  name,
  status: 'active',
  kind: 'resource',
  abstract: false,
  type,
  baseDefinition: base,
  derivation: 'constraint',
  differential: { element: element.map((one) => ({ id: one.path, ...one })) },
});
const check = (resource: JsonObject, ...others: JsonObject[]): string[] => {
  const definitions = layered(definitionsOf([...others, resource]), shippedDefinitions());
  const findings = findByRules(resource, { definitions, terminology: terminologyOf() });
  return findings.map(({ severity, code, expression }) => `${severity} ${code} ${expression}`);
};

describe('a profile', () => {
  const patient = (...element: JsonObject[]) => profile('patient', 'Patient', `${core}Patient`, ...element);
  const element = 'error business-rule StructureDefinition.differential.element[0]';
  test.each<[string, JsonObject, string[]]>([
    ['narrows', patient({ path: 'Patient.name', min: 1, max: '3' }), []],
    ['allows more', patient({ path: 'Patient.birthDate', max: '2' }), [element]],
    ['asks for less', profile('b', 'Bundle', `${core}Bundle`, { path: 'Bundle.type', min: 0 }), [element]],
    ['takes another type', patient({ path: 'Patient.birthDate', type: [{ code: 'dateTime' }] }), [element]],
    ['chooses a type', patient({ path: 'Patient.deceased[x]', type: [{ code: 'boolean' }] }), []],
    ['weakens a binding', patient({ path: 'Patient.gender', binding: { strength: 'example' } }), [element]],
    [
      'strengthens a binding',
      patient({ path: 'Patient.maritalStatus', binding: { strength: 'required', valueSet: 'urn:a' } }),
      [],
    ],
    ['names what is not there', patient({ path: 'Patient.kana' }), ['error business-rule StructureDefinition']],
    [
      'is of another type than its base',
      profile('x', 'Patient', `${core}Group`, { path: 'Patient' }),
      ['error business-rule StructureDefinition.type', 'error business-rule StructureDefinition'],
    ],
    [
      'has an unknown base',
      profile('x', 'Patient', 'urn:unknown', { path: 'Patient' }),
      ['warning not-found StructureDefinition.baseDefinition'],
    ],
    [
      'is its own base',
      profile('x', 'Patient', `${mine}x`, { path: 'Patient' }),
      ['warning business-rule StructureDefinition'],
    ],
  ])('that %s', (_name, resource, expected) => {
    expect(check(resource)).toEqual(expected);
  });

  test('of an extension keeps its url', () => {
    const url = (name: string) => ({ path: 'Extension.url', fixedUri: `${mine}${name}` });
    const first = profile('first', 'Extension', `${core}Extension`, url('first'));
    expect(check(first)).toEqual([]);
    expect(check(profile('second', 'Extension', `${mine}first`, url('second')), first)).toEqual([element]);
    expect(check(profile('third', 'Extension', `${core}Extension`, url('first')))).toEqual([
      'error value StructureDefinition.url',
    ]);
  });
});

describe('the profile of an operation', () => {
  const parameters = (min: number, max: string, type: string) =>
    profile(
      'in',
      'Parameters',
      `${core}Parameters`,
      { path: 'Parameters.parameter', slicing: { discriminator: [{ type: 'value', path: 'name' }], rules: 'open' } },
      { id: 'Parameters.parameter:a', path: 'Parameters.parameter', sliceName: 'a', min, max },
      { id: 'Parameters.parameter:a.name', path: 'Parameters.parameter.name', fixedString: 'a' },
      { id: 'Parameters.parameter:a.value[x]', path: 'Parameters.parameter.value[x]', max: '0' },
      { id: 'Parameters.parameter:a.resource', path: 'Parameters.parameter.resource', type: [{ code: type }] },
    );
  const operation = {
    resourceType: 'OperationDefinition',
    url: 'https://tsumugi.example/fhir/OperationDefinition/test',
    inputProfile: `${mine}in`,
    parameter: [{ name: 'a', use: 'in', min: 1, max: '2', type: 'Patient' }],
  };
  const fault = (severity: string) => `${severity} business-rule OperationDefinition.inputProfile`;

  test.each<[string, JsonObject, string[]]>([
    ['says the same', parameters(1, '2', 'Patient'), []],
    ['asks for more', parameters(1, '1', 'Patient'), [fault('warning')]],
    ['lets in more', parameters(1, '*', 'Patient'), [fault('error')]],
    ['is of another type', parameters(1, '2', 'Group'), [fault('error')]],
    ['is of another resource', profile('in', 'Patient', `${core}Patient`), [fault('error')]],
  ])('%s', (_name, definition, expected) => {
    expect(check(operation, definition)).toEqual(expected);
  });
});

describe('a MeasureReport', () => {
  const coded = (code: string) => ({ code: { coding: [{ system: 'urn:m', code }] } });
  const measure = (...group: JsonObject[]) => ({
    resourceType: 'Measure',
    url: 'urn:measure',
    status: 'active',
    group,
  });
  const report = (...group: JsonObject[]) => ({ resourceType: 'MeasureReport', measure: 'urn:measure', group });
  const one = { ...coded('g'), population: [coded('p')], stratifier: [{ component: [coded('age')] }] };
  const stratum = (code: string) => ({ stratifier: [{ stratum: [{ component: [coded(code)] }] }] });

  test.each<[string, JsonObject, string[]]>([
    ['has what its Measure defines', { ...coded('g'), population: [coded('p')], ...stratum('age') }, []],
    [
      'has another population',
      { ...coded('g'), population: [coded('q')], ...stratum('age') },
      ['error business-rule MeasureReport.group[0].population[0]', 'error business-rule MeasureReport.group[0]'],
    ],
    [
      'is told by another stratifier',
      { ...coded('g'), population: [coded('p')], ...stratum('sex') },
      ['error business-rule MeasureReport.group[0].stratifier[0]', 'error business-rule MeasureReport.group[0]'],
    ],
    [
      'has another group',
      coded('h'),
      ['error business-rule MeasureReport.group[0]', 'error business-rule MeasureReport'],
    ],
  ])('%s', (_name, group, expected) => {
    expect(check(report(group), measure(one))).toEqual(expected);
  });

  test('of an unknown Measure is not checked', () => {
    expect(check(report())).toEqual(['warning not-found MeasureReport.measure']);
  });
});
