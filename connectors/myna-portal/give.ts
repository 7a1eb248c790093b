// An original of a download to the server: once for each person it says something about, and once when it cannot be read.

import type { MappedPart } from '../../mappings/myna/subjects.ts';
import type { MappedRecord, PatientTarget } from '../../mappings/record.ts';
import type { Deliver } from '../deliver.ts';
import { importOriginal, type Tally } from '../import-original.ts';

export type Giving = { patient: PatientTarget; deliver: Deliver; progress?: (line: string) => void };
export type Original = { name: string; bytes: Uint8Array; contentType: string };

/** Delivers what `map` makes of it. An error of `map` is a refusal with the original kept; passes DeliveryFailed on. */
export async function giveParts(options: Giving, tally: Tally, one: Original, map: () => MappedPart[]): Promise<void> {
  let parts: MappedPart[];
  try {
    parts = map();
  } catch (error) {
    await giveOne(options, tally, one, () => {
      throw error;
    });
    return;
  }
  for (const { patient, record } of parts) await giveOne({ ...options, patient }, tally, one, () => record);
}

/** The same of what is about one person. */
export async function giveOne(
  { patient, deliver, progress }: Giving,
  tally: Tally,
  one: Original,
  map: (bytes: Uint8Array) => MappedRecord,
): Promise<void> {
  const receipt = await importOriginal({ ...one, patient, deliver, map, ...(progress && { progress }) });
  tally[receipt.fate] += 1;
}
