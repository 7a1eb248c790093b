// A profile as a tree of what it asks of each element, made from its snapshot. What the type itself asks of the element already is
// left out: the base check has seen to it. FHIR R4, https://hl7.org/fhir/R4/profiling.html

import type { Definitions } from '../../definitions/definitions.ts';
import {
  type Discriminator,
  type ElementDefinition,
  fixedOf,
  maxValueOf,
  minValueOf,
  patternOf,
  typeCode,
} from '../../definitions/element-definition.ts';
import { partialSnapshotOf } from '../../definitions/snapshot.ts';
import { choiceKey, elementsOf } from '../../fhir/definitions.ts';
import type { JsonObject } from '../../fhir/json.ts';
import { nameOf, typeElements } from '../base-rules.ts';
import { type Binding, bindingOf, type Constraint, constraintsOf } from '../demands.ts';
import { type Keys, keysOf } from './found.ts';

export type TypeRule = { code: string; profiles: readonly string[]; targets: readonly string[] };
/** A fixed value or a pattern. */
export type Wanted = { value: unknown; isPattern: boolean };

export type ElementRules = {
  /** Of the ElementDefinition: `Patient.name:kana.family`. */
  id: string;
  /** JSON name without `[x]`; the type's name at the root. */
  name: string;
  /** JSON member names of the element with the type of each; one but for a choice. */
  keys: Keys;
  min: number;
  /** Infinity for `*`. */
  max: number;
  types: readonly TypeRule[];
  /** What is asked of a value of a type; absent where the type is not allowed. Filled as values come. */
  byType: Map<string, TypeRule | undefined>;
  wanted: Wanted | undefined;
  binding: Binding | undefined;
  constraints: readonly Constraint[];
  maxLength: number | undefined;
  minValue: unknown;
  maxValue: unknown;
  children: ElementRules[];
  /** Those of the children that are asking. */
  asking: readonly ElementRules[];
  slicing: Slicing | undefined;
  slices: ElementRules[];
  sliceName: string | undefined;
  /** Whether the profile asks more of this element, or below it, than its type does. */
  isAsking: boolean;
};

export type Slicing = {
  discriminators: readonly Discriminator[];
  rules: 'open' | 'closed' | 'openAtEnd';
  isOrdered: boolean;
};

/**
 * The root of a profile's tree, and the canonicals of profiles it builds on that are not here, whose rules are not in it. Throws
 * SnapshotError where there can be no snapshot.
 */
export function elementRulesOf(
  profile: JsonObject,
  definitions: Definitions,
): { rules: ElementRules; missing: readonly string[] } {
  const { elements, missing } = partialSnapshotOf(profile, definitions);
  const byId = new Map<string, ElementRules>();
  let root: ElementRules | undefined;
  for (const element of elements) {
    const rules = rulesOf(element, definitions);
    byId.set(rules.id, rules);
    const { parent, isSlice } = parentOf(rules.id);
    const above = byId.get(parent);
    if (root === undefined) root = rules;
    else if (isSlice) above?.slices.push(rules);
    else above?.children.push(rules);
  }
  if (root === undefined) throw new Error('a snapshot without elements');
  markAsking(root);
  return { rules: root, missing };
}

/** `a.b:c.d` stands below `a.b:c`; `a.b:c` is a slice of `a.b`, and `a.b:c/d` one of `a.b:c`. */
function parentOf(id: string): { parent: string; isSlice: boolean } {
  const dot = id.lastIndexOf('.');
  const colon = id.indexOf(':', dot + 1);
  if (colon < 0) return { parent: id.slice(0, dot), isSlice: false };
  const slash = id.lastIndexOf('/');
  return { parent: id.slice(0, slash > colon ? slash : colon), isSlice: true };
}

