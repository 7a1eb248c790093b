// References inside a resource: finding them, and turning a transaction's urn:uuid and conditional ones into real ones.
// FHIR R4 transaction rules, https://hl7.org/fhir/R4/http.html#trules

import { isObject, type JsonObject } from './json.ts';

export type ReferenceNode = JsonObject & { reference: string };

/** Every element of the resource (contained ones included) that has a `reference` string, in document order. */
export function referencesOf(resource: JsonObject): ReferenceNode[] {
  const found: ReferenceNode[] = [];
  walk(resource, (node) => {
    if (typeof node.reference === 'string') found.push(node as ReferenceNode);
  });
  return found;
}

/** `Type/id` of a literal reference on this server, versioned or not; undefined for absolute, urn:, conditional, contained. */
export function localReference(reference: string, base = ''): { type: string; id: string } | undefined {
  const relative = base && reference.startsWith(`${base}/`) ? reference.slice(base.length + 1) : reference;
  const match = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/.exec(relative);
  return match ? { type: match[1] as string, id: match[2] as string } : undefined;
}

/** True for `Type?name=value`, the form that a transaction resolves by search. */
export const isConditional = (reference: string): boolean => /^[A-Z][A-Za-z]+\?./.test(reference);

function walk(node: unknown, visit: (node: JsonObject) => void): void {
  if (Array.isArray(node)) {
    for (const item of node) walk(item, visit);
  } else if (isObject(node)) {
    visit(node);
    for (const name in node) {
      const child = node[name];
      if (typeof child === 'object' && child !== null) walk(child, visit);
    }
  }
}
