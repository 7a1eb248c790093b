// One file of a standardized storage -> FHIR: its HL7 message, held to what its path says, and withdrawn where its flag says so.
// SS-MIX2 standardized storage; the message itself is mapped by mappings/hl7v2.

import type { BundleEntry } from '@medplum/fhirtypes';
import { mapHl7 } from '../hl7v2/map.ts';
import { hl7DateTime } from '../hl7v2/time.ts';
import { type MappedRecord, type SentMessage, UnreadableInput } from '../record.ts';
import { cancelled } from './cancel.ts';
import { isVisit, type StorageName } from './storage-path.ts';
import { withdrawn } from './withdraw.ts';

export type StorageRecord = MappedRecord & { message: SentMessage };

export type StorageFile = { name: StorageName; fileName: string; bytes: Uint8Array };

/**
 * What a file that stands says. Throws UnreadableInput for what is no message, and for a message about another patient number
 * than its path: whose it is, a person must decide.
 */
export function mapStorageFile({ name, fileName, bytes }: StorageFile, institution: string | undefined): StorageRecord {
  const mapped = mapHl7(bytes, institution ? { institution } : {});
  if (mapped.patient && mapped.patient.value !== name.patient)
    throw new UnreadableInput(
      'PID-3 is another patient number than the path of the file; a person must say whose it is.',
    );
  return { ...mapped, message: { id: fileName, time: laterOf(timeOf(name), mapped.message?.time) } };
}

/**
 * What a deleted or superseded file takes back: each of its resources as entered in error, under its own identifier. Of a visit it
 * is one event that is taken back, so it becomes what the message that cancels the event says. Throws like mapStorageFile.
 */
export function mapWithdrawnFile(file: StorageFile, institution: string | undefined): StorageRecord {
  if (isVisit(file.name.type)) return mapStorageFile({ ...file, bytes: cancelled(file.bytes) }, institution);
  const mapped = mapStorageFile(file, institution);
  return { ...mapped, entries: mapped.entries.map(withdrawn) };
}

/** The entries that say nothing about the resources of `others`. What they refer to there, they find by its identifier. */
export function besides(entries: readonly BundleEntry[], others: readonly BundleEntry[]): BundleEntry[] {
  if (others.length === 0) return [...entries];
  const elsewhere = new Map(others.map((entry) => [entry.fullUrl ?? '', searchFor(entry)]));
  return entries
    .filter(({ fullUrl }) => !elsewhere.has(fullUrl ?? ''))
    .map((entry) => referringTo(entry, elsewhere) as BundleEntry);
}

/** A conditional reference to what an entry creates or updates. */
const searchFor = ({ request }: BundleEntry): string =>
  request?.ifNoneExist ? `${request.url}?${request.ifNoneExist}` : (request?.url ?? '');

/** When the hospital wrote the file, a FHIR dateTime. */
export function timeOf({ time }: StorageName): string {
  return hl7DateTime(`${time.slice(0, 14)}.${time.slice(14)}+0900`) ?? '';
}

/** A storage changes a flag and leaves the time as it was: each change counts as made a millisecond after what it changes. */
export function millisecondsAfter(time: string, count: number): string {
  if (count === 0) return time;
  return `${new Date(Date.parse(time) + count + 9 * 3_600_000).toISOString().slice(0, -1)}+09:00`;
}

// A file that was written again carries the time of its writing in its name and often the old MSH-7; one that was changed under its
// name carries it in MSH-7. What was said last counts.
function laterOf(ofName: string, ofHeader: string | undefined): string {
  if (!ofHeader?.includes('T')) return ofName;
  return Date.parse(ofHeader) > Date.parse(ofName) ? ofHeader : ofName;
}

// Decimals are objects of their own and stay what they are.
function referringTo(node: unknown, elsewhere: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(node)) return node.map((one) => referringTo(one, elsewhere));
  if (typeof node !== 'object' || node === null || Object.getPrototypeOf(node) !== Object.prototype) return node;
  return Object.fromEntries(
    Object.entries(node).map(([name, value]) => {
      if (name === 'reference' && typeof value === 'string') return [name, elsewhere.get(value) ?? value];
      return [name, referringTo(value, elsewhere)];
    }),
  );
}
