// What the cells of a municipal row mean: dates as spreadsheets write them, instants, words from a list. What cannot be understood is
// a fault of its column and is never guessed.

import { isObject } from '../../server/fhir/json.ts';
import { decimal } from '../decimal.ts';
import { civilDate, japaneseDate } from '../japanese-date.ts';
import type { Column } from './column.ts';
import type { Fault } from './ledger-reader.ts';

export type RowValues<Key extends string> = {
  /** '' where there is none. */
  text(key: Key): string;
  /** `YYYY-MM-DD`; undefined where there is none, or none that is a day. */
  date(key: Key): string | undefined;
  /** A FHIR instant of Japan's time. */
  instant(key: Key): string | undefined;
  decimal(key: Key): number | undefined;
  /** A whole number from `from` up. */
  integer(key: Key, from: number): number | undefined;
  /** The meaning of a word in `words` (compared without width, case and spaces); undefined for none. */
  word<T>(key: Key, words: Readonly<Record<string, T>>): T | undefined;
  /** 1 or 0, which is also what nothing means; undefined for anything else. */
  isSet(key: Key): boolean | undefined;
  fault(key: Key, ja: string, en: string): void;
};

/** Faults are added to `faults`. */
export function rowValues<Key extends string>(
  values: ReadonlyMap<Key, string>,
  columns: readonly Column<Key>[],
  faults: Fault[],
): RowValues<Key> {
  const text = (key: Key): string => values.get(key) ?? '';
  const fault = (key: Key, ja: string, en: string): void => {
    faults.push({ column: columns.find((one) => one.key === key)?.ja ?? key, ja, en });
  };
  function read<T>(key: Key, of: (value: string) => T | undefined, ja: string, en: string): T | undefined {
    const value = text(key);
    if (value === '') return undefined;
    const found = of(value);
    if (found === undefined) fault(key, ja, en);
    return found;
  }
  const word = <T>(key: Key, words: Readonly<Record<string, T>>): T | undefined => {
    const known = namesOf(words).join(', ');
    const meaning = (value: string) => (Object.hasOwn(words, plain(value)) ? words[plain(value)] : undefined);
    return read(key, meaning, `次のいずれでもありません: ${known}`, `It is none of: ${known}`);
  };
  return {
    text,
    fault,
    word,
    isSet: (key) => (text(key) === '' ? false : word(key, flags)),
    date: (key) => read(key, dateOf, '日付として読めません。', 'It is no date.'),
    instant: (key) => read(key, instantOf, '日時として読めません。', 'It is no date and time.'),
    decimal: (key) => read(key, decimal, '数として読めません。', 'It is no number.'),
    integer: (key, from) =>
      read(
        key,
        (value) => integerOf(value, from),
        `${from}以上の整数ではありません。`,
        `It is no whole number from ${from} up.`,
      ),
  };
}

const flags: Readonly<Record<string, boolean>> = { '0': false, '1': true };

/** Without width, case and spaces; the dashes and wave dashes of the two character sets are one. */
export const plain = (value: string): string =>
  value
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s/g, '')
    .replace(/[〜∼]/g, '~')
    .replace(/[−‐‑–—]/g, '-');

/** What may stand in the cell: of words that mean a code, the code alone. */
function namesOf(words: Readonly<Record<string, unknown>>): string[] {
  const names = Object.entries(words).map(([word, meaning]) =>
    isObject(meaning) && typeof meaning.code === 'string' ? meaning.code : word,
  );
  return [...new Set(names)];
}

function integerOf(value: string, from: number): number | undefined {
  const digits = /^\d{1,6}$/.exec(plain(value))?.[0];
  return digits !== undefined && Number(digits) >= from ? Number(digits) : undefined;
}

/** As spreadsheets write them too: `2026/1/5`, `2026年1月5日`. */
function dateOf(value: string): string | undefined {
  const parts = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(plain(value));
  return parts ? civilDate(Number(parts[1]), Number(parts[2]), Number(parts[3])) : japaneseDate(value);
}

/** `2026-11-01 09:05`, `2026/11/1 9:05:00`, `20261101090500`, the FHIR form, or a day alone; Japan's time unless it says another. */
export function instantOf(value: string): string | undefined {
  const text = value.normalize('NFKC').trim();
  const compact = /^(\d{8})(\d\d)(\d\d)(\d\d)$/.exec(text);
  const parts = compact ?? /^(\S+?)[T ]+(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  const day = dateOf(parts?.[1] ?? text);
  if (day === undefined || !parts) return day && `${day}T00:00:00+09:00`;
  const [, , hour = '', minute = '', second = '00', zone = '+09:00'] = parts;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || !isZone(zone)) return undefined;
  return `${day}T${hour.padStart(2, '0')}:${minute}:${second}${zone}`;
}

/** FHIR R4 takes offsets up to 14 hours. */
const isZone = (zone: string): boolean => zone === 'Z' || /^[+-](?:0\d|1[0-3]):[0-5]\d$|^[+-]14:00$/.test(zone);
