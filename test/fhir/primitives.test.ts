// Formats of the primitive types, by the table of https://hl7.org/fhir/R4/datatypes.html#primitive
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../server/fhir/json.ts';
import { primitiveCheck } from '../../server/fhir/primitives.ts';

/** As they stand in a body: JSON text. */
const GOOD: Record<string, string[]> = {
  boolean: ['true', 'false'],
  integer: ['0', '-1', '2147483647', '-2147483648'],
  unsignedInt: ['0', '2147483647'],
  positiveInt: ['1'],
  decimal: ['0', '1.50', '-3.2', '1e3', '12345678901234567890.5'],
  string: ['"a"', '"　"', '"山田　太郎\\n\\t"', '"<b>"'],
  markdown: ['"# 見出し"'],
  code: ['"a"', '"a b"'],
  id: ['"a"', '"A-1.b"', `"${'a'.repeat(64)}"`],
  uri: ['"a"', '"urn:oid:1.2"', '"urn:uuid:0C3151BD-1cbf-4d64-b04d-cd9187a4c6e0"', '"http://例.jp/あ"'],
  canonical: ['"http://example.jp/a|1.0"'],
  oid: ['"urn:oid:2.16.840"'],
  uuid: ['"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"'],
  base64Binary: ['"AAAA"', '"AA=="', '"AA AA\\nAA=="'],
  date: ['"2024"', '"2024-02"', '"2024-02-29"', '"2000-02-29"', '"2023-12-31"'],
  dateTime: ['"2024"', '"2024-02-29"', '"2024-02-29T23:59:60Z"', '"2024-02-29T00:00:00.123+09:00"'],
  instant: ['"2024-02-29T00:00:00+09:00"', '"2024-02-29T00:00:00.123456Z"'],
  time: ['"00:00:00"', '"23:59:59.9"'],
  xhtml: ['"<div xmlns=\\"http://www.w3.org/1999/xhtml\\"><p>on = x</p></div>"', '" <div/> "'],
};
const BAD: Record<string, string[]> = {
  boolean: ['"true"', '1', '{}'],
  integer: ['"1"', '1.5', '1.0', '1e2', '2147483648', 'true'],
  unsignedInt: ['-1', '-0', '1.0'],
  positiveInt: ['0', '-1', '1.0', '"1"'],
  decimal: ['"1.5"', 'true', '[1]'],
  string: ['""', '1', 'true', '"\\u0000"', '"\\u001b"'],
  markdown: ['""', '1'],
  code: ['""', '" a"', '"a "', '"a  b"', '1'],
  id: ['""', '"a/b"', '"あ"', `"${'a'.repeat(65)}"`, '"a\\n"', '1'],
  uri: ['""', '"a b"', '"a　b"', '"urn:uuid:123"', '1'],
  canonical: ['" "', '1'],
  oid: ['"1.2.3"', '"urn:oid:3.1"', '"urn:oid:1.02"'],
  uuid: ['"0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"', '"urn:uuid:0C3151BD-1cbf-4d64-b04d-cd9187a4c6e0"'],
  base64Binary: ['""', '"AAA"', '"A&AA"', '"=AAA"', '"  "', '1'],
  date: [
    '"2023-02-29"',
    '"1900-02-29"',
    '"2024-04-31"',
    '"2024-13"',
    '"2024-1-1"',
    '"0000"',
    '"2024-02-29T00:00:00Z"',
    '20240101',
  ],
  dateTime: [
    '"2023-02-29T00:00:00Z"',
    '"2024-01-01T00:00:00"',
    '"2024-01-01T00:00Z"',
    '"2024-01-01T24:00:00Z"',
    '"2024-01-01Z"',
    '"2024-01-01 "',
  ],
  instant: ['"2024-02-30T00:00:00Z"', '"2024-01-01"', '"2024-01-01T00:00:00"'],
  time: ['"24:00:00"', '"12:00"', '"12:00:00Z"', '1'],
  xhtml: [
    'true',
    '"text"',
    '"<p>a</p>"',
    '"<div><iframe/></div>"',
    '"<div><p onclick=\\"x()\\">a</p></div>"',
    '"<div><a href=\\"javascript:x()\\">a</a></div>"',
  ],
};

const cases = (table: Record<string, string[]>) =>
  Object.entries(table).flatMap(([type, texts]) => texts.map((text): [string, string] => [type, text]));
// Inside an object, where the server meets it.
const parsed = (text: string) => (parseJson(`{"value":${text}}`) as { value: unknown }).value;

describe('primitiveCheck', () => {
  test.each(cases(GOOD))('%s takes %s', (type, text) => {
    expect(primitiveCheck(type)(parsed(text))).toBeUndefined();
  });

  test.each(cases(BAD))('%s refuses %s', (type, text) => {
    expect(primitiveCheck(type)(parsed(text))).toMatch(/^must /);
  });

  test('text is at most 1 MB, binary may be longer', () => {
    expect(primitiveCheck('string')('a'.repeat(1_048_576))).toBeUndefined();
    expect(primitiveCheck('string')('a'.repeat(1_048_577))).toBeDefined();
    expect(primitiveCheck('base64Binary')('AAAA'.repeat(1_000_000))).toBeUndefined();
  });

  test('long hostile text takes time in proportion to its length', () => {
    const hostile = [
      ' '.repeat(200_000),
      'a '.repeat(100_000),
      '<'.repeat(200_000),
      '<div '.repeat(40_000),
      `<div><${' '.repeat(200_000)}</div>`,
      `<div><a href=${' '.repeat(200_000)}</div>`,
      'AAAA'.repeat(50_000),
    ];
    const startedAt = performance.now();
    for (const type of Object.keys(GOOD))
      for (const text of hostile) {
        primitiveCheck(type)(text);
        primitiveCheck(type)(`${text}!`);
      }
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  test('a name that is no primitive type is our mistake', () => {
    expect(() => primitiveCheck('HumanName')).toThrow('HumanName is not a primitive type');
  });
});
