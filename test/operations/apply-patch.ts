// The smallest FHIRPath Patch engine that a difference of versions needs: paths of names and positions.
import { choiceKey } from '../../server/fhir/definitions.ts';
import type { JsonObject } from '../../server/fhir/json.ts';
import { type Member, shapeOf } from '../../server/fhir/shapes.ts';
import type { Part } from '../../server/operations/version-patch.ts';

type Value = { key: string; value: unknown; sibling: unknown };
type Place = { object: JsonObject; type: string; name: string; index: number | undefined };

/** Changes the resource. Throws for a path that leads nowhere. */
export function applyPatch(resource: JsonObject, patch: readonly Part[]): void {
  for (const { part } of patch) {
    const parts = new Map((part as Part[]).map((one) => [one.name, one]));
    const path = String(parts.get('path')?.valueString);
    const given = parts.get('value');
    const kind = parts.get('type')?.valueCode;
    if (kind === 'add') {
      const { object, type } = inside(resource, path);
      put(object, type, String(parts.get('name')?.valueString), given as Part);
      continue;
    }
    const place = placeOf(resource, path);
    if (kind === 'delete') remove(place);
    else if (kind === 'insert') insert(place, Number(parts.get('index')?.valueInteger), given as Part);
    else replace(place, given as Part);
  }
}

const keysOf = ({ object, type, name }: Place): string[] =>
  Object.keys(object).filter((key) => shapeOf(type).members.get(key.replace(/^_/, ''))?.name === name);

const memberOf = (type: string, key: string): Member => {
  const member = shapeOf(type).members.get(key);
  if (!member) throw new Error(`${type} has no ${key}`);
  return member;
};

function placeOf(resource: JsonObject, path: string): Place {
  const [, rest, last = ''] = /^(.*)\.([^.]+)$/.exec(path) ?? [];
  const [, name = '', position] = /^(\w+)(?:\[(\d+)\])?$/.exec(last) ?? [];
  const { object, type } = inside(resource, rest ?? '');
  return { object, type, name, index: position === undefined ? undefined : Number(position) };
}

function inside(resource: JsonObject, path: string): { object: JsonObject; type: string } {
  if (!path.includes('.')) return { object: resource, type: path };
  const place = placeOf(resource, path);
  const [key = ''] = keysOf(place);
  const found = place.object[key];
  const object = (place.index === undefined ? found : (found as unknown[])[place.index]) as JsonObject;
  if (typeof object !== 'object') throw new Error(`${path} leads nowhere`);
  return { object, type: memberOf(place.type, key).type };
}

function put(object: JsonObject, type: string, name: string, part: Part): void {
  const { key, value, sibling } = readValue(type, name, part);
  if (!memberOf(type, key).isArray) {
    if (key in object || `_${key}` in object) throw new Error(`${type}.${name} is there already`);
    if (value !== undefined) object[key] = value;
    if (sibling !== undefined) object[`_${key}`] = sibling;
  } else {
    const { length } = lists(object, key).values;
    setItem(object, key, length, value, sibling);
  }
}

function remove({ object, type, name, index }: Place): void {
  const keys = keysOf({ object, type, name, index });
  if (keys.length === 0) throw new Error(`${type}.${name} is not there`);
  if (index === undefined) for (const key of keys) delete object[key];
  else splice(object, (keys[0] ?? '').replace(/^_/, ''), index, 1);
}

function insert({ object, type, name }: Place, index: number, part: Part): void {
  const { key, value, sibling } = readValue(type, name, part);
  splice(object, key, index, 0, { value, sibling });
}

function replace(place: Place, part: Part): void {
  const { object, type, name, index } = place;
  const { key, value, sibling } = readValue(type, name, part);
  if (index !== undefined) splice(object, key, index, 1, { value, sibling });
  else {
    remove(place);
    put(object, type, name, part);
  }
}

function lists(object: JsonObject, key: string): { values: unknown[]; siblings: unknown[] } {
  const [values, siblings] = [object[key], object[`_${key}`]].map((one) => (Array.isArray(one) ? [...one] : []));
  const length = Math.max(values?.length ?? 0, siblings?.length ?? 0);
  const full = (list: unknown[] = []) => Array.from({ length }, (_, n) => list[n] ?? null);
  return { values: full(values), siblings: full(siblings) };
}

const setItem = (object: JsonObject, key: string, index: number, value: unknown, sibling: unknown) =>
  splice(object, key, index, 0, { value, sibling });

function splice(object: JsonObject, key: string, index: number, count: number, item?: Omit<Value, 'key'>): void {
  const { values, siblings } = lists(object, key);
  if (index > values.length || index + count > values.length) throw new Error(`${key}[${index}] is not there`);
  values.splice(index, count, ...(item ? [item.value ?? null] : []));
  siblings.splice(index, count, ...(item ? [item.sibling ?? null] : []));
  delete object[key];
  delete object[`_${key}`];
  if (values.some((one) => one !== null)) object[key] = values;
  if (siblings.some((one) => one !== null)) object[`_${key}`] = siblings;
}

function readValue(type: string, name: string, part: Part): Value {
  const held = Object.keys(part)
    .find((key) => /^_?value/.test(key))
    ?.replace(/^_/, '');
  const members = shapeOf(type).members;
  const key = members.has(name) || held === undefined ? name : choiceKey(name, held.slice('value'.length));
  if (held !== undefined) return { key, value: part[held], sibling: part[`_${held}`] };
  if (part.resource !== undefined) return { key, value: part.resource, sibling: undefined };
  const object: JsonObject = {};
  const inner = memberOf(type, key).type;
  for (const one of (part.part ?? []) as Part[]) put(object, inner, one.name, one);
  return { key, value: object, sibling: undefined };
}
