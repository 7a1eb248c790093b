// RFC 4180 in pieces of any size, in both character sets, and what becomes of quotation marks that are never closed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRowSplitter, type RawRow, splitCells } from '../../../mappings/municipality/csv.ts';

const rowsOf = (file: string | Uint8Array, pieceBytes = 7, maxRowBytes?: number): RawRow[] => {
  const bytes = Buffer.from(file as string);
  const splitter = createRowSplitter(maxRowBytes);
  const rows: RawRow[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    rows.push(...splitter.push(bytes.subarray(at, at + pieceBytes)));
  return [...rows, ...splitter.end()];
};
const texts = (rows: RawRow[]) => rows.map(({ bytes, fault }) => `${Buffer.from(bytes)}${fault ? ` (${fault})` : ''}`);
const cells = (row: string) => splitCells(row)?.map(({ text }) => text);

describe('createRowSplitter', () => {
  it.each([
    ['LF', 'a,b\nc,d\n', ['a,b', 'c,d']],
    ['CRLF', 'a,b\r\nc,d\r\n', ['a,b', 'c,d']],
    ['CR', 'a,b\rc,d\r', ['a,b', 'c,d']],
    ['no line end at the end', 'a\nb', ['a', 'b']],
    ['empty lines', 'a\n\n\r\nb\n', ['a', '', '', 'b']],
    ['a line end inside quotation marks', '"a\r\nb",c\nd', ['"a\r\nb",c', 'd']],
    ['doubled quotation marks', '"a""\n""b"\nc', ['"a""\n""b"', 'c']],
    ['a quotation mark inside a plain cell', 'a"b\nc', ['a"b', 'c']],
    ['nothing', '', []],
  ])('cuts at %s', (_, file, expected) => {
    for (const size of [1, 2, 3, 100]) expect(texts(rowsOf(file, size))).toEqual(expected);
  });

  it('gives up the line alone whose quotation mark is never closed', () => {
    expect(texts(rowsOf('a\n"b\nc\nd\n'))).toEqual(['a', '"b (unclosed)', 'c', 'd']);
    expect(texts(rowsOf('a\n"b'))).toEqual(['a', '"b (unclosed)']);
    expect(texts(rowsOf(`"b\n${'c\n'.repeat(20)}`, 7, 16))).toEqual(['"b (unclosed)', ...Array(20).fill('c')]);
  });

  it('leaves out the rest of a line that is too long', () => {
    expect(texts(rowsOf(`a\n${'x'.repeat(100)}\nb\n`, 7, 16))).toEqual(['a', `${'x'.repeat(16)} (too long)`, 'b']);
  });

  it('gives the same rows however the file is cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '漢'), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 20 }), (file, size) => {
        expect(texts(rowsOf(file, size))).toEqual(texts(rowsOf(file, 1000)));
      }),
    );
  });

  it('takes time in proportion to the file, whatever its quotation marks', () => {
    for (const line of ['"\n', '"a\n', 'a"\n', '"a""\n', '",\n"a', 'a",",x\n', '",","x\n', `"${'x'.repeat(300)}\n`]) {
      const started = performance.now();
      rowsOf(line.repeat(Math.ceil(1_000_000 / line.length)), 65_536);
      expect([line.slice(0, 8), performance.now() - started < 5000]).toEqual([line.slice(0, 8), true]);
    }
  });
});

describe('splitCells', () => {
  it.each([
    ['a,b', ['a', 'b']],
    ['', ['']],
    [',', ['', '']],
    ['"a,b",c', ['a,b', 'c']],
    ['"a""b"', ['a"b']],
    ['""', ['']],
    ['"","x"', ['', 'x']],
    ['a"b', undefined],
    ['"a"b', undefined],
    ['"a', undefined],
    ['"a"""', ['a"']],
  ])('%s', (row, expected) => expect(cells(row)).toEqual(expected));

  it('reads what was quoted by the rule', () => {
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (values) => {
        const row = values.map(quoted).join(',');
        expect(cells(row)).toEqual(values);
        expect(splitCells(row)?.map(({ start, end }) => row.slice(start, end))).toEqual(values.map(quoted));
      }),
    );
  });
});
