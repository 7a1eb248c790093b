// The operators that answer true, false or nothing, with FHIRPath's three-valued logic.
// http://hl7.org/fhirpath/N1/#operators

import type { BinaryOperator, Syntax } from '../../fhir/fhirpath-syntax.ts';
import { compare, equal, equivalent, hasEqual } from './equality.ts';
import type { Compiler, Evaluate, Test } from './functions.ts';
import { single } from './node.ts';
import type { Scope } from './scope.ts';

type Make = (left: Syntax, right: Syntax, compiler: Compiler) => Test;

/** Undefined for the operators that give values. */
export const testOperators: Readonly<Partial<Record<BinaryOperator, Make>>> = {
  and: logical(false, false, and),
  or: logical(true, true, (left, right) => not(and(not(left), not(right)))),
  implies: logical(false, true, (left, right) => not(and(left, not(right)))),
  xor: logical('open', undefined, (left, right) => {
    return left === undefined || right === undefined ? undefined : left !== right;
  }),
  '=': comparing((left, right) => equal(left, right)),
  '!=': comparing((left, right) => not(equal(left, right))),
  '~': comparing(equivalent),
  '!~': comparing((left, right) => !equivalent(left, right)),
  '<': ordered((order) => order < 0),
  '>': ordered((order) => order > 0),
  '<=': ordered((order) => order <= 0),
  '>=': ordered((order) => order >= 0),
  in: comparing((left, right, scope) => {
    const node = single(left);
    return node && hasEqual(right, node, scope);
  }),
  contains: comparing((left, right, scope) => {
    const node = single(right);
    return node && hasEqual(left, node, scope);
  }),
};

type Truth = boolean | undefined;

const not = (value: Truth): Truth => (value === undefined ? undefined : !value);

function and(left: Truth, right: Truth): Truth {
  if (left === false || right === false) return false;
  return left === undefined || right === undefined ? undefined : true;
}

/** Where the left side is `decided` the answer is `then`, and the right side is not asked. */
function logical(decided: Truth | 'open', then: Truth, join: (left: Truth, right: Truth) => Truth): Make {
  return (left, right, compiler) => {
    const one = compiler.test(left);
    const other = compiler.test(right);
    return (focus, scope) => {
      const found = one(focus, scope);
      return found === decided ? then : join(found, other(focus, scope));
    };
  };
}

type Values = ReturnType<Evaluate>;

function comparing(answer: (left: Values, right: Values, scope: Scope) => Truth): Make {
  return (left, right, compiler) => {
    const one = compiler.values(left);
    const other = compiler.values(right);
    return (focus, scope) => answer(one(focus, scope), other(focus, scope), scope);
  };
}

function ordered(holds: (order: number) => boolean): Make {
  return comparing((left, right) => {
    const order = compare(left, right);
    return order === undefined ? undefined : holds(order);
  });
}
