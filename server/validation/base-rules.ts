// What the StructureDefinitions of R4's types ask beyond names, cardinalities and formats: invariants and bindings, in the form in
// which the base check looks them up. Made once per type.

import type { Definitions } from '../definitions/definitions.ts';
import type { ElementDefinition } from '../definitions/element-definition.ts';
import type { JsonObject } from '../fhir/json.ts';
import { type Binding, bindingOf, type Constraint, constraintsOf } from './demands.ts';

/** Of a resource, complex or backbone type (`Patient.contact`). */
export type BaseRules = {
  constraints: readonly Constraint[];
  /** By element name without `[x]`, for elements of which more is asked. */
  elements: ReadonlyMap<string, ElementRules>;
};
export type ElementRules = { binding: Binding | undefined; constraints: readonly Constraint[] };

const TYPES = 'http://hl7.org/fhir/StructureDefinition/';
const none: BaseRules = { constraints: [], elements: new Map() };

/** Looks rules up by the name of a type. */
export function baseRulesOf(definitions: Definitions): (type: string) => BaseRules {
  const known = new Map<string, BaseRules>();
  return (type) => {
    const found = known.get(type);
    if (found) return found;
    const [owner = ''] = type.split('.');
    const rules = rulesOf(type, definitions.find('StructureDefinition', TYPES + owner));
    known.set(type, rules);
    return rules;
  };
}

/** The elements of a type's own snapshot. */
export function typeElements(definition: JsonObject | undefined): readonly ElementDefinition[] {
  const snapshot = definition?.snapshot as { element?: ElementDefinition[] } | undefined;
  return snapshot?.element ?? [];
}

function rulesOf(type: string, definition: JsonObject | undefined): BaseRules {
  const all = typeElements(definition);
  if (all.length === 0) return none;
  const isBackbone = new Set(all.map(({ path }) => path.slice(0, path.lastIndexOf('.'))));
  const elements: [string, ElementRules][] = [];
  for (const element of all) {
    const at = element.path.lastIndexOf('.');
    if (at < 0 || element.path.slice(0, at) !== type) continue;
    // Those of a backbone element are asked of its own type.
    const constraints = isBackbone.has(element.path) ? [] : constraintsOf(element);
    const binding = bindingOf(element);
    if (constraints.length > 0 || binding) elements.push([nameOf(element.path), { binding, constraints }]);
  }
  return { constraints: all.filter(({ path }) => path === type).flatMap(constraintsOf), elements: new Map(elements) };
}

/** `value` of `Observation.value[x]`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1).replace(/\[x\]$/, '');
}
