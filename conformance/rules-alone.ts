// The rules beyond StructureDefinitions, asked of a resource and of all that is in it, without the validator around them.

import { isObject, type JsonObject } from '../server/fhir/json.ts';
import { type Shape, shapeOf } from '../server/fhir/shapes.ts';
import type { Finding, Place } from '../server/validation/finding.ts';
import { datatypeRules, resourceRules, textRules } from '../server/validation/rules/resource-rules.ts';

type Context = Pick<Place, 'definitions' | 'terminology'>;

/** The resource has to be valid in structure. */
export function findByRules(resource: JsonObject, context: Context): Finding[] {
  const found: Finding[] = [];
  const place: Place = {
    ...context,
    path: String(resource.resourceType),
    root: resource,
    report: (severity, code, path, diagnostics) => found.push({ severity, code, expression: [path], diagnostics }),
  };
  walkResource(resource, place);
  return found;
}

function walkResource(resource: JsonObject, place: Place): void {
  for (const rule of resourceRules[String(resource.resourceType)] ?? []) rule(resource, place);
  walkObject(resource, shapeOf(String(resource.resourceType)), place.path, place);
}

function walkObject(value: JsonObject, shape: Shape, path: string, place: Place): void {
  for (const rule of datatypeRules[shape.type] ?? []) rule(value, place, path);
  for (const [key, child] of Object.entries(value)) {
    const member = shape.members.get(key);
    if (member === undefined) continue;
    const isList = Array.isArray(child);
    for (const [index, one] of (isList ? child : [child]).entries()) {
      const below = `${path}.${member.name}${isList ? `[${index}]` : ''}`;
      if (typeof one === 'string') for (const rule of textRules[member.type] ?? []) rule(one, place, below);
      if (!isObject(one)) continue;
      if (member.type === 'Resource') walkResource(one, placeOf(one, member.name, below, place));
      else walkObject(one, shapeOf(member.type), below, place);
    }
  }
}

const placeOf = (resource: JsonObject, member: string, path: string, place: Place): Place =>
  member === 'contained' ? { ...place, path } : { ...place, path, root: resource, outer: place.outer ?? place.root };
