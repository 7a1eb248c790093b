// Identifier: its system, and a value that is itself a uri. FHIR R4, https://hl7.org/fhir/R4/datatypes.html#Identifier

import type { JsonObject } from '../../fhir/json.ts';
import type { Place } from '../finding.ts';
import { isAbsolute } from './absolute.ts';

/** "If the system is a URI (urn:ietf:rfc:3986), then the value is a full URI": one with its scheme, complete. */
export function identifier({ system, value }: JsonObject, place: Place, path: string): void {
  if (typeof system !== 'string') return;
  if (!isAbsolute(system))
    place.report('error', 'code-invalid', `${path}.system`, 'The system has to be an absolute uri');
  if (system !== 'urn:ietf:rfc:3986' || typeof value !== 'string') return;
  if (!isAbsolute(value))
    place.report(
      'error',
      'invalid',
      `${path}.value`,
      'With the system urn:ietf:rfc:3986 the value has to be a whole uri',
    );
  else if (/^urn:oid:/i.test(value) && !/^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/.test(value))
    place.report('error', 'invalid', `${path}.value`, 'What stands after urn:oid: has to be an OID');
  else if (/^urn:uuid:/i.test(value) && !/^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value))
    place.report('error', 'invalid', `${path}.value`, 'What stands after urn:uuid: has to be a UUID');
}
