// R4 4.0.1 as compiled: counts and samples against the published pages, and the committed file against its source.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  choiceKey,
  compartmentParameters,
  elementsOf,
  patientCompartmentParameters,
  resourceTypes,
  searchParametersOf,
  typeDefinition,
} from '../../server/fhir/definitions.ts';
import { definitionsText } from '../../server/fhir/r4/generate-text.ts';

const definitionsFile = new URL('../../server/fhir/r4/definitions.json', import.meta.url);
const codes = (type: string) => searchParametersOf(type).map(({ code }) => code);

describe('definitions.json', () => {
  test('is what npm run definitions writes', () => {
    expect(readFileSync(definitionsFile, 'utf8') === definitionsText()).toBe(true);
  });

  test('names only types that exist', () => {
    const names = [...resourceTypes].flatMap((type) => [...elementsOf(type).values()].flatMap(({ types }) => types));
    expect(names.filter((name) => !typeDefinition(name))).toEqual([]);
  });
});

describe('types', () => {
  test('there are 146 resource types that a server can hold', () => {
    expect(resourceTypes.size).toBe(146);
    expect(resourceTypes.has('Immunization')).toBe(true);
    expect(resourceTypes.has('DomainResource')).toBe(false);
    expect(resourceTypes.has('MetadataResource')).toBe(false);
  });

  test('a choice keeps its types under one name', () => {
    // https://hl7.org/fhir/R4/immunization.html: occurrence[x] 1..1 dateTime | string
    const occurrence = elementsOf('Immunization').get('occurrence');
    expect(occurrence).toMatchObject({ min: 1, max: 1, isChoice: true, types: ['dateTime', 'string'] });
    expect(choiceKey('occurrence', 'dateTime')).toBe('occurrenceDateTime');
  });

  test('inherited elements come with each type', () => {
    expect([...elementsOf('Bundle').keys()].slice(0, 4)).toEqual(['id', 'meta', 'implicitRules', 'language']);
    expect(elementsOf('Bundle').has('contained')).toBe(false);
    expect(elementsOf('Patient').get('contained')).toMatchObject({ types: ['Resource'], max: Infinity });
    expect(elementsOf('Patient.contact').has('modifierExtension')).toBe(true);
    expect(elementsOf('HumanName').has('modifierExtension')).toBe(false);
    expect(elementsOf('Age').get('value')?.types).toEqual(['decimal']);
    expect(elementsOf('Patient').get('id')?.types).toEqual(['id']);
  });

  test('a content reference is the type it refers to', () => {
    expect(elementsOf('Observation.component').get('referenceRange')?.types).toEqual(['Observation.referenceRange']);
    expect(elementsOf('Questionnaire.item').get('item')?.types).toEqual(['Questionnaire.item']);
  });

  test('targets of references', () => {
    expect(elementsOf('Observation').get('subject')?.targets).toEqual(['Patient', 'Group', 'Device', 'Location']);
    expect(elementsOf('Observation').get('focus')?.targets).toEqual([]);
    expect(elementsOf('MedicationRequest').get('medication')).toMatchObject({
      types: ['CodeableConcept', 'Reference'],
      targets: ['Medication'],
    });
  });

  test('required codes where R4 lists them', () => {
    expect([...(elementsOf('Immunization').get('status')?.codes ?? [])]).toEqual([
      'completed',
      'entered-in-error',
      'not-done',
    ]);
    expect([...(elementsOf('Patient').get('gender')?.codes ?? [])]).toEqual(['male', 'female', 'other', 'unknown']);
    expect(elementsOf('Attachment').get('contentType')?.codes).toBeUndefined();
  });

  test.each(['Nothing', 'constructor', '__proto__', 'toString', ''])('%j is no type', (name) => {
    expect(typeDefinition(name)).toBeUndefined();
    expect(elementsOf(name).size).toBe(0);
    expect(searchParametersOf(name)).toEqual([]);
    expect(patientCompartmentParameters(name)).toEqual([]);
  });
});

describe('search parameters', () => {
  test('Immunization has those of its page, of DomainResource and of Resource', () => {
    // https://hl7.org/fhir/R4/immunization.html#search
    expect(
      codes('Immunization')
        .filter((code) => !code.startsWith('_'))
        .sort(),
    ).toEqual(
      `date identifier location lot-number manufacturer patient performer reaction reaction-date reason-code
       reason-reference series status status-reason target-disease vaccine-code`.split(/\s+/),
    );
    expect(codes('Immunization').filter((code) => code.startsWith('_'))).toEqual(
      '_content _id _lastUpdated _profile _query _security _source _tag _text'.split(' '),
    );
    expect(codes('Binary')).not.toContain('_text');
  });

  test('parameters of examples and of extensions are left out', () => {
    expect(codes('Patient')).not.toContain('part-agree');
    expect(codes('Patient')).not.toContain('mothersMaidenName');
    expect(codes('Condition').filter((code) => code === 'subject')).toHaveLength(1);
  });

  test('no type has a code twice', () => {
    for (const type of resourceTypes) expect(new Set(codes(type)).size).toBe(codes(type).length);
  });
});

describe('compartments', () => {
  // https://hl7.org/fhir/R4/compartmentdefinition-patient.html
  test.each([
    ['Immunization', ['patient']],
    ['Observation', ['subject', 'performer']],
    ['Appointment', ['actor']],
    ['Patient', ['link']],
    ['Organization', []],
  ])('%s is in the Patient compartment by %j', (type, parameters) => {
    expect(patientCompartmentParameters(type)).toEqual(parameters);
  });

  test('every parameter named is one of its type', () => {
    for (const compartment of ['Patient', 'Encounter', 'RelatedPerson', 'Practitioner', 'Device']) {
      const named = [...resourceTypes].flatMap((type) =>
        compartmentParameters(compartment, type).map((code) => ({ type, code })),
      );
      expect(named.length).toBeGreaterThan(10);
      expect(named.filter(({ type, code }) => !codes(type).includes(code))).toEqual([]);
    }
  });
});
