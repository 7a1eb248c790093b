// Functions of Strings: empty for an empty collection, not evaluable for several values. http://hl7.org/fhirpath/N1/#string-manipulation

import { matchesWhole, replacedByRegex, testRegex } from '../limited-regex.ts';
import { soundRegexes } from './corrected.ts';
import {
  argument,
  type Call,
  type Evaluate,
  type FunctionTable,
  integer,
  singleInteger,
  singleText,
  string,
  type Test,
  takes,
} from './functions.ts';
import { type Nodes, nothing } from './node.ts';
import { NotEvaluable } from './not-evaluable.ts';

export const stringTests: FunctionTable<Test> = {
  startsWith: tests((text, other) => text.startsWith(other)),
  endsWith: tests((text, other) => text.endsWith(other)),
  contains: tests((text, other) => text.includes(other)),
  // Anywhere in the text, unless the expression has ^ and $.
  matches: tests((text, pattern) => found(pattern, text)),
  matchesFull: tests((text, pattern) => answered(matchesWhole(pattern, text, flags))),
};

export const stringFunctions: FunctionTable<Evaluate> = {
  length: of((text) => integer([...text].length)),
  upper: of((text) => string(text.toUpperCase())),
  lower: of((text) => string(text.toLowerCase())),
  trim: of((text) => string(text.trim())),
  toChars: of((text) => [...text].flatMap(string)),
  indexOf: withText((text, other) => integer(text.indexOf(other))),
  lastIndexOf: withText((text, other) => integer(text.lastIndexOf(other))),
  split: withText((text, separator) => text.split(separator).flatMap(string)),
  encode: withText((text, format) => string(encoded(text, format))),
  decode: withText((text, format) => string(decoded(text, format))),
  escape: withText((text, target) => string(escaped(text, target))),
  unescape: withText((text, target) => string(unescaped(text, target))),
  substring: takes(1, 2, (call) => {
    const start = argument(call);
    const length = argument(call, 1);
    return (focus, scope) => {
      const text = singleText(call.of(focus, scope));
      const from = singleInteger(start(focus, scope));
      if (text === undefined || from === undefined || from < 0 || from >= text.length) return nothing;
      const count = singleInteger(length(focus, scope));
      return string(count === undefined ? text.slice(from) : text.slice(from, from + Math.max(0, count)));
    };
  }),
  replace: withTexts((text, pattern, by) => text.replaceAll(pattern, () => by)),
  replaceMatches: withTexts((text, pattern, by) =>
    pattern === '' ? text : answered(replacedByRegex(pattern, text, by, flags)),
  ),
  join: takes(0, 1, (call) => {
    const separator = argument(call);
    return (focus, scope) => {
      const texts = call.of(focus, scope).flatMap((node) => singleText([node]) ?? []);
      return texts.length === 0 ? nothing : string(texts.join(singleText(separator(focus, scope)) ?? ''));
    };
  }),
};

function of(answer: (text: string) => Nodes): (call: Call) => Evaluate {
  return takes(0, 0, (call) => (focus, scope) => {
    const text = singleText(call.of(focus, scope));
    return text === undefined ? nothing : answer(text);
  });
}

function withText(answer: (text: string, other: string) => Nodes): (call: Call) => Evaluate {
  return takes(1, 1, (call) => {
    const argumentText = argument(call);
    return (focus, scope) => {
      const text = singleText(call.of(focus, scope));
      const other = singleText(argumentText(focus, scope));
      return text === undefined || other === undefined ? nothing : answer(text, other);
    };
  });
}

function withTexts(answer: (text: string, one: string, other: string) => string): (call: Call) => Evaluate {
  return takes(2, 2, (call) => {
    const first = argument(call);
    const second = argument(call, 1);
    return (focus, scope) => {
      const text = singleText(call.of(focus, scope));
      const one = singleText(first(focus, scope));
      const other = singleText(second(focus, scope));
      return text === undefined || one === undefined || other === undefined
        ? nothing
        : string(answer(text, one, other));
    };
  });
}

function tests(holds: (text: string, other: string) => boolean): (call: Call) => Test {
  return takes(1, 1, (call) => {
    const argumentText = argument(call);
    return (focus, scope) => {
      const text = singleText(call.of(focus, scope));
      const other = singleText(argumentText(focus, scope));
      return text === undefined || other === undefined ? undefined : holds(text, other);
    };
  });
}

/** The dot also means a line's end. */
const flags = 's';

const sound = new Map([...soundRegexes].map((pattern) => [pattern, new RegExp(pattern, flags)]));

const found = (pattern: string, text: string): boolean =>
  sound.get(pattern)?.test(text) ?? answered(testRegex(pattern, text, flags));

/** Throws NotEvaluable for what is no regular expression, or takes too long. */
function answered<T>(answer: T | undefined): T {
  if (answer === undefined) throw new NotEvaluable('its regular expression cannot be read, or takes too long');
  return answer;
}

function encoded(text: string, format: string): string {
  const bytes = Buffer.from(text, 'utf8');
  if (format === 'hex') return bytes.toString('hex');
  if (format === 'base64') return bytes.toString('base64');
  if (format === 'urlbase64') return bytes.toString('base64').replace(/\+/g, '-').replace(/\//g, '_');
  throw new NotEvaluable('encode() knows hex, base64 and urlbase64');
}

function decoded(text: string, format: string): string {
  if (format !== 'hex' && format !== 'base64' && format !== 'urlbase64') {
    throw new NotEvaluable('decode() knows hex, base64 and urlbase64');
  }
  return Buffer.from(text, format === 'hex' ? 'hex' : 'base64').toString('utf8');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string, target: string): string {
  if (target === 'html') return text.replace(/[&<>"']/g, (one) => entities[one] ?? one);
  if (target === 'json') return JSON.stringify(text).slice(1, -1);
  throw new NotEvaluable('escape() knows html and json');
}

function unescaped(text: string, target: string): string {
  if (target === 'html') {
    return text.replace(
      /&(?:amp|lt|gt|quot|#39);/g,
      (one) => Object.keys(entities).find((key) => entities[key] === one) ?? one,
    );
  }
  if (target !== 'json') throw new NotEvaluable('unescape() knows html and json');
  try {
    return String(JSON.parse(`"${text.replace(/(?<!\\)"/g, '\\"')}"`));
  } catch {
    throw new NotEvaluable('the text is no JSON');
  }
}
