// Files of C-CDA: a document or a section of one, plain or compressed by gzip (RFC 1952) as archives of them are.

import { gunzipSync } from 'node:zlib';
import { mapCcda } from '../mappings/ccda/map.ts';
import { type PatientTarget, UnreadableInput } from '../mappings/record.ts';
import { xmlLimits } from '../mappings/xml.ts';
import { type ImportOptions, importOriginal, newTally, type Tally } from './import-original.ts';

/** As it is registered for XML; CDA has none of its own. */
export const CCDA_CONTENT_TYPE = 'text/xml';

/** True for XML that names a template of C-CDA; other CDA is of other formats. */
export const isCcda = (bytes: Uint8Array): boolean => Buffer.from(bytes).includes('2.16.840.1.113883.10.20.22');

/**
 * Delivers one file. What is kept as the original is the XML, or the compressed file where that cannot be unpacked to what
 * is read at most. `patient` overrides the patient number of the document; a section alone needs it.
 */
export async function importCcda(options: ImportOptions & { patient?: PatientTarget }): Promise<Tally> {
  const { patient } = options;
  const { bytes, contentType, fault } = unpacked(options.bytes);
  const map = (original: Uint8Array) => {
    if (fault !== undefined) throw new UnreadableInput(fault);
    return mapCcda(original, { ...(patient && { patient }) });
  };
  const receipt = await importOriginal({ ...options, bytes, map, name: 'document', contentType });
  const tally = newTally();
  tally[receipt.fate] += 1;
  return tally;
}

type Unpacked = { bytes: Uint8Array; contentType: string; fault?: string };

function unpacked(bytes: Uint8Array): Unpacked {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { bytes, contentType: CCDA_CONTENT_TYPE };
  try {
    return { bytes: gunzipSync(bytes, { maxOutputLength: xmlLimits.bytes }), contentType: CCDA_CONTENT_TYPE };
  } catch {
    const fault = `The file is damaged, or unpacked larger than ${xmlLimits.bytes} bytes.`;
    return { bytes, contentType: 'application/gzip', fault };
  }
}
