// The values of an element in an object, each with its FHIR type and its place; and paths of discriminators followed to them.

import { choiceKey, elementsOf } from '../../fhir/definitions.ts';
import { isObject, type JsonObject } from '../../fhir/json.ts';
import { localReference } from '../../fhir/references.ts';
import { resolveIn, type Scope } from '../walk.ts';

export type Found = {
  /** Undefined where a primitive has an id or extensions alone; those are the `sibling`. */
  value: unknown;
  sibling: unknown;
  /** FHIR type, of a resource its own. */
  type: string;
  /** Where it stands in an array. */
  index: number | undefined;
};

/** The JSON names that an element can have: one, or one for each type of a choice. */
export type Keys = { list: readonly Key[]; byName: ReadonlyMap<string, Key> };
export type Key = { key: string; sibling: string; type: string };

export function keysOf(names: readonly { key: string; type: string }[]): Keys {
  const list = names.map(({ key, type }) => ({ key, sibling: `_${key}`, type }));
  return { list, byName: new Map(list.flatMap((one) => [[one.key, one] as const, [one.sibling, one] as const])) };
}

const mostLookups = 4;

/** All values under the JSON names of one element. */
export function valuesOf(owner: JsonObject, { list, byName }: Keys): Found[] {
  const found: Found[] = [];
  if (list.length <= mostLookups) for (const key of list) take(owner, key, found);
  else {
    // Of a choice of fifty types an object has one: its own members are fewer to ask.
    for (const name in owner) {
      const key = byName.get(name);
      if (key && (name === key.key || owner[key.key] === undefined)) take(owner, key, found);
    }
  }
  return found;
}

function take(owner: JsonObject, { key, sibling, type }: Key, found: Found[]): void {
  const value = owner[key];
  const other = owner[sibling];
  if (value === undefined && other === undefined) return;
  if (!Array.isArray(value) && !Array.isArray(other)) {
    found.push({ value, sibling: other, type: typeOf(value, type), index: undefined });
    return;
  }
  const [values, siblings] = [asArray(value), asArray(other)];
  for (let index = 0; index < Math.max(values.length, siblings.length); index++) {
    const one = values[index] ?? undefined;
    found.push({ value: one, sibling: siblings[index] ?? undefined, type: typeOf(one, type), index });
  }
}

const asArray = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function typeOf(value: unknown, type: string): string {
  return isObject(value) && typeof value.resourceType === 'string' ? value.resourceType : type;
}

/** The names of a type's element. Made once for each. */
export function keysIn(type: string, name: string): Keys {
  const element = elementsOf(type).get(name);
  if (!element) return noKeys;
  const known = knownKeys.get(element);
  if (known) return known;
  const keys = keysOf(element.types.map((one) => ({ key: element.isChoice ? choiceKey(name, one) : name, type: one })));
  knownKeys.set(element, keys);
  return keys;
}

const noKeys = keysOf([]);
const knownKeys = new WeakMap<object, Keys>();
const extensionKeys = keysOf([{ key: 'extension', type: 'Extension' }]);

/** One step of a discriminator's path. */
export type Step =
  | { kind: 'element'; name: string }
  | { kind: 'extension'; url: string }
  | { kind: 'resolve' }
  | { kind: 'ofType'; type: string };

/** Undefined for a path of another form. FHIR R4 profiling.html#discriminator: the restricted FHIRPath. */
export function stepsOf(path: string): Step[] | undefined {
  const steps: Step[] = [];
  const parts = path.match(/[A-Za-z$]+\([^)]*\)|[^.()]+/g) ?? [];
  if (parts.join('.') !== path) return undefined;
  for (const part of parts) {
    const call = /^([A-Za-z]+)\((.*)\)$/.exec(part);
    if (part === '$this') continue;
    if (call === null) steps.push({ kind: 'element', name: part.replace(/\[x\]$/, '') });
    else if (call[1] === 'resolve') steps.push({ kind: 'resolve' });
    else if (call[1] === 'ofType' || call[1] === 'as')
      steps.push({ kind: 'ofType', type: (call[2] ?? '').replace(/^FHIR\./, '') });
    else if (call[1] === 'extension')
      steps.push({ kind: 'extension', url: (call[2] ?? '').replace(/^['"]|['"]$/g, '') });
    else return undefined;
  }
  return steps;
}

/** What one step leads to from a value. */
export function follow(from: Found, step: Step, scope: Scope): Found[] {
  if (step.kind === 'ofType') return from.type === step.type ? [from] : [];
  if (step.kind === 'resolve') return resolved(from, scope);
  const owner = isObject(from.value) ? from.value : isObject(from.sibling) ? from.sibling : undefined;
  if (owner === undefined) return [];
  if (step.kind === 'element') return valuesOf(owner, keysIn(from.type, step.name));
  const extensions = valuesOf(owner, extensionKeys);
  return extensions.filter(({ value }) => isObject(value) && value.url === step.url);
}

/** A resource that is at hand; else, of one elsewhere, its type with no content. */
function resolved({ value }: Found, scope: Scope): Found[] {
  const reference = isObject(value) ? value.reference : value;
  if (typeof reference !== 'string') return [];
  const at = resolveIn(scope, reference);
  const type =
    at?.resourceType ?? localReference(reference.replace(/^https?:.*\/(?=[A-Z][A-Za-z]+\/[^/]+$)/, ''))?.type;
  return typeof type === 'string' ? [{ value: at, sibling: undefined, type, index: undefined }] : [];
}
