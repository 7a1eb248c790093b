// A CodeSystem resource made ready for questions: its concepts by code, and the hierarchy among them from concepts inside
// concepts and from the properties `parent`, `subsumedBy` and `child`. FHIR R4, https://hl7.org/fhir/R4/codesystem.html

import { isObject, type JsonObject, numberText } from '../fhir/json.ts';

/** A concept where it stands. `source` is as the CodeSystem has it; parents and children are codes that exist. */
export type Placed = { code: string; source: JsonObject; parents: string[]; children: string[] };

export type CodeIndex = {
  system: string;
  version: string | undefined;
  /** CodeSystem.content, or `fragment` where that claims too much: only of a complete one it can be said that a code does not exist. */
  content: string;
  /** In the order of the resource, parents before what stands inside them. */
  concepts: ReadonlyMap<string, Placed>;
  /** A concept by its code, in any case where the CodeSystem says that case does not matter. */
  find(code: string): Placed | undefined;
  source: JsonObject;
};

const kept = new WeakMap<JsonObject, CodeIndex>();

/** Made once for each resource object. */
export function codeIndex(codeSystem: JsonObject): CodeIndex {
  const known = kept.get(codeSystem);
  if (known) return known;
  const concepts = placed(codeSystem);
  const { url, version, content, caseSensitive } = codeSystem;
  const folded = caseSensitive === false ? foldedCodes(concepts) : undefined;
  const made: CodeIndex = {
    system: String(url),
    version: typeof version === 'string' ? version : undefined,
    content: String(content),
    concepts,
    find: folded ? (code) => concepts.get(code) ?? folded.get(code.toLowerCase()) : (code) => concepts.get(code),
    source: codeSystem,
  };
  kept.set(codeSystem, made);
  return made;
}

/** The concept itself and all below it. */
export const below = (index: CodeIndex, code: string): Set<string> => reached(index, code, 'children');

/** The concept itself and all above it. */
export const above = (index: CodeIndex, code: string): Set<string> => reached(index, code, 'parents');

/** What a filter may compare: the values of a property, written as a filter writes them. */
export function valuesOf({ code, source, parents, children }: Placed, property: string): readonly string[] {
  if (property === 'code' || property === 'concept') return [code];
  if (property === 'parent') return parents;
  if (property === 'child') return children;
  if (property === 'display') return typeof source.display === 'string' ? [source.display] : [];
  return objects(source.property).flatMap((one) => (one.code === property ? (propertyText(one) ?? []) : []));
}

/** A grouping that is not to be used as a code. https://hl7.org/fhir/R4/codesystem-concept-properties.html */
export const isAbstract = (one: Placed): boolean => isTrue(one, 'notSelectable') || isTrue(one, 'abstract');

/** Not to be used any more: said by the property `inactive`, or by `status`. */
export function isInactive(one: Placed): boolean {
  return isTrue(one, 'inactive') || valuesOf(one, 'status').some((status) => inactiveStatuses.has(status));
}

const inactiveStatuses: ReadonlySet<string> = new Set(['inactive', 'retired', 'deprecated']);

const isTrue = (one: Placed, property: string): boolean =>
  'property' in one.source && valuesOf(one, property).includes('true');

export const objects = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** The value of a concept's property as text. */
export function propertyText(property: JsonObject): string | undefined {
  const name = Object.keys(property).find((key) => key.startsWith('value'));
  const value = name === undefined ? undefined : property[name];
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  if (isObject(value) && typeof value.code === 'string') return value.code;
  return numberText(value);
}

function placed(codeSystem: JsonObject): Map<string, Placed> {
  const found = new Map<string, Placed>();
  // A stack rather than recursion, and the last one in first: the order of the resource.
  const open: { concept: JsonObject; parent: string | undefined }[] = [];
  const push = (concepts: unknown, parent: string | undefined) => {
    for (const concept of objects(concepts).reverse()) open.push({ concept, parent });
  };
  push(codeSystem.concept, undefined);
  const inside: [parent: string, child: string][] = [];
  for (let next = open.pop(); next; next = open.pop()) {
    const { concept, parent } = next;
    const { code } = concept;
    if (typeof code !== 'string') continue;
    if (!found.has(code)) found.set(code, { code, source: concept, parents: [], children: [] });
    if (parent !== undefined) inside.push([parent, code]);
    push(concept.concept, code);
  }
  for (const [parent, child] of inside) link(found, parent, child);
  for (const { code, source } of found.values()) {
    for (const one of objects(source.property)) {
      const other = propertyText(one);
      if (other === undefined) continue;
      if (one.code === 'parent' || one.code === 'subsumedBy') link(found, other, code);
      if (one.code === 'child') link(found, code, other);
    }
  }
  return found;
}

/** A parent that is no concept of the resource leads nowhere. */
function link(found: ReadonlyMap<string, Placed>, parent: string, child: string): void {
  const [upper, lower] = [found.get(parent), found.get(child)];
  if (!upper || !lower || lower.parents.includes(parent)) return;
  upper.children.push(child);
  lower.parents.push(parent);
}

const foldedCodes = (concepts: ReadonlyMap<string, Placed>): Map<string, Placed> =>
  new Map([...concepts.values()].map((one) => [one.code.toLowerCase(), one]));

function reached(index: CodeIndex, code: string, way: 'parents' | 'children'): Set<string> {
  // A set gives what is added while it is gone through, each once: a circle in the hierarchy ends.
  const found = new Set([code]);
  for (const one of found) for (const next of index.concepts.get(one)?.[way] ?? []) found.add(next);
  return found;
}
