// The three forms of phr-import/1, read into one: JSON; CSV with a header row of the same names (`tests.abo`, `findings.0.text`),
// in UTF-8 with a byte order mark or Windows-31J; XML with the same names in the namespace urn:phr:import:1.

import { isObject, type JsonObject, numberText, parseJson } from '../../server/fhir/json.ts';
import { findMyNumber, holdsLabelledNumber } from '../../server/fhir/my-number.ts';
import { decodeJapaneseFile, tryDecode } from '../charset.ts';
import { civilDate } from '../japanese-date.ts';
import { MyNumberFound, UnreadableInput } from '../record.ts';
import { childElements, readXml, textOf as textInside, type XmlElement } from '../xml.ts';
import { readCsv } from './csv.ts';

/** The namespace of the XML form. */
const PHR_IMPORT = 'urn:phr:import:1';

/** `columns`: by which a CSV file of the section is known. `mostRows`: far above what one person's record comes to. */
type Section = { name: string; mostRows: number; columns: readonly string[] };

const sections: readonly Section[] = [
  { name: 'records', mostRows: 2_000, columns: ['vaccineName'] },
  { name: 'items', mostRows: 5_000, columns: ['drugName'] },
  { name: 'pregnancyVisits', mostRows: 200, columns: ['visitDate'] },
  { name: 'infantCheckups', mostRows: 200, columns: ['type', 'date'] },
  { name: 'delivery', mostRows: 1, columns: ['deliveredAt'] },
  { name: 'newborn', mostRows: 1, columns: ['birthWeightG'] },
];

const isList = ({ mostRows }: Section): boolean => mostRows > 1;

/**
 * The content by its section names. Throws UnreadableInput for what is none of the three forms, MyNumberFound when it holds
 * a My Number.
 */
export function readForm(bytes: Uint8Array): JsonObject {
  const content = contentOf(bytes);
  if (isDeeper(content, MAX_DEPTH)) throw new UnreadableInput(`The file is nested deeper than ${MAX_DEPTH} levels.`);
  for (const { name, mostRows } of sections) {
    const rows = content[name];
    if (Array.isArray(rows) && rows.length > mostRows)
      throw new UnreadableInput(`"${name}" has more than ${mostRows} rows. Split the file.`);
  }
  const place = findMyNumber(content);
  if (place !== undefined) throw new MyNumberFound(place);
  return content;
}

/** Text without white space around it; a number keeps its digits; '' for what is neither. Control characters say nothing. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value.replace(controls, '').toWellFormed().trim();
  return typeof value === 'boolean' ? String(value) : (numberText(value) ?? '');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: FHIR texts hold none but tab and line ends
const controls = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

/** A code as FHIR writes it: single spaces at most. */
export const codeOf = (value: unknown): string => textOf(value).replace(/\s+/g, ' ');

/** The rows of a section; what is no list of objects has none. */
export function rowsOf(content: JsonObject, section: string): JsonObject[] {
  const rows = content[section];
  return Array.isArray(rows) ? rows.map((row) => (isObject(row) ? row : {})) : [];
}

/** A whole day, or a month where the source knows no more (`YYYY-MM`); undefined for anything else. */
export function isoDate(text: string): string | undefined {
  const match = /^(\d{4})-(\d\d)(?:-(\d\d))?$/.exec(text);
  const date = match && civilDate(Number(match[1]), Number(match[2]), Number(match[3] ?? 1));
  return date ? (match[3] ? date : date.slice(0, 7)) : undefined;
}

/** A day, or a time with its offset; a time without one is Japan's (+09:00). Undefined for anything else. */
export function isoTime(text: string): string | undefined {
  const match = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(Z|[+-](?:0\d|1[0-3]):[0-5]\d)?$/.exec(
    text,
  );
  if (!match) return isoDate(text);
  const [, day = '', hour, minute, second = '00', offset = '+09:00'] = match;
  return isoDate(day) && `${day}T${hour}:${minute}:${second}${offset}`;
}

