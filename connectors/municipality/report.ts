// What became of the rows of a municipal file, as a CSV file that the desk opens in a spreadsheet: row, fate, column, and what is
// wrong in Japanese and English. It quotes nothing of a row, and nothing in it is a formula.

/** `unchanged`, `new` and `changed` are said by a preview alone; `look` asks a person to decide. */
export type RowFate = 'stored' | 'waiting' | 'refused' | 'new' | 'changed' | 'unchanged' | 'look';

export type ReportLine = { row: number; fate: RowFate; column: string; ja: string; en: string };

const heads = ['行', '結果', '列', '内容', 'Row', 'Fate', 'What is wrong'];

const fates: Readonly<Record<RowFate, string>> = {
  stored: '登録',
  waiting: '連携待ち',
  refused: '拒否',
  new: '新規',
  changed: '変更',
  unchanged: '変更なし',
  look: '要確認',
};

/** With a mark, by which spreadsheets know UTF-8. */
export const reportHead = (): string => `\ufeff${line(heads)}`;

export const reportLine = ({ row, fate, column, ja, en }: ReportLine): string =>
  line([String(row), fates[fate], column, ja, String(row), fate, en]);

const line = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`;

/** A cell that begins like a formula would be run by a spreadsheet; an apostrophe in front makes it text. */
function cell(text: string): string {
  const safe = /^[\s\p{Cc}]*[=+\-@＝＋－＠|%]/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== text ? `"${safe.replaceAll('"', '""')}"` : safe;
}
