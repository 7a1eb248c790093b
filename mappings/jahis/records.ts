// The records of a JAHIS electronic medication notebook file (JAHISTC01..08, Windows-31J, CRLF, no quoting).
// JAHIS technical document 24-104, notebook data format Ver.2.6.

import { decodeJapaneseFile } from '../charset.ts';
import { UnreadableInput } from '../record.ts';

export type NotebookRecord = {
  /** Record number of the format: '1' patient, '201' drug, … */
  kind: string;
  /** Fields behind the record number, trimmed; read past the end with `at`. */
  fields: string[];
  /** Line in the file, from 1. */
  line: number;
};

export type Notebook = {
  version: string;
  /** 1 = written by a shop or institution for the patient, 2 = by the patient. */
  direction: '1' | '2';
  text: string;
  records: NotebookRecord[];
  problems: string[];
};

/** Throws UnreadableInput for another format, broken bytes, or a set of split files that is not complete. */
export function readNotebook(bytes: Uint8Array): Notebook {
  const { text, charset } = decodeJapaneseFile(bytes, 'a JAHIS notebook file is Windows-31J');
  const lines = text.split(/\r\n|\r|\n/);
  const header = readHeader(lines[0] ?? '');
  const problems =
    charset === 'utf-8' && /[^ -~\r\n]/.test(text) ? ['The file is in UTF-8 instead of Windows-31J.'] : [];
  if (Number(header.version) > 8) problems.push(`Header version ${header.version} is newer than 08, the newest known.`);
  const records: NotebookRecord[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.replaceAll(END_OF_FILE, '').trim() === '' || line.startsWith('JAHISTC')) continue;
    const [kind = '', ...fields] = line
      .replace(END_OF_FILE, '')
      .split(',')
      .map((field) => field.trim());
    if (!/^\d{1,3}$/.test(kind)) throw new UnreadableInput(`Line ${index + 1} does not begin with a record number.`);
    records.push({ kind, fields, line: index + 1 });
  }
  checkParts(records);
  return { ...header, text, records, problems };
}

/** Field `n` of a record, 1-based behind the record number; '' when absent (old versions end their lines early). */
export function at(record: NotebookRecord | undefined, n: number): string {
  return record?.fields[n - 1] ?? '';
}

// Some makers still close a file as CP/M did.
const END_OF_FILE = '\u001a';

function readHeader(line: string): { version: string; direction: '1' | '2' } {
  const match = /^JAHISTC(\d\d),([12])(?:,|\s*$)/.exec(line);
  if (match) return { version: match[1] as string, direction: match[2] as '1' | '2' };
  if (/^JAHIS\d/.test(line)) throw new UnreadableInput('This is a JAHIS prescription code, not a medication notebook.');
  throw new UnreadableInput(
    'The first line is not the header of a JAHIS notebook (JAHISTC01 to 08, output kind 1 or 2).',
  );
}

// Record 911 ends each part of a notebook that was split over several codes. A part alone may lack the usage of its
// drugs, and importing it now would make the whole one look like a repetition later.
function checkParts(records: readonly NotebookRecord[]): void {
  const ends = records.filter(({ kind }) => kind === '911');
  const first = ends[0];
  if (!first) return;
  if (ends.some((end) => at(end, 1) !== at(first, 1) || at(end, 2) !== at(first, 2))) {
    throw new UnreadableInput('The parts (records 911) belong to different notebooks.');
  }
  const total = Number(at(first, 2));
  const seen = ends.map((end) => Number(at(end, 3)));
  for (let part = 1; part <= total; part++) {
    if (seen[part - 1] !== part) {
      throw new UnreadableInput(
        `The notebook was split into ${total} parts and part ${part} is missing or out of order: join all parts first.`,
      );
    }
  }
}
