// One HL7 v2 message -> FHIR. Japanese hospital messages (SS-MIX2 standardized storage, HL7 v2.5) and VXU^V04.
// The message's own Patient data is never applied: the family's Patient belongs to the family.

import { holdsLabelledNumber } from '../../server/fhir/my-number.ts';
import { type MappedRecord, MyNumberFound, patientReference, type SentMessage } from '../record.ts';
import { mapAllergies, takeAllergies } from './allergy.ts';
import { mapAppointment } from './appointment.ts';
import { mapProblems } from './condition.ts';
import { type Hl7Context, type Hl7Options, lookUp, nothingTaken, patientIdentifier } from './context.ts';
import { takeCoverages } from './coverage.ts';
import { decodeHl7 } from './decode.ts';
import { mapDocument } from './document.ts';
import { admissions, mapEncounter } from './encounter.ts';
import { mapExaminationOrders } from './examination.ts';
import { mapAdministrations, mapVaccinationReport } from './immunization.ts';
import { mapPrescription } from './medication-request.ts';
import { find, parseHl7, type Segment, value } from './message.ts';
import { mapMeals } from './nutrition-order.ts';
import { mapExaminationsDone } from './procedure.ts';
import { mapResults, takeLooseObservations } from './results.ts';
import { hl7DateTime } from './time.ts';

/**
 * Throws UnreadableInput when the bytes are no readable message, MyNumberFound when they hold a My Number. A message type
 * that is not mapped, or one without a usable patient number, gives no entries and says so in `problems`.
 */
export function mapHl7(bytes: Uint8Array, options: Hl7Options = {}): MappedRecord {
  const { text, charset, problems } = decodeHl7(bytes);
  const segments = parseHl7(text, charset);
  if (holdsLabelledNumber(text)) throw new MyNumberFound('labelled in the text');
  const { problems: found, ...mapped } = mapSegments(segments, options);
  return { ...mapped, problems: counted([...problems, ...found]) };
}

// A message of a thousand wrong segments says what is wrong once.
function counted(problems: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const problem of problems) counts.set(problem, (counts.get(problem) ?? 0) + 1);
  return [...counts].map(([problem, count]) => (count > 1 ? `${problem} (${count} times)` : problem));
}

/** The same for a message that has been parsed. */
export function mapSegments(segments: Segment[], options: Hl7Options = {}): MappedRecord {
  const problems: string[] = [];
  const patient = patientIdentifier(find(segments, 'PID'), options.institution);
  const msh = find(segments, 'MSH');
  const message = { id: value(msh, 10), time: hl7DateTime(value(msh, 7)) ?? '' };
  noteHeader(msh, message, problems);
  const type = messageType(segments);
  const mapping = lookUp(byType, type) ?? lookUp(byType, `${type.split('^')[0]}^*`);
  if (!mapping) {
    problems.push(`Messages of type ${type.replace(/[^A-Z0-9^]/gi, '?').slice(0, 11)} are not mapped.`);
    return { patient, entries: [], problems, message };
  }
  const context = createContext(segments, options, { patient, message, problems });
  if (context) mapping(context);
  return { patient, entries: [...(context?.taken.entries.values() ?? [])], problems, message };
}

type Mapping = (context: Hl7Context) => void;

// By MSH-9; `*` stands for every event of a type.
const byType: Record<string, Mapping> = {
  'RAS^O17': withAllergies(mapAdministrations),
  'VXU^V04': mapHistory,
  'RSP^K11': mapHistory,
  'OUL^R22': mapResults,
  'ORU^R01': mapResults,
  'ORU^R30': mapResults,
  'OUL^R21': mapResults,
  'OUL^R23': mapResults,
  'OUL^R24': mapResults,
  'RDE^O11': withAllergies(mapPrescription),
  'OMP^O09': withAllergies(mapPrescription),
  'OML^O21': mapExaminationOrders,
  'OML^O33': mapExaminationOrders,
  'OMG^O19': mapExaminationOrders,
  'OMI^O23': mapExaminationOrders,
  'OMI^Z23': mapExaminationsDone,
  'ORM^O01': mapGeneralOrder,
  'OMD^O03': mapMeals,
  'PPR^ZD1': mapProblemList,
  'PPR^PC1': mapProblemList,
  'PPR^PC2': mapProblemList,
  'PPR^PC3': mapProblemList,
  'ADT^A60': mapAllergies,
  'SIU^*': mapAppointment,
  'MDM^*': mapDocument,
  ...Object.fromEntries(admissions.map((event) => [`ADT^${event}`, mapAdmission])),
};

function mapAdmission(context: Hl7Context): void {
  mapEncounter(context);
  // What a deleted visit or person came with is not said again.
  if (context.event === 'A23') return;
  takeLooseObservations(context);
  takeAllergies(context);
  takeCoverages(context);
}

function mapHistory(context: Hl7Context): void {
  mapVaccinationReport(context);
  takeLooseObservations(context);
  takeCoverages(context);
}

function mapProblemList(context: Hl7Context): void {
  mapProblems(context);
  takeCoverages(context);
}

/** ORM^O01, before v2.5 the one message for every order. */
function mapGeneralOrder(context: Hl7Context): void {
  const holds = (...names: string[]) => context.segments.some(({ name }) => names.includes(name));
  if (holds('RXO', 'RXE')) mapPrescription(context);
  else if (holds('ODS', 'ODT')) mapMeals(context);
  else mapExaminationOrders(context);
  takeAllergies(context);
}

function withAllergies(map: Mapping): Mapping {
  return (context) => {
    map(context);
    takeAllergies(context);
  };
}

// Old and sloppy senders leave the event out where the type allows only one, or tell it in EVN-1.
const onlyEvent: Record<string, string> = {
  VXU: 'V04',
  RAS: 'O17',
  RDE: 'O11',
  OUL: 'R22',
  ORU: 'R01',
  OMG: 'O19',
  OML: 'O33',
  OMD: 'O03',
};

function messageType(segments: Segment[]): string {
  const msh = find(segments, 'MSH');
  const type = value(msh, 9);
  return `${type}^${value(msh, 9, 2) || lookUp(onlyEvent, type) || value(find(segments, 'EVN'), 1)}`;
}

function noteHeader(msh: Segment | undefined, message: SentMessage, problems: string[]): void {
  if (message.id === '') problems.push('MSH-10 (message control ID) is empty.');
  if (message.time === '') problems.push('MSH-7 (time of the message) is no time.');
  const processing = value(msh, 11);
  if (/^[DT]$/.test(processing)) problems.push(`MSH-11 is "${processing}": not a production message.`);
}

function createContext(
  segments: Segment[],
  options: Hl7Options,
  { patient, message, problems }: Pick<Hl7Context, 'patient' | 'message' | 'problems'>,
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
    facility: value(find(segments, 'ORC'), 21),
    patientNumber: patient?.value ?? number,
    patient,
    subject: patientReference(target),
    message,
    problems,
    taken: nothingTaken(),
  };
}
