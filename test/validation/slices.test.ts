// Which slice a value is of, where a profile tells it by more than one rule.
// FHIR R4, https://hl7.org/fhir/R4/profiling.html#discriminator
import { describe, expect, test } from 'vitest';
import { definitionsOf, layered } from '../../server/definitions/definitions.ts';
import { shippedDefinitions } from '../../server/definitions/shipped.ts';
import { createTerminology } from '../../server/terminology/create-terminology.ts';
import { createValidator } from '../../server/validation/validator.ts';

const url = 'https://example.org/StructureDefinition/laboratory';
const system = 'https://example.org/CodeSystem/category';
/** `category:laboratory` is told by its system and code, and bound to a value set that is not here. */
const profile = {
  resourceType: 'StructureDefinition',
  url,
  name: 'Laboratory',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Observation',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Observation',
  derivation: 'constraint',
  differential: {
    element: [
      { id: 'Observation', path: 'Observation' },
      {
        id: 'Observation.category',
        path: 'Observation.category',
        slicing: { discriminator: [{ type: 'value', path: '$this' }], rules: 'open' },
        min: 1,
      },
      {
        id: 'Observation.category:laboratory',
        path: 'Observation.category',
        sliceName: 'laboratory',
        min: 1,
        binding: { strength: 'required', valueSet: 'https://example.org/ValueSet/elsewhere' },
      },
      { id: 'Observation.category:laboratory.coding', path: 'Observation.category.coding', min: 1, max: '1' },
      {
        id: 'Observation.category:laboratory.coding.system',
        path: 'Observation.category.coding.system',
        min: 1,
        fixedUri: system,
      },
      {
        id: 'Observation.category:laboratory.coding.code',
        path: 'Observation.category.coding.code',
        min: 1,
        fixedCode: 'laboratory',
      },
    ],
  },
};
const definitions = layered(definitionsOf([profile]), shippedDefinitions());
const validate = createValidator({ definitions, terminology: createTerminology(definitions) });

describe('a slice that is told by fixed codes and by a value set that cannot be looked up', () => {
  test('has the value whose codes fit', () => {
    expect(errors('laboratory')).toEqual([]);
  });

  test('has not the value whose codes differ', () => {
    expect(errors('imaging')).toEqual([expect.stringContaining('at least once of slice laboratory')]);
  });
});

describe('a slice that is told by the value of an extension', () => {
  const representation = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';
  const named = (sliceName: string, fixedCode: string) => [
    { id: `Patient.name:${sliceName}`, path: 'Patient.name', sliceName, max: '1' },
    {
      id: `Patient.name:${sliceName}.extension:use`,
      path: 'Patient.name.extension',
      sliceName: 'use',
      min: 1,
      type: [{ code: 'Extension', profile: [representation] }],
    },
    {
      id: `Patient.name:${sliceName}.extension:use.value[x]`,
      path: 'Patient.name.extension.value[x]',
      min: 1,
      fixedCode,
    },
  ];
  const people = {
    ...profile,
    url: 'https://example.org/StructureDefinition/person',
    type: 'Patient',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    differential: {
      element: [
        { id: 'Patient', path: 'Patient' },
        {
          id: 'Patient.name',
          path: 'Patient.name',
          slicing: {
            discriminator: [{ type: 'value', path: `extension('${representation}').value` }],
            rules: 'closed',
          },
        },
        ...named('ideographic', 'IDE'),
        ...named('syllabic', 'SYL'),
      ],
    },
  };
  const known = layered(definitionsOf([people]), shippedDefinitions());
  const held = createValidator({ definitions: known, terminology: createTerminology(known) });
  const errorsOfNames = (...codes: string[]) => {
    const name = codes.map((valueCode) => ({ extension: [{ url: representation, valueCode }], text: '試験' }));
    const found = held({ resourceType: 'Patient', name }, { profiles: [people.url] });
    return found.filter(({ severity }) => severity === 'error').map(({ diagnostics }) => diagnostics);
  };

  test('goes by the value that the slice fixes, not by what the extension allows', () => {
    expect(errorsOfNames('IDE', 'SYL')).toEqual([]);
    expect(errorsOfNames('IDE', 'IDE')).toEqual([expect.stringContaining('at most once of slice ideographic')]);
    expect(errorsOfNames('ABC')).toEqual([expect.stringContaining('fits none of the slices')]);
  });
});

function errors(code: string): string[] {
  const observation = {
    resourceType: 'Observation',
    status: 'final',
    category: [{ coding: [{ system, code }] }],
    code: { text: '試験' },
  };
  return validate(observation, { profiles: [url] })
    .filter(({ severity }) => severity === 'error')
    .map(({ diagnostics }) => diagnostics);
}
