// What one ElementDefinition asks of its values, in the form in which the checks take it.

import type { ElementDefinition } from '../definitions/element-definition.ts';
import { nativeInvariants } from './invariants/corrected.ts';

export type Binding = { strength: 'required' | 'extensible' | 'preferred'; valueSet: string };

export type Constraint = { key: string; severity: 'error' | 'warning'; human: string; expression: string };

/** What an element is bound to; examples bind to nothing. */
export function bindingOf({ binding }: ElementDefinition): Binding | undefined {
  if (binding?.valueSet === undefined || binding.strength === 'example') return undefined;
  return { strength: binding.strength, valueSet: binding.valueSet };
}

/** Those of an element that its checks do not hold to by themselves, and that can be evaluated. */
export function constraintsOf({ constraint = [] }: ElementDefinition): Constraint[] {
  return constraint.flatMap(({ key, severity, human, expression }) =>
    expression === undefined || nativeInvariants.has(key) ? [] : [{ key, severity, human: human ?? '', expression }],
  );
}
