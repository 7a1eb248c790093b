// Reports that a desk opens in a spreadsheet: RFC 4180, and no cell that is run.
import { describe, expect, it } from 'vitest';
import { reportHead, reportLine } from '../../../connectors/municipality/report.ts';
import { splitCells } from '../../../mappings/municipality/csv.ts';

const cells = (en: string) => {
  const line = reportLine({ row: 7, fate: 'refused', column: '実施日', ja: '日付として読めません。', en });
  return splitCells(line.slice(0, -2))?.map(({ text }) => text);
};

describe('a line of the report', () => {
  it('has a cell for each head', () => {
    expect(cells('It is no date.')).toEqual([
      '7',
      '拒否',
      '実施日',
      '日付として読めません。',
      '7',
      'refused',
      'It is no date.',
    ]);
    expect(splitCells(reportHead().trim())).toHaveLength(7);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1', '＝1', '|cmd', '=HYPERLINK("http://x")'])(
    'makes text of %s',
    (text) => {
      expect(cells(text)?.at(-1)).toBe(`'${text}`);
    },
  );

  it.each(['a,b', 'a"b', 'a\r\nb'])('quotes %s', (text) => expect(cells(text)?.at(-1)).toBe(text));
});
