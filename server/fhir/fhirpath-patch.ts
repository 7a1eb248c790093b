// FHIRPath Patch: a Parameters resource whose operations name places by FHIRPath. https://hl7.org/fhir/R4/fhirpatch.html
// The change is made on the JSON as it was parsed, so that exact numbers stay.

import { choiceKey, resourceTypes } from './definitions.ts';
import { dropEmptied } from './drop-emptied.ts';
import { isObject, type JsonObject } from './json.ts';
import { sizeOf } from './json-patch.ts';
import { badRequest, cannotPatch, tooCostly } from './outcome.ts';
import { compilePath, type PatchPath } from './patch-path.ts';
import { elementsOf, type Place, type Slot, storeElements } from './patch-place.ts';
import { type Member, shapeOf } from './shapes.ts';

export type FhirPathOperation = {
  type: 'add' | 'insert' | 'delete' | 'replace' | 'move';
  /** Of the element or, for insert and move, of what the list `list` is in. */
  path: PatchPath;
  list: string;
  name: string;
  index: number;
  source: number;
  destination: number;
  /** The part called value. */
  value: JsonObject;
  /** Its position in the patch, for messages. */
  n: number;
};

const mostOperations = 1000;
/** A path that selects is a search through the resource: how many values those of a patch may look at together, about 2 s. */
const mostLookedAt = 500_000;

/** The operations of a Parameters resource. Throws 400 for what is not a FHIRPath Patch. */
export function readFhirPathPatch({ parameter }: JsonObject): FhirPathOperation[] {
  const list = parameter === undefined ? [] : parameter;
  if (!Array.isArray(list)) throw badRequest('Parameters.parameter must be a list', 'structure');
  if (list.length > mostOperations)
    throw badRequest(`A FHIRPath Patch takes at most ${mostOperations} operations`, 'too-costly');
  return list.map(operation);
}

/** Does all operations to the resource, in place and in order. Throws 422 for the first that cannot be done. */
export function applyFhirPathPatch(resource: JsonObject, operations: readonly FhirPathOperation[]): void {
  const searches = operations.filter(({ path }) => !path.isPlain).length;
  if (searches > 0 && searches * sizeOf(resource, mostLookedAt) > mostLookedAt)
    throw tooCostly('So many selections in so large a resource take too long; name places by position instead');
  const lost = new Set<object>();
  for (const one of operations) apply[one.type](resource, one, lost);
  dropEmptied(resource, lost);
}

const parts = {
  add: { required: ['path', 'name', 'value'] },
  insert: { required: ['path', 'index', 'value'] },
  delete: { required: ['path'] },
  replace: { required: ['path', 'value'] },
  move: { required: ['path', 'source', 'destination'] },
};
const isKnown = (type: unknown): type is keyof typeof parts => typeof type === 'string' && Object.hasOwn(parts, type);

