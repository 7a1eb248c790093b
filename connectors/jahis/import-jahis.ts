// JAHIS medication notebooks and prescriptions (files, parts of files, pictures of their codes) to the record of one child.

import { type MappedRecord, MyNumberFound, type PatientTarget } from '../../mappings/record.ts';
import type { Deliver } from '../deliver.ts';
import { importOriginal, newTally, type Tally } from '../import-original.ts';
import { mapSet, originalOf } from './original.ts';
import { type JahisInput, type JahisSet, readJahisFiles } from './read-files.ts';

/**
 * Delivers what belongs together (parts, codes of one text) as one record each: all of its drugs, or none. Throws DeliveryFailed when the
 * server did not keep it.
 */
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

/** In a picture nothing can be blanked out, so of one that holds a My Number only the text goes on. */
const textOf = ({ texts }: JahisSet): { bytes: Uint8Array; contentType: string } => ({
  bytes: Buffer.concat(texts),
  contentType: 'text/csv',
});
