// The paths of FHIRPath Patch: compiled by fhirpath.js, answered as steps from the resource to the elements found.
// R4 wants a patch to name its place, not to compute it. So functions and operators are those that select, each with a cost
// that grows no faster than the resource: nothing of regular expressions, of descendants, of every pair in two lists.

import { createRequire } from 'node:module';
import { isObject, type JsonObject, numberText } from './json.ts';
import type { OperationOutcomeError } from './outcome.ts';
import { cannotPatch } from './outcome.ts';

/** One step down: an element's name without the type of a choice, and which of its occurrences. */
export type Step = { name: string; index: number };

const mostCharacters = 1000;

/** `fault` makes the refusal of a path that is none, or none for a patch. The function throws 422 where it cannot be followed. */
export function compilePath(
  path: string,
  fault: (why: string) => OperationOutcomeError,
): (resource: JsonObject) => Step[][] {
  if (path.length > mostCharacters) throw fault(`has a path of more than ${mostCharacters} characters`);
  const { fhirpath, model } = library();
  let evaluate: (resource: JsonObject) => Node[];
  try {
    const quoted = quoteDiv(path);
    refuseComputing(fhirpath.parse(quoted), fault);
    evaluate = fhirpath.compile(quoted, model, { resolveInternalTypes: false });
  } catch (error) {
    if (error instanceof Error && 'issues' in error) throw error;
    // What fhirpath.js says quotes the path.
    throw fault('has a path that is not FHIRPath');
  }
  return (resource) => {
    let found: unknown[];
    try {
      found = evaluate(withPlainNumbers(resource) as JsonObject);
    } catch {
      throw cannotPatch('The path of an operation cannot be followed in this resource');
    }
    return found.map((node) => {
      if (!isNode(node)) throw cannotPatch('The path of an operation names a value and not an element');
      return stepsTo(node);
    });
  };
}

type Node = { parentResNode: Node | null; propName: string | null; index: number | null; data: unknown; path: string };
type Syntax = { type?: string; text?: string; children?: Syntax[] };
type Library = {
  fhirpath: {
    parse(path: string): Syntax;
    compile(path: string, model: unknown, options: object): (resource: JsonObject) => Node[];
  };
  model: unknown;
};

let loaded: Library | undefined;

/** Library and model take 75 ms and 27 MB, which a server without such patches does not spend. */
function library(): Library {
  const load = createRequire(import.meta.url);
  loaded ??= { fhirpath: load('fhirpath'), model: load('fhirpath/fhir-context/r4') };
  return loaded;
}

/** `div` is an operator in FHIRPath, and the one element of R4 with such a name; HL7's own patches write Patient.text.div. */
const quoteDiv = (path: string): string =>
  path.replace(/('(?:\\.|[^'\\])*')|\.div\b/gs, (_, text: string | undefined) => text ?? '.`div`');

const selecting = new Set([
  ...['EntireExpression', 'TermExpression', 'InvocationTerm', 'InvocationExpression', 'ParenthesizedTerm'],
  ...[
    'MemberInvocation',
    'Identifier',
    'ThisInvocation',
    'IndexerExpression',
    'FunctionInvocation',
    'Functn',
    'ParamList',
  ],
  ...['EqualityExpression', 'InequalityExpression', 'AndExpression', 'OrExpression', 'TypeExpression', 'TypeSpecifier'],
  ...['QualifiedIdentifier', 'LiteralTerm', 'StringLiteral', 'NumberLiteral', 'BooleanLiteral', 'DateTimeLiteral'],
  ...['DateLiteral', 'TimeLiteral', 'NullLiteral'],
]);
const functions = [
  'where',
  'first',
  'last',
  'tail',
  'single',
  'ofType',
  'as',
  'is',
  'extension',
  'exists',
  'empty',
  'not',
];
const textFunctions = ['startsWith', 'endsWith', 'contains', 'lower', 'upper'];
const known = new Set([...functions, ...textFunctions]);

function refuseComputing(node: Syntax, fault: (why: string) => OperationOutcomeError): void {
  const { type, text = '', children = [] } = node;
  if (type === 'Functn' && !known.has(text)) {
    throw fault(`uses a function that is not for a patch; it may use ${[...known].join(', ')}`);
  }
  if (type !== undefined && !selecting.has(type))
    throw fault('uses an operator or variable that is not for a patch; it may use =, !=, <, >, and, or, is, as');
  if (type === 'EqualityExpression' && /~/.test(text)) throw fault('may compare with = and !=, not with ~');
  for (const child of children) refuseComputing(child, fault);
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'parentResNode' in value && typeof value.parentResNode === 'object';

function stepsTo(node: Node): Step[] {
  const steps: Step[] = [];
  for (let at: Node = node; at.parentResNode; at = at.parentResNode)
    steps.unshift({ name: at.propName ?? '', index: at.index ?? 0 });
  return steps;
}

/** fhirpath.js knows no exact numbers. Objects without any are handed over as they are. */
function withPlainNumbers(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(withPlainNumbers);
    return items.every((item, n) => item === value[n]) ? value : items;
  }
  if (isObject(value)) {
    let copy: JsonObject | undefined;
    for (const name in value) {
      const child = value[name];
      if (typeof child !== 'object' || child === null) continue;
      const plain = withPlainNumbers(child);
      if (plain === child) continue;
      copy ??= { ...value };
      copy[name] = plain;
    }
    return copy ?? value;
  }
  const text = typeof value === 'object' ? numberText(value) : undefined;
  return text === undefined ? value : Number(text);
}
