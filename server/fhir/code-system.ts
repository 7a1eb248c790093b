// The concepts of a CodeSystem resource and the hierarchy among them: a concept inside a concept, and the properties `parent`,
// `subsumedBy` and `child`. FHIR R4, https://hl7.org/fhir/R4/codesystem.html#hierarchy

import { isObject, type JsonObject, numberText } from './json.ts';

/** By code. */
export type Hierarchy = ReadonlyMap<string, Placed>;
export type Placed = { parents: Set<string>; children: Set<string>; properties: Map<string, string[]> };

/** All concepts of the resource, however deep. */
export function hierarchyOf(codeSystem: JsonObject): Hierarchy {
  const found = new Map<string, Placed>();
  const open: { concepts: unknown; parent?: string }[] = [{ concepts: codeSystem.concept }];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const concept of objects(next.concepts)) {
      const { code } = concept;
      if (typeof code !== 'string') continue;
      note(found, code, concept);
      if (next.parent !== undefined) link(found, next.parent, code);
      open.push({ concepts: concept.concept, parent: code });
    }
  }
  for (const [code, { properties }] of [...found]) {
    for (const parent of [...(properties.get('parent') ?? []), ...(properties.get('subsumedBy') ?? [])])
      link(found, parent, code);
    for (const child of properties.get('child') ?? []) link(found, code, child);
  }
  return found;
}

/** The concept itself and all below it. */
export const below = (hierarchy: Hierarchy, code: string): Set<string> => reached(hierarchy, code, 'children');

/** The concept itself and all above it. */
export const above = (hierarchy: Hierarchy, code: string): Set<string> => reached(hierarchy, code, 'parents');

function reached(hierarchy: Hierarchy, code: string, way: 'parents' | 'children'): Set<string> {
  // A set gives what is added while it is gone through, each once: a circle in the hierarchy ends.
  const found = new Set([code]);
  for (const one of found) for (const next of hierarchy.get(one)?.[way] ?? []) found.add(next);
  return found;
}

function note(found: Map<string, Placed>, code: string, concept: JsonObject): void {
  const placed = found.get(code) ?? { parents: new Set(), children: new Set(), properties: new Map() };
  found.set(code, placed);
  const add = (name: string, value: string) =>
    placed.properties.set(name, [...(placed.properties.get(name) ?? []), value]);
  if (typeof concept.display === 'string') add('display', concept.display);
  for (const property of objects(concept.property)) {
    const value = textOf(property);
    if (typeof property.code === 'string' && value !== undefined) add(property.code, value);
  }
}

/** A parent that is no concept of the resource leads nowhere. */
function link(found: Map<string, Placed>, parent: string, child: string): void {
  const [above, under] = [found.get(parent), found.get(child)];
  if (!above || !under) return;
  above.children.add(child);
  under.parents.add(parent);
}

/** As a filter writes it. */
function textOf(property: JsonObject): string | undefined {
  const name = Object.keys(property).find((key) => key.startsWith('value'));
  const value = name === undefined ? undefined : property[name];
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  if (isObject(value) && typeof value.code === 'string') return value.code;
  return numberText(value);
}

export const objects = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);
