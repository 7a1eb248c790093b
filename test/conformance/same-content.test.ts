// What the suites call unchanged: the same values and digits, whatever the order of members.
import { describe, expect, test } from 'vitest';
import { firstDifference } from '../../conformance/same-content.ts';

const sent = '{"resourceType":"Basic","id":"a","meta":{"tag":[{"code":"x"}]},"v":1.50,"list":[1,2],"o":{"a":"b"}}';

describe('firstDifference', () => {
  test.each<[string, string]>([
    [
      'another order of members',
      '{"id":"a","v":1.50,"o":{"a":"b"},"list":[1,2],"meta":{"tag":[{"code":"x"}]},"resourceType":"Basic"}',
    ],
    [
      "the server's own meta",
      sent.replace('"meta":{', '"meta":{"versionId":"1","lastUpdated":"2026-01-01T00:00:00Z",'),
    ],
    ['white space', JSON.stringify(JSON.parse(sent), null, 2).replace('"v": 1.5', '"v": 1.50')],
  ])('%s is no difference', (_, read) => {
    expect(firstDifference(sent, read)).toBeUndefined();
  });

  test.each<[string, string, string]>([
    ['a lost digit', sent.replace('1.50', '1.5'), '.v'],
    ['a number as text', sent.replace('1.50', '"1.50"'), '.v'],
    ['another order of a list', sent.replace('[1,2]', '[2,1]'), '.list[0]'],
    ['a shorter list', sent.replace('[1,2]', '[1]'), '.list'],
    ['a lost member', sent.replace(',"o":{"a":"b"}', ''), '.o'],
    ['an added member', sent.replace('"o":{', '"o":{"c":null,'), '.o.c'],
    ['a lost tag', sent.replace('"meta":{"tag":[{"code":"x"}]},', ''), '.meta'],
    ['another id', sent.replace('"id":"a"', '"id":"b"'), '.id'],
  ])('%s is one', (_, read, place) => {
    expect(firstDifference(sent, read)).toBe(place);
  });

  test('a meta that the server added to a resource without one is no difference', () => {
    const read = '{"resourceType":"Basic","id":"b","meta":{"versionId":"1","lastUpdated":"2026-01-01T00:00:00Z"}}';
    expect(firstDifference('{"resourceType":"Basic","id":"a"}', read, { mayRename: true })).toBeUndefined();
  });
});
