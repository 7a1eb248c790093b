// Quantity and the limits of weak bindings. FHIR R4: https://hl7.org/fhir/R4/datatypes.html#Quantity and
// https://hl7.org/fhir/R4/extension-elementdefinition-maxvalueset.html
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../server/fhir/json.ts';
import { validateInForce } from '../../../server/validation/in-force.ts';

const ucum = 'http://unitsofmeasure.org';

test.each<[string, JsonObject, string[]]>([
  ['a unit of UCUM', { value: 3, unit: 'kg', system: ucum, code: 'kg' }, []],
  ['a unit of nobody', { value: 3, unit: '錠' }, []],
  ['a unit of another system', { value: 3, system: 'https://tsumugi.example/units', code: 'kilogramme' }, []],
  [
    'a unit that UCUM does not have',
    { value: 3, system: ucum, code: 'kilogramme' },
    ['warning Observation.value.code'],
  ],
  ['a relative system', { value: 3, system: 'units', code: 'kg' }, ['error Observation.value.system']],
])('a quantity may have %s: %o', (_name, valueQuantity, expected) => {
  expect(about({ resourceType: 'Observation', status: 'final', code: { text: '体重' }, valueQuantity })).toEqual(
    expected,
  );
});

test.each<[string, string[]]>([
  ['ja', []],
  ['ja-Hira', []],
  // None of the usual languages, and a language.
  ['ain', []],
  ['not a language', ['error Patient.language']],
])('a resource may be in the language %s', (language, expected) => {
  expect(about({ resourceType: 'Patient', language })).toEqual(expected);
});

const about = (resource: JsonObject): string[] =>
  validateInForce(resource)
    .filter(({ severity, expression: [at = ''] }) => severity !== 'information' && /value|language/.test(at))
    .map(({ severity, expression }) => `${severity} ${expression}`);
