// The difference of two versions, applied to the one, gives the other: for HL7's examples against each other, and for random
// lists. What it is made of is a FHIRPath Patch.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyFhirPathPatch, readFhirPathPatch } from '../../server/fhir/fhirpath-patch.ts';
import { type JsonObject, parseJson } from '../../server/fhir/json.ts';
import { versionPatch } from '../../server/operations/version-patch.ts';
import { refusalsOf } from '../support/valid.ts';

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

function patched(before: JsonObject, after: JsonObject): unknown {
  const resource = copy(before);
  applyFhirPathPatch(resource, readFhirPathPatch({ parameter: copy(versionPatch(before, after)) }));
  return resource;
}

describe('examples of one type lead to each other', () => {
  const folder = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));
  const types = [
    'Patient',
    'Observation',
    'Immunization',
    'Encounter',
    'MedicationRequest',
    'Questionnaire',
    'Composition',
  ];
  test.each(types)('%s', (type) => {
    const names = readdirSync(folder).filter((name) => name.startsWith(`${type}-`));
    const all = names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as JsonObject);
    const some = all.filter((one) => JSON.stringify(one).length < 100_000).slice(0, 25);
    expect(some.length).toBeGreaterThan(1);
    some.forEach((after, n) => {
      const before = some[(n + 1) % some.length] as JsonObject;
      const { meta: _, ...left } = after;
      const { meta: __, ...from } = before;
      expect(patched(from, left)).toEqual(left);
      const parameters = { resourceType: 'Parameters', parameter: versionPatch(from, left) };
      // What is contained stays in the resource, so references to it lead nowhere in Parameters.
      const faults = refusalsOf(copy(parameters)).filter(
        ({ severity, code }) => severity === 'error' && code !== 'invariant',
      );
      expect(faults).toEqual([]);
    });
  });
});

test('random names of a patient', () => {
  const text = fc.constantFrom('a', 'b', 'c');
  const extension = fc.record({ extension: fc.constant([{ url: 'urn:x', valueCode: 'y' }]) });
  const given = fc.array(fc.tuple(text, fc.option(extension)), { minLength: 1, maxLength: 4 }).map((list) => ({
    given: list.map(([one]) => one),
    ...(list.some(([, one]) => one) ? { _given: list.map(([, one]) => one) } : {}),
  }));
  const name = fc
    .tuple(fc.record({ family: text, use: text }, { requiredKeys: [] }), given)
    .map(([one, two]) => ({ ...one, ...two }));
  const birth = fc.oneof(
    fc.constant({}),
    fc.record({ deceasedBoolean: fc.boolean() }),
    fc.record({ deceasedDateTime: fc.constant('2020') }),
  );
  const patient = fc.tuple(fc.array(name, { maxLength: 4 }), birth).map(([names, more]) => ({
    resourceType: 'Patient',
    ...(names.length > 0 ? { name: names } : {}),
    ...more,
  }));
  fc.assert(
    fc.property(patient, patient, (before, after) => {
      expect(patched(before, after)).toEqual(after);
    }),
    { numRuns: 2000 },
  );
});

test('says no more than it has to, keeps the digits of numbers, and leaves out what the server writes', () => {
  const version = (text: string, versionId: string) =>
    parseJson(
      `{"resourceType":"Observation","meta":{"versionId":"${versionId}"},"status":"final","valueQuantity":{"value":${text},"unit":"kg"}}`,
    ) as JsonObject;
  expect(versionPatch(version('1.5', '1'), version('1.5', '2'))).toEqual([]);
  expect(JSON.stringify(versionPatch(version('1.5', '1'), version('1.50', '2')))).toBe(
    '[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Observation.value.value"},{"name":"value","valueDecimal":1.50}]}]',
  );
});
