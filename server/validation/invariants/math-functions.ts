// Functions of numbers. http://hl7.org/fhirpath/N1/#math-1

import { exactNumber, numberText } from '../../fhir/json.ts';
import { plainText, tidy } from './decimals.ts';
import { argument, decimal, type Evaluate, type FunctionTable, integer, takes } from './functions.ts';
import { type Node, type Nodes, nodeOf, nothing, single } from './node.ts';
import { NotEvaluable } from './not-evaluable.ts';
import { kindOf } from './types.ts';

export const mathFunctions: FunctionTable<Evaluate> = {
  abs: ofNumber((value, node) => likewise(node, Math.abs(value))),
  ceiling: ofNumber((value) => integer(Math.ceil(value))),
  floor: ofNumber((value) => integer(Math.floor(value))),
  truncate: ofNumber((value) => integer(Math.trunc(value))),
  exp: ofNumber((value) => real(Math.exp(value))),
  ln: ofNumber((value) => real(Math.log(value))),
  sqrt: ofNumber((value) => real(Math.sqrt(value))),
  log: withNumber((value, base) => real(Math.log(value) / Math.log(base))),
  power: withNumber((value, exponent, node) => likewise(node, value ** exponent)),
  round: takes(0, 1, (call) => {
    const places = argument(call);
    return (focus, scope) => {
      const value = numberIn(call.of(focus, scope));
      const digits = numberIn(places(focus, scope)) ?? 0;
      return value === undefined ? nothing : real(Number(`${Math.round(Number(`${value}e${digits}`))}e${-digits}`));
    };
  }),
};

type Answer = (value: number, node: Node) => Nodes;

function ofNumber(answer: Answer): FunctionTable<Evaluate>[string] {
  return takes(0, 0, ({ of }) => (focus, scope) => {
    const nodes = of(focus, scope);
    const value = numberIn(nodes);
    const [node] = nodes;
    return value === undefined || node === undefined ? nothing : answer(value, node);
  });
}

function withNumber(answer: (value: number, other: number, node: Node) => Nodes): FunctionTable<Evaluate>[string] {
  return takes(1, 1, (call) => {
    const argumentNumber = argument(call);
    return (focus, scope) => {
      const nodes = call.of(focus, scope);
      const value = numberIn(nodes);
      const other = numberIn(argumentNumber(focus, scope));
      const [node] = nodes;
      return value === undefined || other === undefined || node === undefined ? nothing : answer(value, other, node);
    };
  });
}

function numberIn(nodes: Nodes): number | undefined {
  const node = single(nodes);
  if (node === undefined || node.value === undefined) return undefined;
  const text = numberText(node.value);
  if (text === undefined) throw new NotEvaluable('a number is needed');
  return Number(text);
}

/** Empty for what is no real number, as the root of -1. */
const real = (value: number): Nodes =>
  Number.isFinite(value) ? decimal(exactNumber(plainText(tidy(value)))) : nothing;

const likewise = (node: Node, value: number): Nodes => {
  const isWhole = kindOf(node.type) === 'integer' && Number.isInteger(value);
  return isWhole ? [nodeOf('System.Integer', value)] : real(value);
};