function operation(parameter: unknown, n: number): FhirPathOperation {
  const fault = (why: string) => badRequest(`Operation ${n} ${why}`, 'value', [`Parameters.parameter[${n}]`]);
  if (!isObject(parameter) || parameter.name !== 'operation' || !Array.isArray(parameter.part))
    throw fault('must be a parameter called "operation" with parts');
  const named = new Map<string, JsonObject>();
  for (const part of parameter.part) {
    if (!isObject(part) || typeof part.name !== 'string') throw fault('has a part without a name');
    if (named.has(part.name)) throw fault(`has the part "${part.name}" twice`);
    named.set(part.name, part);
  }
  const type = named.get('type')?.valueCode ?? named.get('type')?.valueString;
  if (!isKnown(type)) throw fault(`needs a type: ${Object.keys(parts).join(', ')}`);
  const wanted = ['type', ...parts[type].required];
  const missing = wanted.find((name) => !named.has(name));
  if (missing !== undefined) throw fault(`(${type}) needs the part "${missing}"`);
  const unknown = [...named.keys()].find((name) => !wanted.includes(name));
  if (unknown !== undefined) throw fault(`(${type}) has a part it does not take; it takes ${wanted.join(', ')}`);

  const text = (name: string): string => {
    const part = named.get(name);
    if (!part) return '';
    if (typeof part.valueString === 'string' && part.valueString !== '') return part.valueString;
    throw fault(`needs a valueString in the part "${name}"`);
  };
  const whole = (name: string): number => {
    const part = named.get(name);
    if (!part) return 0;
    const value = part.valueInteger ?? part.valueUnsignedInt ?? part.valuePositiveInt;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
    throw fault(`needs a valueInteger from 0 in the part "${name}"`);
  };
  const path = text('path');
  const isList = type === 'insert' || type === 'move';
  const [, owner, list = ''] = (isList && /^(?:(.+)\.)?([a-z]\w*)$/s.exec(path)) || [];
  if (isList && list === '') throw fault('needs the path of a list, such as Patient.identifier');
  return {
    type,
    path: compilePath(isList ? (owner ?? '$this') : path, fault),
    list,
    name: text('name'),
    index: whole('index'),
    source: whole('source'),
    destination: whole('destination'),
    value: named.get('value') ?? {},
    n,
  };
}

const apply = {
  add(resource: JsonObject, one: FhirPathOperation) {
    const { owner, type } = objectAt(resource, one);
    const member = memberOf(type, one.name, one.value, one.n);
    if (member.isArray) {
      const slots = elementsOf(owner, member);
      storeElements(owner, member, [...slots, slotOf(member, one.value, one.n)]);
      return;
    }
    if (presentKeys(owner, type, member.name).length > 0)
      throw cannotPatch(`Operation ${one.n}: ${type}.${member.name} is there already and takes one value; use replace`);
    storeElements(owner, member, [slotOf(member, one.value, one.n)]);
  },
  insert(resource: JsonObject, one: FhirPathOperation) {
    const { owner, member, slots } = listAt(resource, one);
    if (one.index > slots.length) throw outside(one.n, one.index, slots);
    storeElements(owner, member, slots.toSpliced(one.index, 0, slotOf(member, one.value, one.n)));
  },
  delete(resource: JsonObject, one: FhirPathOperation, lost: Set<object>) {
    const found = one.path.find(resource);
    if (found.length > 1) throw several(one.n, found);
    const [place] = found;
    // What is not there needs no deletion.
    if (!place) return;
    if (place.member === undefined)
      throw cannotPatch(`Operation ${one.n}: the resource itself is not deleted by a patch`);
    const { owner, member, index } = place;
    storeElements(owner, member, elementsOf(owner, member).toSpliced(index, 1));
    lost.add(owner);
  },
  replace(resource: JsonObject, one: FhirPathOperation) {
    const { owner, ownerType, member, index } = thePlace(resource, one);
    if (member === undefined)
      throw cannotPatch(`Operation ${one.n}: the resource itself is not replaced by a patch; use update`);
    const next = memberOf(ownerType, member.name, one.value, one.n);
    const slot = slotOf(next, one.value, one.n);
    // Another type of a choice stands under another key, which comes last.
    if (next.key !== member.key) storeElements(owner, member, []);
    storeElements(owner, next, next.isArray ? elementsOf(owner, next).with(index, slot) : [slot]);
  },
  move(resource: JsonObject, one: FhirPathOperation) {
    const { owner, member, slots } = listAt(resource, one);
    const moved = slots[one.source];
    if (!moved) throw outside(one.n, one.source, slots);
    if (one.destination >= slots.length) throw outside(one.n, one.destination, slots);
    storeElements(owner, member, slots.toSpliced(one.source, 1).toSpliced(one.destination, 0, moved));
  },
} satisfies Record<
  FhirPathOperation['type'],
  (resource: JsonObject, one: FhirPathOperation, lost: Set<object>) => void
>;

const several = (n: number, found: readonly unknown[]) =>
  cannotPatch(`Operation ${n}: the path names ${found.length} elements and must name one`);
