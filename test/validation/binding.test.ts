// What a finding about a binding says of the value: codes, and never a text that a person wrote.
import { expect, test } from 'vitest';
import { definitionsOf, layered } from '../../server/definitions/definitions.ts';
import { shippedDefinitions } from '../../server/definitions/shipped.ts';
import { createTerminology } from '../../server/terminology/create-terminology.ts';
import { createValidator } from '../../server/validation/validator.ts';

const url = 'http://profiles.test/bound';
const gender = 'http://hl7.org/fhir/ValueSet/administrative-gender';
const bound = (path: string) => ({ id: path, path, binding: { strength: 'required', valueSet: gender } });
const profile = {
  ...{ resourceType: 'StructureDefinition', url, name: 'Bound', status: 'active', kind: 'resource', abstract: false },
  ...{ type: 'Patient', baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient', derivation: 'constraint' },
  differential: { element: [bound('Patient.maritalStatus'), bound('Patient.address.state')] },
};
const definitions = layered(definitionsOf([profile]), shippedDefinitions());
const validate = createValidator({ definitions, terminology: createTerminology(definitions) });

test('a code is quoted, a text is not', () => {
  const maritalStatus = { coding: [{ system: 'urn:codes', code: 'widowed' }] };
  const patient = { resourceType: 'Patient', address: [{ state: '秘密県' }], maritalStatus };
  const found = validate(patient, { profiles: [url] }).filter(({ severity }) => severity === 'error');
  expect(found.map(({ expression }) => expression[0])).toEqual(['Patient.address[0].state', 'Patient.maritalStatus']);
  expect(JSON.stringify(found)).toContain('urn:codes|widowed');
  expect(JSON.stringify(found)).not.toContain('秘密県');
});
