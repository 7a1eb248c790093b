// A PATCH body -> what it does to a resource: JSON Patch or FHIRPath Patch. https://hl7.org/fhir/R4/http.html#patch

import { dropEmptied } from '../fhir/drop-emptied.ts';
import { applyFhirPathPatch, readFhirPathPatch } from '../fhir/fhirpath-patch.ts';
import { holdsUnstorableText, isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { applyJsonPatch, readJsonPatch } from '../fhir/json-patch.ts';
import { badRequest, cannotPatch, malformed, wrongPatchType } from '../fhir/outcome.ts';

export const jsonPatchType = 'application/json-patch+json';

/** A function of the stored resource, which it may change. Throws 415 for another media type, 400 for what is no patch. */
export function patchOf(body: unknown, contentType: string | undefined): (stored: JsonObject) => JsonObject {
  if (contentType === jsonPatchType) return jsonPatch(body);
  if (!isObject(body) || body instanceof URLSearchParams) throw wrongPatchType();
  if (body.resourceType !== 'Parameters')
    throw badRequest('A FHIRPath Patch is a Parameters resource', 'invalid', ['resourceType']);
  const operations = readFhirPathPatch(body);
  return (stored) => {
    applyFhirPathPatch(stored, operations);
    return stored;
  };
}

/** In a Bundle a JSON Patch is a Binary; body and media type of it, or of any other resource as it is. */
export function patchInEntry(resource: unknown): { body: unknown; contentType: string } {
  const isBinary = isObject(resource) && resource.resourceType === 'Binary';
  if (!isBinary) return { body: resource, contentType: 'application/fhir+json' };
  const { contentType, data } = resource;
  if (contentType !== jsonPatchType || typeof data !== 'string')
    throw badRequest(`A patch in a Binary has the contentType ${jsonPatchType} and data`, 'value', [
      'Binary.contentType',
    ]);
  return { body: parsed(data), contentType };
}

function jsonPatch(body: unknown): (stored: JsonObject) => JsonObject {
  const operations = readJsonPatch(body);
  return (stored) => {
    const lost = new Set<object>();
    const next = applyJsonPatch(stored, operations, lost);
    if (!isObject(next)) throw cannotPatch('After this patch there would be no resource');
    dropEmptied(next, lost);
    return next;
  };
}

function parsed(base64: string): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
    const value = parseJson(text);
    if (!holdsUnstorableText(value, text)) return value;
  } catch {
    // Neither UTF-8 nor JSON: told below, without quoting what was sent.
  }
  throw malformed('The data of the Binary is not JSON', ['Binary.data']);
}
