// One JAHIS out-of-hospital prescription (2D code) -> MedicationRequest per drug, with who issued it contained and the insurances
// beside it. JAHIS technical document 24-103, Ver.1.10; JP Core 1.2.0 JP_MedicationRequest and JP_Coverage.

import type { BundleEntry } from '@medplum/fhirtypes';
import { japaneseDate } from '../japanese-date.ts';
import {
  createEntry,
  type MappedRecord,
  type PatientTarget,
  patientReference,
  targetKey,
  uniqueEntries,
} from '../record.ts';
import { keyText } from './codes.ts';
import { mapCoverages } from './coverage.ts';
import { MOST_REMARKS, RECORDS_OF_RP, readRps } from './ordered.ts';
import { mapOrderedDrug } from './ordered-drug.ts';
import { issuerOf } from './prescriber.ts';
import { at, type JahisRecord } from './record.ts';
import type { JahisFile } from './records.ts';

/** The entries of a prescription that was read whole. */
export function mapPrescription({ records, problems, dataId }: JahisFile, target: PatientTarget): MappedRecord {
  const single = singleRecords(records, problems);
  const issued = japaneseDate(at(single.get('51'), 1));
  if (!issued) problems.push('The day of issue (record 51) is missing or no date.');
  const owner = targetKey(target);
  const coverages = mapCoverages({ owner, subject: patientReference(target), issued, single, problems }).map(
    createEntry,
  );
  const context = {
    subject: patientReference(target),
    keys: [owner, ...prescriptionKeys(single, issued)],
    issued,
    single,
    issuer: issuerOf(single),
    insurance: coverages.map(({ fullUrl }) => ({ reference: fullUrl ?? '' })),
    remarks: records.filter(({ kind }) => kind === '81').slice(0, MOST_REMARKS),
    occurrences: new Map<string, number>(),
    problems,
  };
  const drugs: BundleEntry[] = [];
  for (const rp of readRps(records, problems)) {
    for (const drug of rp.drugs) {
      const request = mapOrderedDrug(context, rp, drug);
      if (request) drugs.push(createEntry(request));
    }
  }
  if (drugs.length === 0) problems.push('The prescription holds no drug (record 201) that could be taken.');
  // Without a drug there is nothing to insure: a code that cannot be read must not leave half a record behind.
  const entries = drugs.length > 0 ? uniqueEntries([...coverages, ...drugs]) : [];
  const patient = 'identifier' in target ? target.identifier : undefined;
  return { patient, entries, problems, message: { id: dataId, time: issued ?? '' } };
}

/**
 * What makes a prescription the same one when its code is read again: its exchange number where it has one; else day,
 * institution, department, doctor, and which part of a split one it is, for two can be issued on one day.
 */
function prescriptionKeys(single: ReadonlyMap<string, JahisRecord>, issued: string | undefined): string[] {
  const of = (kind: string, place: number): string => keyText(at(single.get(kind), place));
  const number = of('82', 2);
  if (number && of('82', 1) === '1') return ['82', number];
  const place = [of('1', 3), of('1', 1) || '1', of('1', 2)];
  const who = [of('4', 2) || of('4', 3), of('5', 1) || of('5', 3)];
  return [issued ?? '', ...place, ...who, of('63', 1), of('63', 2), of('64', 1)];
}

const ONCE = new Set('1 2 3 4 5 11 12 13 14 21 22 23 24 25 27 28 29 30 31 51 52 61 62 63 64 82'.split(' '));

/** What stands once for the whole prescription; a second one of its kind is told and not believed. */
function singleRecords(records: readonly JahisRecord[], problems: string[]): Map<string, JahisRecord> {
  const single = new Map<string, JahisRecord>();
  for (const record of records) {
    if (ONCE.has(record.kind) && !single.has(record.kind)) single.set(record.kind, record);
    else if (ONCE.has(record.kind))
      problems.push(`Line ${record.line}: record ${record.kind} is there twice; the first one stands.`);
    else if (!RECORDS_OF_RP.has(record.kind) && record.kind !== '81')
      problems.push(`Line ${record.line}: record ${record.kind} is not known and is kept only in the original.`);
  }
  return single;
}
