// References inside a document: to what is in it by its address there, and to anything else by name only, so that no reader looks for
// what was not handed over. FHIR R4, https://hl7.org/fhir/R4/documents.html#content

import type { JsonObject } from '../fhir/json.ts';
import { localReference, referencesOf } from '../fhir/references.ts';
import { keyOf } from '../search/keys.ts';

/** The address of a resource in every summary: it tells nothing and stays the same. */
export const urnOf = (type: string, id: string): string => `urn:uuid:${keyOf(type, id)}`;

/** In place. `held`: the addresses in the document; `base`: of the record that the resources are from. */
export function withinDocument(resource: JsonObject, held: ReadonlySet<string>, base: string): JsonObject {
  for (const node of referencesOf(resource)) {
    const { reference } = node;
    if (reference.startsWith('#') || held.has(reference)) continue;
    const local = localReference(reference, base);
    const urn = local && urnOf(local.type, local.id);
    if (urn !== undefined && held.has(urn)) node.reference = urn;
    else byName(node, local ? `${base}/${local.type}/${local.id}` : reference, local?.type);
  }
  return resource;
}

function byName(node: JsonObject, address: string, type: string | undefined): void {
  delete node.reference;
  if (type !== undefined) node.type = type;
  // What a person wrote beside it says more than where it lies.
  if (node.identifier === undefined) node.identifier = { system: 'urn:ietf:rfc:3986', value: address };
}
