// Mapping anew what was delivered before, because the mapping has become better or a mistake of its sender's is understood now: the
// original is the same, so is the delivery, and what it says takes the place of what was made of it.

import { mapCcda } from '../mappings/ccda/map.ts';
import { isClinicalDocument, mapCheckup } from '../mappings/checkup-cda/map.ts';
import { mapFhirBundle } from '../mappings/fhir-document/map.ts';
import { mapHl7 } from '../mappings/hl7v2/map.ts';
import { rowMapping } from '../mappings/municipality/original.ts';
import { isAboutOne, mapMyna } from '../mappings/myna/map.ts';
import { type MappedRecord, type PatientTarget, UnreadableInput } from '../mappings/record.ts';
import { CCDA_CONTENT_TYPE, isCcda } from './ccda-file.ts';
import { type Deliver, mappedDelivery, type Receipt } from './deliver.ts';
import type { Delivered } from './delivered.ts';
import { isFhirDocument } from './fhir-document-file.ts';
import { HL7_CONTENT_TYPE } from './hl7v2-file.ts';

export type Replayed = Delivered & { original: Uint8Array; patient: PatientTarget | undefined };

/** Undefined for an original of a format that is not mapped from its bytes alone. Throws DeliveryFailed. */
export async function replay(
  { original, contentType, patient, message, sent }: Replayed,
  {
    deliver,
    institution,
    channels = [],
  }: { deliver: Deliver; institution?: string | undefined; channels?: readonly ChannelMapping[] },
): Promise<Receipt | undefined> {
  const map = mappingOf(contentType, original, channels);
  if (!map) return undefined;
  const from = { original, contentType, ...(patient && { patient }) };
  // The time and the name under which it was handed in stand, also where the format itself does not say them.
  const named = message || sent ? { message: { id: message, time: sent } } : {};
  const mapped = mappedDelivery((bytes) => map(bytes, { patient, institution, sent }), from);
  return deliver({ ...mapped, ...named, isAgain: true });
}

/** How a channel maps what it keeps; undefined for an original that is none of its own. It names nobody: the delivery has to. */
export type ChannelMapping = (
  contentType: string,
  original: Uint8Array,
) => ((patient: PatientTarget) => MappedRecord) | undefined;

type Mapping = (
  original: Uint8Array,
  given: { patient: PatientTarget | undefined; institution: string | undefined; sent: string },
) => MappedRecord;

function mappingOf(
  contentType: string,
  original: Uint8Array,
  channels: readonly ChannelMapping[],
): Mapping | undefined {
  if (contentType === HL7_CONTENT_TYPE)
    return (bytes, { institution }) => mapHl7(bytes, institution ? { institution } : {});
  if (contentType === CCDA_CONTENT_TYPE && isCcda(original))
    return (bytes, { patient }) => mapCcda(bytes, patient ? { patient } : {});
  if (/^application\/fhir\+(json|xml)$/.test(contentType) && isFhirDocument(original))
    return (bytes, { patient }) => mapFhirBundle(bytes, patient ? { patient } : {});
  const ofRow = rowMapping(contentType);
  if (ofRow) return ofRow;
  const [map] = channels.flatMap((mapping) => mapping(contentType, original) ?? []);
  if (map) return (_, { patient }) => map(someone(patient));
  return downloads.has(contentType) ? downloadMapping(original) : undefined;
}

function someone(patient: PatientTarget | undefined): PatientTarget {
  if (!patient) throw new UnreadableInput('The delivery does not say whose record it is for.');
  return patient;
}

const downloads: ReadonlySet<string> = new Set(['application/xml', 'application/json', 'text/csv']);

/** What a family downloaded. Check-ups of mother and child are left: their bytes alone do not say whose part was delivered. */
function downloadMapping(original: Uint8Array): Mapping | undefined {
  if (isClinicalDocument(original)) return (bytes, { patient }) => mapCheckup(bytes, someone(patient));
  if (!isAboutOne(original)) return undefined;
  return (bytes, { patient }) => {
    const [part] = mapMyna(bytes, { patient: someone(patient) });
    if (!part) throw new UnreadableInput('It does not say whose it is.');
    return part.record;
  };
}
