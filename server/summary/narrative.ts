// The XHTML of a section or of the whole document: what a doctor reads without a computer's help. Every text of the record is
// escaped. FHIR R4, https://hl7.org/fhir/R4/narrative.html

import type { JsonObject } from '../fhir/json.ts';
import type { Language } from '../fhir/outcome.ts';

/** `rows` as a table under `heads`, and sentences behind it. */
export function narrative(
  language: Language,
  { heads, rows, notes }: { heads: readonly string[]; rows: readonly (readonly string[])[]; notes: readonly string[] },
): JsonObject {
  // A column of which nothing is known says nothing.
  const kept = heads.flatMap((_, n) => (rows.some((row) => row[n]) ? [n] : []));
  const cells = (row: readonly string[], tag: string) =>
    `<tr>${kept.map((n) => `<${tag}>${escaped(row[n] ?? '')}</${tag}>`).join('')}</tr>`;
  const table =
    rows.length === 0
      ? ''
      : `<table><thead>${cells(heads, 'th')}</thead><tbody>${rows.map((row) => cells(row, 'td')).join('')}</tbody></table>`;
  const sentences = notes.map((note) => `<p>${escaped(note)}</p>`).join('');
  const div = `<div xmlns="http://www.w3.org/1999/xhtml" lang="${language}" xml:lang="${language}">${table}${sentences}</div>`;
  return { status: 'generated', div };
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML has no other control characters than these three. */
const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
    .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '')
    .replace(/[&<>"]/g, (one) => ESCAPES[one] ?? one);
