// What a FHIRPath walks over: values with their types, found in parsed FHIR JSON. A primitive stands beside its id and extensions
// (`_name`). FHIR R4, https://hl7.org/fhir/R4/fhirpath.html and https://hl7.org/fhir/R4/json.html#primitive

import { choiceKey, elementsOf, resourceTypes, typeDefinition } from '../../fhir/definitions.ts';
import { isObject, type JsonObject } from '../../fhir/json.ts';
import { NotEvaluable } from './not-evaluable.ts';

export type Node = {
  /** A FHIR type (`Patient`, `Patient.contact`, `code`), or `System.String` and the like for what an expression makes. */
  readonly type: string;
  /** As parsed; undefined for a primitive that has only extensions. */
  readonly value: unknown;
  /** Of a primitive: the object with its `id` and `extension`. */
  readonly sibling: unknown;
};

export type Nodes = readonly Node[];

export const nothing: Nodes = [];

/** A node for a value; resources are of the type they say they are. */
export function nodeOf(type: string, value: unknown, sibling?: unknown): Node {
  return {
    type: type === 'Resource' || type === 'DomainResource' ? typeOfResource(type, value) : type,
    value,
    sibling,
  };
}

function typeOfResource(type: string, value: unknown): string {
  const said = isObject(value) ? value.resourceType : undefined;
  return typeof said === 'string' && resourceTypes.has(said) ? said : type;
}

/** Steps from a node to the elements of one name. */
export type Step = {
  /** Adds the elements to `out`. */
  into(node: Node, out: Node[]): void;
  /** Whether there is one. */
  finds(node: Node): boolean;
};

/** The step to the elements of a name, `value` for valueQuantity and its like. A type without such an element has none. */
export function stepTo(name: string): Step {
  let type = '';
  let slots = noSlots;
  const slotsFor = (node: Node): Slots => {
    if (node.type !== type) {
      type = node.type;
      slots = slotsOf(type, name);
    }
    return slots;
  };
  return {
    into(node, out) {
      const owner = ownerOf(node);
      if (owner === undefined) return;
      const { list, byKey } = slotsFor(node);
      if (byKey === undefined) for (const slot of list) take(owner, slot, out);
      else takePresent(owner, byKey, out);
    },
    finds(node) {
      const owner = ownerOf(node);
      if (owner === undefined) return false;
      const { list, byKey } = slotsFor(node);
      if (byKey === undefined) return list.some((slot) => holds(owner, slot));
      for (const key in owner) if (holdsAny(owner[key]) && slotAt(key, owner, byKey) !== undefined) return true;
      return false;
    },
  };
}

/** All elements of a node, in the order of its JSON. */
export function childrenInto(node: Node, out: Node[]): void {
  const owner = ownerOf(node);
  if (owner === undefined) return;
  takePresent(owner, allSlotsOf(node.type), out);
}

/** The elements below a node, however deep. */
export function descendantsInto(node: Node, out: Node[], scope: { step(): void }): void {
  const first = out.length;
  childrenInto(node, out);
  for (let n = first; n < out.length; n++) {
    scope.step();
    const child = out[n];
    if (child !== undefined) childrenInto(child, out);
  }
}

type Slot = { key: string; siblingKey: string | undefined; type: string };
/** `byKey` where a choice has so many types that an object's own members are the shorter list. */
type Slots = { list: readonly Slot[]; byKey?: ReadonlyMap<string, Slot> };

const noSlots: Slots = { list: [] };
const fewTypes = 4;
const slotsByType = new Map<string, Map<string, Slots>>();
const allSlotsByType = new Map<string, ReadonlyMap<string, Slot>>();

function slotsOf(type: string, name: string): Slots {
  const known = slotsByType.get(type)?.get(name);
  if (known !== undefined) return known;
  const list = slotList(type, name);
  if (list.length === 0) return noSlots;
  const slots = list.length > fewTypes ? { list, byKey: new Map(list.map((slot) => [slot.key, slot])) } : { list };
  const names = slotsByType.get(type) ?? new Map<string, Slots>();
  slotsByType.set(type, names.set(name, slots));
  return slots;
}

function allSlotsOf(type: string): ReadonlyMap<string, Slot> {
  const known = allSlotsByType.get(type);
  if (known !== undefined) return known;
  const slots = [...elementsOf(type).keys()].flatMap((name) => slotList(type, name));
  const byKey = new Map(slots.map((slot) => [slot.key, slot]));
  if (byKey.size > 0) allSlotsByType.set(type, byKey);
  return byKey;
}

function slotList(type: string, name: string): Slot[] {
  const system = systemElements[type]?.[name];
  if (system !== undefined) return [{ key: name, siblingKey: undefined, type: system }];
  const element = elementsOf(type).get(name);
  if (element === undefined) return [];
  return element.types.map((of) => {
    const key = element.isChoice ? choiceKey(name, of) : name;
    return { key, siblingKey: typeDefinition(of)?.kind === 'primitive-type' ? `_${key}` : undefined, type: of };
  });
}

const systemElements: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'System.TypeInfo': { namespace: 'System.String', name: 'System.String', baseType: 'System.String' },
  'System.Quantity': { value: 'System.Decimal', unit: 'System.String' },
};

/** The object that a node's elements are members of. */
function ownerOf({ value, sibling }: Node): JsonObject | undefined {
  if (typeof value === 'object' && isObject(value)) return value;
  return sibling !== undefined && isObject(sibling) ? sibling : undefined;
}

function takePresent(owner: JsonObject, byKey: ReadonlyMap<string, Slot>, out: Node[]): void {
  for (const key in owner) {
    const slot = slotAt(key, owner, byKey);
    if (slot !== undefined) take(owner, slot, out);
  }
}

/** What a member belongs to; `_name` only where it stands alone. */
function slotAt(key: string, owner: JsonObject, byKey: ReadonlyMap<string, Slot>): Slot | undefined {
  if (!key.startsWith('_')) return byKey.get(key);
  const name = key.slice(1);
  return owner[name] === undefined ? byKey.get(name) : undefined;
}

function take(owner: JsonObject, { key, siblingKey, type }: Slot, out: Node[]): void {
  const value = owner[key];
  const sibling = siblingKey === undefined ? undefined : owner[siblingKey];
  if (!Array.isArray(value) && !Array.isArray(sibling)) {
    if (isThere(value) || isThere(sibling)) out.push(nodeOf(type, value ?? undefined, sibling));
    return;
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const siblings: readonly unknown[] = Array.isArray(sibling) ? sibling : [sibling];
  for (let n = 0; n < Math.max(values.length, siblings.length); n++) {
    if (isThere(values[n]) || isThere(siblings[n])) out.push(nodeOf(type, values[n] ?? undefined, siblings[n]));
  }
}

function holds(owner: JsonObject, { key, siblingKey }: Slot): boolean {
  return holdsAny(owner[key]) || (siblingKey !== undefined && holdsAny(owner[siblingKey]));
}

const holdsAny = (value: unknown): boolean => (Array.isArray(value) ? value.some(isThere) : isThere(value));
const isThere = (value: unknown): boolean => value !== undefined && value !== null;

/** The one node of a collection, undefined of an empty one. Throws NotEvaluable where there are more. */
export function single(nodes: Nodes): Node | undefined {
  if (nodes.length > 1) throw new NotEvaluable('one value is needed where there are several');
  return nodes[0];
}
