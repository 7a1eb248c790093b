// JAHIS medication notebooks and prescriptions (files, parts of files, pictures of their codes) to the record of one child.

import { zipSync } from 'fflate';
import { mapJahis } from '../../mappings/jahis/map.ts';
import { type MappedRecord, MyNumberFound, type PatientTarget, uniqueEntries } from '../../mappings/record.ts';
import type { Deliver } from '../deliver.ts';
import { type ImportOptions, importOriginal, newTally, type Tally } from '../import-original.ts';
import { isPng } from './png.ts';
import { type JahisInput, type JahisSet, readJahisFiles } from './read-files.ts';

/** Delivers one file as one record: all of its drugs, or none. Throws DeliveryFailed when the server did not keep it. */
export const importJahis = ({ bytes, ...options }: ImportOptions & { patient: PatientTarget }): Promise<Tally> =>
  importJahisFiles({ ...options, files: [{ name: '', bytes }] });

/** Delivers what belongs together (parts, codes of one text) as one record each. Throws DeliveryFailed as importJahis does. */
export async function importJahisFiles(options: {
  files: readonly JahisInput[];
  patient: PatientTarget;
  deliver: Deliver;
  progress?: (line: string) => void;
}): Promise<Tally> {
  const { files, patient, deliver, progress } = options;
  const tally = newTally();
  for (const set of readJahisFiles(files)) {
    const name = [set.files.map((file) => file.name).join(' + '), 'notebook'].filter(Boolean).join(': ');
    const mapped = attempt(() => mapSet(set, patient));
    const map = () => {
      if (mapped instanceof Error) throw mapped;
      return mapped;
    };
    const original = mapped instanceof MyNumberFound ? textOf(set) : originalOf(set);
    const receipt = await importOriginal({ ...original, deliver, patient, map, name, ...(progress && { progress }) });
    tally[receipt.fate] += 1;
  }
  return tally;
}

function attempt(map: () => MappedRecord): MappedRecord | Error {
  try {
    return map();
  } catch (error) {
    return error instanceof Error ? error : new Error('it could not be mapped');
  }
}

/** What several texts say together. Throws what is wrong with a file of the set: half of a notebook is not taken. */
function mapSet({ texts, fault }: JahisSet, patient: PatientTarget): MappedRecord {
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

/** Byte for byte what was handed in: one file as it is, several in a ZIP. */
function originalOf({ files }: JahisSet): { bytes: Uint8Array; contentType: string } {
  const [first, ...more] = files;
  if (!first) throw new TypeError('a set has a file');
  if (more.length === 0) return { bytes: first.bytes, contentType: isPng(first.bytes) ? 'image/png' : 'text/csv' };
  const named = files.map(({ name, bytes }, index) => [`${index + 1}-${name.split(/[\\/]/).at(-1)}`, bytes] as const);
  // Stored as they are and without a time, so that the same files are the same original.
  return { bytes: zipSync(Object.fromEntries(named), { level: 0, mtime: EPOCH }), contentType: 'application/zip' };
}

/** In a picture nothing can be blanked out, so of one that holds a My Number only the text goes on. */
const textOf = ({ texts }: JahisSet): { bytes: Uint8Array; contentType: string } => ({
  bytes: Buffer.concat(texts),
  contentType: 'text/csv',
});

// The earliest day that a ZIP can name.
const EPOCH = new Date('1980-01-02T00:00:00Z');
