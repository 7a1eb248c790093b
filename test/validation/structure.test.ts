// Structure rules of FHIR R4 JSON, each with the sentence of the specification it stands for.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resourceTypes } from '../../server/fhir/definitions.ts';
import { parseJson } from '../../server/fhir/json.ts';
import { refusalsOf } from '../support/valid.ts';

type Members = Record<string, unknown>;

const patient = (members: Members) => ({ resourceType: 'Patient', ...members });
const observation = (members: Members) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'テスト' },
  ...members,
});
const immunization = (members: Members) => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { text: 'テスト' },
  patient: { reference: 'Patient/hanako' },
  occurrenceDateTime: '2025-06-01',
  ...members,
});

/** "code expression" of each issue. */
const found = (resource: unknown) => refusalsOf(resource).map(({ code, expression }) => `${code} ${expression}`);

describe('accepts', () => {
  test.each<[string, unknown]>([
    ['a patient without elements', patient({})],
    ['Japanese text with an ideographic space', patient({ name: [{ text: '試験　花子' }] })],
    ['an immunization', immunization({})],
    ['unknown extensions anywhere', patient({ extension: [{ url: 'http://example.jp/x', valueCode: 'a' }] })],
    ['unknown modifier extensions', patient({ modifierExtension: [{ url: 'http://example.jp/x', valueString: 'a' }] })],
    ['an extension of extensions', patient({ extension: [{ url: 'u', extension: [{ url: 'v', valueInteger: 1 }] }] })],
    [
      'a required primitive that is only an extension',
      immunization({
        status: undefined,
        _status: { extension: [{ url: 'http://example.jp/why', valueCode: 'unknown' }] },
      }),
    ],
    // "null values are used to fill out both arrays so that the id and/or extension are aligned"
    ['nulls beside _given', patient({ name: [{ given: ['花子', null], _given: [null, { id: 'x' }] }] })],
    ['an id beside a primitive', patient({ birthDate: '2024-04-01', _birthDate: { id: 'b' } })],
    ['a leap day', patient({ birthDate: '2024-02-29' })],
    ['a conditional reference', immunization({ patient: { reference: 'Patient?identifier=a|1' } })],
    ['a urn reference', immunization({ patient: { reference: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0' } })],
    ['an absolute reference', immunization({ patient: { reference: 'https://example.jp/fhir/Patient/1' } })],
    ['any target where R4 says any', observation({ focus: [{ reference: 'Binary/1' }] })],
    [
      'a contained resource that is referred to',
      immunization({ patient: { reference: '#p' }, contained: [{ resourceType: 'Patient', id: 'p' }] }),
    ],
    [
      'the same contained id in two entries',
      {
        resourceType: 'Bundle',
        type: 'collection',
        entry: [1, 2].map(() => ({
          resource: immunization({ patient: { reference: '#p' }, contained: [{ resourceType: 'Patient', id: 'p' }] }),
        })),
      },
    ],
    [
      'a decimal kept as text',
      parseJson('{"resourceType":"Observation","status":"final","code":{"text":"a"},"valueQuantity":{"value":1.50}}'),
    ],
  ])('%s', (_name, resource) => {
    expect(refusalsOf(resource)).toEqual([]);
  });
});

describe('refuses', () => {
  test.each<[string, unknown, string[]]>([
    ['what is no resource', null, ['structure ']],
    ['an array', [], ['structure ']],
    ['no resourceType', {}, ['structure resourceType']],
    ['an unknown type', { resourceType: 'Nothing' }, ['not-supported resourceType']],
    ['an abstract type', { resourceType: 'DomainResource' }, ['not-supported resourceType']],
    ['a name every object has', { resourceType: 'constructor' }, ['not-supported resourceType']],
    // "unknown elements"
    ['an unknown element', patient({ nmae: [] }), ['structure Patient.nmae']],
    ['an unknown inner element', patient({ name: [{ foo: 1 }] }), ['structure Patient.name[0].foo']],
    [
      'resourceType inside',
      patient({ name: [{ resourceType: 'HumanName' }] }),
      ['structure Patient.name[0].resourceType'],
    ],
    ['_name of what is no primitive', patient({ _name: [{ id: 'a' }] }), ['structure Patient._name']],
    ['__proto__', JSON.parse('{"resourceType":"Patient","__proto__":{"a":1}}'), ['structure Patient.__proto__']],
    // "an array is used even if there is only one value"; "arrays and objects are never empty"
    ['an object for an array', patient({ name: { text: 'a' } }), ['structure Patient.name']],
    ['an array for a value', patient({ birthDate: ['2024-01-01'] }), ['structure Patient.birthDate']],
    ['an empty array', patient({ name: [] }), ['structure Patient.name']],
    ['an empty object', patient({ name: [{}] }), ['structure Patient.name[0]']],
    ['an object with an id alone', patient({ name: [{ id: 'a' }] }), ['structure Patient.name[0]']],
    ['an empty string', patient({ name: [{ text: '' }] }), ['value Patient.name[0].text']],
    ['null', patient({ birthDate: null }), ['structure Patient.birthDate']],
    ['null among objects', patient({ name: [null] }), ['structure Patient.name[0]']],
    ['null without its other half', patient({ name: [{ given: [null] }] }), ['structure Patient.name[0].given[0]']],
    [
      'null in both halves',
      patient({ name: [{ given: ['a', null], _given: [{ id: 'x' }, null] }] }),
      ['structure Patient.name[0].given[1]'],
    ],
    ['text for an object', patient({ maritalStatus: 'M' }), ['structure Patient.maritalStatus']],
    ['text for a sibling', patient({ _birthDate: 'x' }), ['structure Patient.birthDate']],
    // cardinality
    ['a missing element', immunization({ status: undefined }), ['required Immunization.status']],
    ['a missing choice', immunization({ occurrenceDateTime: undefined }), ['required Immunization.occurrence']],
    ['a missing inner element', patient({ link: [{ type: 'seealso' }] }), ['required Patient.link[0].other']],
    // "can only have one of the choices"
    ['two of a choice', immunization({ occurrenceString: 'x' }), ['structure Immunization.occurrence']],
    [
      'two halves of two types',
      immunization({ _occurrenceString: { id: 'x' } }),
      ['structure Immunization.occurrence'],
    ],
    ['a type the choice has not', immunization({ occurrenceInteger: 1 }), ['structure Immunization.occurrenceInteger']],
    [
      'a value and extensions',
      patient({ extension: [{ url: 'u', valueCode: 'a', extension: [{ url: 'v', valueCode: 'b' }] }] }),
      ['invariant Patient.extension[0]'],
    ],
    ['neither', patient({ extension: [{ url: 'u' }] }), ['invariant Patient.extension[0]']],
    ['an extension without url', patient({ extension: [{ valueCode: 'a' }] }), ['required Patient.extension[0].url']],
    ['a code out of its list', patient({ gender: '女' }), ['code-invalid Patient.gender']],
    // references
    [
      'a target of another type',
      immunization({ patient: { reference: 'Practitioner/1' } }),
      ['value Immunization.patient.reference'],
    ],
    [
      'a target of no type',
      immunization({ patient: { reference: 'Nothing/1' } }),
      ['value Immunization.patient.reference'],
    ],
    ['a bare id', immunization({ patient: { reference: 'hanako' } }), ['value Immunization.patient.reference']],
    [
      'a type that contradicts',
      immunization({ patient: { reference: 'Patient/1', type: 'Group' } }),
      ['value Immunization.patient.type'],
    ],
    ['#id of nothing', immunization({ patient: { reference: '#p' } }), ['invariant Immunization.patient.reference']],
    // dom-2 to dom-5
    [
      'contained in contained',
      immunization({
        patient: { reference: '#p' },
        contained: [{ resourceType: 'Patient', id: 'p', contained: [{ resourceType: 'Patient', id: 'q' }] }],
      }),
      ['structure Immunization.contained[0].contained[0]'],
    ],
    [
      'what nobody refers to',
      immunization({ contained: [{ resourceType: 'Patient', id: 'p' }] }),
      ['invariant Immunization.contained[0]'],
    ],
    [
      'a version of what is contained',
      immunization({
        patient: { reference: '#p' },
        contained: [{ resourceType: 'Patient', id: 'p', meta: { versionId: '1' } }],
      }),
      ['invariant Immunization.contained[0].meta'],
    ],
    [
      'a fault inside a contained resource',
      immunization({ patient: { reference: '#p' }, contained: [{ resourceType: 'Patient', id: 'p', birthDate: 'x' }] }),
      ['value Immunization.contained[0].birthDate'],
    ],
    [
      'a fault inside a bundle',
      { resourceType: 'Bundle', type: 'collection', entry: [{ resource: patient({ gender: 'x' }) }] },
      ['code-invalid Bundle.entry[0].resource.gender'],
    ],
    [
      'a script in the narrative',
      patient({ text: { status: 'generated', div: '<div><script>1</script></div>' } }),
      ['value Patient.text.div'],
    ],
  ])('%s', (_name, resource, issues) => {
    expect(found(resource)).toEqual(issues);
  });

  test('objects nested more than 64 deep, without exhausting the stack', () => {
    const nest = (depth: number): Members => {
      let extension: Members = { url: 'u', valueBoolean: true };
      for (let level = 2; level < depth; level++) extension = { url: 'u', extension: [extension] };
      return patient({ extension: [extension] });
    };
    expect(found(nest(64))).toEqual([]);
    expect(refusalsOf(nest(65)).map(({ code }) => code)).toEqual(['too-long']);
    expect(refusalsOf(nest(20_000))).toHaveLength(1);
  });

  test('at most 100 issues', () => {
    expect(refusalsOf(patient({ name: Array.from({ length: 5000 }, () => ({ foo: 1 })) }))).toHaveLength(100);
  });
});

test('diagnostics say what to do and never quote what was sent', () => {
  const secret = '1999-99-99-試験花子';
  const issues = refusalsOf(patient({ birthDate: secret, gender: secret, id: secret, active: secret }));
  expect(issues).toHaveLength(4);
  expect(JSON.stringify(issues)).not.toContain('試験');
  expect(issues[1]).toEqual({
    severity: 'error',
    code: 'code-invalid',
    expression: ['Patient.gender'],
    diagnostics: 'Patient.gender must be one of male, female, other, unknown',
  });
});

// The base package's own examples; the known few that break R4 are not in this sample (conformance lists them).
test('a sample of 300 official examples has no issue', () => {
  const folder = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));
  const isKnown =
    /^(DeviceMetric-example|DeviceUseStatement-example|MedicationRequest-medrx0301|Observation-clinical-gender|Questionnaire-qs1)\./;
  const isDefinition =
    /^(StructureDefinition|SearchParameter|ValueSet|CodeSystem|ConceptMap|OperationDefinition|Bundle|ImplementationGuide|\.|package)/;
  const names = readdirSync(folder).filter(
    (name) => name.endsWith('.json') && !isDefinition.test(name) && !isKnown.test(name),
  );
  const step = names.length / 300;
  const sample = Array.from({ length: 300 }, (_, index) => names[Math.floor(index * step)] ?? '');
  const types = new Set<unknown>();
  for (const name of sample) {
    const resource = parseJson(readFileSync(join(folder, name), 'utf8')) as Members;
    if (!resourceTypes.has(resource.resourceType as string)) continue;
    types.add(resource.resourceType);
    expect({ name, issues: refusalsOf(resource) }).toEqual({ name, issues: [] });
  }
  expect(types.size).toBeGreaterThan(80);
});
