// Mapping anew what was delivered before, because the mapping has become better or a mistake of its sender's is understood now: the
// original is the same, so is the delivery, and what it says takes the place of what was made of it.

import { mapHl7 } from '../mappings/hl7v2/map.ts';
import type { MappedRecord, PatientTarget } from '../mappings/record.ts';
import { type Deliver, deliveryOf, type Receipt, unreadable } from './deliver.ts';
import type { Delivered } from './delivered.ts';
import { HL7_CONTENT_TYPE } from './hl7v2-file.ts';

export type Replayed = Delivered & { original: Uint8Array; patient: PatientTarget | undefined };

/** Undefined for an original of a format that is not mapped from its bytes alone. Throws DeliveryFailed. */
export async function replay(
  { original, contentType, patient, message, sent }: Replayed,
  { deliver, institution }: { deliver: Deliver; institution?: string | undefined },
): Promise<Receipt | undefined> {
  const map = mappingOf(contentType, original);
  if (!map) return undefined;
  const from = { original, contentType, ...(patient && { patient }) };
  // The time and the name under which it was handed in stand, also where the format itself does not say them.
  const named = message || sent ? { message: { id: message, time: sent } } : {};
  const read = () => {
    try {
      return deliveryOf(map(original, { patient, institution }), from);
    } catch (error) {
      return unreadable(error, from);
    }
  };
  return deliver({ ...read(), ...named, isAgain: true });
}

type Mapping = (
  original: Uint8Array,
  given: { patient: PatientTarget | undefined; institution: string | undefined },
) => MappedRecord;

function mappingOf(contentType: string, _original: Uint8Array): Mapping | undefined {
  switch (contentType) {
    case HL7_CONTENT_TYPE:
      return (bytes, { institution }) => mapHl7(bytes, institution ? { institution } : {});
    default:
      return undefined;
  }
}
