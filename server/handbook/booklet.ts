// The blocks of a document that a family keeps, in calm type: headings, paragraphs, facts, tables that break over pages with their
// head repeated, figures, contents and page numbers.

import type { Language } from '../fhir/outcome.ts';
import {
  ACCENT,
  BOTTOM,
  type Element,
  LEFT,
  openSheet,
  RIGHT,
  RULE,
  type Sheet,
  SOFT,
  type Style,
  TOP,
  WIDTH,
} from './sheet.ts';
import { type Column, drawTable } from './table.ts';

export type { Column } from './table.ts';
export type Booklet = ReturnType<typeof openBooklet>;

type Level = 1 | 2 | 3;
type Placing = Partial<Style> & { indent?: number; align?: 'left' | 'center' };
/** `keepWith`: the height of what has to stand on the same page. */
type Heading = { level?: Level; onNewPage?: boolean; keepWith?: number };
type Entry = { title: string; level: Level; page: number };

const LEADING = 1.5;
const HEADING_SIZES: Record<Level, number> = { 1: 16, 2: 11.5, 3: 9.5 };

/** `footer` stands on every page. Pages are kept until `close`; what was made is read from `sheet.document`. */
export function openBooklet(of: { language: Language; title: string; madeMs: number; footer: string }) {
  const sheet = openSheet(of);
  const root = sheet.section;
  const entries: Entry[] = [];
  const contents: Contents[] = [];
  const openSection = () => {
    sheet.section = sheet.document.struct('Sect');
    root.add(sheet.section);
  };
  openSection();
  return {
    language: of.language,
    sheet,
    /** A part of the book. Those of levels 1 and 2 stand in the contents. */
    heading(text: string, { level = 1, onNewPage = false, keepWith = 60 }: Heading = {}): void {
      const size = HEADING_SIZES[level];
      if (onNewPage && sheet.y > TOP) sheet.newPage();
      if (sheet.y > TOP) sheet.y += size * 0.9;
      sheet.need(size * LEADING + keepWith);
      if (level < 3) {
        sheet.section.end();
        openSection();
        entries.push({ title: text, level, page: sheet.page() });
        if (level === 1) sheet.document.outline.addItem(text);
      }
      block(sheet, `H${level}`, text, { size, weight: 'bold', color: ACCENT });
      if (level < 3)
        sheet.artifact(() => sheet.line(LEFT, sheet.y + 1, RIGHT, sheet.y + 1, level === 1 ? ACCENT : RULE));
      sheet.y += level === 3 ? 2 : 7;
    },
    paragraph(text: string, placing: Placing = {}): void {
      block(sheet, 'P', text, placing);
      sheet.y += 4;
    },
    newPage: () => sheet.newPage(),
    space(height: number): void {
      sheet.y += height;
    },
    /** Names and what they are, in two columns; a name without a value is left out. */
    facts(pairs: readonly (readonly [name: string, value: string | undefined])[]): void {
      const list = sheet.document.struct('L');
      sheet.section.add(list);
      for (const [name, value] of pairs) if (value) drawFact(sheet, list, name, value);
      list.end();
      sheet.y += 4;
    },
    /** A line to write on, with its name in front. */
    blank(name: string): void {
      sheet.need(30);
      sheet.tagged(sheet.section, 'P', () => sheet.put(name, LEFT, sheet.y + 12, NAME));
      sheet.artifact(() => sheet.line(LEFT + NAME_WIDTH, sheet.y + 25, RIGHT - 60, sheet.y + 25, SOFT));
      sheet.y += 30;
    },
    /** Gives way to other work now and then. */
    table: (columns: readonly Column[], rows: readonly (readonly string[])[]): Promise<void> =>
      drawTable(sheet, columns, rows),
    /** `alt` says what is to be seen. */
    figure(height: number, alt: string, draw: (top: number) => void): void {
      sheet.need(height);
      const top = sheet.y;
      sheet.section.add(sheet.document.struct('Figure', { alt }, [() => draw(top)]));
      sheet.y += height + 8;
    },
    /** The rest of this page is for the contents of what follows. */
    contentsHere(): void {
      // Beside the sections, which end before the contents are known.
      const list = sheet.document.struct('TOC');
      root.add(list);
      contents.push({ list, page: sheet.page(), y: sheet.y, from: entries.length });
      sheet.newPage();
    },
    /** Writes the contents, numbers the pages and ends the document. */
    close(): void {
      sheet.section.end();
      for (const [n, one] of contents.entries())
        writeContents(sheet, one, entries.slice(one.from, contents[n + 1]?.from));
      writeFeet(sheet, of.footer);
      sheet.end();
    },
  };
}

