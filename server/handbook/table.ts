// A table of a document: its head tinted and repeated on every page, a thin line under each row, and rows that break between pages
// only where no page can hold them.

import { setImmediate } from 'node:timers/promises';
import { BOTTOM, type Element, LEFT, RIGHT, RULE, type Sheet, type Style, TOP, WIDTH } from './sheet.ts';

/** `width`: of the whole, together 1. */
export type Column = { title: string; width: number };

const TINT = '#eaf3f1';
const HEAD: Style = { size: 7.5, weight: 'bold', color: '#2b4a46' };
const CELL: Style = { size: 8 };
const LEADING = 1.42;
const PAD = 4;
/** Some 10 ms of work. */
const ROWS_AT_ONCE = 60;

/** Gives way to other work now and then. */
export async function drawTable(
  sheet: Sheet,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const table = sheet.document.struct('Table');
  sheet.section.add(table);
  const linesOf = (texts: readonly string[], style: Style) =>
    columns.map(({ width }, n) => sheet.linesOf(texts[n] ?? '', width * WIDTH - PAD * 2, style));
  const titles = columns.map(({ title }) => title);
  const head = linesOf(titles, HEAD);
  const drawHead = (isFirst: boolean) => {
    const height = heightOf(head, HEAD);
    sheet.artifact(() => void sheet.document.rect(LEFT, sheet.y, WIDTH, height).fill(TINT));
    if (isFirst) drawRow(sheet, columns, head, HEAD, { table, tag: 'TH' });
    else drawRow(sheet, columns, head, HEAD);
    sheet.y += height;
  };
  sheet.need(heightOf(head, HEAD) + 40);
  drawHead(true);
  for (const [n, texts] of rows.entries()) {
    let rest = linesOf(texts, CELL);
    do {
      if (sheet.y + Math.min(heightOf(rest, CELL), BOTTOM - TOP - 60) > BOTTOM) {
        sheet.newPage();
        drawHead(false);
      }
      const most = Math.max(1, Math.floor((BOTTOM - sheet.y - PAD * 2) / (CELL.size * LEADING)));
      const here = rest.map((lines) => lines.slice(0, most));
      rest = rest.map((lines) => lines.slice(most));
      drawRow(sheet, columns, here, CELL, { table, tag: 'TD' });
      sheet.y += heightOf(here, CELL);
      sheet.artifact(() => sheet.line(LEFT, sheet.y, RIGHT, sheet.y, RULE));
    } while (rest.some((lines) => lines.length > 0));
    if (n % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await setImmediate();
  }
  table.end();
  sheet.y += 8;
}

const heightOf = (cells: readonly string[][], { size }: Style): number =>
  Math.max(1, ...cells.map(({ length }) => length)) * size * LEADING + PAD * 2;

/** Without `tagged` the row was read out before. */
function drawRow(
  sheet: Sheet,
  columns: readonly Column[],
  cells: readonly string[][],
  style: Style,
  tagged?: { table: Element; tag: 'TH' | 'TD' },
): void {
  const row = tagged && sheet.document.struct('TR');
  if (row) tagged.table.add(row);
  let x = LEFT;
  for (const [n, lines] of cells.entries()) {
    const left = x + PAD;
    const draw = () => {
      for (const [m, line] of lines.entries()) sheet.put(line, left, sheet.y + PAD + m * style.size * LEADING, style);
    };
    if (row) sheet.tagged(row, tagged.tag, draw);
    else sheet.artifact(draw);
    x += (columns[n]?.width ?? 0) * WIDTH;
  }
  row?.end();
}
