// Resource.meta.source: where a version comes from. FHIR R4, https://hl7.org/fhir/R4/resource.html#Meta. Of what organizations write
// the server says it, and nobody but the deployment says it instead.

import type { Access } from '../access/access.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';

/** The resource with the source of this write: the address of the Organization that writes; none of what a family enters. */
export function sourced(
  { caller, patient }: Access,
  writer: string | undefined,
  resource: JsonObject,
  base: string,
): JsonObject {
  const given = isObject(resource.meta) ? resource.meta : undefined;
  if (writer !== undefined) return { ...resource, meta: { ...given, source: `${base}/${writer}` } };
  // A token for one patient is an app's of a family, whoever minted it.
  const isDeployment = caller === undefined && patient === undefined;
  if (isDeployment || given?.source === undefined) return resource;
  const { source: _, ...meta } = given;
  return { ...resource, meta };
}
