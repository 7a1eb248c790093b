// What nearly every constraint consists of, asked without collecting the values it is about: exists() and empty() of an element, and
// not() of a condition. http://hl7.org/fhirpath/N1/#existence

import type { Syntax } from '../../fhir/fhirpath-syntax.ts';
import type { Compiler, Test } from './functions.ts';
import { type Nodes, stepTo } from './node.ts';

/** Undefined for any other call. */
export function shortWay({ of, name, args }: Extract<Syntax, { kind: 'call' }>, compiler: Compiler): Test | undefined {
  if (of === undefined || args.length > 0) return undefined;
  if (name === 'not') return negated(compiler.test(of));
  if (of.kind !== 'member' || (name !== 'exists' && name !== 'empty')) return undefined;
  // A capital at the beginning may be the name of a type.
  if (of.of === undefined && /^[A-Z]/.test(of.name)) return undefined;
  const there = isThere(of, compiler);
  return name === 'exists' ? there : negated(there);
}

function negated(test: Test): Test {
  return (focus, scope) => {
    const found = test(focus, scope);
    return found === undefined ? undefined : !found;
  };
}

function isThere({ of, name }: Extract<Syntax, { kind: 'member' }>, compiler: Compiler): Test {
  const owners = of === undefined ? (focus: Nodes) => focus : compiler.values(of);
  const { finds } = stepTo(name);
  return (focus, scope) => {
    for (const owner of owners(focus, scope)) {
      scope.step();
      if (finds(owner)) return true;
    }
    return false;
  };
}
