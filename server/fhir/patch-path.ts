// The paths of FHIRPath Patch. Those of names and positions, which is nearly all there are, are followed here; the others are
// compiled by fhirpath.js. R4 wants a patch to name its place, not to compute it, so functions and operators are those that
// select, each with a cost that grows no faster than the resource: nothing of regular expressions, of descendants, of every
// pair in two lists. https://hl7.org/fhir/R4/fhirpatch.html

import { createRequire } from 'node:module';
import { isObject, type JsonObject, numberText } from './json.ts';
import { cannotPatch, type OperationOutcomeError } from './outcome.ts';
import { type Place, placesIn, rootPlace } from './patch-place.ts';

export type PatchPath = {
  /** Throws 422 where it cannot be followed. */
  find: (resource: JsonObject) => Place[];
  /** True for names and positions alone. */
  isPlain: boolean;
};

const mostCharacters = 1000;
const plain = /^(?:[A-Z]\w*|\$this|[a-z]\w*(?:\[\d{1,6}\])?)(?:\.[a-z]\w*(?:\[\d{1,6}\])?)*$/;

/** `fault` makes the refusal of a path that is none, or none for a patch. */
export function compilePath(path: string, fault: (why: string) => OperationOutcomeError): PatchPath {
  if (path.length > mostCharacters) throw fault(`has a path of more than ${mostCharacters} characters`);
  if (plain.test(path)) return { find: (resource) => follow(resource, path.split('.')), isPlain: true };
  const evaluate = compiled(path, fault);
  const find = (resource: JsonObject) => {
    let found: unknown[];
    try {
      found = evaluate(withPlainNumbers(resource) as JsonObject);
    } catch {
      throw cannotPatch('The path of an operation cannot be followed in this resource');
    }
    return found.map((node) => {
      if (!isNode(node)) throw cannotPatch('The path of an operation names a value and not an element');
      return placeOf(resource, node);
    });
  };
  return { find, isPlain: false };
}

function follow(resource: JsonObject, names: readonly string[]): Place[] {
  const [first = '', ...rest] = names;
  let places = [rootPlace(resource)];
  if (/^[A-Z]/.test(first) && first !== resource.resourceType) return [];
  for (const step of /^[a-z]/.test(first) ? names : rest) {
    const [, name = '', index] = /^(\w+)(?:\[(\d+)\])?$/.exec(step) ?? [];
    places = places.flatMap((place) => placesIn(place, name));
    // A position counts through all that the path has found so far, as everywhere in FHIRPath.
    if (index !== undefined) places = places.slice(Number(index), Number(index) + 1);
  }
  return places;
}

function compiled(path: string, fault: (why: string) => OperationOutcomeError): (resource: JsonObject) => Node[] {
  const { fhirpath, model } = library();
  try {
    const quoted = quoteDiv(path);
    refuseComputing(fhirpath.parse(quoted), fault);
    return fhirpath.compile(quoted, model, { resolveInternalTypes: false });
  } catch (error) {
    if (error instanceof Error && 'issues' in error) throw error;
    // What fhirpath.js says quotes the path.
    throw fault('has a path that is not FHIRPath');
  }
}

type Node = { parentResNode: Node | null; propName: string | null; index: number | null };
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

/** The place of a node of fhirpath.js, in the resource as it was parsed. */
function placeOf(resource: JsonObject, { parentResNode, propName, index }: Node): Place {
  if (!parentResNode) return rootPlace(resource);
  const place = placesIn(placeOf(resource, parentResNode), propName ?? '')[index ?? 0];
  if (!place) throw cannotPatch('The path of an operation names what is no element of R4');
  return place;
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
