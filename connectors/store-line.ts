// A delivery as a line of the local store: a checksum, a blank, JSON. What is broken is found, and the next line is sound again.

import { crc32 } from 'node:zlib';
import { isObject, parseJson } from '../server/fhir/json.ts';
import type { Delivery } from './deliver.ts';

/** The line with its end. */
export function lineOf({ original, ...delivery }: Delivery): Buffer {
  const text = JSON.stringify({ ...delivery, original: Buffer.from(original).toString('base64') });
  return Buffer.from(`${checksum(text)} ${text}\n`);
}

/** The delivery of a line without its end, with the text of its numbers; undefined when it is not what was written. */
export function deliveryIn(line: Buffer): Delivery | undefined {
  const text = line.toString('utf8', 9);
  if (line.toString('latin1', 0, 9) !== `${checksum(text)} `) return undefined;
  const read = parseJson(text);
  if (!isObject(read) || typeof read.original !== 'string') return undefined;
  // What the checksum vouches for was written by `lineOf`.
  const written = read as unknown as Omit<Delivery, 'original'> & { original: string };
  const { patient, record, problem } = written;
  return { ...written, patient, record, problem, original: Buffer.from(written.original, 'base64') };
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0');
