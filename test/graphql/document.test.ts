// A GraphQL query as text: what is selected, what is refused, and that no query can ask for more than the limits.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OperationOutcomeError } from '../../server/fhir/outcome.ts';
import { type Selection, selectionsOf } from '../../server/graphql/document.ts';
import { mostFields } from '../../server/graphql/limits.ts';

const read = (query: string, variables: Record<string, unknown> = {}, operationName?: string) =>
  selectionsOf({ query, variables, operationName });

/** `name{given} …Patient{id}` */
function shown(selections: readonly Selection[]): string {
  const parts = selections.map((one) => {
    const inside = one.selections.length > 0 ? `{${shown(one.selections)}}` : '';
    return 'name' in one ? `${one.key === one.name ? '' : `${one.key}:`}${one.name}${inside}` : `…${one.on}${inside}`;
  });
  return parts.join(' ');
}

test.each<[string, string, Record<string, unknown>?]>([
  ['{ id name { given } }', 'id name{given}'],
  ['{ a: id b: id }', 'a:id b:id'],
  ['{ id @skip(if: true) active @include(if: true) }', 'active'],
  ['query q($x: Boolean = false) { id @include(if: $x) active }', 'active'],
  ['query q($x: Boolean!) { id @include(if: $x) }', 'id', { x: true }],
  [
    '{ ...f } fragment f on Patient { id ...g } fragment g on Resource { meta { versionId } }',
    '…Patient{id …Resource{meta{versionId}}}',
  ],
  ['{ ... on Patient { id } ... @skip(if: true) { active } ... { name } }', '…Patient{id} …undefined{name}'],
])('%s', (query, expected, variables) => {
  expect(shown(read(query, variables))).toBe(expected);
});

test('arguments are text, variables and lists replaced by their values', () => {
  const [one] = read(
    'query q($n: Int, $l: [String], $none: String) { a(x: "1" y: $n z: $l e: official b: true none: $none u: null) }',
    {
      n: 5,
      l: ['p', 'q'],
    },
  );
  expect([...(one && 'name' in one ? one.arguments : [])]).toEqual([
    ['x', ['1']],
    ['y', ['5']],
    ['z', ['p', 'q']],
    ['e', ['official']],
    ['b', ['true']],
  ]);
});

describe('refused with a sentence', () => {
  test.each<[string, string, number, Record<string, unknown>?, string?]>([
    ['{ id', 'The query is not GraphQL: line 1, column 5', 400],
    ['mutation { delete }', 'A mutation is not supported here', 400],
    ['subscription { x }', 'A subscription is not supported here', 400],
    ['query a { id } query b { id }', 'operationName has to say which one', 400],
    ['query a { id }', 'There is no operation "c"', 400, {}, 'c'],
    ['fragment f on Patient { id }', 'The query has no operation', 400],
    ['{ ...f }', 'There is no fragment "f"', 400],
    ['{ ...f } fragment f on Patient { ...f }', 'The fragment "f" contains itself', 400],
    ['{ ...f } fragment f on P { ...g } fragment g on P { a { ...f } }', 'The fragment "f" contains itself', 400],
    ['{ id @upper }', 'There is no directive @upper. Known: @skip, @include, @flatten', 400],
    ['{ ... @first { id } }', 'There is no directive @first', 400],
    ['{ id @include(if: $x) }', 'The variable $x is not declared', 400],
    ['query q($x: Boolean!) { id @include(if: $x) }', 'The variable $x needs a value', 400],
    ['{ id @include }', '@include needs "if"', 400],
    ['{ name @slice { given } }', '@slice needs a path', 400],
    ['{ name @slice(path: "use") @first { given } }', '@slice and @first exclude each other', 400],
    ['{ a(x: {y: 1}) }', 'not an object', 400],
    ['{ a(x: 1 x: 2) }', 'The argument "x" is given twice', 400],
    [`${'{ a '.repeat(30)}${'}'.repeat(30)}`, 'at most 20 selections deep', 422],
    [`{ ${'a '.repeat(mostFields + 1)} }`, `at most ${mostFields} fields`, 422],
    [`{ ${'a '.repeat(10_000)} }`, 'at most 5000 tokens', 400],
    [`{ a }#${'x'.repeat(60_000)}`, 'at most 50000 characters', 422],
  ])('%#', (query, sentence, status, variables, name) => {
    expect(() => read(query, variables, name)).toThrow(sentence);
    try {
      read(query, variables, name);
    } catch (error) {
      expect((error as OperationOutcomeError).status).toBe(status);
    }
  });

  test('fragments that multiply each other are counted as often as they are used', () => {
    const levels = Array.from({ length: 15 }, (_, n) => `fragment f${n} on P { ...f${n + 1} ...f${n + 1} }`);
    const begin = performance.now();
    expect(() => read(`{ ...f0 } ${levels.join(' ')} fragment f15 on P { id }`)).toThrow('at most 500 fields');
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  test('whatever text is sent, the answer is selections or a refusal', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '(',
      ')',
      'a',
      ':',
      '$x',
      '@first',
      '...',
      'on',
      '"s"',
      '1',
      '[',
      ']',
      '!',
      'query',
      '#',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          read(pieces.join(' '));
        } catch (error) {
          expect(error).toBeInstanceOf(OperationOutcomeError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
