// One JAHIS file -> FHIR: a medication notebook or an out-of-hospital prescription, told apart by the header.

import { holdsLabelledNumber } from '../../server/fhir/my-number.ts';
import { type MappedRecord, MyNumberFound, type PatientTarget } from '../record.ts';
import { mapNotebook } from './notebook.ts';
import { mapPrescription } from './prescription.ts';
import { readJahis } from './records.ts';

/** Throws UnreadableInput when the bytes are neither, or broken, MyNumberFound when they hold a My Number. */
export function mapJahis(bytes: Uint8Array, target: PatientTarget): MappedRecord {
  const file = readJahis(bytes);
  if (holdsLabelledNumber(file.text)) throw new MyNumberFound('labelled in the text');
  const { header } = file;
  return header.format === 'notebook' ? mapNotebook(file, target) : mapPrescription(file, target);
}
