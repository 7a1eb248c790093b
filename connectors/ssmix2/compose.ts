// What is handed over for one file of a storage: its original, and what its step in the plan makes of it.

import type { BundleEntry } from '@medplum/fhirtypes';
import { UnreadableInput, uniqueEntries } from '../../mappings/record.ts';
import {
  besides,
  mapStorageFile,
  mapWithdrawnFile,
  millisecondsAfter,
  type StorageFile,
  timeOf,
} from '../../mappings/ssmix2/map.ts';
import { type Delivery, deliveryOf, unreadable } from '../deliver.ts';
import { HL7_CONTENT_TYPE } from '../hl7v2-file.ts';
import type { Role } from './folder-plan.ts';

export type Composed = {
  file: StorageFile;
  role: Role;
  turn: number;
  isCut: boolean;
  /** The versions it replaces, and the one that stands in its stead, as far as they can be read. */
  replaces: readonly StorageFile[];
  standing: StorageFile | undefined;
};

/** Never throws: whatever cannot be mapped is handed over as its original, with the reason. */
export function composeDelivery(step: Composed, institution: string | undefined): Delivery {
  const original = step.file.bytes;
  const from = { original, contentType: HL7_CONTENT_TYPE };
  try {
    if (step.isCut)
      throw new UnreadableInput('The file does not end with the end of a segment: it was not written to its end.');
    // The same bytes may have come before, with another flag or by another way, and meant something else.
    return { ...deliveryFor(step, institution), ...(step.turn > 0 && { isAgain: true }) };
  } catch (error) {
    return { ...unreadable(error, from), message: { id: step.file.fileName, time: timeOf(step.file.name) } };
  }
}

/** For a file whose name says nothing of whose it is and what it means. */
export function composeUnnamed(original: Uint8Array, reason: string): Delivery {
  return unreadable(new UnreadableInput(reason), { original, contentType: HL7_CONTENT_TYPE });
}

function deliveryFor({ file, role, turn, replaces, standing }: Composed, institution: string | undefined): Delivery {
  const from = { original: file.bytes, contentType: HL7_CONTENT_TYPE };
  if (role === 'kept') {
    const mapped = mapStorageFile(file, institution);
    return { ...deliveryOf({ ...mapped, entries: [] }, from), record: [], problem: superseded };
  }
  const mapped = (role === 'stands' ? mapStorageFile : mapWithdrawnFile)(file, institution);
  const others = standing && role === 'withdrawn' ? entriesOf(standing, mapStorageFile, institution) : [];
  const message = { id: mapped.message.id, time: millisecondsAfter(mapped.message.time, turn) };
  const own = besides(mapped.entries, others);
  const older = replaces.flatMap((one) => entriesOf(one, mapWithdrawnFile, institution));
  const delivery = deliveryOf({ ...mapped, message, entries: [...own, ...uniqueEntries(besides(older, own))] }, from);
  // All it said is said by a newer file: that is no refusal.
  return mapped.entries.length > 0 && own.length === 0 ? { ...delivery, record: delivery.record ?? [] } : delivery;
}

const superseded = 'A newer file of the storage stands instead; only the original is kept.';

function entriesOf(file: StorageFile, map: typeof mapStorageFile, institution: string | undefined): BundleEntry[] {
  try {
    return map(file, institution).entries;
  } catch (error) {
    if (error instanceof UnreadableInput) return [];
    throw error;
  }
}
