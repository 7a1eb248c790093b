// JSON Patch, RFC 6902: the rules its own examples leave open, and exact numbers.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dropEmptied } from '../../server/fhir/drop-emptied.ts';
import { parseJson } from '../../server/fhir/json.ts';
import { applyJsonPatch, readJsonPatch } from '../../server/fhir/json-patch.ts';

/** The text of the document after the patch. */
const patched = (document: string, patch: string) =>
  JSON.stringify(applyJsonPatch(parseJson(document), readJsonPatch(parseJson(patch))));

describe('applies', () => {
  test.each([
    ['a replace in place', '{"a":1,"b":2}', '[{"op":"replace","path":"/a","value":3}]', '{"a":3,"b":2}'],
    ['a replace in a list', '[1,2,3]', '[{"op":"replace","path":"/1","value":9}]', '[1,9,3]'],
    ['an add over what is there', '{"a":1}', '[{"op":"add","path":"/a","value":null}]', '{"a":null}'],
    ['an add to the whole', '{"a":1}', '[{"op":"add","path":"","value":[1]}]', '[1]'],
    ['an add at the end by number', '[1]', '[{"op":"add","path":"/1","value":2}]', '[1,2]'],
    [
      'a copy that stands by itself',
      '{"a":{"b":1}}',
      '[{"op":"copy","from":"/a","path":"/c"},{"op":"replace","path":"/c/b","value":2}]',
      '{"a":{"b":1},"c":{"b":2}}',
    ],
    ['a move in a list', '["a","b","c"]', '[{"op":"move","from":"/0","path":"/2"}]', '["b","c","a"]'],
    ['a move onto itself', '{"a":1}', '[{"op":"move","from":"/a","path":"/a"}]', '{"a":1}'],
    [
      'escapes, once',
      '{"a/b":1,"~1":2}',
      '[{"op":"remove","path":"/a~1b"},{"op":"replace","path":"/~01","value":3}]',
      '{"~1":3}',
    ],
    [
      'tests of everything',
      '{"a":[1,{"b":null}]}',
      '[{"op":"test","path":"/a","value":[1,{"b":null}]}]',
      '{"a":[1,{"b":null}]}',
    ],
    ['an empty patch', '{"a":1.50}', '[]', '{"a":1.50}'],
  ])('%s', (_, document, patch, expected) => {
    expect(patched(document, patch)).toBe(expected);
  });
});

describe('numbers', () => {
  test('keep their text, moved, copied or left alone', () => {
    const patch =
      '[{"op":"move","from":"/a","path":"/c"},{"op":"copy","from":"/c","path":"/d"},{"op":"add","path":"/e","value":1e3}]';
    expect(patched('{"a":{"value":1.50},"b":12345678901234567890}', patch)).toBe(
      '{"b":12345678901234567890,"c":{"value":1.50},"d":{"value":1.50},"e":1e3}',
    );
  });

  test.each([
    ['1.50', '1.5', true],
    ['100', '1e2', true],
    ['-0', '0', true],
    ['0.00', '0', true],
    ['12345678901234567890', '12345678901234567891', false],
    ['1.5', '-1.5', false],
    ['1', '"1"', false],
    ['1', 'true', false],
  ])('test of %s against %s', (one, other, isSame) => {
    const run = () => patched(`{"a":${one}}`, `[{"op":"test","path":"/a","value":${other}}]`);
    if (isSame) expect(run()).toBe(`{"a":${one}}`);
    else expect(run).toThrow('the test of its path fails');
  });
});

test('long numbers are compared in time in proportion to their length', () => {
  const number = `1${'0'.repeat(200_000)}1`;
  const startedAt = performance.now();
  expect(patched(`{"a":${number}}`, `[{"op":"test","path":"/a","value":${number}.0}]`)).toBe(`{"a":${number}}`);
  expect(performance.now() - startedAt).toBeLessThan(2000);
});

describe('refuses with 422', () => {
  test.each([
    ['a path that is not there', '[{"op":"remove","path":"/b"}]'],
    ['an add below what is not there', '[{"op":"add","path":"/b/c","value":1}]'],
    ['a replace of what is not there', '[{"op":"replace","path":"/b","value":1}]'],
    ['a step into a text', '[{"op":"add","path":"/text/0","value":1}]'],
    ['an index behind the end', '[{"op":"add","path":"/list/2","value":1}]'],
    ['an index with a leading zero', '[{"op":"replace","path":"/list/00","value":1}]'],
    ['the end of a list as a source', '[{"op":"remove","path":"/list/-"}]'],
    ['a member of every object', '[{"op":"remove","path":"/constructor"}]'],
    ['a move into itself', '[{"op":"move","from":"/list","path":"/list/0"}]'],
    ['a test that fails', '[{"op":"test","path":"/text","value":"y"}]'],
  ])('%s', (_, patch) => {
    expect(() => patched('{"text":"x","list":[1]}', patch)).toThrow(expect.objectContaining({ status: 422 }));
  });

  test('copies that double until they fill the memory', () => {
    const patch = readJsonPatch(Array.from({ length: 60 }, () => ({ op: 'copy', from: '/a', path: '/a/-' })));
    expect(() => applyJsonPatch({ a: [[1]] }, patch)).toThrow(expect.objectContaining({ status: 422 }));
  });
});

describe('refuses with 400', () => {
  test.each<[string, unknown]>([
    ['an object', { op: 'add' }],
    ['nothing', undefined],
    ['an operation that is none', [3]],
    ['an unknown op', [{ op: 'merge', path: '' }]],
    ['no value', [{ op: 'add', path: '/a' }]],
    ['no path', [{ op: 'remove' }]],
    ['a path without its slash', [{ op: 'remove', path: 'a' }]],
    ['an escape that is none', [{ op: 'remove', path: '/a~2' }]],
    ['the prototype', [{ op: 'add', path: '/__proto__/polluted', value: 1 }]],
    ['no from', [{ op: 'move', path: '/a' }]],
    ['too many operations', Array.from({ length: 1001 }, () => ({ op: 'remove', path: '/a' }))],
  ])('%s', (_, patch) => {
    expect(() => readJsonPatch(patch)).toThrow(expect.objectContaining({ status: 400 }));
  });
});

test('what is removed and added again is the document as it was', () => {
  const json = fc.dictionary(
    fc.string({ minLength: 1 }).filter((name) => name !== '__proto__'),
    fc.jsonValue(),
    { minKeys: 1 },
  );
  fc.assert(
    fc.property(json, fc.nat(), (document, pick) => {
      const names = Object.keys(document);
      const name = names[pick % names.length] as string;
      const path = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const operations = readJsonPatch([
        { op: 'remove', path },
        { op: 'add', path, value: document[name] },
        { op: 'test', path, value: document[name] },
      ]);
      expect(applyJsonPatch(structuredClone(document), operations)).toEqual(document);
    }),
  );
});

test('what lost its last member is dropped, and what was empty before stays', () => {
  const lost = new Set<object>();
  const document = parseJson('{"name":[{"text":"x"}],"a":{"b":{"c":1}},"given":["y"],"_given":[{"id":"i"}],"list":[]}');
  const operations = readJsonPatch(['/name/0/text', '/a/b/c', '/_given/0/id'].map((path) => ({ op: 'remove', path })));
  dropEmptied(applyJsonPatch(document, operations, lost), lost);
  expect(document).toEqual({ given: ['y'], list: [] });
});
