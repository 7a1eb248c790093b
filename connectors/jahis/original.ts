// What is kept of files that belong together, and what it is mapped to: when it is handed in, and anew from what was kept.

import { zipSync } from 'fflate';
import { mapJahis } from '../../mappings/jahis/map.ts';
import { type MappedRecord, type PatientTarget, uniqueEntries } from '../../mappings/record.ts';
import { openArchive } from '../archive.ts';
import { isPng } from './png.ts';
import { type JahisInput, type JahisSet, readJahisFiles } from './read-files.ts';

/** What several texts say together. Throws what is wrong with a file of the set: half of a notebook is not taken. */
export function mapSet({ texts, fault }: JahisSet, patient: PatientTarget): MappedRecord {
  if (fault) throw fault;
  const [first, ...more] = texts.map((text) => mapJahis(text, patient));
  if (!first) throw new TypeError('a set without a text has a fault');
  if (more.length === 0) return first;
  const all = [first, ...more];
  return {
    patient: first.patient,
    entries: uniqueEntries(all.flatMap(({ entries }) => entries)),
    problems: all.flatMap(({ problems }) => problems),
  };
}

const PARTS = 'application/x-jahis-parts+zip';

/** Byte for byte what was handed in: one file as it is, several in a ZIP. */
export function originalOf({ files }: JahisSet): { bytes: Uint8Array; contentType: string } {
  const [first, ...more] = files;
  if (!first) throw new TypeError('a set has a file');
  if (more.length === 0) return { bytes: first.bytes, contentType: isPng(first.bytes) ? 'image/png' : 'text/csv' };
  const named = files.map(({ name, bytes }, index) => [`${index + 1}-${name.split(/[\\/]/).at(-1)}`, bytes] as const);
  // Stored as they are and without a time, so that the same files are the same original.
  return { bytes: zipSync(Object.fromEntries(named), { level: 0, mtime: EPOCH }), contentType: PARTS };
}

// The earliest day that a ZIP can name.
const EPOCH = new Date('1980-01-02T00:00:00Z');

/** The mapping of an original that was kept; undefined for one that is none of ours: other CSV, a picture without a code. */
export function mappingOfJahis(
  contentType: string,
  original: Uint8Array,
): ((patient: PatientTarget) => MappedRecord) | undefined {
  const isText = contentType === 'text/csv' && /^(?:\xef\xbb\xbf)?JAHIS/.test(latin1(original.subarray(0, 8)));
  if (!isText && contentType !== PARTS && contentType !== 'image/png') return undefined;
  const files = contentType === PARTS ? filesIn(original) : [{ name: '', bytes: original }];
  const [set, ...more] = readJahisFiles(files);
  if (!set || more.length > 0 || (set.fault && contentType === 'image/png')) return undefined;
  return (patient) => mapSet(set, patient);
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** Files are stored as they are: what claims to be more than the archive was not made here, and a damaged one holds none. */
function filesIn(bytes: Uint8Array): JahisInput[] {
  const archive = openArchive(bytes, { mostBytes: bytes.length, mostFiles: 0xffff });
  return typeof archive === 'string' ? [] : [...archive.files].map(([name, own]) => ({ name, bytes: own }));
}
