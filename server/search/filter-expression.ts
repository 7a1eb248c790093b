// The text of a `_filter` -> what it says, as a tree. Knows the grammar only: which names and operators mean something is for
// filter-operators.ts. "and" and "or" bind equally, from left to right.
// FHIR R4, https://hl7.org/fhir/R4/search_filter.html

import { badRequest } from '../fhir/outcome.ts';

export type Operator = (typeof operators)[number];

/** `name[filter]` of a path `name[filter].name.name`. */
export type Step = { name: string; filter?: Expression };

export type Expression =
  | { kind: 'and' | 'or'; parts: Expression[] }
  | { kind: 'not'; of: Expression }
  | { kind: 'test'; path: [Step, ...Step[]]; operator: Operator; value: string };

const operators = [
  'eq',
  'ne',
  'co',
  'sw',
  'ew',
  'gt',
  'lt',
  'ge',
  'le',
  'ap',
  'sa',
  'eb',
  'pr',
  'po',
  'ss',
  'sb',
  'in',
  'ni',
  're',
] as const;
const longest = 8000;
const deepest = 20;
const mostTests = 60;

/** Throws OperationOutcomeError 400 that names the place at fault, counted from 1. */
export function parseExpression(text: string): Expression {
  if (text.length > longest) throw tooMuch(`a filter has at most ${longest} characters`);
  const reader: Reader = { text, at: 0, tests: 0 };
  const expression = logical(reader, 0);
  if (reader.at < text.length) throw fault(reader, '"and", "or" or the end');
  return expression;
}

type Reader = { text: string; at: number; tests: number };

function logical(reader: Reader, depth: number): Expression {
  if (depth > deepest) throw tooMuch(`a filter is nested at most ${deepest} levels deep`);
  let left = term(reader, depth);
  for (;;) {
    const kind = word(reader, /(?:and|or)(?=[\s(]|$)/y) as 'and' | 'or' | undefined;
    if (!kind) return left;
    const right = term(reader, depth);
    left = left.kind === kind ? { kind, parts: [...left.parts, right] } : { kind, parts: [left, right] };
  }
}

function term(reader: Reader, depth: number): Expression {
  if (word(reader, /not(?=\s*\()/y)) {
    word(reader, /\(/y);
    return { kind: 'not', of: closed(reader, ')', depth) };
  }
  if (word(reader, /\(/y)) return closed(reader, ')', depth);
  return test(reader, depth);
}

function closed(reader: Reader, end: ')' | ']', depth: number): Expression {
  const expression = logical(reader, depth + 1);
  if (!word(reader, end === ')' ? /\)/y : /\]/y)) throw fault(reader, `"and", "or" or "${end}"`);
  return expression;
}

function test(reader: Reader, depth: number): Expression {
  reader.tests += 1;
  if (reader.tests > mostTests) throw tooMuch(`a filter has at most ${mostTests} tests`);
  const path: [Step, ...Step[]] = [step(reader, depth)];
  while (word(reader, /\./y)) path.push(step(reader, depth));
  const last = path.at(-1);
  if (last?.filter) throw fault(reader, '"." and a name behind "]"');
  const sent = word(reader, /[a-z]{2}(?=\s)/y);
  const operator = operators.find((one) => one === sent);
  if (!operator) throw fault(reader, `an operator (${operators.join(', ')}) and a value`);
  return { kind: 'test', path, operator, value: value(reader) };
}

function step(reader: Reader, depth: number): Step {
  const name = word(reader, /[A-Za-z_][A-Za-z0-9_-]*/y);
  if (name === undefined) throw fault(reader, 'the name of a search parameter');
  if (!word(reader, /\[/y)) return { name };
  return { name, filter: closed(reader, ']', depth) };
}

/** A JSON string, or whatever stands there up to a space or a closing bracket. */
function value(reader: Reader): string {
  const quoted = word(reader, /"(?:[^"\\]|\\.)*"/y);
  if (quoted === undefined) {
    const token = word(reader, /[^\s)\]"][^\s)\]]*/y);
    if (token === undefined) throw fault(reader, 'a value');
    return token;
  }
  const text = textOf(quoted);
  // Neither NUL nor half a character can be in what is stored.
  if (text === undefined || text.includes('\0') || !text.isWellFormed()) throw fault(reader, 'a JSON string before it');
  return text;
}

function textOf(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}

/** What the pattern (sticky) finds behind spaces, or undefined. Moves on when it is found. */
function word(reader: Reader, pattern: RegExp): string | undefined {
  let start = reader.at;
  while (/\s/.test(reader.text.charAt(start))) start += 1;
  pattern.lastIndex = start;
  const found = pattern.exec(reader.text)?.[0];
  if (found === undefined) return undefined;
  reader.at = start + found.length;
  return found;
}

const tooMuch = (why: string) => badRequest(`_filter: ${why}`, 'too-costly', ['_filter']);

const fault = ({ at }: Reader, wanted: string) =>
  badRequest(`_filter, behind character ${at}: expected ${wanted}`, 'value', ['_filter']);
