// FHIR JSON without losing a digit: numbers whose text JavaScript would change (1.50, 1e3, 20 digits) are kept as
// raw-number objects, which JSON.stringify writes back as they came. FHIR R4 datatypes, decimal: precision is meaning.

import { randomUUID } from 'node:crypto';

export type JsonObject = { [name: string]: unknown };

type RawJson = { rawJSON: string };
type RawJsonApi = { rawJSON(text: string): RawJson; isRawJSON(value: unknown): value is RawJson };
type SourceReviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;

const raw = JSON as unknown as RawJsonApi;
const parseWithSource = JSON.parse as unknown as (text: string, reviver: SourceReviver) => unknown;

// A number token that may not survive a round trip through a double: -0, a trailing zero, five zeros behind the point, an
// exponent, 16 digits or more. It may also fire inside a string, which costs time only.
const fragileNumber = /([:,[]\s*)(-0|-?\d+\.\d*0|-?0\.00000\d+|-?\d+(?:\.\d+)?[eE][+-]?\d+|-?[\d.]{16,})(?=\s*[,}\]])/;

/** Parses JSON text. Throws SyntaxError. Numbers are `number`, or a raw-number object when their text must be kept. */
export function parseJson(text: string): unknown {
  return fragileNumber.test(text) ? parseExactly(text) : JSON.parse(text);
}

/** The exact number as JSON will show it, for building resources from other formats. Throws SyntaxError unless a number. */
export function exactNumber(text: string): number {
  return raw.rawJSON(text) as unknown as number;
}

/** The text of a parsed number as it was sent, undefined for anything else. */
export function numberText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return raw.isRawJSON(value) ? value.rawJSON : undefined;
}

/** True for a JSON object: no array, no null, no exact number. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !raw.isRawJSON(value);
}

const mayBeUnstorable = /\\u(?:0000|d[89a-f])/i;

/**
 * True when parsed JSON holds text that is no Unicode text (half a surrogate pair) or that PostgreSQL cannot store (NUL).
 * `text` is the JSON it was parsed from, in which both can only stand as escapes.
 */
export function holdsUnstorableText(value: unknown, text: string): boolean {
  return mayBeUnstorable.test(text) && isUnstorable(value);
}

function isUnstorable(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed();
  if (Array.isArray(value)) return value.some(isUnstorable);
  return isObject(value) && Object.entries(value).some(([name, child]) => isUnstorable(name) || isUnstorable(child));
}

/**
 * A reviver is asked about every value of a text, which makes parsing three times as dear. So the numbers to be kept are parsed
 * as strings, and put in place of those. Where what looked like a number stood inside a string, that ends at the quote of what
 * replaced it, a backslash comes next, and there is no JSON any more.
 */
function parseExactly(text: string): unknown {
  const numbers: string[] = [];
  const parsable = withStandIns(text, numbers);
  if (numbers.length === 0) return JSON.parse(text);
  try {
    return withNumbers(JSON.parse(parsable), numbers);
  } catch {
    // Also where there is a fault: it is told by its place in the text that was sent.
    return parseWithSource(text, keepNumberText);
  }
}

/** Begins the string that stands for a number. Nobody knows it, and nothing that is stored or answered holds it. */
const standIn = `\u0001${randomUUID()} `;
const standInJson = JSON.stringify(standIn).slice(0, -1);
const everyFragileNumber = new RegExp(fragileNumber, 'g');
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The text with a string for each number that is to be kept; `numbers` takes them. */
function withStandIns(text: string, numbers: string[]): string {
  let written = '';
  let copied = 0;
  for (const { index, 1: before = '', 2: source = '' } of text.matchAll(everyFragileNumber)) {
    const start = index + before.length;
    if (!number.test(source) || String(Number(source)) === source) continue;
    written += `${text.slice(copied, start)}${standInJson}${numbers.length}"`;
    numbers.push(source);
    copied = start + source.length;
  }
  return written + text.slice(copied);
}

function withNumbers(value: unknown, numbers: readonly string[]): unknown {
  if (typeof value === 'string')
    return value.startsWith(standIn) ? raw.rawJSON(numbers[Number(value.slice(standIn.length))] ?? '') : value;
  if (Array.isArray(value)) {
    for (let n = 0; n < value.length; n++) if (mayHold(value[n])) value[n] = withNumbers(value[n], numbers);
  } else if (typeof value === 'object' && value !== null) {
    const owner = value as JsonObject;
    for (const name in owner) if (mayHold(owner[name])) owner[name] = withNumbers(owner[name], numbers);
  }
  return value;
}

const mayHold = (value: unknown): boolean =>
  typeof value === 'string' ? value.charCodeAt(0) === 1 : typeof value === 'object' && value !== null;

function keepNumberText(this: unknown, _key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || context.source === undefined || String(value) === context.source) return value;
  return raw.rawJSON(context.source);
}
