// The text of a QR code: `shc:/` and two digits for each character of the JWS. Cards in several codes (`shc:/1/3/…`) are deprecated:
// they are read, never written. SMART Health Cards 1.4, "Encoding Chunks as QR Codes".

import { type CardFault, fault, UnreadableCard } from './card-fault.ts';

/** The longest JWS that goes into one code of version 22. */
export const longestJwsForQr = 1195;
const longestChunk = 1191;

/** The lowest character of a JWS in compact form is `-`. */
const firstCharacter = 45;
const lastPair = 'z'.charCodeAt(0) - firstCharacter;

/** The digits of a JWS, without `shc:/`. */
export const digitsOf = (jws: string): string =>
  [...jws].map((one) => String(one.charCodeAt(0) - firstCharacter).padStart(2, '0')).join('');

/** The JWS in the texts of one code, or of all codes of one card in any order. Throws UnreadableCard. */
export function jwsOfCodes(texts: readonly string[]): { jws: string; warnings: CardFault[] } {
  const [only = '', ...more] = texts;
  const single = /^shc:\/(\d*)$/.exec(only);
  if (single && more.length === 0) return { jws: textOf(single[1] ?? ''), warnings: [] };
  if (single) throw new UnreadableCard('qr-chunks', 'two codes that each say to be the whole card');
  return jwsOfChunks(texts);
}

function jwsOfChunks(texts: readonly string[]): { jws: string; warnings: CardFault[] } {
  const chunks = texts.map((text) => {
    const [, index, count, digits] = /^shc:\/([1-9]\d{0,3})\/([1-9]\d{0,3})\/(\d*)$/.exec(text) ?? [];
    if (index === undefined || count === undefined || digits === undefined)
      throw new UnreadableCard(
        'qr-digits',
        'a code is not shc:/ followed by digits alone, or by its place and their number',
      );
    return { index: Number(index), count: Number(count), digits };
  });
  const count = chunks[0]?.count ?? 0;
  if (chunks.some((one) => one.count !== count))
    throw new UnreadableCard('qr-chunks', 'the codes do not agree on how many they are');
  if (chunks.some(({ index }) => index > count))
    throw new UnreadableCard('qr-chunks', 'a code has a place behind the last');
  if (new Set(chunks.map(({ index }) => index)).size < chunks.length)
    throw new UnreadableCard('qr-chunks', 'one code of the card is there twice');
  if (chunks.length < count)
    throw new UnreadableCard('qr-chunks', `of ${count} codes of the card only ${chunks.length} are there`);
  const parts = chunks.toSorted((a, b) => a.index - b.index).map(({ digits }) => textOf(digits));
  if (parts.some((part) => part.length > longestChunk))
    throw new UnreadableCard('qr-chunks', `a code holds more than ${longestChunk} characters of the card`);
  const jws = parts.join('');
  if (jws.length <= longestJwsForQr)
    throw new UnreadableCard('qr-chunks', 'it was cut into several codes, although it fits one');
  return { jws, warnings: [fault('qr-chunks', 'cards in several codes are deprecated')] };
}

function textOf(digits: string): string {
  if (digits === '' || digits.length % 2 === 1)
    throw new UnreadableCard('qr-digits', 'the digits of the code do not come in pairs');
  const pairs = (digits.match(/../g) ?? []).map(Number);
  if (pairs.some((pair) => pair > lastPair))
    throw new UnreadableCard('qr-digits', 'a pair of digits of the code stands for no character');
  return pairs.map((pair) => String.fromCharCode(pair + firstCharacter)).join('');
}
