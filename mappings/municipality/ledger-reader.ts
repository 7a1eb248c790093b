// A municipal CSV file in pieces -> its rows by the columns' names. The header row says which column is where, in any order and by
// Japanese or machine names; UTF-8 (with or without a mark) or Windows-31J, one of them for the whole file.

import { holdsNumber } from '../../server/fhir/my-number-text.ts';
import { type Charset, tryDecode } from '../charset.ts';
import { MyNumberFound, UnreadableInput } from '../record.ts';
import type { Column } from './column.ts';
import { type Cell, createRowSplitter, type RawRow, splitCells } from './csv.ts';

/** What is wrong with a row, or with one of its cells; both sentences are safe to show. */
export type Fault = {
  /** The Japanese heading of the column; '' for the row as a whole. */
  column: string;
  ja: string;
  en: string;
};

export type LedgerRow<Key extends string> = {
  /** As a spreadsheet counts: the header row is 1. */
  row: number;
  /** A file of its own: the header row and this one, with what must not leave the municipality blanked. */
  original: Uint8Array;
  /** Trimmed; a column that is not there, or empty, has no entry. Nothing at all where `faults` say the row cannot be read. */
  values: ReadonlyMap<Key, string>;
  faults: Fault[];
  /** The row holds a My Number and must not leave as it is. */
  holdsMyNumber: boolean;
  /** It must not leave at all: it says so, or cannot be read where it might, or might hold what is to be blanked. */
  isHeldBack: boolean;
};

export type LedgerReader<Key extends string> = {
  /** The rows that the piece completes. Throws UnreadableInput, once, for a header row that cannot be used. */
  push(chunk: Uint8Array): LedgerRow<Key>[];
  end(): LedgerRow<Key>[];
  /** Headings that are no columns of this layout; they stay in the original alone. Known after the header row. */
  unknownHeadings(): readonly string[];
};

const CRLF = Buffer.from('\r\n');

