// What a ValueSet comes to, from the resources it names. https://hl7.org/fhir/R4/valueset.html#compositions

import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../server/fhir/json.ts';
import { expand, related, sourcesOf } from '../../server/fhir/value-set.ts';

const system = 'urn:test:animals';
const codeSystem: JsonObject = {
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

const codesOf = (valueSet: JsonObject, others: Record<string, JsonObject> = {}): string[] => {
  const valueSets = new Map(Object.entries({ ...others, asked: valueSet }));
  return expand('asked', { valueSets, codeSystems: new Map([[system, codeSystem]]) })
    .map(({ code }) => code)
    .sort();
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
  expect(sourcesOf(asked)).toEqual({ valueSets: ['mixed'], codeSystems: [] });
  expect(codesOf(asked, others)).toEqual(['2']);
});

test.each<[JsonObject, RegExp]>([
  [{}, /neither a compose/],
  [{ compose: { include: [{}] } }, /neither a system nor a value set/],
  [{ compose: { include: [{ valueSet: ['asked'] }] } }, /includes itself/],
  [{ compose: { include: [{ system, version: '9' }] } }, /urn:test:animals\|9 is not stored/],
  [{ compose: { include: [{ system }], exclude: [{ system: 'urn:x' }] } }, /urn:x is not stored/],
  [{ expansion: { offset: 10, contains: [{ system, code: 'dog' }] } }, /neither a compose/],
])('%j is refused', (valueSet, message) => {
  expect(() => codesOf(valueSet)).toThrow(message);
});

test('above and below', () => {
  const of = (relation: 'above' | 'below', code: string) =>
    related(codeSystem, relation, { system, code })
      .map((one) => one.code)
      .sort();
  expect(of('above', 'owl')).toEqual(['animal', 'bird', 'owl']);
  expect(of('below', 'bird')).toEqual(['bird', 'owl']);
  expect(of('below', 'egg')).toEqual(['egg', 'hen']);
  expect(() => related({ ...codeSystem, content: 'example' }, 'below', { system, code: 'owl' })).toThrow(/"example"/);
});
