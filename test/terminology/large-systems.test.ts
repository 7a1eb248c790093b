// Value sets over code systems that are kept in tables: what the tables are asked, and how the answers are put together.
import { describe, expect, test } from 'vitest';
import { definitionsOf } from '../../server/definitions/definitions.ts';
import type { JsonObject } from '../../server/fhir/json.ts';
import { createTerminology } from '../../server/terminology/create-terminology.ts';
import type { LargeCodeSystems, LargeConcept, LargePart } from '../../server/terminology/large-code-systems.ts';
import { expanded, memberIn } from '../../server/terminology/with-large.ts';

const big = 'urn:test:big';
const small = 'urn:test:small';
// n1 … n100, of which every tenth is under n100.
const concepts: LargeConcept[] = Array.from({ length: 100 }, (_, n) => ({
  code: `n${n + 1}`,
  display: `Number ${n + 1}`,
  designations: [],
  properties: (n + 1) % 10 === 0 && n < 99 ? [{ code: 'parent', type: 'code', value: 'n100' }] : [],
}));
const isUnder = ({ properties }: LargeConcept, parent: string) => properties.some(({ value }) => value === parent);
const isIn = (one: LargeConcept, { codes, filters = [] }: LargePart) =>
  (codes === undefined || codes.includes(one.code)) &&
  filters.every(({ op, value }) => (op === 'is-a' && one.code === value) || isUnder(one, value));

/** What tables would answer, from a list. */
const large: LargeCodeSystems = {
  systems: () => [{ system: big, version: '1', count: 100 }],
  lookup: async (_, code) => concepts.find((one) => one.code === code),
  validate: async (_, { include, exclude }, code) =>
    concepts.find(
      (one) => one.code === code && include.some((part) => isIn(one, part)) && !exclude.some((part) => isIn(one, part)),
    ),
  expand: async (_, { include, exclude }, { text = '', offset, count }) => {
    const found = concepts.filter(
      (one) =>
        include.some((part) => isIn(one, part)) &&
        !exclude.some((part) => isIn(one, part)) &&
        one.display.includes(text),
    );
    return { total: found.length, concepts: found.slice(offset, offset + count) };
  },
  subsumes: async () => undefined,
};

const resources = [
  {
    resourceType: 'CodeSystem',
    url: small,
    content: 'complete',
    concept: [{ code: 's1', display: 'Number s' }, { code: 's2' }],
  },
  {
    resourceType: 'ValueSet',
    url: 'tens',
    compose: { include: [{ system: big, filter: [{ property: 'concept', op: 'is-a', value: 'n100' }] }] },
  },
  {
    resourceType: 'ValueSet',
    url: 'some',
    compose: { include: [{ system: big, concept: [{ code: 'n1' }, { code: 'n10' }] }] },
  },
];
const terminology = createTerminology(definitionsOf(resources));
const sources = { terminology, large };
const valueSet = (include: object[], exclude: object[] = []): JsonObject => ({
  resourceType: 'ValueSet',
  url: 'asked',
  compose: { include, exclude },
});
const all = {
  offset: 0,
  count: undefined,
  includeDesignations: false,
  activeOnly: false,
  excludeNotForUI: false,
  excludedSystems: [],
  language: undefined,
};

describe('$expand', () => {
  test.each<[what: string, of: JsonObject, total: number, options: object, codes: string[]]>([
    ['the whole system, paged', valueSet([{ system: big }]), 100, { offset: 98, count: 5 }, ['n99', 'n100']],
    [
      'a part that is here goes first',
      valueSet([{ system: big }, { system: small }]),
      102,
      { count: 3 },
      ['s1', 's2', 'n1'],
    ],
    [
      'a page over the border',
      valueSet([{ system: small }, { system: big }]),
      102,
      { offset: 1, count: 2 },
      ['s2', 'n1'],
    ],
    [
      'a page behind the border',
      valueSet([{ system: small }, { system: big }]),
      102,
      { offset: 3, count: 2 },
      ['n2', 'n3'],
    ],
    ['words in both', valueSet([{ system: small }, { system: big }]), 1, { filter: 'Number s' }, ['s1']],
    ['through value sets', valueSet([{ valueSet: ['tens'] }]), 10, { count: 2 }, ['n10', 'n20']],
    [
      'without what is excluded',
      valueSet([{ valueSet: ['tens'] }], [{ valueSet: ['some'] }]),
      9,
      { count: 1 },
      ['n20'],
    ],
    [
      'none of a system that is left out',
      valueSet([{ system: small }, { system: big }]),
      2,
      { excludedSystems: [big] },
      ['s1', 's2'],
    ],
  ])('%s', async (_, of, total, options, codes) => {
    const found = await expanded(sources, of, { ...all, ...options });
    expect(found.contains.map(({ code }) => code)).toEqual(codes);
    expect(found.total).toBe(total);
  });

  test.each<[include: object, message: RegExp]>([
    [{ valueSet: ['tens', 'some'] }, /joins tens and some/],
    [{ system: 'urn:nowhere' }, /urn:nowhere is not stored/],
  ])('%j is refused', async (include, message) => {
    await expect(expanded(sources, valueSet([{ system: big }, include]), all)).rejects.toThrow(message);
  });
});

test.each<[of: JsonObject, system: string, code: string, found: boolean]>([
  [valueSet([{ system: big }]), big, 'n7', true],
  [valueSet([{ system: big }]), big, 'n101', false],
  [valueSet([{ valueSet: ['tens'] }, { system: small }]), big, 'n20', true],
  [valueSet([{ valueSet: ['tens'] }, { system: small }]), big, 'n21', false],
  [valueSet([{ valueSet: ['tens'] }, { system: small }]), small, 's1', true],
  [valueSet([{ system: big }], [{ valueSet: ['tens'] }]), big, 'n20', false],
  [valueSet([{ system: big }], [{ valueSet: ['tens'] }]), big, 'n21', true],
])('%j: %s %s is in it: %s', async (of, system, code, found) => {
  const answer = await memberIn(sources, of, { system, code });
  expect(answer !== false && 'code' in answer).toBe(found);
});
