// Numbers keep their text, wherever they stand and whatever stands around them: against JSON.parse with a reviver that looks
// at every value.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberText, parseJson } from '../../server/fhir/json.ts';

const raw = JSON as unknown as { rawJSON(text: string): unknown };
type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parse = JSON.parse as unknown as (text: string, reviver: Reviver) => unknown;
const expected = (text: string): unknown =>
  parse(text, (_, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? raw.rawJSON(source) : value,
  );

const told = (read: () => unknown): string => {
  try {
    return JSON.stringify(read());
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};

const number = fc.oneof(
  fc.constantFrom('1.50', '-0', '0.0', '1e3', '12345678901234567890', '0.0000001', '-2.500E-7', '7', '3.25'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);
const pieces = fc.constantFrom('"', '\\', ':1.50,', ', -0 ]', '[1e3}', '試', '\u0001', ' ');
const string = fc
  .oneof(
    fc.string(),
    fc.array(pieces).map((parts) => parts.join('')),
  )
  .map((text) => JSON.stringify(text));
const space = fc.constantFrom('', '', ' ', '\n\t');
const name = fc.oneof(string, fc.constantFrom('"__proto__"', '"a"', '"1.50"'));
const list = (item: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(item, { maxLength: 4 }).map((items) => items.join(','));
const spaced = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.flatMap((part) => [space, part]), space).map((all) => all.join(''));
const array = (item: fc.Arbitrary<string>) => spaced(fc.constant('['), list(spaced(item)), fc.constant(']'));
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'medium' },
    fc.oneof(number, string, fc.constantFrom('true', 'null')),
    array(tie('value')),
    spaced(fc.constant('{'), list(spaced(name, fc.constant(':'), tie('value'))), fc.constant('}')),
  ),
}));
// A number alone is no resource, and stays a number.
const document = array(value);

describe('parseJson', () => {
  it('keeps the text of every number that JavaScript would change, and nothing else', () => {
    fc.assert(
      fc.property(document, (text) => {
        expect(told(() => parseJson(text))).toBe(told(() => expected(text)));
      }),
      { numRuns: 2000 },
    );
  });

  it('says of a text that is no JSON what JSON.parse says of it', () => {
    const damaged = fc
      .tuple(document, fc.nat(), fc.constantFrom('', '"', '\\', ',', '0', '1.50', '}'))
      .map(([text, at, by]) => text.slice(0, at % (text.length + 1)) + by + text.slice((at % (text.length + 1)) + 1));
    fc.assert(
      fc.property(damaged, (text) => {
        expect(told(() => parseJson(text))).toBe(told(() => expected(text)));
      }),
      { numRuns: 2000 },
    );
  });

  it('gives numbers as numbers, or as raw numbers that know their text', () => {
    const value = parseJson('{"a":[1.50,2,"1.50"],"b":{"c":-0}}') as { a: unknown[]; b: { c: unknown } };
    expect([...value.a, value.b.c].map(numberText)).toEqual(['1.50', '2', undefined, '-0']);
    expect(value.a.slice(1)).toEqual([2, '1.50']);
  });
});
