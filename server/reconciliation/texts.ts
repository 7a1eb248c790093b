// Texts that people type, brought to one form so that they can be compared: width, kana, case, spaces and marks tell nothing apart.

/** NFKC, hiragana as katakana, capitals, without spaces and punctuation. */
export function plainText(text: string): string {
  const known = plain.get(text);
  if (known !== undefined) return known;
  const made = madePlain(text);
  // Texts are typed by anybody: what is kept of them has an end.
  if (plain.size >= MOST_KEPT) plain.clear();
  plain.set(text, made);
  return made;
}

const MOST_KEPT = 5_000;
const plain = new Map<string, string>();

function madePlain(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[ぁ-ゖ]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) + 0x60))
    .toUpperCase()
    .replace(/[\s・、,.。()「」『』【】[\]‐–—―:：/#_-]/g, '');
}

/** Whether the one is the other, or a longer writing of it. Two characters are too few to be found in a name. */
export function isSameName(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  return short.length > 2 ? long.includes(short) : short === long && short !== '';
}

/** Whether one letter makes the difference: another, one too many, one too few, or two in each other's place. */
export function isOneSlip(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1 || one === other) return false;
  let start = 0;
  while (start < short.length && short[start] === long[start]) start++;
  let end = 0;
  while (end < short.length - start && short.at(-1 - end) === long.at(-1 - end)) end++;
  const [left, right] = [short.slice(start, short.length - end), long.slice(start, long.length - end)];
  if (right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