/** `numbers` are the columns whose values may have 12 digits and are no My Number. */
export function createLedgerReader<Key extends string>(
  columns: readonly Column<Key>[],
  numbers: ReadonlySet<Key>,
): LedgerReader<Key> {
  const splitter = createRowSplitter();
  let header: (Header<Key> & { bytes: Uint8Array }) | undefined;
  let charset: Charset | undefined;
  let row = 0;
  return {
    push: (chunk) => splitter.push(chunk).flatMap(take),
    end() {
      const rows = splitter.end().flatMap(take);
      if (header === undefined) throw new UnreadableInput('ファイルが空です。 The file is empty.');
      return rows;
    },
    unknownHeadings: () => header?.unknown ?? [],
  };

  function take(raw: RawRow): LedgerRow<Key>[] {
    row += 1;
    if (header === undefined) {
      charset = charsetOf(raw.bytes);
      header = { ...readHeader(raw, charset ?? 'utf-8', columns), bytes: raw.bytes };
      return [];
    }
    charset ??= charsetOf(raw.bytes);
    if (raw.fault === undefined && isBlank(raw.bytes)) return [];
    return [readRow(raw, header, charset)];
  }

  function readRow(
    raw: RawRow,
    { bytes, cellCount, places }: Header<Key> & { bytes: Uint8Array },
    set: Charset | undefined,
  ): LedgerRow<Key> {
    const mayHide = [...places.values()].some(({ dropped, holdsBack }) => dropped !== undefined || holdsBack);
    const unreadable = (ja: string, en: string): LedgerRow<Key> => ({
      ...{ isHeldBack: mayHide },
      ...{ row, original: Buffer.concat([bytes, CRLF, raw.bytes, CRLF]), values: new Map() },
      ...{ faults: [{ column: '', ja, en }], holdsMyNumber: holdsNumber(Buffer.from(raw.bytes).toString('latin1')) },
    });
    if (raw.fault === 'unclosed')
      return unreadable('引用符が閉じていません。', 'A quotation mark is opened and never closed.');
    if (raw.fault === 'too long') return unreadable('行が長すぎます。', 'The row is too long.');
    const text = textOf(raw.bytes, set ?? 'utf-8');
    if (text === undefined)
      return unreadable(
        '文字コードがファイルの他の行と違うか、壊れています。',
        'The row is in another character set than the rows before it, or damaged.',
      );
    const cells = splitCells(text);
    if (cells === undefined)
      return unreadable('引用符の位置が正しくありません。', 'A quotation mark stands where none may.');
    if (cells.length !== cellCount)
      return unreadable(
        `列の数が${cells.length}で、見出しの${cellCount}と違います。`,
        `The row has ${cells.length} cells and the header row ${cellCount}.`,
      );
    return { row, original: originalOf(raw.bytes, bytes, places), ...readCells(cells, places) };
  }

  function readCells(cells: readonly Cell[], places: ReadonlyMap<number, Column<Key>>) {
    const values = new Map<Key, string>();
    const faults: Fault[] = [];
    let holdsMyNumber = false;
    let isHeldBack = false;
    for (const [at, { text }] of cells.entries()) {
      const column = places.get(at);
      const value = text.trim();
      if (column?.holdsBack && value !== '' && value.normalize('NFKC') !== '0') {
        isHeldBack = true;
        faults.push({
          column: column.ja,
          ja: '支援措置の対象です。この行は送られません。窓口で登録し、保護してください。',
          en: 'The family is protected. The row is not sent: register and protect them at the desk.',
        });
        continue;
      }
      const isNumber = column !== undefined && (numbers.has(column.key) || column.dropped !== undefined);
      if (!isNumber && holdsNumber(value)) {
        holdsMyNumber = true;
        faults.push({
          column: column?.ja ?? '',
          ja: '個人番号（マイナンバー）とみられる12桁の数字があります。取り除いてください。',
          en: 'It holds 12 digits that are a My Number. Remove them.',
        });
      } else if (controls.test(value))
        faults.push({
          column: column?.ja ?? '',
          ja: '制御文字があります。',
          en: 'It holds control characters.',
        });
      else if (column !== undefined && column.dropped === undefined && value !== '') values.set(column.key, value);
    }
    for (const { key, ja, required } of columns)
      if (required && !values.has(key))
        faults.push({ column: ja, ja: '値がありません。', en: 'The value is missing.' });
    return { values: faults.length > 0 ? new Map<Key, string>() : values, faults, holdsMyNumber, isHeldBack };
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what no FHIR string may hold
const controls = /[\x00-\x08\x0b\x0c\x0e-\x1f]/;

type Header<Key extends string> = { cellCount: number; places: ReadonlyMap<number, Column<Key>>; unknown: string[] };

function readHeader<Key extends string>(
  { bytes, fault }: RawRow,
  charset: Charset,
  columns: readonly Column<Key>[],
): Header<Key> {
  const text = fault === undefined ? textOf(bytes, charset) : undefined;
  const cells = text === undefined ? undefined : splitCells(text);
  if (cells === undefined)
    throw new UnreadableInput(
      '1行目が読めません（UTF-8 または Windows-31J の CSV ではありません）。 The first row cannot be read: the file is no CSV in UTF-8 or Windows-31J.',
    );
  const places = new Map<number, Column<Key>>();
  const unknown: string[] = [];
  for (const [at, { text: heading }] of cells.entries()) {
    if (/個人番号|マイナンバー|my[\s_-]?number|kojin[\s_-]?bango/i.test(plain(heading)))
      throw new MyNumberFound(`${at + 1}列目の見出し, the heading of column ${at + 1}`);
    const column = columns.find(({ key, ja }) => [key.toLowerCase(), plain(ja)].includes(plain(heading)));
    if (column === undefined) unknown.push(heading.trim());
    else if ([...places.values()].includes(column))
      throw new UnreadableInput(`列が二つあります: ${column.ja} The column ${column.key} is there twice.`);
    else places.set(at, column);
  }
  const there = new Set(places.values());
  const missing = columns.filter((column) => column.required && !there.has(column));
  if (missing.length > 0)
    throw new UnreadableInput(
      `見出しの行に必須の列がありません: ${missing.map(({ ja }) => ja).join('、')} Required columns are missing from the header row: ${missing.map(({ key }) => key).join(', ')}.`,
    );
  return { cellCount: cells.length, places, unknown };
}

/** Headings are compared without width, case, spaces and underscores. */
const plain = (heading: string): string => heading.normalize('NFKC').toLowerCase().replace(/[\s_]/g, '');

/**
 * Undefined for nothing but ASCII, and for bytes that are text in neither: they decide nothing. UTF-8 is believed with its mark, or where
 * nothing but Japanese comes of it.
 */
function charsetOf(bytes: Uint8Array): Charset | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes.every((byte) => byte < 0x80)) return undefined;
  if (isJapaneseUtf8(bytes)) return 'utf-8';
  return tryDecode(bytes, 'shift_jis') === undefined ? undefined : 'shift_jis';
}

// The characters of JIS X 0208 below U+2000 besides ASCII; half-width kana of Windows-31J can look like others of them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is "ASCII or Japanese"
const japaneseText = /^[\x00-\x7f´¨±×÷°§¶\u0370-\u045f\u2000-\uffef\u{20000}-\u{3ffff}]*$/u;

function isJapaneseUtf8(bytes: Uint8Array): boolean {
  const text = tryDecode(bytes, 'utf-8');
  return text !== undefined && japaneseText.test(text);
}

/** Undefined for bytes that are not in the character set, and for UTF-8 inside a file of Windows-31J. */
function textOf(bytes: Uint8Array, charset: Charset): string | undefined {
  if (charset === 'shift_jis' && bytes.some((byte) => byte >= 0x80) && isJapaneseUtf8(bytes)) return undefined;
  return tryDecode(bytes, charset);
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x2c || byte === 0x09);

/** Cells are cut at single bytes in both character sets, so what is dropped is blanked without reading it. */
function originalOf(row: Uint8Array, header: Uint8Array, places: ReadonlyMap<number, Column>): Uint8Array {
  const dropped = [...places].flatMap(([at, { dropped }]) => (dropped === undefined ? [] : [at]));
  const kept = Buffer.from(row);
  if (dropped.length > 0) {
    const cells = splitCells(kept.toString('latin1')) ?? [];
    for (const at of dropped) kept.fill(0x2a, cells[at]?.start ?? 0, cells[at]?.end ?? 0);
  }
  return Buffer.concat([header, CRLF, kept, CRLF]);
}
