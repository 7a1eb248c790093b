// JSON.stringify for answers that hold the same objects again and again: the bytes of a constant are made once in the life
// of the process. Answers of $forecast are 120 kB, nearly all of it rules and concepts of the schedule.

import { isObject } from './json.ts';

/** Marks an object that will never change and stands in many answers; returns it. */
export function constant<T extends object>(value: T): T {
  constants.set(value, Buffer.from(JSON.stringify(value)));
  return value;
}

/** A function that is run once for each object it is given. */
export function madeOnce<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, Value>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

/** What JSON.stringify gives, in UTF-8, for values that JSON can hold. */
export function jsonBytes(value: unknown): Buffer {
  length = 0;
  add(value);
  flush();
  return Buffer.from(bytes.subarray(0, length));
}

const constants = new WeakMap<object, Buffer>();

// What has been written, and behind it the text that is not bytes yet: texts between two constants become bytes together.
let bytes = Buffer.allocUnsafe(256 * 1024);
let length = 0;
let text = '';

function add(value: unknown): void {
  if (typeof value === 'string') text += quoted(value);
  else if (typeof value !== 'object' || value === null) text += JSON.stringify(value ?? null);
  else {
    const known = constants.get(value);
    if (known !== undefined) addBytes(known);
    else if (Array.isArray(value)) addArray(value);
    else if (isObject(value)) addObject(value);
    else text += JSON.stringify(value);
  }
}

function addArray(items: readonly unknown[]): void {
  text += '[';
  for (let n = 0; n < items.length; n++) {
    if (n > 0) text += ',';
    add(items[n]);
  }
  text += ']';
}

function addObject(value: Record<string, unknown>): void {
  let before = '{';
  for (const name in value) {
    const member = value[name];
    if (member === undefined) continue;
    text += before + nameText(name);
    add(member);
    before = ',';
  }
  text += before === '{' ? '{}' : '}';
}

function addBytes(known: Buffer): void {
  flush();
  reserve(known.length);
  length += known.copy(bytes, length);
}

function flush(): void {
  if (text === '') return;
  reserve(text.length * 3);
  length += bytes.write(text, length);
  text = '';
}

function reserve(more: number): void {
  if (length + more <= bytes.length) return;
  const grown = Buffer.allocUnsafe((length + more) * 2);
  bytes.copy(grown, 0, 0, length);
  bytes = grown;
}

const names = new Map<string, string>();
const mostNames = 1000;

/** The same few names stand in every answer; what a caller has sent may hold others, which are not kept for ever. */
function nameText(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  const made = `${JSON.stringify(name)}:`;
  if (names.size < mostNames) names.set(name, made);
  return made;
}

const isPlain = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

const quoted = (value: string): string => (isPlain.test(value) ? `"${value}"` : JSON.stringify(value));
