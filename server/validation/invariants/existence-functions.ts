// Functions that ask whether something is there or holds. http://hl7.org/fhirpath/N1/#existence

import { distinct, hasEqual } from './equality.ts';
import {
  argument,
  type Call,
  condition,
  type FunctionTable,
  forEach,
  type Test,
  takes,
  typeArgument,
} from './functions.ts';
import { type Nodes, single } from './node.ts';
import { NotEvaluable } from './not-evaluable.ts';
import type { Scope } from './scope.ts';
import { hasValue, isOfType, requireType } from './types.ts';

export const existence: FunctionTable<Test> = {
  exists: takes(0, 1, (call) => (call.args.length === 0 ? isThere(call) : someHold(call))),
  empty: takes(
    0,
    0,
    ({ of }) =>
      (focus, scope) =>
        of(focus, scope).length === 0,
  ),
  not: takes(0, 0, ({ of }) => (focus, scope) => {
    const node = single(of(focus, scope));
    return node === undefined ? undefined : node.value === false;
  }),
  all: takes(1, 1, (call) => {
    const holds = condition(call);
    return (focus, scope) => {
      let all = true;
      forEach(call.of(focus, scope), scope, (one) => {
        all = holds(one, scope) === true;
        return all;
      });
      return all;
    };
  }),
  allTrue: takes(
    0,
    0,
    ({ of }) =>
      (focus, scope) =>
        truths(of(focus, scope)).every((one) => one),
  ),
  anyTrue: takes(
    0,
    0,
    ({ of }) =>
      (focus, scope) =>
        truths(of(focus, scope)).some((one) => one),
  ),
  allFalse: takes(
    0,
    0,
    ({ of }) =>
      (focus, scope) =>
        truths(of(focus, scope)).every((one) => !one),
  ),
  anyFalse: takes(
    0,
    0,
    ({ of }) =>
      (focus, scope) =>
        truths(of(focus, scope)).some((one) => !one),
  ),
  subsetOf: takes(1, 1, (call) => {
    const other = argument(call);
    return (focus, scope) => isSubset(call.of(focus, scope), other(focus, scope), scope);
  }),
  supersetOf: takes(1, 1, (call) => {
    const other = argument(call);
    return (focus, scope) => isSubset(other(focus, scope), call.of(focus, scope), scope);
  }),
  isDistinct: takes(0, 0, ({ of }) => (focus, scope) => {
    const nodes = of(focus, scope);
    return nodes.length < 2 || distinct(nodes, scope).length === nodes.length;
  }),
  // Of FHIR: exactly one value, which is a primitive's and there.
  hasValue: takes(0, 0, ({ of }) => (focus, scope) => {
    const [node, ...others] = of(focus, scope);
    return node !== undefined && others.length === 0 && hasValue(node);
  }),
  is: takes(1, 1, (call) => {
    const type = requireType(typeArgument(call));
    return (focus, scope) => {
      const node = single(call.of(focus, scope));
      return node === undefined ? undefined : isOfType(node, type);
    };
  }),
};

function isThere({ of }: Call): Test {
  return (focus, scope) => of(focus, scope).length > 0;
}

function someHold(call: Call): Test {
  const holds = condition(call);
  return (focus, scope) => {
    let found = false;
    forEach(call.of(focus, scope), scope, (one) => {
      found = holds(one, scope) === true;
      return !found;
    });
    return found;
  };
}

function truths(nodes: Nodes): boolean[] {
  return nodes.map(({ value }) => {
    if (typeof value !== 'boolean') throw new NotEvaluable('Booleans are needed');
    return value;
  });
}

const isSubset = (nodes: Nodes, of: Nodes, scope: Scope): boolean => nodes.every((node) => hasEqual(of, node, scope));
