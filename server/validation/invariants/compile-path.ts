// FHIRPath compiled to closures: one that gives the values found, and for what is true or false one that makes no values at all,
// which is what invariants are made of. http://hl7.org/fhirpath/N1/

import { typeDefinition } from '../../fhir/definitions.ts';
import type { Syntax } from '../../fhir/fhirpath-syntax.ts';
import { exactNumber } from '../../fhir/json.ts';
import { arithmetic, isArithmetic } from './arithmetic.ts';
import { boundaryFunctions } from './boundary-functions.ts';
import { collectionFunctions, union } from './collection-functions.ts';
import { conversions, convertible } from './conversion-functions.ts';
import { existence } from './existence-functions.ts';
import { boolean, type Compiler, type Evaluate, type FunctionTable, singleInteger, type Test } from './functions.ts';
import { mathFunctions } from './math-functions.ts';
import { type Node, type Nodes, nodeOf, nothing, single, stepTo } from './node.ts';
import { shortWay } from './short-ways.ts';
import { stringFunctions, stringTests } from './string-functions.ts';
import { surroundings, surroundingTests, variable } from './surroundings.ts';
import { testOperators } from './test-operators.ts';
import { isExactly, isOfType, kindOf, requireType } from './types.ts';

/** Throws a SyntaxError for a function, type or variable that is not known, and for a wrong number of arguments. */
export function compileValues(syntax: Syntax): Evaluate {
  switch (syntax.kind) {
    case 'literal':
      return constant([literal(syntax.type, syntax.text)]);
    case 'quantity':
      return constant([nodeOf('System.Quantity', { value: exactNumber(syntax.text), unit: syntax.unit })]);
    case 'none':
      return constant(nothing);
    case 'variable':
      return variable(syntax.name);
    case 'this':
      return (focus) => focus;
    case 'index':
      return (_focus, scope) => [nodeOf('System.Integer', scope.index)];
    case 'total':
      return (_focus, scope) => scope.total;
    case 'member':
      return syntax.of === undefined ? firstMember(syntax.name) : members(compileValues(syntax.of), syntax.name);
    case 'item': {
      const of = compileValues(syntax.of);
      const index = compileValues(syntax.index);
      return (focus, scope) => {
        const at = singleInteger(index(focus, scope));
        const found = at === undefined ? undefined : of(focus, scope)[at];
        return found === undefined ? nothing : [found];
      };
    }
    case 'sign':
      return arithmetic(
        '*',
        constant([nodeOf('System.Integer', syntax.op === '-' ? -1 : 1)]),
        compileValues(syntax.of),
      );
    case 'type':
      if (syntax.op === 'is') return asValues(compileTest(syntax));
      return cast(compileValues(syntax.of), syntax.type);
    case 'call':
      return called(valueFunctions, syntax) ?? asValues(compileTest(syntax));
    case 'binary': {
      const { op } = syntax;
      if (!isArithmetic(op) && op !== '|') return asValues(compileTest(syntax));
      const left = compileValues(syntax.left);
      const right = compileValues(syntax.right);
      return op === '|' ? union(left, right) : arithmetic(op, left, right);
    }
  }
}

/** The same for a condition; `undefined` is FHIRPath's empty. A single value that is no Boolean counts as true. */
export function compileTest(syntax: Syntax): Test {
  if (syntax.kind === 'call') {
    const test = shortWay(syntax, compiler) ?? called(testFunctions, syntax);
    if (test !== undefined) return test;
    if (!valueFunctions.some((table) => Object.hasOwn(table, syntax.name))) {
      throw new SyntaxError(`FHIRPath has no function ${syntax.name}()`);
    }
  }
  if (syntax.kind === 'type' && syntax.op === 'is') return typeTest(compileValues(syntax.of), syntax.type);
  if (syntax.kind === 'binary') {
    const test = testOperators[syntax.op]?.(syntax.left, syntax.right, compiler);
    if (test !== undefined) return test;
  }
  const values = compileValues(syntax);
  return (focus, scope) => truth(values(focus, scope));
}

const valueFunctions = [
  collectionFunctions,
  stringFunctions,
  conversions,
  mathFunctions,
  boundaryFunctions,
  surroundings,
];
const testFunctions = [existence, stringTests, convertible, surroundingTests];
const compiler: Compiler = { values: compileValues, test: compileTest };

const called = <Made>(
  tables: readonly FunctionTable<Made>[],
  { of, name, args }: Extract<Syntax, { kind: 'call' }>,
): Made | undefined => {
  const make = tables.find((table) => Object.hasOwn(table, name))?.[name];
  return make?.({ of: of === undefined ? (focus) => focus : compileValues(of), args, compiler });
};

const constant =
  (nodes: Nodes): Evaluate =>
  () =>
    nodes;

// A number that JavaScript writes the same way needs no text of its own.
const numberAsWritten = (text: string): number => (String(Number(text)) === text ? Number(text) : exactNumber(text));

function literal(type: Extract<Syntax, { kind: 'literal' }>['type'], text: string): Node {
  if (type === 'number') return nodeOf(text.includes('.') ? 'System.Decimal' : 'System.Integer', numberAsWritten(text));
  if (type === 'boolean') return nodeOf('System.Boolean', text === 'true');
  // A literal date and time may end in its T.
  const value = type === 'dateTime' ? text.replace(/T$/, '') : type === 'time' ? text.slice(1) : text;
  return nodeOf(`System.${type.charAt(0).toUpperCase()}${type.slice(1)}`, value);
}

// `Patient.name`: a path may begin with the type it starts from.
function firstMember(name: string): Evaluate {
  if (!/^[A-Z]/.test(name) || typeDefinition(name) === undefined) return members((focus) => focus, name);
  return (focus) => focus.filter((node) => isOfType(node, name));
}

function members(of: Evaluate, name: string): Evaluate {
  const step = stepTo(name);
  return (focus, scope) => {
    const out: Node[] = [];
    for (const node of of(focus, scope)) {
      scope.step();
      step.into(node, out);
    }
    return out;
  };
}

function cast(of: Evaluate, type: string): Evaluate {
  requireType(type);
  return (focus, scope) => of(focus, scope).filter((node) => isExactly(node, type));
}

function typeTest(of: Evaluate, type: string): Test {
  requireType(type);
  return (focus, scope) => {
    const node = single(of(focus, scope));
    return node === undefined ? undefined : isOfType(node, type);
  };
}

const asValues =
  (test: Test): Evaluate =>
  (focus, scope) =>
    boolean(test(focus, scope));

function truth(nodes: Nodes): boolean | undefined {
  const node = single(nodes);
  if (node === undefined) return undefined;
  return kindOf(node.type) === 'boolean' ? node.value === true : true;
}
