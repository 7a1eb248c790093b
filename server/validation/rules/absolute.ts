// Urls that have to be absolute: the identity of canonical resources, and what refers to them. FHIR R4,
// https://hl7.org/fhir/R4/references.html#canonical and resource.html#canonical

import type { JsonObject } from '../../fhir/json.ts';
import type { Place } from '../finding.ts';

/** Whether a uri begins with a scheme. */
export const isAbsolute = (uri: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(uri);

/** `url` of a definition: "An absolute URI that is used to identify this … when it is referenced". */
export function canonicalUrl({ url }: JsonObject, place: Place): void {
  if (typeof url === 'string' && !isAbsolute(url))
    place.report('error', 'invalid', `${place.path}.url`, 'The url that identifies the definition has to be absolute');
}

/** A value of type canonical: absolute, or `#id` of a contained resource. R4's own examples have `Library/1`, which leads nowhere. */
export function canonical(value: string, place: Place, path: string): void {
  if (!isAbsolute(value) && !value.startsWith('#'))
    place.report('warning', 'invalid', path, 'A canonical has to be an absolute url, or #id of a contained resource');
}