const outside = (n: number, index: number, slots: readonly unknown[]) =>
  cannotPatch(`Operation ${n}: ${index} is outside the list, which has ${slots.length} elements`);

function thePlace(resource: JsonObject, one: FhirPathOperation): Place {
  const found = one.path.find(resource);
  const [place] = found;
  if (!place) throw cannotPatch(`Operation ${one.n}: the path names nothing in the resource`);
  if (found.length > 1) throw several(one.n, found);
  return place;
}

/** The one object at the path; of a primitive the object that has its id and extensions. */
function objectAt(resource: JsonObject, one: FhirPathOperation): { owner: JsonObject; type: string } {
  const { owner, member, index, object, type } = thePlace(resource, one);
  if (object || member === undefined) return { owner: object ?? owner, type };
  const slots = elementsOf(owner, member);
  const extra: JsonObject = {};
  storeElements(owner, member, slots.with(index, { ...slots[index], extra }));
  return { owner: extra, type };
}

function listAt(resource: JsonObject, one: FhirPathOperation): { owner: JsonObject; member: Member; slots: Slot[] } {
  const { owner, type } = objectAt(resource, one);
  const member = shapeOf(type).members.get(one.list);
  if (!member?.isArray) throw cannotPatch(`Operation ${one.n}: ${type} has no list ${one.list}`);
  return { owner, member, slots: elementsOf(owner, member) };
}

/** Every key under which an element is present: a choice has one for each of its types. */
function presentKeys(owner: JsonObject, type: string, name: string): string[] {
  const keys = [...shapeOf(type).members].filter(([, member]) => member.name === name).map(([key]) => key);
  return keys.filter((key) => owner[key] !== undefined);
}

/** The member that a value goes to. In a choice (`value[x]`) its type says which. */
function memberOf(type: string, name: string, part: JsonObject, n: number): Member {
  const { members } = shapeOf(type);
  const choices = [...members.values()].filter((member) => member.name === name && !member.isSibling);
  const [only] = choices;
  const exact = members.get(name);
  if (choices.length === 0 && exact && !exact.isSibling) return exact;
  if (!only) throw cannotPatch(`Operation ${n}: ${type} has no element ${name.slice(0, 100)}`);
  if (choices.length === 1) return only;
  const suffix = valueKey(part)?.replace(/^_?value/, '') ?? '';
  const fitting = choices.find(({ type: one }) => choiceKey('', one) === suffix);
  if (!fitting)
    throw cannotPatch(`Operation ${n}: ${type}.${name} takes ${choices.map(({ type: one }) => one).join(', ')}`);
  return fitting;
}

/** What the part called value holds: `value[x]`, a resource, or the elements of a backbone element as parts. */
function slotOf(member: Member, part: JsonObject, n: number): Slot {
  const key = valueKey(part)?.replace(/^_/, '');
  if (key !== undefined) return { value: part[key], extra: part[`_${key}`] };
  if (isObject(part.resource)) return { value: part.resource, extra: undefined };
  if (!Array.isArray(part.part)) throw badRequest(`Operation ${n}: the part "value" holds no value`, 'required');
  const value: JsonObject = {};
  if (resourceTypes.has(member.type)) value.resourceType = member.type;
  for (const inner of part.part) {
    if (!isObject(inner) || typeof inner.name !== 'string')
      throw badRequest(`Operation ${n}: a part of the value has no name`, 'structure');
    const one = memberOf(member.type, inner.name, inner, n);
    const slots = elementsOf(value, one);
    if (slots.length > 0 && !one.isArray)
      throw badRequest(`Operation ${n}: the value has "${one.name}" twice`, 'structure');
    storeElements(value, one, [...slots, slotOf(one, inner, n)]);
  }
  return { value, extra: undefined };
}

const valueKey = (part: JsonObject): string | undefined => Object.keys(part).find((key) => /^_?value[A-Z]/.test(key));