/** One element for each page that the text reaches. */
function block(sheet: Sheet, tag: string, text: string, { indent = 0, align, size = 9, ...rest }: Placing): void {
  const style = { size, ...rest };
  const width = WIDTH - indent;
  const lines = sheet.linesOf(text, width, style);
  while (lines.length > 0) {
    sheet.need(size * LEADING);
    const here = lines.splice(0, Math.max(1, Math.floor((BOTTOM - sheet.y) / (size * LEADING))));
    sheet.tagged(sheet.section, tag, () => {
      for (const line of here) {
        const aside = align === 'center' ? (width - sheet.widthOf(line, style)) / 2 : 0;
        sheet.put(line, LEFT + indent + aside, sheet.y, style);
        sheet.y += size * LEADING;
      }
    });
  }
}

const NAME: Style = { size: 8.5, color: SOFT };
const VALUE: Style = { size: 9.5 };
const NAME_WIDTH = 132;
const FACT_LINE = 13.5;

function drawFact(sheet: Sheet, list: Element, name: string, value: string): void {
  const names = sheet.linesOf(name, NAME_WIDTH - 10, NAME);
  const values = sheet.linesOf(value, WIDTH - NAME_WIDTH, VALUE);
  sheet.need(FACT_LINE * Math.min(Math.max(names.length, values.length), 20) + 4);
  const item = sheet.document.struct('LI');
  list.add(item);
  const top = sheet.y;
  sheet.tagged(item, 'Lbl', () => {
    for (const [n, line] of names.entries()) sheet.put(line, LEFT, top + n * FACT_LINE + 0.8, NAME);
  });
  while (values.length > 0) {
    sheet.need(FACT_LINE);
    const here = values.splice(0, Math.max(1, Math.floor((BOTTOM - sheet.y) / FACT_LINE)));
    const from = sheet.y;
    sheet.tagged(item, 'LBody', () => {
      for (const [n, line] of here.entries()) sheet.put(line, LEFT + NAME_WIDTH, from + n * FACT_LINE, VALUE);
    });
    sheet.y += here.length * FACT_LINE;
  }
  item.end();
  sheet.y = Math.max(sheet.y, sheet.y > top ? top + names.length * FACT_LINE : sheet.y) + 2.5;
}

/** The entries from this place in the list on belong to it. */
type Contents = { list: Element; page: number; y: number; from: number };

function writeContents(sheet: Sheet, { list, page, y }: Contents, entries: readonly Entry[]): void {
  sheet.document.switchToPage(page);
  const step = Math.min(17, (BOTTOM - y) / Math.max(1, entries.length));
  for (const [n, entry] of entries.entries()) {
    const style: Style =
      entry.level === 1 ? { size: Math.min(10, step * 0.6) } : { size: Math.min(9, step * 0.55), color: SOFT };
    const top = y + n * step;
    const left = LEFT + (entry.level === 1 ? 0 : 14);
    const number = String(entry.page + 1);
    const right = RIGHT - sheet.widthOf(number, style);
    const [shown = ''] = sheet.linesOf(entry.title, right - left - 30, style);
    sheet.tagged(list, 'TOCI', () => {
      sheet.put(shown, left, top, style);
      sheet.put(number, right, top, style);
    });
    sheet.artifact(() => {
      sheet.document.dash(1, { space: 2.5 });
      const at = top + style.size * 1.1;
      sheet.line(left + sheet.widthOf(shown, style) + 6, at, right - 6, at, RULE);
      sheet.document.undash();
    });
  }
  list.end();
}

const FOOT: Style = { size: 7.5, color: SOFT };

function writeFeet(sheet: Sheet, footer: string): void {
  const { count } = sheet.document.bufferedPageRange();
  const [shown = ''] = sheet.linesOf(footer, WIDTH - 60, FOOT);
  for (let page = 0; page < count; page++) {
    sheet.document.switchToPage(page);
    const number = `${page + 1} / ${count}`;
    sheet.artifact(() => {
      sheet.put(shown, LEFT, BOTTOM + 22, FOOT);
      sheet.put(number, RIGHT - sheet.widthOf(number, FOOT), BOTTOM + 22, FOOT);
    });
  }
}
