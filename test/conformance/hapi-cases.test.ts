// The generated resources that our validator and the reference validator are asked about.
import { expect, test } from 'vitest';
import { casesOf } from '../../conformance/hapi/cases.ts';
import { mutations } from '../../conformance/hapi/mutations.ts';
import { verdicts } from '../../conformance/hapi/verdicts.ts';
import { parseJson } from '../../server/fhir/json.ts';
import { validateInForce } from '../../server/validation/in-force.ts';

const cases = casesOf(500, 7);

test('the same seed gives the same resources, another seed others', () => {
  expect(casesOf(500, 7)).toEqual(cases);
  expect(casesOf(500, 8)).not.toEqual(cases);
});

test('one in five is valid, and every way to break one comes', () => {
  const valid = cases.filter(({ kind }) => kind === 'valid');
  expect(valid).toHaveLength(100);
  expect(new Set(cases.map(({ kind }) => kind)).size).toBe(mutations.length + 1);
  const validate = validateInForce;
  const refused = valid.flatMap(({ resource }) => validate(parseJson(JSON.stringify(resource))));
  expect(refused.filter(({ severity }) => severity === 'error')).toEqual([]);
});

test('verdicts are of ways to break a resource that there are', () => {
  const kinds = mutations.map(({ kind }) => kind);
  for (const key of Object.keys(verdicts)) expect(kinds).toContain(key.replace(/: (?:we|they) refuse$/, ''));
});
