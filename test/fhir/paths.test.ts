// SearchParameter expressions: all of R4 compile, and samples find what FHIRPath says they find.
import { describe, expect, test } from 'vitest';
import { elementsOf, resourceTypes, searchParametersOf } from '../../server/fhir/definitions.ts';
import { exactNumber } from '../../server/fhir/json.ts';
import { compileExpression, referencedType } from '../../server/fhir/paths.ts';

const patient = {
  resourceType: 'Patient',
  id: 'hanako',
  name: [{ family: '試験', given: ['花子', null, 'はなこ'] }, { text: 'テスト' }],
  birthDate: '2024-04-01',
  telecom: [
    { system: 'phone', value: '000' },
    { system: 'email', value: 'hanako@example.jp' },
  ],
};
const weight = {
  resourceType: 'Observation',
  code: { text: '体重' },
  subject: { reference: 'Patient/hanako' },
  valueQuantity: { value: exactNumber('3.20'), unit: 'kg' },
  component: [{ code: { text: 'a' }, valueString: 'x' }],
};

const find = (expression: string, resource: { resourceType: string }) =>
  compileExpression(expression, resource.resourceType)(resource);

describe('compileExpression', () => {
  test('takes every expression of the base search parameters, for every type it is defined for', () => {
    const failed: string[] = [];
    let compiled = 0;
    for (const type of resourceTypes) {
      for (const { code, expression, url } of searchParametersOf(type)) {
        if (expression === undefined) {
          if (!['_content', '_text', '_query'].includes(code)) failed.push(`${url} has no expression`);
          continue;
        }
        try {
          compileExpression(expression, type);
          compiled++;
        } catch (error) {
          failed.push(`${url} for ${type}: ${error}`);
        }
      }
    }
    expect(failed).toEqual([]);
    expect(compiled).toBeGreaterThan(2500);
  });

  test('takes the component expressions of composites on what their expression finds', () => {
    const samples: Record<string, { resourceType: string }> = {
      Observation: { ...weight, component: [{ code: { text: 'a' }, valueQuantity: { value: 1 } }] } as never,
      Group: { resourceType: 'Group', characteristic: [{ code: {}, valueBoolean: true }] } as never,
      DocumentReference: { resourceType: 'DocumentReference', relatesTo: [{ code: 'replaces', target: {} }] } as never,
      MolecularSequence: {
        resourceType: 'MolecularSequence',
        referenceSeq: { chromosome: { text: 'X' }, referenceSeqId: { text: 'r' }, windowStart: 1, windowEnd: 2 },
        variant: [{ start: 1, end: 2 }],
      } as never,
    };
    for (const [type, resource] of Object.entries(samples)) {
      for (const { component, expression = '' } of searchParametersOf(type)) {
        if (!component) continue;
        const [found] = find(expression, resource);
        if (!found) throw new Error(`${expression} finds nothing`);
        for (const part of component) {
          const compiled = compileExpression(part.expression, found.type);
          expect(Array.isArray(compiled(found.value as object, resource))).toBe(true);
        }
      }
    }
    const chromosome = compileExpression('%resource.referenceSeq.chromosome', 'MolecularSequence.variant');
    expect(chromosome({ start: 1 }, samples.MolecularSequence)).toEqual([
      { type: 'CodeableConcept', value: { text: 'X' } },
    ]);
  });

  test('paths pass through arrays and leave out nulls', () => {
    expect(find('Patient.name.given', patient)).toEqual([
      { type: 'string', value: '花子' },
      { type: 'string', value: 'はなこ' },
    ]);
    expect(find('Patient.birthDate', patient)).toEqual([{ type: 'date', value: '2024-04-01' }]);
    expect(find('Patient.address.city', patient)).toEqual([]);
  });

  test('a union keeps the alternatives of its type only', () => {
    expect(find('Patient.name | Practitioner.name', patient)).toHaveLength(2);
    expect(find('Practitioner.name | Practitioner.nosuch', patient)).toEqual([]);
    expect(find('Resource.id | DomainResource.text', patient)).toEqual([{ type: 'id', value: 'hanako' }]);
    expect(find('DomainResource.id', { resourceType: 'Bundle', id: 'b' } as never)).toEqual([]);
  });

  test('a choice is found by its name, with the type it has', () => {
    const [value] = find('Observation.value', weight);
    expect(value).toEqual({ type: 'Quantity', value: weight.valueQuantity });
    expect(find('(Observation.value as Quantity)', weight)).toEqual([value]);
    expect(find('Observation.value.as(Quantity) | Observation.value.ofType(string)', weight)).toEqual([value]);
    expect(find('(Observation.value as CodeableConcept).text', weight)).toEqual([]);
    expect(find('Observation | Observation.component', weight).map(({ type }) => type)).toEqual([
      'Observation',
      'Observation.component',
    ]);
  });

  test('as(DateTime), as R4 writes it in code-value-date, is dateTime', () => {
    const at = { resourceType: 'Observation', valueDateTime: '2025-01-02' };
    expect(find('value.as(DateTime) | value.as(Period)', at)).toEqual([{ type: 'dateTime', value: '2025-01-02' }]);
  });

  test('where() with a value, extension() and an index', () => {
    expect(find("Patient.telecom.where(system='email')", patient)).toEqual([
      { type: 'ContactPoint', value: patient.telecom[1] },
    ]);
    const extension = [{ url: 'http://example.jp/a', valueString: 'あ' }, { url: 'http://example.jp/b' }];
    expect(find("Patient.extension('http://example.jp/a').value", { ...patient, extension } as never)).toEqual([
      { type: 'string', value: 'あ' },
    ]);
    const bundle = { resourceType: 'Bundle', entry: [{ resource: patient }, { resource: weight }] };
    expect(find('Bundle.entry[0].resource', bundle)).toEqual([{ type: 'Patient', value: patient }]);
    expect(find('Bundle.entry[7].resource', bundle)).toEqual([]);
    expect(find('Bundle.entry.resource.birthDate', bundle)).toEqual([{ type: 'date', value: '2024-04-01' }]);
  });

  // Patient.deceased.exists() and Patient.deceased != false
  test.each([
    [{}, false],
    [{ deceasedBoolean: false }, false],
    [{ deceasedBoolean: true }, true],
    [{ deceasedDateTime: '2025-01-01' }, true],
  ])('deceased of %j is %j', (members, expected) => {
    const expression = searchParametersOf('Patient').find(({ code }) => code === 'deceased')?.expression ?? '';
    expect(find(expression, { resourceType: 'Patient', ...members })).toEqual([{ type: 'boolean', value: expected }]);
  });

  test.each([
    [{ reference: 'Patient/1' }, true],
    [{ reference: 'Patient/1/_history/2' }, true],
    [{ reference: 'https://example.jp/fhir/Patient/1' }, true],
    [{ reference: 'Patient?identifier=x|1' }, true],
    [{ type: 'Patient', identifier: { value: '1' } }, true],
    [{ reference: '#p' }, true],
    [{ reference: '#g' }, false],
    [{ reference: '#nobody' }, false],
    [{ reference: 'Group/1' }, false],
    [{ reference: 'Group/1', type: 'Patient' }, false],
    [{ reference: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0' }, false],
    [{ reference: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0', type: 'Patient' }, true],
    [{ display: '試験 花子' }, false],
    ['Patient/1', false],
  ])('where(resolve() is Patient) of %j: %j', (subject, isPatient) => {
    const contained = [
      { resourceType: 'Patient', id: 'p' },
      { resourceType: 'Group', id: 'g' },
    ];
    const resource = { resourceType: 'Observation', contained, subject };
    expect(find('Observation.subject.where(resolve() is Patient)', resource)).toHaveLength(isPatient ? 1 : 0);
    expect(referencedType(subject, resource) === 'Patient').toBe(isPatient);
  });

  test('content that is not FHIR gives nothing and does not throw', () => {
    for (const name of [null, 'x', 3, {}, [null], [[{ family: 'x' }]], { family: null }]) {
      expect(() => find('Patient.name.family', { resourceType: 'Patient', name } as never)).not.toThrow();
    }
    const contained = [null, 1, {}, { resourceType: 'Nothing', code: 1 }, { resourceType: 'Patient' }];
    expect(find('Patient.contained.code', { resourceType: 'Patient', contained } as never)).toEqual([]);
  });

  test.each(['Patient.name.trace("x")', 'Patient.name.', 'Patient.name.first()', 'Patient + 1', '', 'Patient.name)'])(
    'refuses %j while compiling',
    (expression) => {
      expect(() => compileExpression(expression, 'Patient')).toThrow(SyntaxError);
    },
  );

  test('refuses an element that the type does not have while compiling', () => {
    expect(elementsOf('Patient').has('nosuch')).toBe(false);
    expect(() => compileExpression('Patient.nosuch', 'Patient')).toThrow('Patient has no element nosuch');
  });
});
