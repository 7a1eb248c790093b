// The part of FHIRPath that R4 search parameters use: paths, |, as, is, where, ofType, resolve, exists, extension, hasExtension,
// %resource, [n], = and !=, and, or. http://hl7.org/fhirpath/N1/#grammar

import { parseFhirPath, type Syntax } from './fhirpath-syntax.ts';

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

/** Throws a SyntaxError that quotes the expression when it uses anything else. */
export function parseExpression(text: string): Expression {
  try {
    return narrowed(parseFhirPath(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw new SyntaxError(`unsupported FHIRPath, ${error.message}: ${text}`);
    throw error;
  }
}

function narrowed(syntax: Syntax): Expression {
  switch (syntax.kind) {
    case 'this':
      return { op: 'this' };
    case 'variable':
      if (syntax.name === 'resource') return { op: 'resource' };
      break;
    case 'literal':
      return { op: 'literal', value: literal(syntax) };
    case 'member':
      if (syntax.of === undefined) return { op: 'name', name: syntax.name };
      return { op: 'field', of: narrowed(syntax.of), name: syntax.name };
    case 'item':
      if (syntax.index.kind !== 'literal' || syntax.index.type !== 'number') break;
      return { op: 'index', of: narrowed(syntax.of), index: Number(syntax.index.text) };
    case 'type':
      return { op: syntax.op, of: narrowed(syntax.of), type: syntax.type };
    case 'call':
      return call(syntax);
    case 'binary': {
      const op = binaries[syntax.op];
      if (op !== undefined) return { op, left: narrowed(syntax.left), right: narrowed(syntax.right) };
    }
  }
  throw new SyntaxError('operator or literal');
}

const binaries: Readonly<Record<string, Extract<Expression, { left: Expression }>['op']>> = {
  '|': 'union',
  and: 'and',
  or: 'or',
  '=': '=',
  '!=': '!=',
};

function literal({ type, text }: Extract<Syntax, { kind: 'literal' }>): string | number | boolean {
  if (type === 'number') return Number(text);
  if (type === 'boolean') return text === 'true';
  if (type === 'string') return text;
  throw new SyntaxError(`a ${type}`);
}

function call({ name, args, ...syntax }: Extract<Syntax, { kind: 'call' }>): Expression {
  const of: Expression = syntax.of === undefined ? { op: 'this' } : narrowed(syntax.of);
  const [argument] = args;
  if (args.length < 2) {
    if (argument === undefined && (name === 'resolve' || name === 'exists')) return { op: name, of };
    if (argument !== undefined && name === 'where') return { op: name, of, condition: narrowed(argument) };
    if (argument !== undefined && name === 'exists') {
      return { op: name, of: { op: 'where', of, condition: narrowed(argument) } };
    }
    const type = argument?.kind === 'member' && argument.of === undefined ? argument.name : undefined;
    if (type !== undefined && (name === 'as' || name === 'ofType')) return { op: 'as', of, type };
    if (type !== undefined && name === 'is') return { op: name, of, type };
    const url = argument?.kind === 'literal' && argument.type === 'string' ? argument.text : undefined;
    if (url !== undefined && (name === 'extension' || name === 'hasExtension')) return { op: name, of, url };
  }
  throw new SyntaxError(`function ${name}()`);
}