function rulesOf(element: ElementDefinition, definitions: Definitions): ElementRules {
  const base = baseElement(element, definitions);
  const known = new Set(constraintsOf(base ?? { id: '', path: '' }).map(({ key }) => key));
  const constraints = constraintsOf(element).filter(({ key }) => !known.has(key));
  const binding = bindingOf(element);
  const isSameBinding = base !== undefined && sameBinding(binding, bindingOf(base));
  const types = typesOf(element);
  return {
    id: element.id,
    name: nameOf(element.path),
    keys: namesOf(element),
    min: element.min ?? 0,
    max: element.max === undefined || element.max === '*' ? Number.POSITIVE_INFINITY : Number(element.max),
    types: base !== undefined && sameTypes(types, typesOf(base)) ? [] : types,
    byType: new Map(),
    wanted: wantedOf(element),
    binding: isSameBinding ? undefined : binding,
    constraints,
    maxLength: element.maxLength,
    minValue: minValueOf(element)?.value,
    maxValue: maxValueOf(element)?.value,
    children: [],
    asking: [],
    slicing: slicingOf(element),
    slices: [],
    sliceName: element.sliceName,
    isAsking: asksMore(element, base),
  };
}

/** The element of R4's own types that this one constrains: `HumanName.family` for `Patient.name.family`. */
function baseElement({ base, path }: ElementDefinition, definitions: Definitions): ElementDefinition | undefined {
  const basePath = base?.path ?? path;
  const [type = ''] = basePath.split('.');
  const definition = definitions.find('StructureDefinition', `http://hl7.org/fhir/StructureDefinition/${type}`);
  return typeElements(definition).find((one) => one.path === basePath);
}

function asksMore(element: ElementDefinition, base: ElementDefinition | undefined): boolean {
  if (base === undefined) return true;
  return (element.min ?? 0) > (base.min ?? 0) || (element.max ?? '*') !== (base.max ?? '*');
}

/** From the leaves up: an element asks where one below it does. */
function markAsking(rules: ElementRules): boolean {
  const below = [...rules.children, ...rules.slices].map(markAsking).some((one) => one);
  rules.asking = rules.children.filter(({ isAsking }) => isAsking);
  const { types, wanted, binding, constraints, maxLength, minValue, maxValue, slicing, slices } = rules;
  const isClosed = slicing !== undefined && slicing.rules !== 'open';
  rules.isAsking ||=
    below ||
    types.length > 0 ||
    constraints.length > 0 ||
    slices.length > 0 ||
    isClosed ||
    [wanted, binding, maxLength, minValue, maxValue].some((one) => one !== undefined);
  return rules.isAsking;
}

function typesOf({ type = [] }: ElementDefinition): TypeRule[] {
  return type.map((one) => ({ code: typeCode(one), profiles: one.profile ?? [], targets: one.targetProfile ?? [] }));
}

function sameTypes(a: readonly TypeRule[], b: readonly TypeRule[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function sameBinding(a: Binding | undefined, b: Binding | undefined): boolean {
  return (
    a === undefined || (b !== undefined && a.strength === b.strength && a.valueSet === b.valueSet && a.most === b.most)
  );
}

/** With the types that R4 gives the element, of which a backbone element's is its path: `Composition.section`. */
function namesOf({ path, base, type = [] }: ElementDefinition): Keys {
  const name = nameOf(path);
  const basePath = base?.path ?? path;
  const known = elementsOf(basePath.slice(0, basePath.lastIndexOf('.'))).get(name)?.types;
  const all = known ?? type.map(({ code }) => code);
  if (!path.endsWith('[x]')) return keysOf([{ key: name, type: all[0] ?? '' }]);
  return keysOf(all.map((one) => ({ key: choiceKey(name, one), type: one })));
}

function wantedOf(element: ElementDefinition): Wanted | undefined {
  const fixed = fixedOf(element);
  const stated = fixed ?? patternOf(element);
  return stated && { value: stated.value, isPattern: fixed === undefined };
}

function slicingOf({ slicing }: ElementDefinition): Slicing | undefined {
  if (slicing === undefined) return undefined;
  const { discriminator = [], rules = 'open', ordered = false } = slicing;
  return { discriminators: discriminator, rules, isOrdered: ordered };
}
