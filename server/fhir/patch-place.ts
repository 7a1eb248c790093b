// Elements of a resource by their place, both halves of a primitive together: value and, under `_name`, id and extensions.
// https://hl7.org/fhir/R4/json.html#primitive

import { isObject, type JsonObject } from './json.ts';
import { type Member, shapeOf } from './shapes.ts';

/** One occurrence of an element. `extra` is the half under `_name`. */
export type Slot = { value?: unknown; extra?: unknown };

/** Where an element is: in `owner`, as `member`, the `index`-th of it. Without member: the resource itself, which is `owner`. */
export type Place = {
  owner: JsonObject;
  ownerType: string;
  member: Member | undefined;
  index: number;
  /** What elements inside it are in, and its FHIR type; undefined in a primitive without id and extensions. */
  object: JsonObject | undefined;
  type: string;
};

export function rootPlace(resource: JsonObject): Place {
  const type = String(resource.resourceType);
  return { owner: resource, ownerType: type, member: undefined, index: 0, object: resource, type };
}

/** The elements of this name inside a place. The types of a choice go by the one name: `value`. */
export function placesIn({ object, type }: Place, name: string): Place[] {
  const member = object && presentMember(object, type, name);
  if (!member) return [];
  return elementsOf(object, member).map(({ value, extra }, index) => {
    const place = { owner: object, ownerType: type, member, index };
    if (!isObject(value)) return { ...place, object: isObject(extra) ? extra : undefined, type: 'Element' };
    return { ...place, object: value, type: member.type === 'Resource' ? String(value.resourceType) : member.type };
  });
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
