// Parser for the part of FHIRPath that R4 search parameters use: paths, |, as, is, where, ofType, resolve, exists,
// extension, hasExtension, %resource, [n], = and !=, and, or. http://hl7.org/fhirpath/N1/#grammar

export type Expression =
  | { op: 'this' | 'resource' }
  | { op: 'name'; name: string }
  | { op: 'literal'; value: string | number | boolean }
  | { op: 'field'; of: Expression; name: string }
  | { op: 'index'; of: Expression; index: number }
  | { op: 'as' | 'is'; of: Expression; type: string }
  | { op: 'where'; of: Expression; condition: Expression }
  | { op: 'extension' | 'hasExtension'; of: Expression; url: string }
  | { op: 'resolve' | 'exists'; of: Expression }
  | { op: 'union' | 'and' | 'or' | '=' | '!='; left: Expression; right: Expression };

type Binary = Extract<Expression, { left: Expression }>['op'];
type Tokens = { list: string[]; next: number; text: string };

const TOKEN = /\s*('(?:[^'\\]|\\.)*'|\d+(?:\.\d+)?|[A-Za-z_]\w*|\$this|%resource|!=|[|.()[\]=])/y;

/** Throws a SyntaxError that quotes the expression when it uses anything else. */
export function parseExpression(text: string): Expression {
  const tokens: Tokens = { list: tokenize(text), next: 0, text };
  const expression = parseBinary(tokens, 0);
  if (tokens.next < tokens.list.length) throw unexpected(tokens);
  return expression;
}

function tokenize(text: string): string[] {
  const list: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (!match) throw new SyntaxError(`unsupported FHIRPath: ${text}`);
    list.push(match[1] as string);
  }
  return list;
}

// Operators from the weakest to the strongest; `as` and `is` bind tighter than all of them.
const LEVELS: readonly Readonly<Record<string, Binary>>[] = [
  { or: 'or' },
  { and: 'and' },
  { '=': '=', '!=': '!=' },
  { '|': 'union' },
];

function parseBinary(tokens: Tokens, level: number): Expression {
  const operators = LEVELS[level];
  if (!operators) return parseTypeTest(tokens);
  let left = parseBinary(tokens, level + 1);
  for (;;) {
    const token = tokens.list[tokens.next] ?? '';
    const op = Object.hasOwn(operators, token) ? operators[token] : undefined;
    if (!op) return left;
    tokens.next++;
    left = { op, left, right: parseBinary(tokens, level + 1) };
  }
}

function parseTypeTest(tokens: Tokens): Expression {
  let of = parsePath(tokens);
  for (;;) {
    const op = tokens.list[tokens.next];
    if (op !== 'as' && op !== 'is') return of;
    tokens.next++;
    of = { op, of, type: parseName(tokens) };
  }
}

function parsePath(tokens: Tokens): Expression {
  let path = parseTerm(tokens);
  for (;;) {
    if (accept(tokens, '.')) path = parseInvocation(tokens, path);
    else if (accept(tokens, '[')) {
      path = { op: 'index', of: path, index: Number(tokens.list[tokens.next++]) };
      expect(tokens, ']');
    } else return path;
  }
}

function parseTerm(tokens: Tokens): Expression {
  if (accept(tokens, '(')) {
    const inner = parseBinary(tokens, 0);
    expect(tokens, ')');
    return inner;
  }
  const token = tokens.list[tokens.next] ?? '';
  if (token.startsWith("'")) return { op: 'literal', value: parseString(tokens) };
  if (/^\d/.test(token)) {
    tokens.next++;
    return { op: 'literal', value: Number(token) };
  }
  if (accept(tokens, 'true')) return { op: 'literal', value: true };
  if (accept(tokens, 'false')) return { op: 'literal', value: false };
  if (accept(tokens, '$this')) return { op: 'this' };
  if (accept(tokens, '%resource')) return { op: 'resource' };
  if (tokens.list[tokens.next + 1] === '(') return parseInvocation(tokens, { op: 'this' });
  return { op: 'name', name: parseName(tokens) };
}

function parseInvocation(tokens: Tokens, of: Expression): Expression {
  const name = parseName(tokens);
  if (!accept(tokens, '(')) return { op: 'field', of, name };
  const call = parseCall(tokens, of, name);
  expect(tokens, ')');
  return call;
}

function parseCall(tokens: Tokens, of: Expression, name: string): Expression {
  if (name === 'as' || name === 'ofType') return { op: 'as', of, type: parseName(tokens) };
  if (name === 'is') return { op: 'is', of, type: parseName(tokens) };
  if (name === 'where') return { op: 'where', of, condition: parseBinary(tokens, 0) };
  if (name === 'extension' || name === 'hasExtension') return { op: name, of, url: parseString(tokens) };
  if (name === 'resolve') return { op: 'resolve', of };
  if (name === 'exists') {
    const all = tokens.list[tokens.next] === ')';
    return { op: 'exists', of: all ? of : { op: 'where', of, condition: parseBinary(tokens, 0) } };
  }
  throw new SyntaxError(`unsupported FHIRPath function ${name}(): ${tokens.text}`);
}

function parseName(tokens: Tokens): string {
  const name = tokens.list[tokens.next] ?? '';
  if (!/^[A-Za-z_]/.test(name)) throw unexpected(tokens);
  tokens.next++;
  return name;
}

function parseString(tokens: Tokens): string {
  const token = tokens.list[tokens.next] ?? '';
  if (!token.startsWith("'")) throw unexpected(tokens);
  tokens.next++;
  return token.slice(1, -1).replace(/\\(.)/g, '$1');
}

function accept(tokens: Tokens, token: string): boolean {
  if (tokens.list[tokens.next] !== token) return false;
  tokens.next++;
  return true;
}

function expect(tokens: Tokens, token: string): void {
  if (!accept(tokens, token)) throw unexpected(tokens);
}

function unexpected(tokens: Tokens): SyntaxError {
  const found = tokens.list[tokens.next] ?? 'end';
  return new SyntaxError(`unsupported FHIRPath, at token ${tokens.next + 1} (${found}): ${tokens.text}`);
}
