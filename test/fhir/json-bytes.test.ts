// Answers written with known parts, against JSON.stringify.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactNumber } from '../../server/fhir/json.ts';
import { constant, jsonBytes, madeOnce } from '../../server/fhir/json-bytes.ts';

describe('jsonBytes', () => {
  it('writes what JSON.stringify writes, whatever the value', () => {
    const options = { key: fc.string({ unit: 'binary' }), withUndefinedValues: true } as const;
    fc.assert(
      fc.property(
        fc.object({
          ...options,
          values: [fc.string({ unit: 'binary' }), fc.double(), fc.boolean(), fc.constant(null)],
        }),
        (value) => {
          expect(String(jsonBytes(value))).toBe(JSON.stringify(value));
        },
      ),
    );
  });

  it('escapes quotes, control characters and half a surrogate pair, and leaves whole pairs alone', () => {
    const value = { 'a"b': ['\\', '\u0001', '\ud800', '𠮷', 'ワクチン'] };
    expect(String(jsonBytes(value))).toBe(JSON.stringify(value));
  });

  it('keeps the digits of exact numbers', () => {
    expect(String(jsonBytes({ value: exactNumber('1.50') }))).toBe('{"value":1.50}');
  });

  it('writes constants where they stand, as often as they stand there', () => {
    const one = constant({ text: '試験' });
    const value = { first: one, more: [one, { again: one }] };
    expect(String(jsonBytes(value))).toBe(JSON.stringify(value));
  });
});

describe('madeOnce', () => {
  it('gives the same object again for the same key only', () => {
    const copy = madeOnce((key: { n: number }) => ({ ...key }));
    const [one, another] = [{ n: 1 }, { n: 1 }];
    expect(copy(one)).toBe(copy(one));
    expect(copy(another)).not.toBe(copy(one));
  });
});
