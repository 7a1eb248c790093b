// Invariants: compiled once for each type of value they are asked of.

import type { Constraint } from './demands.ts';
import { compileInvariant, type Invariant } from './invariants/compile-invariant.ts';
import { note, type Walk } from './walk.ts';

/** Holds a value of a FHIR type against each; `source` names the profile that asks. */
export function checkConstraints(
  constraints: readonly Constraint[],
  { value, type }: { value: unknown; type: string },
  walk: Walk,
  source?: string,
): void {
  for (const constraint of constraints) {
    const result = holds(constraint, value, type, walk);
    if (result === true) continue;
    const { key, human, severity } = constraint;
    const words = source === undefined ? `${human} (${key})` : `${human} (${key} of ${source})`;
    const rule = source !== undefined ? 'profile' : isKeptLater(constraint, value, type, walk) ? 'beyond' : undefined;
    if (result === false) note(walk, severity, 'invariant', `must satisfy: ${words}`, [], rule);
    else note(walk, 'information', 'informational', `could not be held against an invariant: ${words}`, [], 'profile');
  }
}

/**
 * R4 finds start and end of different precision (2024 to 2024-05) not comparable, and so broken; R5 compares the earliest start with
 * the latest end. A family that remembers the year alone is not refused for it.
 */
const later: Readonly<Record<string, string>> = {
  'per-1': 'start.lowBoundary() <= end.highBoundary()',
};

function isKeptLater({ key, ...constraint }: Constraint, value: unknown, type: string, walk: Walk): boolean {
  const expression = later[key];
  return expression !== undefined && holds({ ...constraint, key, expression }, value, type, walk) === true;
}

function holds({ expression }: Constraint, value: unknown, type: string, walk: Walk): boolean | undefined {
  const { resource, root } = walk.scope;
  return invariantOf(expression, type)(value, resource, root, undefined, walk.needed);
}

const compiled = new Map<string, Map<string, Invariant>>();

function invariantOf(expression: string, type: string): Invariant {
  const known = compiled.get(expression)?.get(type);
  if (known) return known;
  const invariant = compileInvariant(expression, type);
  const ofTypes = compiled.get(expression) ?? new Map<string, Invariant>();
  compiled.set(expression, ofTypes.set(type, invariant));
  return invariant;
}
