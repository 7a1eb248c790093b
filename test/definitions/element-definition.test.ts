// What is read of one element of a StructureDefinition. FHIR R4, https://hl7.org/fhir/R4/elementdefinition.html
import { describe, expect, test } from 'vitest';
import {
  fixedOf,
  isElementDefinition,
  maxValueOf,
  maxValueSetOf,
  minValueOf,
  patternOf,
  typeCode,
} from '../../server/definitions/element-definition.ts';
import type { JsonObject } from '../../server/fhir/json.ts';

const element = (members: JsonObject) => ({ id: 'Patient.x', path: 'Patient.x', ...members });

test('a stated value comes with its type', () => {
  expect(fixedOf(element({ fixedCode: 'female' }))).toEqual({ type: 'code', value: 'female' });
  expect(fixedOf(element({ fixedBoolean: false }))).toEqual({ type: 'boolean', value: false });
  expect(fixedOf(element({ fixedDateTime: '2025' }))).toEqual({ type: 'dateTime', value: '2025' });
  expect(patternOf(element({ patternCodeableConcept: {} }))).toEqual({ type: 'CodeableConcept', value: {} });
  expect(minValueOf(element({ minValueQuantity: {} }))).toEqual({ type: 'Quantity', value: {} });
  expect(maxValueOf(element({ maxValueInteger: 3 }))).toEqual({ type: 'integer', value: 3 });
});

test('what is not stated is undefined', () => {
  expect(fixedOf(element({ patternCode: 'a', fixed: 1 }))).toBeUndefined();
  expect(minValueOf(element({ min: 0 }))).toBeUndefined();
});

describe('the type of an element', () => {
  const named = (valueUrl: string) => ({
    code: 'http://hl7.org/fhirpath/System.String',
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type', valueUrl }],
  });
  test.each([
    [{ code: 'HumanName' }, 'HumanName'],
    [named('uri'), 'uri'],
    [{ code: 'http://hl7.org/fhirpath/System.String' }, 'string'],
    [{ code: 'http://hl7.org/fhirpath/System.DateTime' }, 'dateTime'],
    [{ code: 'http://example.jp/Card' }, 'http://example.jp/Card'],
  ])('%j is %s', (type, expected) => {
    expect(typeCode(type)).toBe(expected);
  });
});

test('a binding may name a value set for the most that is allowed', () => {
  const extension = [
    {
      url: 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet',
      valueCanonical: 'http://hl7.org/fhir/ValueSet/all-languages',
    },
  ];
  expect(maxValueSetOf(element({ binding: { strength: 'preferred', extension } }))).toBe(
    'http://hl7.org/fhir/ValueSet/all-languages',
  );
  expect(maxValueSetOf(element({ binding: { strength: 'preferred' } }))).toBeUndefined();
  expect(maxValueSetOf(element({}))).toBeUndefined();
});

describe('the shape of an element', () => {
  test.each<[JsonObject, boolean]>([
    [{}, true],
    [{ type: [{ code: 'Reference', targetProfile: ['http://example.jp'] }], constraint: [{ key: 'a' }] }, true],
    [{ path: 1 }, false],
    [{ type: 'HumanName' }, false],
    [{ type: [{}] }, false],
    [{ type: [{ code: 'Reference', targetProfile: 'http://example.jp' }] }, false],
    [{ constraint: [{}] }, false],
    [{ slicing: [] }, false],
    [{ slicing: { discriminator: ['url'] } }, false],
    [{ binding: 'required' }, false],
    [{ extension: {} }, false],
    [{ sliceName: 1 }, false],
    [{ contentReference: {} }, false],
  ])('%j: %s', (members, expected) => {
    expect(isElementDefinition(element(members))).toBe(expected);
  });
});
