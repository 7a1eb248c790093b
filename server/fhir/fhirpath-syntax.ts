// Parser for FHIRPath N1, the whole grammar: text -> tree. http://hl7.org/fhirpath/N1/#grammar

import { type Token, tokensOf } from './fhirpath-tokens.ts';

export type BinaryOperator =
  | '*'
  | '/'
  | 'div'
  | 'mod'
  | '+'
  | '-'
  | '&'
  | '|'
  | '<'
  | '>'
  | '<='
  | '>='
  | '='
  | '~'
  | '!='
  | '!~'
  | 'in'
  | 'contains'
  | 'and'
  | 'or'
  | 'xor'
  | 'implies';

export type Syntax =
  | { kind: 'literal'; type: 'string' | 'boolean' | 'number' | 'date' | 'dateTime' | 'time'; text: string }
  | { kind: 'quantity'; text: string; unit: string }
  | { kind: 'none' }
  | { kind: 'variable'; name: string }
  | { kind: 'this' | 'index' | 'total' }
  /** Without `of` the name stands at the beginning of a path: it may name the type that the path starts from. */
  | { kind: 'member'; of: Syntax | undefined; name: string }
  | { kind: 'call'; of: Syntax | undefined; name: string; args: readonly Syntax[] }
  | { kind: 'item'; of: Syntax; index: Syntax }
  | { kind: 'type'; op: 'is' | 'as'; of: Syntax; type: string }
  | { kind: 'sign'; op: '+' | '-'; of: Syntax }
  | { kind: 'binary'; op: BinaryOperator; left: Syntax; right: Syntax };

type Reader = { tokens: readonly Token[]; next: number; depth: number };

/** Throws a SyntaxError that names the place of what is no FHIRPath; also for more than 10,000 characters, and 200 brackets deep. */
export function parseFhirPath(expression: string): Syntax {
  if (expression.length > mostCharacters) throw new SyntaxError(`FHIRPath is longer than ${mostCharacters} characters`);
  const reader: Reader = { tokens: tokensOf(expression), next: 0, depth: 0 };
  const syntax = binary(reader, 0);
  if (peek(reader).kind !== 'end') throw unexpected(reader);
  return syntax;
}

// From the weakest to the strongest; `is` and `as` stand between | and +.
const levels: readonly (readonly BinaryOperator[] | 'type')[] = [
  ['implies'],
  ['xor', 'or'],
  ['and'],
  ['in', 'contains'],
  ['=', '~', '!=', '!~'],
  ['>', '<', '>=', '<='],
  ['|'],
  'type',
  ['+', '-', '&'],
  ['*', '/', 'div', 'mod'],
];
const deepest = 200;
const mostCharacters = 10_000;

function binary(reader: Reader, level: number): Syntax {
  const operators = levels[level];
  if (operators === undefined) return signed(reader);
  let left = binary(reader, level + 1);
  for (;;) {
    const { kind, text } = peek(reader);
    if (kind !== 'symbol' && kind !== 'name') return left;
    if (operators === 'type') {
      if (text !== 'is' && text !== 'as') return left;
      reader.next++;
      left = { kind: 'type', op: text, of: left, type: typeName(reader) };
    } else {
      const op = operators.find((one) => one === text);
      if (op === undefined) return left;
      reader.next++;
      left = { kind: 'binary', op, left, right: binary(reader, level + 1) };
    }
  }
}

function signed(reader: Reader): Syntax {
  if (accept(reader, '-')) return { kind: 'sign', op: '-', of: deeper(reader, signed) };
  if (accept(reader, '+')) return { kind: 'sign', op: '+', of: deeper(reader, signed) };
  let path = term(reader);
  for (;;) {
    if (accept(reader, '.')) path = invocation(reader, path);
    else if (accept(reader, '[')) {
      path = { kind: 'item', of: path, index: deeper(reader, whole) };
      expect(reader, ']');
    } else return path;
  }
}

function term(reader: Reader): Syntax {
  if (accept(reader, '(')) {
    const inner = deeper(reader, whole);
    expect(reader, ')');
    return inner;
  }
  if (accept(reader, '{')) {
    expect(reader, '}');
    return { kind: 'none' };
  }
  if (accept(reader, '$this')) return { kind: 'this' };
  if (accept(reader, '$index')) return { kind: 'index' };
  if (accept(reader, '$total')) return { kind: 'total' };
  const { kind, text } = peek(reader);
  if (kind === 'name' && (text === 'true' || text === 'false')) {
    reader.next++;
    return { kind: 'literal', type: 'boolean', text };
  }
  if (kind === 'name' || kind === 'quoted') return invocation(reader, undefined);
  if (kind === 'symbol' || kind === 'end') throw unexpected(reader);
  reader.next++;
  if (kind === 'variable') return { kind, name: text };
  return kind === 'number' ? numberOrQuantity(reader, text) : { kind: 'literal', type: kind, text };
}

const calendarUnit = /^(?:year|month|week|day|hour|minute|second|millisecond)s?$/;

function numberOrQuantity(reader: Reader, text: string): Syntax {
  const { kind, text: unit } = peek(reader);
  if (kind !== 'string' && !(kind === 'name' && calendarUnit.test(unit))) {
    return { kind: 'literal', type: 'number', text };
  }
  reader.next++;
  return { kind: 'quantity', text, unit: kind === 'name' ? unit.replace(/s$/, '') : unit };
}

function invocation(reader: Reader, of: Syntax | undefined): Syntax {
  const name = identifier(reader);
  if (!accept(reader, '(')) return { kind: 'member', of, name };
  const args: Syntax[] = [];
  if (!accept(reader, ')')) {
    do args.push(deeper(reader, whole));
    while (accept(reader, ','));
    expect(reader, ')');
  }
  return { kind: 'call', of, name, args };
}

function typeName(reader: Reader): string {
  const first = identifier(reader);
  return accept(reader, '.') ? `${first}.${identifier(reader)}` : first;
}

function identifier(reader: Reader): string {
  const { kind, text } = peek(reader);
  if (kind !== 'name' && kind !== 'quoted') throw unexpected(reader);
  reader.next++;
  return text;
}

const whole = (reader: Reader): Syntax => binary(reader, 0);

function deeper(reader: Reader, read: (reader: Reader) => Syntax): Syntax {
  if (++reader.depth > deepest) throw new SyntaxError(`FHIRPath is nested more than ${deepest} deep`);
  const found = read(reader);
  reader.depth--;
  return found;
}

const end: Token = { kind: 'end', text: '', at: 0 };

function peek(reader: Reader): Token {
  return reader.tokens[reader.next] ?? end;
}

function accept(reader: Reader, symbol: string): boolean {
  const { kind, text } = peek(reader);
  if (kind !== 'symbol' || text !== symbol) return false;
  reader.next++;
  return true;
}

function expect(reader: Reader, symbol: string): void {
  if (!accept(reader, symbol)) throw unexpected(reader);
}

function unexpected(reader: Reader): SyntaxError {
  const { text, at } = peek(reader);
  return new SyntaxError(`FHIRPath cannot be read at character ${at + 1}${text === '' ? ', its end' : ` (${text})`}`);
}
