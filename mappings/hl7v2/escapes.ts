// Escape sequences of HL7 v2 text, resolved. HL7 v2.5 chapter 2.7: delimiters, hexadecimal data, formatting commands, and
// character sets switched inside a field. A sequence of one house (\Z..\) and one that does not end stay as they stand.

import { type Charset, tryDecode } from '../charset.ts';
import { decodeIso2022 } from './iso2022.ts';

export type Separators = {
  field: string;
  component: string;
  repetition: string;
  escape: string;
  subcomponent: string;
};

/** Text of one subcomponent. Bytes written in hexadecimal are read in the message's character set. */
export function resolveEscapes(text: string, separators: Separators, charset: Charset): string {
  const mark = separators.escape;
  if (!text.includes(mark)) return text;
  const parts = text.split(mark);
  // An odd number of marks leaves the last one without its partner.
  const isOpen = parts.length % 2 === 0;
  const tokens = isOpen ? parts.slice(0, -1) : parts;
  let result = '';
  let shifted: number[] | undefined;
  const flush = () => {
    result += shifted ? shiftedText(shifted) : '';
    shifted = undefined;
  };
  for (const [index, token] of tokens.entries()) {
    const isCode = index % 2 === 1;
    const switched = isCode ? /^[CM]((?:[0-9A-F]{2})+)$/i.exec(token)?.[1] : undefined;
    if (switched !== undefined) {
      shifted ??= [];
      shifted.push(0x1b, ...Buffer.from(switched, 'hex'));
      if (/^28(42|4A)$/i.test(switched)) flush();
      continue;
    }
    const plain = isCode ? escaped(token, separators, charset) : token;
    if (shifted) for (const char of plain) shifted.push(char.charCodeAt(0));
    else result += plain;
  }
  flush();
  return withoutControls(isOpen ? result + mark + (parts.at(-1) ?? '') : result);
}

/** FHIR strings hold no control characters but tab, line feed and carriage return. */
export function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '');
}

// What cannot be read as ISO 2022 stays as it came, but for the marks.
function shiftedText(codes: readonly number[]): string {
  const isBytes = codes.every((code) => code < 0x100);
  const decoded = isBytes ? decodeIso2022(Uint8Array.from(codes))?.text : undefined;
  if (decoded !== undefined) return decoded;
  let text = '';
  for (const code of codes) text += String.fromCharCode(code);
  return text.toWellFormed();
}

function escaped(code: string, separators: Separators, charset: Charset): string {
  const sign = plainSigns(separators).get(code);
  if (sign !== undefined) return sign;
  const hex = /^X((?:[0-9A-F]{2})+)$/i.exec(code)?.[1];
  const decoded = hex === undefined ? undefined : hexText(Buffer.from(hex, 'hex'), charset);
  if (decoded !== undefined) return decoded;
  return formatted(code) ?? separators.escape + code + separators.escape;
}

const plainSigns = (separators: Separators): ReadonlyMap<string, string> =>
  new Map([
    ['F', separators.field],
    ['S', separators.component],
    ['T', separators.subcomponent],
    ['R', separators.repetition],
    ['E', separators.escape],
    ['H', ''],
    ['N', ''],
  ]);

// Two bytes of JIS X 0208 come with their escape sequence, or, from senders that left it out, do not decode and stay.
function hexText(bytes: Uint8Array, charset: Charset): string | undefined {
  const decoded = charset === 'iso-2022-jp' ? decodeIso2022(bytes)?.text : tryDecode(bytes, charset);
  return decoded?.replace(/\r\n?/g, '\n');
}

// Formatting commands: what breaks a line or leaves lines free is a line feed each, what only lays out is nothing.
function formatted(code: string): string | undefined {
  const [, command, count] = /^\.([a-z]{2})\s*[+-]?(\d{0,3})$/i.exec(code) ?? [];
  const times = Math.min(Number(count || '1'), 40);
  switch (command?.toLowerCase()) {
    case 'br':
    case 'ce':
      return '\n';
    case 'sp':
      return '\n'.repeat(times);
    case 'sk':
      return ' '.repeat(times);
    case 'in':
    case 'ti':
    case 'fi':
    case 'nf':
      return '';
    default:
      return undefined;
  }
}
