// Faults to seed into the planner, one small change of the source each: a comparison turned, a bound moved by a day, a row
// dropped. Found with patterns on the masked text, so that no word of a comment or of a rule's explanation is touched.
import { masked } from '../check/mask.ts';

export type Fault = {
  /** Path from the project's root. */
  file: string;
  line: number;
  /** What was changed, for the reader of the result. */
  change: string;
  start: number;
  end: number;
  replacement: string;
};

/** Every fault that can be seeded into a file of code. */
export function codeFaults(file: string, text: string): Fault[] {
  const code = masked(text);
  return CODE.flatMap(({ find, put }) =>
    [...code.matchAll(find)].map((match) => faultAt(file, text, match.index, match[0], put(match[0]))),
  );
}

/** Every fault that can be seeded into a file of schedule data: values moved by one step, and rows dropped. */
export function dataFaults(file: string, text: string): Fault[] {
  const code = withoutRules(masked(text));
  const strings = [...code.matchAll(/(['"])( *)\1/g)].flatMap(({ index, 2: inner = '' }) => {
    const value = text.slice(index + 1, index + 1 + inner.length);
    return moved(value).map((other) => faultAt(file, text, index + 1, value, other));
  });
  // The tail of a bound whose anchor is a name: `${SEASON} + 8 months`.
  const tails = [...code.matchAll(/\$\{\w+\}( +)`/g)].flatMap(({ index, 0: all, 1: inner = '' }) => {
    const start = index + all.length - inner.length - 1;
    const value = text.slice(start, start + inner.length);
    return moved(value).map((other) => faultAt(file, text, start, value, other));
  });
  const counts = [...code.matchAll(/\batLeast: (\d+)/g)].map(({ index, 0: all, 1: count }) =>
    faultAt(file, text, index, all, `atLeast: ${Number(count) + 1}`),
  );
  return [...strings, ...tails, ...counts, ...droppedRows(file, text, code)];
}

/** The text with the fault in it. */
export function seeded(text: string, { start, end, replacement }: Fault): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

const CODE: { find: RegExp; put: (found: string) => string }[] = [
  {
    find: / (<=|>=|<|>) (?!extends)/g,
    put: (found) => (found.includes('=') ? found.replace('=', '') : found.replace(/[<>]/, '$&=')),
  },
  { find: / [=!]== /g, put: (found) => (found === ' === ' ? ' !== ' : ' === ') },
  { find: / (&&|\|\|) /g, put: (found) => (found === ' && ' ? ' || ' : ' && ') },
  { find: / [+-] 1\b(?!\.)/g, put: (found) => found.replace('1', '0') },
  { find: /\bMath\.(max|min)\b/g, put: (found) => (found === 'Math.max' ? 'Math.min' : 'Math.max') },
  {
    find: /\b(return|[=:?]) (true|false)\b/g,
    put: (found) => found.replace(/true|false/, (word) => String(word !== 'true')),
  },
];

/** A bound, duration or date moved by its smallest step; nothing for other texts. */
function moved(value: string): string[] {
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return [dayAfter(value)];
  if (/^after reach /.test(value)) return [value.slice('after '.length)];
  if (/^reach /.test(value)) return [`after ${value}`];
  if (/^(birth|edd|illnessEnd)$/.test(value)) return [`${value} + 1 day`];
  const last = /^(.*?)(\d+)( (?:clear )?(?:days?|weeks?|months?|years?))$/.exec(value);
  if (last) return [`${last[1]}${Number(last[2]) + 1}${last[3]}`];
  return /^fiscal year of \d+ years (start|end)$/.test(value)
    ? [value.replace(/\d+/, (years) => String(Number(years) + 1))]
    : [];
}

function dayAfter(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
}

/** `{ rule: …, … }` standing in a list. */
function droppedRows(file: string, text: string, code: string): Fault[] {
  return [...code.matchAll(/[[,]\s*(\{\s*rule: )/g)].map((match) => {
    const start = match.index + match[0].length - (match[1] ?? '').length;
    const end = closing(code, start);
    return faultAt(file, text, start, code[end] === ',' ? text.slice(start, end + 1) : text.slice(start, end), '');
  });
}

/** Just behind the bracket that closes the one at `start`. */
function closing(code: string, start: number): number {
  let depth = 0;
  for (let at = start; at < code.length; at += 1) {
    if ('{[('.includes(code[at] ?? ' ')) depth += 1;
    if ('}])'.includes(code[at] ?? ' ')) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return code.length;
}

/** Blanks the rules' explanations: a date in their text decides nothing. */
function withoutRules(code: string): string {
  let result = code;
  for (const { index, 0: call } of code.matchAll(/\brule\(/g)) {
    const end = closing(code, index + call.length - 1);
    result = result.slice(0, index) + code.slice(index, end).replace(/[^\n]/g, '.') + result.slice(end);
  }
  return result;
}

function faultAt(file: string, text: string, start: number, found: string, replacement: string): Fault {
  const line = text.slice(0, start).split('\n').length;
  const change = replacement === '' ? `dropped ${short(found)}` : `${short(found)} -> ${short(replacement)}`;
  return { file, line, change, start, end: start + found.length, replacement };
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 70 ? `${line.slice(0, 67)}…` : line;
}
