// The character set of an HL7 v2 message, and its text. MSH-18 is read before anything is split, because the delimiters'
// byte values also occur inside two-byte characters. HL7 v2.5 chapter 2.16.9.18, table 0211; SS-MIX2 1.20.

import { type Charset, decode, tryDecode } from '../charset.ts';
import { UnreadableInput } from '../record.ts';
import { decodeIso2022 } from './iso2022.ts';

export type Decoded = { text: string; charset: Charset; problems: string[] };

/** Throws UnreadableInput when the message does not start with MSH, names an unknown character set, or breaks its own. */
export function decodeHl7(framed: Uint8Array): Decoded {
  const bytes = withoutFrame(framed);
  if (bytes[0] !== 0x4d || bytes[1] !== 0x53 || bytes[2] !== 0x48 || bytes.length < 8) {
    throw new UnreadableInput('An HL7 v2 message starts with an MSH segment; this one does not.');
  }
  const declared = declaredCharset(firstSegment(bytes));
  const named = nameCharset(declared);
  if (named === 'iso-2022-jp') return decodeJapanese(bytes, declared);
  if (named) return { text: decode(bytes, named, `MSH-18 is "${declared}"`), charset: named, problems: [] };
  if (isAsciiName(declared)) return decodeUndeclared(bytes, declared);
  throw new UnreadableInput(`MSH-18 names a character set that is not supported: "${declared.slice(0, 40)}".`);
}

// JIS X 0212 and half-width kana, which SS-MIX2 forbids, come all the same.
function decodeJapanese(bytes: Uint8Array, declared: string): Decoded {
  const found = decodeIso2022(bytes, /IR ?13\b/i.test(declared));
  if (!found)
    return { text: decode(bytes, 'iso-2022-jp', `MSH-18 is "${declared}"`), charset: 'iso-2022-jp', problems: [] };
  const problems = found.isWide ? ['The text holds characters beyond JIS X 0208; they were read.'] : [];
  return { text: found.text, charset: 'iso-2022-jp', problems };
}

// Files saved from a wire keep the bytes of the MLLP frame (SS-MIX2 storages end their files with 0x1C).
function withoutFrame(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && [0x0a, 0x0d, 0x1c].includes(bytes[end - 1] ?? 0)) end--;
  return bytes.subarray(bytes[0] === 0x0b ? 1 : 0, end);
}

// A character set is right when the header, decoded with it, names it.
function declaredCharset(header: Uint8Array): string {
  for (const charset of ['iso-2022-jp', 'utf-8', 'shift_jis'] as const) {
    const text = tryDecode(header, charset);
    const field = text === undefined ? undefined : msh18(text);
    if (field !== undefined && nameCharset(field) === charset) return field;
  }
  return msh18(tryDecode(header, 'windows-1252') ?? '');
}

const msh18 = (header: string): string => (header.split(header[3] ?? '|')[17] ?? '').trim();

function nameCharset(field: string): Charset | undefined {
  const name = field.toUpperCase();
  if (/ISO ?IR ?(87|159)|ISO-2022-JP/.test(name)) return 'iso-2022-jp';
  if (/UTF-?8|^~?UNICODE$/.test(name)) return 'utf-8';
  if (/SHIFT[_ -]?JIS|SJIS|MS932|CP932|WINDOWS-31J/.test(name)) return 'shift_jis';
  if (/8859[/-]1$|ISO ?IR ?100/.test(name)) return 'windows-1252';
  return undefined;
}

const isAsciiName = (field: string): boolean => /^(ASCII|ISO ?IR ?6|ISO ?IR ?14|~)?$/i.test(field);

// An empty MSH-18 means ASCII. What is plainly something else is read so, with a remark; anything doubtful is refused.
function decodeUndeclared(bytes: Uint8Array, declared: string): Decoded {
  const said = declared === '' ? 'MSH-18 is empty' : `MSH-18 is "${declared}"`;
  const has8Bit = bytes.some((byte) => byte >= 0x80);
  const hasEscape = bytes.includes(0x1b);
  if (!has8Bit && !hasEscape) return { text: decode(bytes, 'utf-8', said), charset: 'utf-8', problems: [] };
  const charset = has8Bit ? 'utf-8' : 'iso-2022-jp';
  return {
    text: decode(bytes, charset, `${said} and there are characters beyond ASCII`),
    charset,
    problems: [`${said}; the text was read as ${charset}.`],
  };
}

function firstSegment(bytes: Uint8Array): Uint8Array {
  const end = bytes.findIndex((byte) => byte === 0x0d || byte === 0x0a);
  return end < 0 ? bytes : bytes.subarray(0, end);
}
