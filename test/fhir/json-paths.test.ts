// SearchParameter expressions as SQL/JSON paths.
import { expect, test } from 'vitest';
import { jsonPathsOf } from '../../server/fhir/json-paths.ts';

test.each([
  ['Patient.identifier', 'Patient', ['$."identifier" Identifier']],
  ['Resource.meta.profile', 'Basic', ['$."meta"."profile" canonical']],
  ['Observation.value as CodeableConcept', 'Observation', ['$."valueCodeableConcept" CodeableConcept']],
  ['(Observation.value as Age) | Observation.code', 'Observation', ['$."code" CodeableConcept']],
  ['Patient.name | Person.name', 'Person', ['$."name" HumanName']],
  ["Patient.telecom.where(system='phone')", 'Patient', ['$."telecom" ? (@."system" == "phone") ContactPoint']],
])('%s of %s', (expression, type, paths) => {
  expect(jsonPathsOf(expression, type)?.map(({ path, type: of }) => `${path} ${of}`)).toEqual(paths);
});

test.each(['Patient.link.other.where(resolve() is Patient)', 'Patient.deceased.exists()', 'Patient.name[0]'])(
  '%s says more than a path can',
  (expression) => {
    expect(jsonPathsOf(expression, 'Patient')).toBeUndefined();
  },
);
