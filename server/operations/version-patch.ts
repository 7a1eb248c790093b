// Two versions of a resource -> the FHIRPath Patch that leads from one to the other. Pure. Lists are compared from both ends;
// what is between is changed in place, then added or taken away. FHIR R4, https://hl7.org/fhir/R4/fhirpatch.html

import { choiceKey, elementsOf, typeDefinition } from '../fhir/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { type Member, shapeOf } from '../fhir/shapes.ts';

export type Part = { name: string; [value: string]: unknown };
type Operation = {
  type: 'add' | 'insert' | 'delete' | 'replace';
  path: string;
  name?: string;
  index?: number;
  value?: Value;
};
/** A primitive has two halves in JSON, either of which may be missing. */
type Value = { type: string; value: unknown; sibling: unknown };

const madeByServer = ['versionId', 'lastUpdated'];

/** The parameters of the patch, each an `operation`; none when only what the server writes itself is different. */
export function versionPatch(before: JsonObject, after: JsonObject): Part[] {
  const type = String(after.resourceType);
  return ofObject(type, type, withoutServersMeta(before), withoutServersMeta(after)).map(written);
}

function withoutServersMeta({ meta, ...resource }: JsonObject): JsonObject {
  if (!isObject(meta)) return resource;
  const left = Object.entries(meta).filter(([name]) => !madeByServer.includes(name));
  return left.length > 0 ? { ...resource, meta: Object.fromEntries(left) } : resource;
}

/** What is added comes before what is deleted, so that nothing is empty on the way. */
function ofObject(type: string, path: string, before: JsonObject, after: JsonObject): Operation[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)].map((key) => key.replace(/^_/, '')));
  const members = shapeOf(type).members;
  const operations = [...keys].flatMap((key) => {
    const member = members.get(key);
    return member ? ofMember(path, member, halves(before, key), halves(after, key)) : [];
  });
  // Of an element of this object: what is done further inside keeps its own order.
  const isDelete = (one: Operation) => one.type === 'delete' && !one.path.slice(path.length + 1).includes('.');
  // A choice that changes its type is deleted under the name that the new value then takes.
  const changed = new Set(operations.filter(isDelete).map((one) => one.path));
  const isBlocked = (one: Operation) => one.type === 'add' && one.path === path && changed.has(`${path}.${one.name}`);
  return [
    ...operations.filter((one) => !isDelete(one) && !isBlocked(one)),
    ...operations.filter(isDelete),
    ...operations.filter(isBlocked),
  ];
}

type Halves = { value: unknown; sibling: unknown };
const halves = (object: JsonObject, key: string): Halves => ({ value: object[key], sibling: object[`_${key}`] });
const isThere = ({ value, sibling }: Halves): boolean => value !== undefined || sibling !== undefined;

function ofMember(path: string, member: Member, before: Halves, after: Halves): Operation[] {
  if (same(before, after)) return [];
  const at = `${path}.${member.name}`;
  if (member.isArray) return ofList(path, member, listOf(before), listOf(after));
  if (!isThere(before)) return [{ type: 'add', path, name: member.name, value: { type: member.type, ...after } }];
  if (!isThere(after)) return [{ type: 'delete', path: at }];
  return ofValue(at, member.type, before, after);
}

function ofValue(path: string, type: string, before: Halves, after: Halves): Operation[] {
  if (same(before, after)) return [];
  const isEntered = type !== 'Resource' && isObject(before.value) && isObject(after.value);
  if (isEntered) return ofObject(type, path, before.value as JsonObject, after.value as JsonObject);
  return [{ type: 'replace', path, value: { type, ...after } }];
}

function ofList(path: string, { name, type }: Member, before: Halves[], after: Halves[]): Operation[] {
  const at = `${path}.${name}`;
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && same(before[head], after[head])) head++;
  let tail = 0;
  while (tail < shorter - head && same(before.at(-1 - tail), after.at(-1 - tail))) tail++;
  const [from, to] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  const both = Math.min(from.length, to.length);
  const changed = Array.from({ length: both }, (_, n) =>
    ofValue(`${at}[${head + n}]`, type, from[n] as Halves, to[n] as Halves),
  );
  const more = to.slice(both).map((one, n): Operation => {
    const value = { type, ...one };
    // There is no list to insert into before its first item is added.
    return before.length === 0
      ? { type: 'add', path, name, value }
      : { type: 'insert', path: at, index: head + both + n, value };
  });
  const fewer = from.slice(both).map((_, n): Operation => ({ type: 'delete', path: `${at}[${head + both + n}]` }));
  return [...changed.flat(), ...more, ...fewer.reverse()];
}

function listOf({ value, sibling }: Halves): Halves[] {
  const [values, siblings] = [value, sibling].map((one) => (Array.isArray(one) ? one : []));
  const length = Math.max(values?.length ?? 0, siblings?.length ?? 0);
  return Array.from({ length }, (_, n) => ({ value: values?.[n] ?? undefined, sibling: siblings?.[n] ?? undefined }));
}

/** By text, in which numbers keep their digits. Members in another order are then looked into, and found alike. */
const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function written({ type, path, name, index, value }: Operation): Part {
  const part: Part[] = [
    { name: 'type', valueCode: type },
    { name: 'path', valueString: path },
    ...(name === undefined ? [] : [{ name: 'name', valueString: name }]),
    ...(index === undefined ? [] : [{ name: 'index', valueInteger: index }]),
    ...(value === undefined ? [] : [valuePart('value', value)]),
  ];
  return { name: 'operation', part };
}

/** What Parameters has no value[x] for (backbone elements, extensions …) is written as parts, one for each element. */
function valuePart(name: string, { type, value, sibling }: Value): Part {
  if (type === 'Resource') return { name, resource: value };
  const known = type === 'xhtml' ? 'string' : type;
  if (elementsOf('Parameters.parameter').get('value')?.types.includes(known)) {
    const key = choiceKey('value', known);
    return {
      name,
      ...(value === undefined ? {} : { [key]: value }),
      ...(sibling === undefined ? {} : { [`_${key}`]: sibling }),
    };
  }
  return { name, part: typeDefinition(type) && isObject(value) ? partsOf(type, value) : [] };
}

function partsOf(type: string, object: JsonObject): Part[] {
  const keys = new Set(Object.keys(object).map((key) => key.replace(/^_/, '')));
  return [...keys].flatMap((key) => {
    const member = shapeOf(type).members.get(key);
    if (!member) return [];
    const both = halves(object, key);
    const items = member.isArray ? listOf(both) : [both];
    return items.map((one) => valuePart(member.name, { type: member.type, ...one }));
  });
}
