// What a ValueSet comes to, from the resources it names. https://hl7.org/fhir/R4/valueset.html#compositions

import { describe, expect, test } from 'vitest';
import { definitionsOf } from '../../server/definitions/definitions.ts';
import type { JsonObject } from '../../server/fhir/json.ts';
import { createTerminology } from '../../server/terminology/create-terminology.ts';

const system = 'urn:test:animals';
const codeSystem: JsonObject = {
  resourceType: 'CodeSystem',
  url: system,
  content: 'complete',
  concept: [
    { code: 'animal', property: [{ code: 'child', valueCode: 'bird' }], concept: [{ code: 'dog' }, { code: 'cat' }] },
    { code: 'bird', property: [{ code: 'legs', valueInteger: 2 }] },
    { code: 'owl', property: [{ code: 'subsumedBy', valueCode: 'bird' }] },
    // A circle, and a parent that is not there.
    { code: 'egg', property: [{ code: 'parent', valueCode: 'hen' }] },
    {
      code: 'hen',
      property: [
        { code: 'parent', valueCode: 'egg' },
        { code: 'parent', valueCode: 'nobody' },
      ],
    },
  ],
};
const everything = ['animal', 'bird', 'cat', 'dog', 'egg', 'hen', 'owl'];

const terminologyOf = (valueSet: JsonObject, others: Record<string, JsonObject> = {}) => {
  const valueSets = Object.entries({ ...others, asked: valueSet }).map(([url, one]) => ({
    ...one,
    resourceType: 'ValueSet',
    url,
  }));
  return createTerminology(definitionsOf([...valueSets, codeSystem]));
};

/** The codes of a list, each of which is also found in the value set, while no other code of the system is. */
const codesOf = (valueSet: JsonObject, others?: Record<string, JsonObject>): string[] => {
  const terminology = terminologyOf(valueSet, others);
  const listed = terminology.expand('asked');
  for (const { system: of, code } of listed)
    expect(terminology.inValueSet('asked', { system: of, code })).toMatchObject({ result: true });
  for (const code of everything.filter((one) => !listed.some((found) => found.code === one)))
    expect(terminology.inValueSet('asked', { system, code }).result).toBe(false);
  return listed.map(({ code }) => code).sort();
};

describe('filters', () => {
  test.each<[property: string, op: string, value: string, codes: string[]]>([
    ['concept', 'is-a', 'animal', ['animal', 'bird', 'cat', 'dog', 'owl']],
    ['concept', 'descendent-of', 'animal', ['bird', 'cat', 'dog', 'owl']],
    ['concept', 'is-not-a', 'animal', ['egg', 'hen']],
    ['concept', 'generalizes', 'owl', ['animal', 'bird', 'owl']],
    ['concept', 'is-a', 'egg', ['egg', 'hen']],
    ['parent', '=', 'animal', ['bird', 'cat', 'dog']],
    ['child', '=', 'owl', ['bird']],
    ['legs', '=', '2', ['bird']],
    ['code', 'in', 'cat, dog', ['cat', 'dog']],
    ['code', 'not-in', 'cat,dog', everything.filter((code) => code !== 'cat' && code !== 'dog')],
    ['legs', 'exists', 'true', ['bird']],
    ['code', 'regex', '.*o.*', ['dog', 'owl']],
    ['legs', 'exists', 'false', everything.filter((code) => code !== 'bird')],
  ])('%s %s %s', (property, op, value, codes) => {
    expect(codesOf({ compose: { include: [{ system, filter: [{ property, op, value }] }] } })).toEqual(codes);
  });

  test('all of them must hold', () => {
    const filter = [
      { property: 'concept', op: 'is-a', value: 'animal' },
      { property: 'concept', op: 'is-not-a', value: 'bird' },
    ];
    expect(codesOf({ compose: { include: [{ system, filter }] } })).toEqual(['animal', 'cat', 'dog']);
  });
});

test('value sets that include each other twice on every level are worked out once each', () => {
  const others: Record<string, JsonObject> = { v60: { compose: { include: [{ system }] } } };
  for (let n = 0; n < 60; n++)
    others[`v${n}`] = { compose: { include: [{ valueSet: [`v${n + 1}`] }, { valueSet: [`v${n + 1}`] }] } };
  expect(codesOf({ compose: { include: [{ valueSet: ['v0'] }] } }, others)).toEqual(everything);
});

test('abstract entries of an expansion are headings; codes without a system make it no expansion', () => {
  const contains = [{ abstract: true, system, code: 'animal', contains: [{ system, code: 'dog' }] }];
  expect(codesOf({ expansion: { contains } })).toEqual(['dog']);
  expect(() => codesOf({ expansion: { contains: [{ code: 'dog' }] } })).toThrow(/neither a compose nor/);
});

test('a system beside value sets asks for their codes of that system, without the CodeSystem', () => {
  const others = {
    mixed: {
      compose: {
        include: [
          { system: 'urn:a', concept: [{ code: '1' }] },
          { system: 'urn:b', concept: [{ code: '2' }] },
        ],
      },
    },
  };
  const asked = { compose: { include: [{ system: 'urn:b', valueSet: ['mixed'] }] } };
  expect(codesOf(asked, others)).toEqual(['2']);
});

