// What one ElementDefinition asks of its values, in the form in which the checks take it.

import { type ElementDefinition, maxValueSetOf } from '../definitions/element-definition.ts';
import { nativeInvariants } from './invariants/corrected.ts';

/** `most`: the value set that no code may lie outside of, though the binding is not required. */
export type Binding = { strength: 'required' | 'extensible' | 'preferred'; valueSet: string; most?: string };

export type Constraint = { key: string; severity: 'error' | 'warning'; human: string; expression: string };

/** What an element is bound to; examples bind to nothing. */
export function bindingOf(element: ElementDefinition): Binding | undefined {
  const { binding } = element;
  if (binding?.valueSet === undefined || binding.strength === 'example') return undefined;
  const most = binding.strength === 'required' ? undefined : maxValueSetOf(element);
  return { strength: binding.strength, valueSet: binding.valueSet, ...(most !== undefined && { most }) };
}

/** Those of an element that its checks do not hold to by themselves, and that can be evaluated. */
export function constraintsOf({ constraint = [] }: ElementDefinition): Constraint[] {
  return constraint.flatMap(({ key, severity, human, expression }) =>
    expression === undefined || nativeInvariants.has(key) ? [] : [{ key, severity, human: human ?? '', expression }],
  );
}
