// What a compiled FHIRPath is made of, and how the functions of FHIRPath are written down: by name, with the number of their
// arguments, as makers of closures.

import type { Syntax } from '../../fhir/fhirpath-syntax.ts';
import { numberText } from '../../fhir/json.ts';
import { type Node, type Nodes, nodeOf, nothing, single } from './node.ts';
import { NotEvaluable } from './not-evaluable.ts';
import type { Scope } from './scope.ts';
import { textOf } from './types.ts';

/** From what stands before the path ($this) to the values found. Throws NotEvaluable. */
export type Evaluate = (focus: Nodes, scope: Scope) => Nodes;
/** The same for what is true, false or empty. */
export type Test = (focus: Nodes, scope: Scope) => boolean | undefined;

export type Compiler = { values(syntax: Syntax): Evaluate; test(syntax: Syntax): Test };

/** `of` gives what the function is called on. */
export type Call = { of: Evaluate; args: readonly Syntax[]; compiler: Compiler };
export type FunctionTable<Made> = Readonly<Record<string, (call: Call) => Made>>;

/** A function that takes so many arguments; a SyntaxError for any other number. */
export function takes<Made>(least: number, most: number, make: (call: Call) => Made): (call: Call) => Made {
  return (call) => {
    const { length } = call.args;
    if (length < least || length > most) {
      throw new SyntaxError(`A FHIRPath function is given ${length} arguments and takes ${range(least, most)}`);
    }
    return make(call);
  };
}

const range = (least: number, most: number): string => (least === most ? String(least) : `${least} to ${most}`);

/** The values of an argument; of one that is not there, none. */
export function argument({ args, compiler }: Call, n = 0): Evaluate {
  const syntax = args[n];
  return syntax === undefined ? () => nothing : compiler.values(syntax);
}

/** An argument that is a condition on each value. */
export function condition({ args, compiler }: Call, n = 0): Test {
  const syntax = args[n];
  if (syntax === undefined) throw new SyntaxError('A FHIRPath function lacks its condition');
  return compiler.test(syntax);
}

/** An argument that names a type: `Quantity`, `FHIR.Quantity`. */
export function typeArgument({ args }: Call): string {
  const [syntax] = args;
  if (syntax?.kind === 'member' && syntax.of === undefined) return syntax.name;
  if (syntax?.kind === 'member' && syntax.of?.kind === 'member') return `${syntax.of.name}.${syntax.name}`;
  throw new SyntaxError('A FHIRPath function lacks the name of a type');
}

/** The text of a single String, undefined of an empty collection. Throws NotEvaluable for any other value. */
export function singleText(nodes: Nodes): string | undefined {
  const node = single(nodes);
  if (node === undefined || node.value === undefined) return undefined;
  const text = textOf(node);
  if (text === undefined) throw new NotEvaluable('a String is needed');
  return text;
}

/** The value of a single Integer, undefined of an empty collection. */
export function singleInteger(nodes: Nodes): number | undefined {
  const node = single(nodes);
  if (node === undefined || node.value === undefined) return undefined;
  const value = Number(numberText(node.value));
  if (!Number.isInteger(value)) throw new NotEvaluable('an Integer is needed');
  return value;
}

/** Runs `each` with $this and $index set for every value. It ends early where `each` answers false. */
export function forEach(nodes: Nodes, scope: Scope, each: (focus: Nodes, node: Node) => unknown): void {
  const outer = scope.index;
  let index = 0;
  for (const node of nodes) {
    scope.step();
    scope.index = index++;
    if (each([node], node) === false) break;
  }
  scope.index = outer;
}

export const string = (text: string): Nodes => [nodeOf('System.String', text)];
export const integer = (value: number): Nodes => [nodeOf('System.Integer', value)];
export const decimal = (value: unknown): Nodes => [nodeOf('System.Decimal', value)];
export const boolean = (value: boolean | undefined): Nodes => (value === undefined ? nothing : value ? TRUE : FALSE);

const TRUE: Nodes = [nodeOf('System.Boolean', true)];
const FALSE: Nodes = [nodeOf('System.Boolean', false)];
