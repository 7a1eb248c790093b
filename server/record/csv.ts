// A table as CSV for spreadsheets. RFC 4180, UTF-8 with a byte order mark; the heads in words, then the names for machines. A cell
// that a spreadsheet would take for a formula begins with an apostrophe (CWE-1236).

import type { Language } from '../fhir/outcome.ts';
import type { Column } from './tables.ts';

/** The mark and the two rows of heads. */
export const csvHead = (columns: readonly Column[], language: Language): string =>
  `\uFEFF${csvRow(columns.map((one) => one[language]))}${csvRow(columns.map(({ key }) => key))}`;

/** One row with its line end. */
export const csvRow = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`;

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
