// Comma-separated values: quoted fields may hold commas, line ends and doubled quotes. RFC 4180, with any line end.

import { UnreadableInput } from '../record.ts';

/** The lines as fields; empty lines are left out. Throws UnreadableInput when a quote is not closed. */
export function readCsv(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  const source = text.replaceAll('\u001a', '');
  const field = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n|\r|\n|$)/y;
  while (field.lastIndex < source.length) {
    const at = field.lastIndex;
    const match = field.exec(source);
    if (!match)
      throw new UnreadableInput(`Line ${lines.length + 1} of the CSV has a quote that is not closed or misplaced.`);
    line.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',' && field.lastIndex < source.length) continue;
    if (match[3] === ',') line.push('');
    if (line.length > 1 || line[0] !== '') lines.push(line);
    line = [];
    if (field.lastIndex === at) break;
  }
  return lines;
}