export const isTrue = (value: unknown): boolean => /^(?:true|1)$/.test(textOf(value));

/** Far above what the format has. */
const MAX_DEPTH = 20;

function isDeeper(value: unknown, depth: number): boolean {
  if (depth < 0) return true;
  const inside = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  return inside.some((one) => isDeeper(one, depth - 1));
}

function contentOf(bytes: Uint8Array): JsonObject {
  const start = Buffer.from(bytes.subarray(0, 64))
    .toString('latin1')
    .replace(/^(?:\xef\xbb\xbf)?\s*/, '');
  if (/^[[{]/.test(start)) return fromJson(bytes);
  if (/^(?:<|\xff\xfe|\xfe\xff)/.test(start)) return fromXml(bytes);
  return fromCsv(bytes);
}

function fromJson(bytes: Uint8Array): JsonObject {
  const text = tryDecode(bytes, 'utf-8');
  if (text === undefined) throw new UnreadableInput('The file is not valid UTF-8.');
  let content: unknown;
  try {
    content = parseJson(text);
  } catch {
    if (holdsLabelledNumber(text)) throw new MyNumberFound('labelled in the text');
    throw new UnreadableInput('The file is not valid JSON.');
  }
  if (!isObject(content)) throw new UnreadableInput('The file is not a JSON object.');
  return content;
}

function fromXml(bytes: Uint8Array): JsonObject {
  const root = readXml(bytes);
  if (root.name !== 'PhrImport' || root.namespace !== PHR_IMPORT)
    throw new UnreadableInput(`The XML is no PhrImport of the namespace ${PHR_IMPORT}.`);
  const content = readElement(root);
  return isObject(content) ? content : {};
}

const lists = new Set([...sections.filter(isList).map(({ name }) => name), 'findings', 'questionnaire']);

function readElement(element: XmlElement): unknown {
  const inside = childElements(element);
  if (inside.length === 0) return textInside(element);
  const values = new Map<string, unknown[]>();
  for (const one of inside) {
    const same = values.get(one.name) ?? [];
    same.push(readElement(one));
    values.set(one.name, same);
  }
  return Object.fromEntries([...values].map(([name, all]) => [name, all.length > 1 || lists.has(name) ? all : all[0]]));
}

function fromCsv(bytes: Uint8Array): JsonObject {
  const { text } = decodeJapaneseFile(bytes, 'a CSV file without a byte order mark is Windows-31J');
  if (holdsLabelledNumber(text)) throw new MyNumberFound('labelled in the text');
  const [header = [], ...lines] = readCsv(text);
  const columns = header.map((name) => name.trim());
  const section = sections.find((one) => one.columns.every((column) => columns.includes(column)));
  if (!section) throw new UnreadableInput('The first line is not a header row of phr-import/1.');
  if (new Set(columns).size < columns.length) throw new UnreadableInput('The header row names a column twice.');
  const rows = lines.map((line) => nested(columns.map((name, n) => [name.split('.'), (line[n] ?? '').trim()])));
  if (!isList(section) && rows.length > 1)
    throw new UnreadableInput(`A file of "${section.name}" has one line behind its header row.`);
  return { [section.name]: isList(section) ? rows : (rows[0] ?? {}) };
}

type Cell = [path: string[], value: string];

/** Cells by the parts of their names: parts that are numbers make a list. Empty cells are left out. */
function nested(cells: readonly Cell[]): JsonObject {
  const groups = new Map<string, Cell[]>();
  for (const [[first = '', ...rest], value] of cells) {
    if (value === '') continue;
    const group = groups.get(first) ?? [];
    group.push([rest, value]);
    groups.set(first, group);
  }
  return Object.fromEntries([...groups].map(([name, group]) => [name, valueOfGroup(group)]));
}

function valueOfGroup(group: readonly Cell[]): unknown {
  const [only] = group;
  if (only && only[0].length === 0) return only[1];
  const inside = nested(group);
  return Object.keys(inside).every((name) => /^\d{1,3}$/.test(name)) ? Object.values(inside) : inside;
}
