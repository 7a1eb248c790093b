// Answers written from pieces, against what JSON.parse reads from them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJsonWriter, piece } from '../../server/fhir/json-writer.ts';
import { madeOnce } from '../../server/fhir/made-once.ts';

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }));

describe('JsonWriter', () => {
  it('writes any text between quotes so that it is read as it was', () => {
    fc.assert(
      fc.property(fc.array(text), (values) => {
        const out = createJsonWriter();
        out.put(piece('["花"'));
        for (const value of values) {
          out.put(piece(',"'));
          out.text(value);
          out.put(piece('"'));
        }
        out.put(piece(']'));
        expect(JSON.parse(String(out.bytes()))).toEqual(['花', ...values]);
      }),
    );
  });

  it('writes pieces as they are and numbers as digits', () => {
    const out = createJsonWriter();
    out.put(piece('{"ワクチン":"\\"𠮷\\"","n":'));
    out.number(12);
    out.put(piece('}'));
    expect(JSON.parse(String(out.bytes()))).toEqual({ ワクチン: '"𠮷"', n: 12 });
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
