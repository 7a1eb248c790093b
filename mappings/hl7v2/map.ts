// One HL7 v2 message -> FHIR. Japanese hospital messages (SS-MIX2 standardized storage, HL7 v2.5) and VXU^V04.
// The message's own Patient data is never applied: the family's Patient belongs to the family.

import type { BundleEntry } from '@medplum/fhirtypes';
import { holdsLabelledNumber } from '../../server/fhir/my-number.ts';
import { type MappedRecord, MyNumberFound, patientReference, uniqueEntries } from '../record.ts';
import { type Hl7Context, type Hl7Options, patientIdentifier } from './context.ts';
import { decodeHl7 } from './decode.ts';
import { mapEncounter } from './encounter.ts';
import { mapAdministrations, mapVaccinationReport } from './immunization.ts';
import { mapPrescription } from './medication-request.ts';
import { find, parseHl7, type Segment, value } from './message.ts';
import { mapAdmissionObservations, mapResults } from './observation.ts';

/**
 * Throws UnreadableInput when the bytes are no readable message, MyNumberFound when they hold a My Number. A message type
 * that is not mapped, or one without a usable patient number, gives no entries and says so in `problems`.
 */
export function mapHl7(bytes: Uint8Array, options: Hl7Options = {}): MappedRecord {
  const { text, problems } = decodeHl7(bytes);
  const segments = parseHl7(text);
  if (holdsLabelledNumber(text)) {
    throw new MyNumberFound('labelled in the text');
  }
  const patient = patientIdentifier(find(segments, 'PID'), options.institution);
  noteHeader(find(segments, 'MSH'), problems);
  const type = messageType(segments);
  const mapping = byType[type];
  if (!mapping) {
    problems.push(`Messages of type ${type.replace(/[^A-Z0-9^]/gi, '?').slice(0, 11)} are not mapped.`);
    return { patient, entries: [], problems };
  }
  const context = createContext(segments, options, patient, problems);
  return { patient, entries: context ? uniqueEntries(mapping(context)) : [], problems };
}

type Mapping = (context: Hl7Context) => BundleEntry[];

const byType: Record<string, Mapping> = {
  'RAS^O17': mapAdministrations,
  'VXU^V04': mapVaccinationReport,
  'OUL^R22': mapResults,
  'ORU^R01': mapResults,
  'ADT^A01': mapAdmission,
  'ADT^A03': mapAdmission,
  'ADT^A04': mapAdmission,
  'ADT^A08': mapAdmission,
  'RDE^O11': mapPrescription,
};

function mapAdmission(context: Hl7Context): BundleEntry[] {
  return [...mapEncounter(context), ...mapAdmissionObservations(context)];
}

// Old and sloppy senders leave the event out where the type allows only one.
const onlyEvent: Record<string, string> = { VXU: 'V04', RAS: 'O17', RDE: 'O11', OUL: 'R22', ORU: 'R01' };

function messageType(segments: Segment[]): string {
  const msh = find(segments, 'MSH');
  const type = value(msh, 9);
  return `${type}^${value(msh, 9, 2) || (onlyEvent[type] ?? '')}`;
}

function noteHeader(msh: Segment | undefined, problems: string[]): void {
  if (value(msh, 10) === '') problems.push('MSH-10 (message control ID) is empty.');
  const processing = value(msh, 11);
  if (/^[DT]$/.test(processing)) problems.push(`MSH-11 is "${processing}": not a production message.`);
}

function createContext(
  segments: Segment[],
  options: Hl7Options,
  patient: Hl7Context['patient'],
  problems: string[],
): Hl7Context | undefined {
  const { institution } = options;
  const target = options.patient ?? (patient && { identifier: patient });
  const msh = find(segments, 'MSH');
  const number = value(find(segments, 'PID'), 3);
  if (!target) {
    problems.push(
      number
        ? 'PID-3 names no institution (no OID in PID-3.4, none configured).'
        : 'PID-3 (patient number) is missing.',
    );
    return undefined;
  }
  return {
    segments,
    event: messageType(segments).split('^')[1] ?? '',
    house: institution ?? patient?.system ?? `${value(msh, 3)}.${value(msh, 4)}`,
    institution,
    patientNumber: patient?.value ?? number,
    patient,
    subject: patientReference(target),
    problems,
  };
}
