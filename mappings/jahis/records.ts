// The records of a JAHIS file: electronic medication notebook (JAHISTC01..08, technical document 24-104, Ver.2.6) and
// out-of-hospital prescription code (JAHIS1..10, technical document 24-103, Ver.1.10). Windows-31J, CRLF, commas, no quoting.

import { decodeJapaneseFile } from '../charset.ts';
import { UnreadableInput } from '../record.ts';
import { joinParts } from './parts.ts';
import type { JahisRecord } from './record.ts';

export type JahisHeader =
  /** Direction 1 = written by a shop or institution for the patient, 2 = by the patient for a shop. */
  { format: 'notebook'; version: number; direction: '1' | '2' } | { format: 'prescription'; version: number };

export type JahisFile = {
  header: JahisHeader;
  text: string;
  records: JahisRecord[];
  problems: string[];
  /** What record 911 calls the whole of which this was a part; '' for a file that was never split. */
  dataId: string;
};

/** Throws UnreadableInput for another format, broken bytes, or a set of split parts that is not complete. */
export function readJahis(bytes: Uint8Array): JahisFile {
  const { text, charset } = decodeJapaneseFile(bytes, 'a JAHIS file is Windows-31J');
  const parts = readParts(text);
  const header = parts[0]?.header;
  if (!header) throw new UnreadableInput(NO_HEADER);
  if (parts.some((part) => part.header.format !== header.format))
    throw new UnreadableInput('A medication notebook and a prescription stand in one file: hand them in one by one.');
  const problems =
    charset === 'utf-8' && /[^ -~\r\n]/.test(text) ? ['The file is in UTF-8 instead of Windows-31J.'] : [];
  const newest = header.format === 'notebook' ? 8 : 10;
  if (header.version > newest)
    problems.push(`Header version ${twoDigits(header.version)} is newer than ${twoDigits(newest)}, the newest known.`);
  return { header, text, problems, ...joinParts(parts.map(({ records }) => records)) };
}

/** The header that a line is, undefined when it is none. */
export function readHeader(line: string): JahisHeader | undefined {
  const notebook = /^\ufeff?JAHISTC(\d\d),([12])(?:,|\s*$)/.exec(line);
  if (notebook) return { format: 'notebook', version: Number(notebook[1]), direction: notebook[2] === '1' ? '1' : '2' };
  const prescription = /^\ufeff?JAHIS(\d{1,2})(?:,|\s*$)/.exec(line);
  return prescription ? { format: 'prescription', version: Number(prescription[1]) } : undefined;
}

type FilePart = { header: JahisHeader; records: JahisRecord[] };

/** What stands between headers, and up to each record 911, which ends a part. */
function readParts(text: string): FilePart[] {
  const parts: FilePart[] = [];
  let isEnded = false;
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const header = readHeader(line);
    if (index === 0 && !header) throw new UnreadableInput(NO_HEADER);
    const last = parts.at(-1);
    if (header || (isEnded && last)) {
      parts.push({ header: header ?? (last as FilePart).header, records: [] });
      isEnded = false;
    }
    if (header) continue;
    const record = readRecord(line, index + 1);
    if (!record) continue;
    parts.at(-1)?.records.push(record);
    isEnded = record.kind === '911';
  }
  return parts.filter(({ records }, index) => index === 0 || records.length > 0);
}

function readRecord(line: string, number: number): JahisRecord | undefined {
  // Some makers still close a file as CP/M did; other control characters belong into no field.
  const plain = CONTROL.test(line) ? line.replaceAll(CONTROLS, '') : line;
  const fields = plain.split(',', MOST_FIELDS + 2);
  const kind = (fields.shift() ?? '').trim();
  if (kind === '' && plain.trim() === '') return undefined;
  if (!/^\d{1,3}$/.test(kind)) throw new UnreadableInput(`Line ${number} does not begin with a record number.`);
  if (fields.length > MOST_FIELDS) throw new UnreadableInput(`Line ${number} has more than ${MOST_FIELDS} fields.`);
  for (const [index, field] of fields.entries()) {
    const text = field.trim();
    if (text.length > LONGEST_FIELD)
      throw new UnreadableInput(`Line ${number} has a field of more than ${LONGEST_FIELD} characters.`);
    fields[index] = text;
  }
  return { kind: String(Number(kind)), fields, line: number };
}

// The longest field of the formats has 800 bytes; what is far beyond that is no notebook, and would be copied to each drug.
const LONGEST_FIELD = 1000;
const MOST_FIELDS = 100;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/;
const CONTROLS = new RegExp(CONTROL.source, 'g');

const NO_HEADER =
  'The first line is not the header of a JAHIS notebook (JAHISTC01 to 08, output kind 1 or 2) or prescription (JAHIS1 to 10).';

const twoDigits = (version: number): string => String(version).padStart(2, '0');