test.each<[JsonObject, RegExp]>([
  [{}, /neither a compose/],
  [{ compose: { include: [{}] } }, /neither a system nor a value set/],
  [{ compose: { include: [{ valueSet: ['asked'] }] } }, /includes itself/],
  [{ compose: { include: [{ valueSet: ['urn:none'] }] } }, /urn:none is not stored/],
  [{ compose: { include: [{ system: 'urn:x', version: '9' }] } }, /urn:x\|9 is not stored/],
  [
    { compose: { include: [{ system }], exclude: [{ system: 'urn:x' }, { system, concept: [] }] } },
    /urn:x is not stored/,
  ],
  [{ compose: { include: [{ system, filter: [{ property: 'code', op: 'regex', value: '(' }] }] } }, /cannot be read/],
  [{ compose: { include: [{ system, filter: [{ property: 'fur', op: '=', value: 'x' }] }] } }, /the property "fur"/],
  [{ compose: { include: [{ system, filter: [{ property: 'code', op: 'like', value: 'x' }] }] } }, /the filter "like"/],
  [{ expansion: { offset: 10, contains: [{ system, code: 'dog' }] } }, /neither a compose/],
])('%j cannot be listed, and what is not in sight is left open', (valueSet, message) => {
  expect(() => codesOf(valueSet)).toThrow(message);
  const check = terminologyOf(valueSet).inValueSet('asked', { system: 'urn:x', code: 'owl' });
  expect(check.result).not.toBe(true);
});

test('a regular expression that never ends is given up', () => {
  const long = {
    resourceType: 'CodeSystem',
    url: 'urn:long',
    content: 'complete',
    concept: [{ code: 'a'.repeat(60) }],
  };
  const filter = [{ property: 'code', op: 'regex', value: '(a+)+b' }];
  const asked = { resourceType: 'ValueSet', url: 'asked', compose: { include: [{ system: 'urn:long', filter }] } };
  const terminology = createTerminology(definitionsOf([long, asked]));
  expect(() => terminology.expand('asked')).toThrow(/takes longer than 200 ms/);
  expect(terminology.inValueSet('asked', { code: 'a'.repeat(60) })).toMatchObject({ cause: 'cannot-expand' });
});

test('value sets that stand in each other without an end are given up', () => {
  const others: Record<string, JsonObject> = {};
  for (let n = 0; n < 5000; n++) others[`v${n}`] = { compose: { include: [{ valueSet: [`v${n + 1}`] }] } };
  expect(() => codesOf({ compose: { include: [{ valueSet: ['v0'] }] } }, others)).toThrow(/more than 100 value sets/);
});

describe('what is known in part', () => {
  const part = (...include: object[]): JsonObject => ({ compose: { include } });
  const mixed = part({ system, concept: [{ code: 'dog' }] }, { system: 'urn:x' });
  test.each<
    [what: string, valueSet: JsonObject, coded: { system?: string; code: string }, result: boolean | undefined]
  >([
    ['a code of the part that is here', mixed, { system, code: 'dog' }, true],
    ['a code that only the other part may have', mixed, { system: 'urn:x', code: 'dog' }, undefined],
    ['a code of this system that is not listed', mixed, { system, code: 'cat' }, false],
    ['a code of a third system', mixed, { system: 'urn:y', code: 'cat' }, false],
    ['a code without a system', mixed, { code: 'dog' }, true],
    ['another without a system', mixed, { code: 'cat' }, undefined],
    [
      'what an unknown exclude may take away',
      { compose: { include: [{ system }], exclude: [{ valueSet: ['urn:none'] }] } },
      { system, code: 'dog' },
      undefined,
    ],
    ['a LOINC code', part({ system: 'http://loinc.org' }), { system: 'http://loinc.org', code: '8302-2' }, undefined],
    [
      'what cannot be a LOINC code',
      part({ system: 'http://loinc.org' }),
      { system: 'http://loinc.org', code: '8302-3' },
      false,
    ],
    [
      'a cut expansion has it',
      { ...part({ system: 'urn:x' }), expansion: { total: 9, contains: [{ system: 'urn:x', code: '1' }] } },
      { system: 'urn:x', code: '1' },
      true,
    ],
    [
      'a cut expansion lacks it',
      { ...part({ system: 'urn:x' }), expansion: { total: 9, contains: [{ system: 'urn:x', code: '1' }] } },
      { system: 'urn:x', code: '2' },
      undefined,
    ],
    [
      'a whole expansion lacks it',
      { ...part({ system: 'urn:x' }), expansion: { total: 1, contains: [{ system: 'urn:x', code: '1' }] } },
      { system: 'urn:x', code: '2' },
      false,
    ],
  ])('%s', (_, valueSet, coded, result) => {
    expect(terminologyOf(valueSet).inValueSet('asked', coded).result).toBe(result);
  });
});
