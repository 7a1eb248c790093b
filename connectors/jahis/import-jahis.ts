// A JAHIS medication notebook (file, or the text of its QR codes put together) to the record of one child.

import { mapJahis } from '../../mappings/jahis/map.ts';
import type { PatientTarget } from '../../mappings/record.ts';
import { type ImportOptions, importOriginal, newTally, type Tally } from '../import-original.ts';

/** Delivers the notebook as one record: all of its drugs, or none. Throws DeliveryFailed when the server did not keep it. */
export async function importJahis(options: ImportOptions & { patient: PatientTarget }): Promise<Tally> {
  const tally = newTally();
  const map = (bytes: Uint8Array) => mapJahis(bytes, options.patient);
  const receipt = await importOriginal({ ...options, map, name: 'notebook', contentType: 'text/csv' });
  tally[receipt.fate] += 1;
  return tally;
}
