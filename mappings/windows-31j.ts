// Text -> Windows-31J, the inverse of the decoder that reads it (WHATWG Encoding, Shift_JIS). What the character set does not have
// becomes ■, as JAHIS formats ask for characters that were made up.

/** The bytes of a text; never fails. */
export function encodeWindows31j(text: string): Uint8Array {
  table ??= createTable();
  const bytes: number[] = [];
  for (const sign of text) {
    const code = sign.charCodeAt(0) < 0x80 && sign.length === 1 ? sign.charCodeAt(0) : (table.get(sign) ?? SUBSTITUTE);
    if (code > 0xff) bytes.push(code >> 8);
    bytes.push(code & 0xff);
  }
  return Uint8Array.from(bytes);
}

const SUBSTITUTE = 0x81a1;
let table: Map<string, number> | undefined;

/** Every character of the set, asked of the decoder itself; of several codes the first one. */
function createTable(): Map<string, number> {
  const decoder = new TextDecoder('shift_jis', { fatal: true });
  const found = new Map<string, number>();
  for (let code = 0xa1; code <= 0xfcfc; code++) {
    const bytes = code > 0xff ? [code >> 8, code & 0xff] : [code];
    const isPossible = code <= 0xdf || (code >= 0x8140 && (code & 0xff) >= 0x40);
    const sign = isPossible ? decoded(decoder, bytes) : undefined;
    if (sign !== undefined && !found.has(sign)) found.set(sign, code);
  }
  return found;
}

function decoded(decoder: TextDecoder, bytes: number[]): string | undefined {
  try {
    const text = decoder.decode(Uint8Array.from(bytes));
    return [...text].length === 1 && text.charCodeAt(0) >= 0x80 ? text : undefined;
  } catch {
    return undefined;
  }
}
