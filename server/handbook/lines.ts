// Text -> lines of a width, by the rules of Japanese typesetting that matter in a table cell: anywhere between two Japanese
// characters, never before closing punctuation or a small kana, never after an opening bracket; words in Latin letters and
// numbers stay whole while they fit. JIS X 4051, line-start and line-end prohibition.

import type { Cluster } from './typeface.ts';

/** `width` in thousandths of the size. A line break of the text stays one. At least one line. */
export function linesOf(text: string, clustersOf: (text: string) => Cluster[], width: number): string[] {
  return text.split(/\r\n|[\n\r\u2028\u2029]/).flatMap((paragraph) => {
    const lines: string[] = [];
    let line: Cluster[] = [];
    let length = 0;
    for (const cluster of clustersOf(paragraph.replaceAll('\t', ' '))) {
      line.push(cluster);
      length += cluster.advance;
      while (length > width && line.length > 1) {
        const at = breakIn(line);
        lines.push(textOf(line.slice(0, at)));
        line = line.slice(at);
        while (line.length > 1 && line[0]?.text === ' ') line.shift();
        length = line.reduce((sum, { advance }) => sum + advance, 0);
      }
    }
    return [...lines, textOf(line)];
  });
}

const textOf = (line: readonly Cluster[]): string =>
  line
    .map(({ text }) => text)
    .join('')
    .trimEnd();

/** Where a line that is one cluster too long ends: at the last place that may be broken, else right before that cluster. */
function breakIn(line: readonly Cluster[]): number {
  for (let at = line.length - 1; at > 0; at--) {
    if (mayBreak(line[at - 1]?.text ?? '', line[at]?.text ?? '')) return at;
  }
  return line.length - 1;
}

const NOT_FIRST =
  /^[、。，．・：；？！」』）］｝〉》】〕〟’”…‥ー々ゝゞヽヾ〜ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.:;?!)\]}%％℃°]/;
const NOT_LAST = /[「『（［｛〈《【〔〝‘“([{]$/;
const WORD = /^[\p{Script=Latin}\p{Nd}\p{Sc}'’_+\-/.@#&=~]/u;
const WIDE_DIGITS = /^[０-９]/;

function mayBreak(before: string, after: string): boolean {
  if (after === ' ') return false;
  if (NOT_FIRST.test(after) || NOT_LAST.test(before)) return false;
  if (before === ' ') return true;
  if (WIDE_DIGITS.test(before) && WIDE_DIGITS.test(after)) return false;
  return !(WORD.test(before) && WORD.test(after));
}
