// Character sets by MSH-18: HL7 v2.5 table 0211, SS-MIX2 1.20 (ISO-2022-JP).
import { describe, expect, it } from 'vitest';
import { decodeHl7 } from '../../../mappings/hl7v2/decode.ts';
import { parseHl7, value } from '../../../mappings/hl7v2/message.ts';
import { UnreadableInput } from '../../../mappings/record.ts';
import { jis, message, msh, sjis, vaccination } from '../../support/samples/hl7v2.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const familyName = (bytes: Uint8Array) => value(parseHl7(decodeHl7(bytes).text)[1], 5);
const reason = (bytes: Uint8Array) => {
  try {
    decodeHl7(bytes);
    return 'read';
  } catch (error) {
    return error instanceof UnreadableInput ? error.message : `bug: ${error}`;
  }
};

describe('decodeHl7', () => {
  it.each([
    ['~ISO IR87', jis(vaccination({ charset: '~ISO IR87' }))],
    ['~ISOIR87', jis(vaccination({ charset: '~ISOIR87' }))],
    ['ASCII~ISO IR87', jis(vaccination({ charset: 'ASCII~ISO IR87' }))],
    ['UNICODE UTF-8', utf8(vaccination({ charset: 'UNICODE UTF-8' }))],
    ['Shift_JIS', sjis(vaccination({ charset: 'Shift_JIS' }))],
  ])('reads %s', (_, bytes) => expect(familyName(bytes)).toBe('試験'));

  // 淫 is 0x307C in JIS, 緯 0x305E, 愛 0x3026, 蔭 0x307E, 移 0x305C: each ends in the byte of a delimiter.
  it('does not take bytes of two-byte characters for delimiters', () => {
    const words = '淫緯愛蔭移';
    const text = message(msh('ADT^A08^ADT_A01', '1'), `PID|1||1||${words}^名`);
    const inside = jis(words);
    expect([0x7c, 0x5e, 0x26, 0x7e, 0x5c].every((byte) => inside.includes(byte))).toBe(true);
    expect(familyName(jis(text))).toBe(words);
  });

  it('finds MSH-18 behind a facility name in kanji', () => {
    const text = vaccination({ charset: 'Shift_JIS' }).replace('|HIS001|SEND|', '|HIS001|表示病院|');
    expect(sjis('表')[1]).toBe(0x5c);
    expect(familyName(sjis(text))).toBe('試験');
  });

  it('reads a frame left in the file', () => {
    const framed = Buffer.concat([Buffer.of(0x0b), jis(vaccination()), Buffer.of(0x1c, 0x0d)]);
    expect(parseHl7(decodeHl7(framed).text).at(-1)?.name).toBe('RXA');
  });

  // 丂 is 0x3021 of JIS X 0212, ｶﾅ the bytes 0xB6 and 0xC5 of JIS X 0201, ① in row 13 that NEC added.
  it.each([
    ['JIS X 0212', '~ISO IR87~ISO IR159', [0x1b, 0x24, 0x28, 0x44, 0x30, 0x21, 0x1b, 0x28, 0x42], '丂', 1],
    ['half-width kana by ESC', '~ISO IR87', [0x1b, 0x28, 0x49, 0x36, 0x45, 0x1b, 0x28, 0x42], 'ｶﾅ', 0],
    ['half-width kana of eight bits', 'ISO IR13~ISO IR87', [0xb6, 0xc5], 'ｶﾅ', 1],
    ['signs of row 13', '~ISO IR87', [0x1b, 0x24, 0x42, 0x2d, 0x21, 0x1b, 0x28, 0x42], '①', 0],
    ['a run that only the line ends', '~ISO IR87', [0x1b, 0x24, 0x42, 0x34, 0x41, 0x3b, 0x7a], '漢字', 0],
  ])('reads %s', (_, charset, name, expected, problems) => {
    const bytes = Buffer.concat([
      jis(message(msh('ADT^A08^ADT_A01', '1', charset))),
      Buffer.from('PID|1||1||'),
      Buffer.from(name),
      Buffer.from('\rPV1|1|O\r'),
    ]);
    const decoded = decodeHl7(bytes);
    expect(decoded.problems).toHaveLength(problems);
    expect(value(parseHl7(decoded.text)[1], 5)).toBe(expected);
    expect(value(parseHl7(decoded.text)[2], 2)).toBe('O');
  });

  it('takes eight-bit bytes for kana only where ISO IR13 is named', () => {
    const bytes = Buffer.concat([jis(message(msh('ADT^A08^ADT_A01', '1'))), Buffer.from([0xb6, 0xc5])]);
    expect(reason(bytes)).toContain('not valid ISO-2022-JP');
  });

  it('says so when MSH-18 is empty and the text is not ASCII', () => {
    expect(decodeHl7(utf8(vaccination({ charset: '' }))).problems).toEqual([
      'MSH-18 is empty; the text was read as utf-8.',
    ]);
    expect(decodeHl7(jis(vaccination({ charset: '' }))).problems).toEqual([
      'MSH-18 is empty; the text was read as iso-2022-jp.',
    ]);
    expect(decodeHl7(utf8(message(msh('ADT^A08', '1', '')))).problems).toEqual([]);
  });

  it.each<[string, Uint8Array, string]>([
    [
      'a half character',
      Buffer.concat([jis(vaccination()), Buffer.of(0x1b, 0x24, 0x42, 0x24, 0xff)]),
      'not valid ISO-2022-JP',
    ],
    ['Shift_JIS bytes under ISO IR87', sjis(vaccination()), 'not valid ISO-2022-JP'],
    ['Shift_JIS bytes without a name', sjis(vaccination({ charset: '' })), 'not valid UTF-8'],
    [
      'broken UTF-8',
      Buffer.concat([utf8(vaccination({ charset: 'UNICODE UTF-8' })), Buffer.of(0xe3, 0x81)]),
      'not valid UTF-8',
    ],
    [
      'broken Shift_JIS',
      Buffer.concat([sjis(vaccination({ charset: 'Shift_JIS' })), Buffer.of(0x81, 0x20)]),
      'not valid Shift_JIS',
    ],
    ['an unknown character set', utf8(vaccination({ charset: 'GB 18030-2000' })), 'not supported'],
    ['something else', utf8('hello, world'), 'starts with an MSH segment'],
    ['nothing', new Uint8Array(), 'starts with an MSH segment'],
  ])('refuses %s with a clear reason', (_, bytes, expected) => expect(reason(bytes)).toContain(expected));
});
