// The lines of a text file and the rows of a table in it, with the numbers of their lines, some at a time.

import { LoadFault } from '../store/load-fault.ts';
import type { InputFile } from './input-file.ts';

export type Line = { line: number; text: string };
export type Row = { line: number; cells: readonly string[] };

export type TableForm = { delimiter: string; quotes: boolean; encoding: string };

const longestLine = 4 * 1024 * 1024;

/** Throws LoadFault for bytes that are no text of the encoding, and for characters that a database cannot hold. */
export async function* linesOf(file: InputFile, encoding: string): AsyncGenerator<Line[]> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let rest = '';
  let line = 0;
  const decoded = (chunk?: Buffer): string => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch {
      throw new LoadFault(`here or further down is something that is not ${encoding}`, {
        file: file.path,
        line: line + 1,
      });
    }
  };
  const number = (text: string): Line => {
    line++;
    if (text.includes('\0')) throw new LoadFault('there is a NUL character', { file: file.path, line });
    return { line, text: text.endsWith('\r') ? text.slice(0, -1) : text };
  };
  for await (const chunk of file.read()) {
    const texts = (rest + decoded(chunk)).split('\n');
    rest = texts.pop() ?? '';
    if (rest.length > longestLine) throw new LoadFault('the line is too long', { file: file.path, line: line + 1 });
    yield texts.map(number);
  }
  rest += decoded();
  if (rest !== '') yield [number(rest)];
}

/** RFC 4180 where there are quotes; a quoted cell may hold line ends. Empty lines are left out. Throws LoadFault. */
export async function* rowsOf(file: InputFile, { delimiter, quotes, encoding }: TableForm): AsyncGenerator<Row[]> {
  let open: Line | undefined;
  for await (const lines of linesOf(file, encoding)) {
    const rows: Row[] = [];
    for (const { line, text } of lines) {
      const whole: Line = open ? { line: open.line, text: `${open.text}\n${text}` } : { line, text };
      open = undefined;
      if (whole.text === '') continue;
      if (!quotes || !whole.text.includes('"')) {
        rows.push({ line, cells: whole.text.split(delimiter) });
        continue;
      }
      const cells = quotedCells(whole.text, delimiter);
      if (cells) rows.push({ line: whole.line, cells });
      else if (whole.text.length > longestLine)
        throw new LoadFault('a quoted cell does not end', { file: file.path, line: whole.line });
      else open = whole;
    }
    yield rows;
  }
  if (open)
    throw new LoadFault('a quoted cell does not end: is the file cut off?', { file: file.path, line: open.line });
}

/** Undefined where a quoted cell goes on in the next line. */
function quotedCells(text: string, delimiter: string): string[] | undefined {
  const cells: string[] = [];
  for (let at = 0; ; ) {
    if (text[at] !== '"') {
      const end = text.indexOf(delimiter, at);
      cells.push(end < 0 ? text.slice(at) : text.slice(at, end));
      if (end < 0) return cells;
      at = end + 1;
      continue;
    }
    let end = text.indexOf('"', at + 1);
    while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
    if (end < 0) return undefined;
    cells.push(text.slice(at + 1, end).replaceAll('""', '"'));
    if (end + 1 >= text.length) return cells;
    at = end + 2;
  }
}
