// Bytes -> text, strictly: a byte that does not belong is an error, never a replacement character, because a wrong
// character set silently damages names and drugs. Decoders: WHATWG Encoding (Shift_JIS there is Windows-31J).

import { UnreadableInput } from './record.ts';

export type Charset = 'iso-2022-jp' | 'utf-8' | 'shift_jis' | 'windows-1252';

const shown: Record<Charset, string> = {
  'iso-2022-jp': 'ISO-2022-JP',
  'utf-8': 'UTF-8',
  shift_jis: 'Shift_JIS (Windows-31J)',
  'windows-1252': 'ISO 8859-1',
};

/** The text, or undefined when the bytes are not valid in the character set. A UTF-8 byte order mark is dropped. */
export function tryDecode(bytes: Uint8Array, charset: Charset): string | undefined {
  try {
    const text = new TextDecoder(charset, { fatal: true }).decode(bytes);
    return charset === 'shift_jis' ? text.replace(swapped, (sign) => swap[sign] ?? sign) : text;
  } catch {
    return undefined;
  }
}

// Node's decoder (ICU, ibm-943) exchanges three control characters that files do use as end marks.
const swap: Record<string, string> = { '\x1c': '\x1a', '\x7f': '\x1c', '\x1a': '\x7f' };
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const swapped = /[\x1a\x1c\x7f]/g;

/** The text. Throws UnreadableInput naming the character set and why it was expected. */
export function decode(bytes: Uint8Array, charset: Charset, because: string): string {
  const text = tryDecode(bytes, charset);
  if (text === undefined)
    throw new UnreadableInput(`The bytes are not valid ${shown[charset]}, expected because ${because}.`);
  return text;
}

/**
 * Text of a Japanese file whose format says Windows-31J but which some makers write in UTF-8. UTF-8 is believed when
 * it has a byte order mark, or when it is valid and every character beyond ASCII is Japanese or full width.
 */
export function decodeJapaneseFile(bytes: Uint8Array, because: string): { text: string; charset: Charset } {
  const utf8 = tryDecode(bytes, 'utf-8');
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is "ASCII or Japanese"
  if (utf8 !== undefined && (marked || /^[\x00-\x7f\u2000-\uffef]*$/.test(utf8)))
    return { text: utf8, charset: 'utf-8' };
  return { text: decode(bytes, 'shift_jis', because), charset: 'shift_jis' };
}
