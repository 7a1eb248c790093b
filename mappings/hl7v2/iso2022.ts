// ISO 2022 as Japanese senders write it, beyond what decoders of ISO-2022-JP take: JIS X 0212 (ISO IR159), half-width kana of
// eight bits where the sender says so (ISO IR13), and two-byte runs that a line end closes. RFC 1468, RFC 1554, JIS X 0202.

import { tryDecode } from '../charset.ts';

/**
 * `isWide` when the text needed more than ISO-2022-JP has. Undefined when the bytes are not of these sets. Bytes from 0xA1 are
 * kana only where ISO IR13 is declared: they might as well be EUC.
 */
export function decodeIso2022(bytes: Uint8Array, hasIr13 = false): { text: string; isWide: boolean } | undefined {
  const plain = tryDecode(bytes, 'iso-2022-jp');
  if (plain !== undefined) return { text: plain, isWide: false };
  const euc = toEuc(bytes, hasIr13);
  if (!euc) return undefined;
  try {
    return { text: new TextDecoder('euc-jp', { fatal: true }).decode(euc), isWide: true };
  } catch {
    return undefined;
  }
}

type CharacterSet = 'single' | 'kana' | 'jis' | 'supplement';

// By what follows ESC.
const designations: readonly [string, CharacterSet][] = [
  ['(B', 'single'],
  ['(J', 'single'],
  ['(I', 'kana'],
  [')I', 'single'],
  ['$B', 'jis'],
  ['$@', 'jis'],
  ['$(B', 'jis'],
  ['$(@', 'jis'],
  ['$(D', 'supplement'],
];

// EUC-JP holds all of these sets at once and has a strict decoder: each run is only moved into it.
function toEuc(bytes: Uint8Array, hasIr13: boolean): Uint8Array | undefined {
  const out = new Uint8Array(bytes.length * 2);
  let length = 0;
  let set: CharacterSet = 'single';
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x1b) {
      const found = designations.find(([mark]) => [...mark].every((c, i) => bytes[at + 1 + i] === c.charCodeAt(0)));
      if (!found) return undefined;
      at += found[0].length;
      set = found[1];
    } else if (byte < 0x21) {
      if (byte === 0x0d || byte === 0x0a) set = 'single';
      out[length++] = byte;
    } else if (set === 'single' && byte < 0x80) {
      out[length++] = byte;
    } else if ((hasIr13 && set === 'single' && byte >= 0xa1 && byte <= 0xdf) || (set === 'kana' && byte < 0x60)) {
      out[length++] = 0x8e;
      out[length++] = byte | 0x80;
    } else if (set === 'jis' || set === 'supplement') {
      const second = bytes[++at] ?? 0;
      if (byte > 0x7e || second < 0x21 || second > 0x7e) return undefined;
      if (set === 'supplement') out[length++] = 0x8f;
      out[length++] = byte | 0x80;
      out[length++] = second | 0x80;
    } else return undefined;
  }
  return out.subarray(0, length);
}
