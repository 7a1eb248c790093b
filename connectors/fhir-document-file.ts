// FHIR files of other systems. A document, a message, or a collection that its sender names by an identifier is one delivery: the
// original kept, its resources taken into the record of one person. Anything else is pushed as it is.
// FHIR R4 documents and messaging; JP-CLINS 1.5.2 (JP_Bundle_CLINS).

import { tryDecode } from '../mappings/charset.ts';
import { isSentBundle } from '../mappings/fhir-document/bundle.ts';
import { mapFhirBundle } from '../mappings/fhir-document/map.ts';
import type { PatientTarget } from '../mappings/record.ts';
import { isObject, parseJson } from '../server/fhir/json.ts';
import { type PushOptions, pushFhir } from './fhir-push.ts';
import { type ImportOptions, importOriginal, newTally, type Tally } from './import-original.ts';

/** One file, JSON or XML. `patient` overrides the patient number of what is delivered. */
export async function importFhirFile(
  options: ImportOptions & PushOptions & { patient?: PatientTarget },
): Promise<Tally> {
  return isFhirDocument(options.bytes) ? importFhirDocument(options) : pushFhir(options.bytes, options);
}

async function importFhirDocument(options: ImportOptions & { patient?: PatientTarget }): Promise<Tally> {
  const { patient, bytes } = options;
  const map = (original: Uint8Array) => mapFhirBundle(original, { ...(patient && { patient }) });
  const contentType = isXml(bytes) ? 'application/fhir+xml' : 'application/fhir+json';
  const receipt = await importOriginal({ ...options, map, name: 'bundle', contentType });
  const tally = newTally();
  tally[receipt.fate] += 1;
  return tally;
}

/** True for XML, and for JSON that is a document, a message, or a collection with an identifier. */
export const isFhirDocument = (bytes: Uint8Array): boolean => isXml(bytes) || isDelivered(bytes);

const isXml = (bytes: Uint8Array): boolean =>
  /^(?:\xef\xbb\xbf)?\s*</.test(Buffer.from(bytes.subarray(0, 100)).toString('latin1'));

/** False for what is no JSON too: that is said by the push. */
function isDelivered(bytes: Uint8Array): boolean {
  try {
    const content = parseJson(tryDecode(bytes, 'utf-8') ?? '');
    return isSentBundle(content) && (content.type !== 'collection' || isObject(content.identifier));
  } catch {
    return false;
  }
}
