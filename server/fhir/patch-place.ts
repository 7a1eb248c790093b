// Elements of a resource by their place, both halves of a primitive together: value and, under `_name`, id and extensions.
// https://hl7.org/fhir/R4/json.html#primitive

import { isObject, type JsonObject } from './json.ts';
import type { Step } from './patch-path.ts';
import { type Member, shapeOf } from './shapes.ts';

/** One occurrence of an element. `extra` is the half under `_name`. */
export type Slot = { value?: unknown; extra?: unknown };

/** Where an element is: in `owner`, as `member`, the `index`-th of it. Without member: the resource itself, which is `owner`. */
export type Place = {
  owner: JsonObject;
  ownerType: string | undefined;
  member: Member | undefined;
  index: number;
  /** The FHIR type of the element. */
  type: string;
};

/** Follows the steps that a path has found. They exist: they were found in the same resource. */
export function elementAt(resource: JsonObject, steps: readonly Step[]): Place {
  const type = String(resource.resourceType);
  let place: Place = { owner: resource, ownerType: undefined, member: undefined, index: 0, type };
  let object = resource;
  for (const { name, index } of steps) {
    const member = presentMember(object, place.type, name);
    if (!member) throw new Error(`no ${name} in ${place.type}`);
    place = { owner: object, ownerType: place.type, member, index, type: member.type };
    const { value, extra } = elementsOf(object, member)[index] ?? {};
    if (isObject(value)) {
      object = value;
      if (member.type === 'Resource') place.type = String(value.resourceType);
    } else if (isObject(extra)) {
      object = extra;
      place.type = 'Element';
    }
  }
  return place;
}

/** All occurrences of an element in its owner, in order. */
export function elementsOf(owner: JsonObject, { key, sibling }: Member): Slot[] {
  const values = listOf(owner[key]);
  const extras = sibling === undefined ? [] : listOf(owner[sibling]);
  const length = Math.max(values.length, extras.length);
  return Array.from({ length }, (_, n) => ({ value: values[n] ?? undefined, extra: extras[n] ?? undefined }));
}

/** Puts them in place of those that were there. */
export function storeElements(owner: JsonObject, { key, sibling, isArray }: Member, slots: readonly Slot[]): void {
  const put = (name: string, values: readonly unknown[]) => {
    if (values.every((value) => value === undefined)) delete owner[name];
    else owner[name] = isArray ? values.map((value) => value ?? null) : values[0];
  };
  put(
    key,
    slots.map(({ value }) => value),
  );
  if (sibling === undefined) return;
  put(
    sibling,
    slots.map(({ extra }) => extra),
  );
}

function presentMember(owner: JsonObject, type: string, name: string): Member | undefined {
  const members = [...shapeOf(type).members.values()].filter(
    (member) => !member.isSibling && (member.name === name || member.key === name),
  );
  return members.find(({ key, sibling }) => owner[key] !== undefined || (sibling && owner[sibling] !== undefined));
}

const listOf = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
