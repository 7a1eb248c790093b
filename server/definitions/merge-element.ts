// What one element of a differential makes of the element it constrains, and how a slice begins.
// FHIR R4, https://hl7.org/fhir/R4/profiling.html#snapshot and https://hl7.org/fhir/R4/elementdefinition.html#interpretation

import { choiceKey } from '../fhir/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import {
  type Binding,
  type Constraint,
  type ElementDefinition,
  type ElementType,
  isChoiceOf,
  type Slicing,
  typeCode,
} from './element-definition.ts';

/** What a member replaces as a whole, whatever type the new one has. */
const CHOICES = ['fixed', 'pattern', 'minValue', 'maxValue', 'defaultValue'];
/** What a differential cannot say anew of an element that is there. */
const KEPT = new Set(['id', 'path', 'base', 'contentReference']);

/**
 * The element as its base has it, with what the differential says instead. Constraints are added to those of the base, and one
 * with a known key changes nothing; slicing and binding keep what the differential does not name.
 */
export function mergedElement(base: ElementDefinition, differential: ElementDefinition): ElementDefinition {
  const merged: JsonObject = { ...base };
  for (const [name, value] of Object.entries(differential)) {
    if (KEPT.has(name) && base.path !== undefined) continue;
    const stem = CHOICES.find((one) => isChoiceOf(one, name));
    if (stem) for (const other in base) if (other !== name && isChoiceOf(stem, other)) delete merged[other];
    merged[name] = value;
  }
  if (differential.constraint) merged.constraint = constraintsOfBoth(base.constraint, differential.constraint);
  if (differential.slicing) merged.slicing = slicingOfBoth(base.slicing, differential.slicing);
  if (differential.binding) merged.binding = { ...base.binding, ...differential.binding } satisfies Binding;
  if (differential.extension) merged.extension = extensionsOfBoth(base.extension, differential.extension);
  return merged as ElementDefinition;
}

/** An extension may stand no more and no less often than its own root says, where the profile that names it does not say. */
export function extensionElement(base: ElementDefinition, root: ElementDefinition): ElementDefinition {
  const min = Math.max(base.min ?? 0, root.min ?? 0);
  const max = mostOf(root.max) < mostOf(base.max) ? root.max : base.max;
  return { ...base, min, ...(max === undefined ? {} : { max }), ...(root.short && { short: root.short }) };
}

const mostOf = (max = '*'): number => (max === '*' ? Number.POSITIVE_INFINITY : Number(max));

/** A new slice of the element `name` is what it is a slice of, but that none need be there; `valueQuantity` has that type. */
export function sliceOf(sliced: ElementDefinition, sliceName: string, name: string): ElementDefinition {
  const { slicing: _, ...element } = sliced;
  const type = chosenTypes(name, sliceName, sliced.type);
  return { ...element, ...(type.length > 0 ? { type } : {}), sliceName, min: 0 } as ElementDefinition;
}

/** The types of a choice whose name is that of one of them: `valueQuantity` of `value[x]`. */
export function chosenTypes(choice: string, name: string, types: readonly ElementType[] = []): readonly ElementType[] {
  if (!choice.endsWith('[x]') || !name.startsWith(choice.slice(0, -3))) return [];
  return types.filter((type) => chosenName(choice, typeCode(type)) === name);
}

/** `valueQuantity` of `value[x]` and `Quantity`. */
export const chosenName = (choice: string, code: string): string => choiceKey(choice.slice(0, -3), code);

function constraintsOfBoth(base: readonly Constraint[] = [], added: readonly Constraint[]): readonly Constraint[] {
  const known = new Set(base.map(({ key }) => key));
  return [...base, ...added.filter(({ key }) => !known.has(key))];
}

function slicingOfBoth(base: Slicing | undefined, said: Slicing): Slicing {
  const known = base?.discriminator ?? [];
  const added = (said.discriminator ?? []).filter(
    ({ type, path }) => !known.some((one) => one.type === type && one.path === path),
  );
  return { ...base, ...said, ...(known.length + added.length > 0 ? { discriminator: [...known, ...added] } : {}) };
}

function extensionsOfBoth(base: unknown, said: unknown): JsonObject[] {
  const added = objectsOf(said);
  return [...objectsOf(base).filter(({ url }) => !added.some((one) => one.url === url)), ...added];
}

const objectsOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);
