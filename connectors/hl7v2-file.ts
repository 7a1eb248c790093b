// Files of HL7 v2 messages: one message (SS-MIX2 storage), or many one after another, with or without a batch around them.
// HL7 v2.5 chapter 2.10.3 (batch protocol).

import { mapHl7 } from '../mappings/hl7v2/map.ts';
import type { PatientTarget } from '../mappings/record.ts';
import { type ImportOptions, importOriginal, newTally, type Tally } from './import-original.ts';

/** HL7's own media type for the delimiter encoding. */
export const HL7_CONTENT_TYPE = 'x-application/hl7-v2+er7';

/** Delivers every message of the file on its own. `patient` overrides the patient number in the messages. */
export async function importHl7File(
  options: ImportOptions & { patient?: PatientTarget; institution?: string },
): Promise<Tally> {
  const { patient, institution } = options;
  const tally = newTally();
  const messages = splitMessages(options.bytes);
  for (const [index, bytes] of messages.entries()) {
    const map = (message: Uint8Array) =>
      mapHl7(message, { ...(institution && { institution }), ...(patient && { patient }) });
    const name = `message ${index + 1} of ${messages.length}`;
    const receipt = await importOriginal({ ...options, bytes, map, name, contentType: HL7_CONTENT_TYPE });
    tally[receipt.fate] += 1;
  }
  return tally;
}

/**
 * The messages of a file, each from its MSH on. Looks at bytes, because messages may differ in character set; a line end
 * and what follows are single bytes in all of them. A file without any MSH is one message, to be refused as it is.
 */
export function splitMessages(bytes: Uint8Array): Uint8Array[] {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    if (isLineStart(bytes, at) && isMessageStart(bytes, at)) starts.push(at);
  }
  if (starts.length === 0) return [bytes];
  return starts.map((start, index) => withoutTrailer(bytes.subarray(start, starts[index + 1] ?? bytes.length)));
}

const isLineStart = (bytes: Uint8Array, at: number): boolean =>
  at === 0 || [0x0a, 0x0d, 0x0b].includes(bytes[at - 1] ?? 0);

// "MSH" and a field separator that is no letter: a stray "MSH" line inside a message starts none.
function isMessageStart(bytes: Uint8Array, at: number): boolean {
  const mark = bytes[at + 3] ?? 0x0d;
  return (
    bytes[at] === 0x4d &&
    bytes[at + 1] === 0x53 &&
    bytes[at + 2] === 0x48 &&
    mark > 0x20 &&
    !/[A-Za-z0-9]/.test(String.fromCharCode(mark))
  );
}

// Batch trailers (BTS, FTS) and headers of a next batch (FHS, BHS) belong to no message.
function withoutTrailer(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const at = text.search(/[\r\n](?:BTS|FTS|BHS|FHS)(?:[^A-Za-z0-9]|$)/);
  return at < 0 ? bytes : bytes.subarray(0, at + 1);
}
