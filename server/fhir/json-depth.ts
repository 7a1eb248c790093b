// How deeply arrays and objects stand inside each other, from the bytes: what is nested too deeply cannot be walked any more once
// it is parsed.

/** A body that is nested deeper is refused before it is parsed. */
export const mostLevels = 200;

export function isTooDeep(body: Buffer): boolean {
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === quote) at = endOfString(body, at);
    else if (byte === openBrace || byte === openBracket) {
      if (++depth > mostLevels) return true;
    } else if (byte === closeBrace || byte === closeBracket) depth--;
  }
  return false;
}

const [quote, backslash] = [0x22, 0x5c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

function endOfString(body: Buffer, start: number): number {
  let at = start + 1;
  while (at < body.length && body[at] !== quote) at += body[at] === backslash ? 2 : 1;
  return at;
}
