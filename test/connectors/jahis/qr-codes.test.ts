// QR codes of pictures and their bits. ISO/IEC 18004:2015; PNG (Third Edition).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPng } from '../../../connectors/jahis/png.ts';
import { readQrCodes } from '../../../connectors/jahis/qr-codes.ts';
import { readPayload } from '../../../connectors/jahis/qr-payload.ts';
import { UnreadableInput } from '../../../mappings/record.ts';
import { notebook, notebookFile } from '../../support/samples/jahis.ts';
import { blankPicture, type PngKind, qrPicture } from '../../support/samples/qr-picture.ts';

const file = notebookFile(notebook);

describe('QR codes of a picture', () => {
  it.each<PngKind>(['grey', 'bits', 'colours', 'colours with alpha', 'palette', 'deep grey'])(
    'are read byte for byte from a PNG of %s',
    (kind) => {
      const [code, ...more] = readQrCodes(readPng(qrPicture([file], kind)));
      expect(Buffer.from(code?.bytes ?? []).equals(Buffer.from(file))).toBe(true);
      expect(more).toEqual([]);
    },
  );

  it('are all found in one picture', () => {
    const texts = [notebookFile(notebook.slice(0, 9)), notebookFile(notebook.slice(9))];
    const found = readQrCodes(readPng(qrPicture(texts))).map(({ bytes }) => Buffer.from(bytes).toString('latin1'));
    expect(found.sort()).toEqual(texts.map((text) => Buffer.from(text).toString('latin1')).sort());
  });

  const sound = qrPicture([Buffer.from('JAHISTC08,1\r\n')]);
  it.each<[string, Uint8Array, string]>([
    ['without a code', blankPicture(80), 'No QR code could be read'],
    ['without pixels', qrPicture([]), 'damaged'],
    ['cut short', sound.subarray(0, 60), 'damaged'],
    ['interlaced', Buffer.from(sound).fill(1, 28, 29), 'Interlaced'],
    ['of giant size', Buffer.from(sound).fill(0x10, 16, 17), 'more than 40 million pixels'],
    ['of another depth', Buffer.from(sound).fill(3, 24, 25), 'header cannot be read'],
    ['that is a bomb', Buffer.from(sound).fill(0, 18, 20), 'damaged'],
  ])('refuses a picture %s', (_, bytes, reason) => {
    expect(() => readQrCodes(readPng(bytes))).toThrow(UnreadableInput);
    expect(() => readQrCodes(readPng(bytes))).toThrow(reason);
  });

  it('throws nothing but UnreadableInput for damaged pictures', () => {
    const small = qrPicture([Buffer.from('x')], 'grey', 2);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(small.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        (changes) => {
          const bytes = Buffer.from(small);
          for (const [at, value] of changes) bytes[at] = value;
          try {
            readQrCodes(readPng(bytes));
          } catch (error) {
            expect(error).toBeInstanceOf(UnreadableInput);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** Bits in groups: [value, width]. */
function codewords(...groups: [number, number][]): Uint8Array {
  const bits = groups.map(([value, width]) => value.toString(2).padStart(width, '0')).join('');
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g) ?? [];
  return Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 2));
}

describe('readPayload', () => {
  const byteMode = (text: string): [number, number][] => [
    [4, 4],
    [text.length, 8],
    ...Array.from(text, (sign): [number, number] => [sign.charCodeAt(0), 8]),
  ];
  const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('latin1');

  it('tells the place of a symbol among those of one text', () => {
    expect(readPayload(codewords([3, 4], [1, 4], [2, 4], [0xa5, 8], ...byteMode('ab'), [0, 4]), 1)).toEqual({
      bytes: Uint8Array.from([0x61, 0x62]),
      sequence: { index: 1, total: 3, parity: 0xa5 },
    });
  });

  it('reads digits, signs, bytes and kanji one after another, past ECI and FNC1', () => {
    const symbol = readPayload(
      codewords(
        [7, 4],
        [20, 8],
        [5, 4],
        // Digits: 8675309
        [1, 4],
        [7, 10],
        [867, 10],
        [530, 10],
        [9, 4],
        // Signs: AC-42
        [2, 4],
        [5, 9],
        [10 * 45 + 12, 11],
        [41 * 45 + 4, 11],
        [2, 6],
        ...byteMode(','),
        // Kanji: 点 (935F) and 茗 (E4AA), the examples of the standard
        [8, 4],
        [2, 8],
        [0x0d9f, 13],
        [0x1aaa, 13],
        [0, 4],
      ),
      1,
    );
    expect(text(symbol?.bytes)).toBe('8675309AC-42,\x93\x5f\xe4\xaa');
  });

  it('reads lengths as wide as the symbol asks', () => {
    expect(text(readPayload(codewords([4, 4], [1, 16], [0x41, 8], [0, 4]), 10)?.bytes)).toBe('A');
    expect(text(readPayload(codewords([1, 4], [1, 14], [7, 4], [0, 4]), 27)?.bytes)).toBe('7');
  });

  it.each<[string, Uint8Array]>([
    ['a mode that is none', codewords([15, 4], [0, 8])],
    ['bytes that are not there', codewords([4, 4], [200, 8], [1, 8])],
  ])('refuses %s', (_, bits) => {
    expect(readPayload(bits, 1)).toBeUndefined();
  });
});
