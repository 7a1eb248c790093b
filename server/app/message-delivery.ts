// A FHIR message that was sent to this server, as the delivery that the connector for FHIR files makes of one.

import { deliverBody, mappedDelivery } from '../../connectors/deliver.ts';
import { mapFhirBundle } from '../../mappings/fhir-document/map.ts';
import type { JsonObject } from '../fhir/json.ts';

/** The Parameters of $deliver. What cannot be mapped is delivered with the reason alone. */
export function messageDelivery(original: Uint8Array): JsonObject {
  const from = { original, contentType: 'application/fhir+json' };
  return deliverBody(mappedDelivery((bytes) => mapFhirBundle(bytes), from));
}
