// Whose records a file of phr-import/1 may go to. They are named by the person who imports: a name or birth date in a file never
// chooses anybody.

import type { BundleEntry } from '@medplum/fhirtypes';
import { type MappedRecord, type PatientTarget, targetKey, uniqueEntries } from '../record.ts';

export type MynaContext = {
  /** Whom the file is about: the child, or the mother when it is her own export. */
  patient: PatientTarget;
  /** The mother, for what a child's file says of pregnancy and birth; the same as `patient` when the export is hers. */
  mother?: PatientTarget;
  /** When the source made the export, a FHIR dateTime. */
  exportedAt?: string;
  /** The person agreed expressly that sensitive items (HIV, syphilis, …) are stored. */
  takesSensitive?: boolean;
};

/** What of a file goes to one person. A file of mother and child makes two of them. */
export type MappedPart = { patient: PatientTarget; record: MappedRecord };

/** A part with nothing in it yet. */
export function newPart(patient: PatientTarget, { exportedAt }: MynaContext): MappedPart {
  const record: MappedRecord = {
    patient: 'identifier' in patient ? patient.identifier : undefined,
    entries: [],
    problems: [],
    ...(exportedAt && { message: { id: '', time: exportedAt } }),
  };
  return { patient, record };
}

/** The parts that hold something or have something to say, each resource once; the first one when none does. */
export function partsWithContent(parts: readonly MappedPart[]): MappedPart[] {
  const unique = parts.map(({ patient, record }) => ({
    patient,
    record: { ...record, entries: uniqueEntries(record.entries) },
  }));
  const full = unique.filter(({ record }) => record.entries.length > 0 || record.problems.length > 0);
  return full.length > 0 ? full : unique.slice(0, 1);
}

/** True when the export is the mother's own. */
export const isMothersOwn = ({ patient, mother }: MynaContext): boolean =>
  mother !== undefined && targetKey(mother) === targetKey(patient);

/** Adds entries to a part. */
export const add = ({ record }: MappedPart, ...entries: BundleEntry[]): void => void record.entries.push(...entries);
