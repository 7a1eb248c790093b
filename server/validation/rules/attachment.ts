// Attachment: what is said of its content against the content itself. FHIR R4, https://hl7.org/fhir/R4/datatypes.html#Attachment

import { createHash } from 'node:crypto';
import { type JsonObject, numberText } from '../../fhir/json.ts';
import type { Place } from '../finding.ts';

/** `size` is "the number of bytes of data that make up this attachment (before base64 encoding)", `hash` its SHA-1. */
export function attachment(value: JsonObject, place: Place, path: string): void {
  const content = dataOf(value);
  if (content === undefined) return;
  const size = numberText(value.size);
  if (size !== undefined && Number(size) !== content.length)
    place.report('error', 'structure', path, `The size is ${size}, but the data has ${content.length} bytes`);
  if (typeof value.hash !== 'string') return;
  const sent = Buffer.from(value.hash, 'base64');
  if (!sent.equals(createHash('sha1').update(content).digest()))
    place.report('error', 'value', path, 'The hash is not the SHA-1 of the data');
}

/** The bytes that the data has or, where only a url is given, that the size says; undefined where neither tells. */
export function attachmentBytes(value: JsonObject): number | undefined {
  const size = numberText(value.size);
  return dataOf(value)?.length ?? (size === undefined ? undefined : Number(size));
}

const dataOf = ({ data }: JsonObject): Buffer | undefined =>
  typeof data === 'string' ? Buffer.from(data, 'base64') : undefined;
