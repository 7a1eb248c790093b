// RAS^O17 and VXU^V04 -> Immunization; other drugs given in a RAS -> MedicationAdministration. In SS-MIX2 a vaccination
// is an injection (OMP-12) whose RXE-2 has class 06 of table JHSI0002. HL7 v2.5 chapter 4.14.7 (RXA).

import type { Immunization, MedicationAdministration } from '@medplum/fhirtypes';
import { vaccineConcept } from '../vaccine.ts';
import {
  codeableConcept,
  concept,
  type Hl7Context,
  institutionReference,
  orderIdentifier,
  ownIdentifier,
  personReference,
  quantity,
  take,
} from './context.ts';
import { type Segment, value } from './message.ts';
import { type Administration, isCancelled, type OrderGroup, orderGroups } from './order.ts';
import { hl7Date, hl7DateTime } from './time.ts';

/** RAS^O17: each RXA is a dose given, a vaccination when its order says so. */
export function mapAdministrations(context: Hl7Context): void {
  takeEach(context, (group, given) =>
    isVaccination(group, given) ? immunization(context, group, given) : medicationAdministration(context, group, given),
  );
}

/** VXU^V04, RSP^K11: each RXA is a vaccination; 998 (CVX "no vaccine administered") is not a dose. */
export function mapVaccinationReport(context: Hl7Context): void {
  takeEach(context, (group, given) =>
    value(given.rxa, 5) === '998' ? undefined : immunization(context, group, given),
  );
}

type Given = Immunization | MedicationAdministration;

function takeEach(context: Hl7Context, map: (group: OrderGroup, given: Administration) => Given | undefined): void {
  let found = 0;
  for (const group of orderGroups(context.segments)) {
    for (const given of group.administrations) {
      found += 1;
      const resource = map(group, given);
      if (resource) take(context, resource, isCorrection(group, given.rxa));
    }
  }
  if (found === 0) context.problems.push('The message holds no dose given (RXA).');
}

function isVaccination(group: OrderGroup, given: Administration): boolean {
  const isOfTable = value(group.rxe, 2) === '06' && value(group.rxe, 2, 3).toUpperCase() === 'JHSI0002';
  const byClass = isOfTable || value(group.rxe, 2, 2) === '予防接種';
  return byClass || value(given.rxa, 5, 3).toUpperCase() === 'CVX';
}

// ORC-1 CA/DC/OC and RXA-21 D withdraw a dose, U corrects it: a create would leave the first message standing.
const isWithdrawn = (group: OrderGroup, rxa: Segment): boolean => isCancelled(group.orc) || value(rxa, 21) === 'D';
const isCorrection = (group: OrderGroup, rxa: Segment): boolean => isWithdrawn(group, rxa) || value(rxa, 21) === 'U';

function immunization(
  context: Hl7Context,
  group: OrderGroup,
  { rxa, rxr, obx }: Administration,
): Immunization | undefined {
  const occurrence = hl7DateTime(value(rxa, 3));
  const sent = concept(context, rxa, 5);
  if (!occurrence || (sent.coding.length === 0 && !sent.text)) {
    context.problems.push(
      `An RXA segment was not taken: RXA-${occurrence ? '5 (product) is empty' : '3 (time given) is no date'}.`,
    );
    return undefined;
  }
  const notGiven = ['RE', 'NA'].includes(value(rxa, 20));
  const expiry = hl7Date(value(rxa, 16));
  const maker = value(rxa, 17, 2) || value(rxa, 17);
  const primary = isPrimarySource(rxa);
  return {
    resourceType: 'Immunization',
    identifier: identifiers(context, group, rxa, 'immunization'),
    status: isWithdrawn(group, rxa) ? 'entered-in-error' : notGiven ? 'not-done' : 'completed',
    ...(notGiven && {
      statusReason: codeableConcept(context, rxa, 18) ?? {
        text: value(rxa, 20) === 'RE' ? 'refused' : 'not administered',
      },
    }),
    vaccineCode: vaccineConcept(sent.coding, sent.text),
    patient: context.subject,
    occurrenceDateTime: occurrence,
    ...(hl7DateTime(value(rxa, 22)) && { recorded: hl7DateTime(value(rxa, 22)) }),
    primarySource: primary,
    ...(!primary && { reportOrigin: codeableConcept(context, rxa, 9) }),
    ...(value(rxa, 11, 4) && { location: { display: value(rxa, 11, 4) } }),
    ...(maker && { manufacturer: { display: maker } }),
    ...(value(rxa, 15) && { lotNumber: value(rxa, 15) }),
    ...(expiry?.length === 10 && { expirationDate: expiry }),
    ...(codeableConcept(context, rxr, 2) && { site: codeableConcept(context, rxr, 2) }),
    ...(codeableConcept(context, rxr, 1) && { route: codeableConcept(context, rxr, 1) }),
    ...(dose(rxa) && { doseQuantity: dose(rxa) }),
    ...performers(context, rxa, primary),
    ...(primary && remark(rxa) && { note: [{ text: remark(rxa) }] }),
    ...doseNumber(rxa, obx),
  };
}

function medicationAdministration(
  context: Hl7Context,
  group: OrderGroup,
  { rxa, rxr }: Administration,
): MedicationAdministration | undefined {
  const start = hl7DateTime(value(rxa, 3));
  const end = hl7DateTime(value(rxa, 4));
  const medication = codeableConcept(context, rxa, 5);
  if (!start || !medication) {
    context.problems.push(
      `An RXA segment was not taken: RXA-${start ? '5 (product) is empty' : '3 (time given) is no date'}.`,
    );
    return undefined;
  }
  const performer = personReference(rxa, 10);
  const route = codeableConcept(context, rxr, 1);
  const notGiven = ['RE', 'NA'].includes(value(rxa, 20));
  return {
    resourceType: 'MedicationAdministration',
    identifier: identifiers(context, group, rxa, 'medication-administration'),
    status: isWithdrawn(group, rxa) ? 'entered-in-error' : notGiven ? 'not-done' : 'completed',
    medicationCodeableConcept: medication,
    subject: context.subject,
    ...(end && end !== start ? { effectivePeriod: { start, end } } : { effectiveDateTime: start }),
    ...(performer && { performer: [{ actor: performer }] }),
    ...((route || dose(rxa)) && { dosage: { ...(route && { route }), ...(dose(rxa) && { dose: dose(rxa) }) } }),
  };
}

// One order may be given many times and hold many products, so the day and the product are part of the key.
function identifiers(context: Hl7Context, group: OrderGroup, rxa: Segment, kind: string) {
  const order = value(group.orc, 2) || value(group.orc, 3);
  const product = value(rxa, 5) || value(rxa, 5, 2);
  const time = kind === 'immunization' ? value(rxa, 3).slice(0, 8) : value(rxa, 3);
  const own = ownIdentifier(context, kind, [order, value(group.orc, 4), time, product]);
  return [own, ...orderIdentifier(context, order)];
}

// 999 is HL7's "amount unknown".
function dose(rxa: Segment) {
  return value(rxa, 6) === '999' ? undefined : quantity(value(rxa, 6), rxa, 7);
}

// RXA-9 of US messages (table NIP001): 00 = this administration, anything else = told by someone.
function isPrimarySource(rxa: Segment): boolean {
  return value(rxa, 9, 3).toUpperCase() !== 'NIP001' || value(rxa, 9) === '00';
}

const remark = (rxa: Segment): string =>
  value(rxa, 9, 3).toUpperCase() === 'NIP001' ? '' : value(rxa, 9, 2) || value(rxa, 9);

function performers(context: Hl7Context, rxa: Segment, primary: boolean): Pick<Immunization, 'performer'> {
  const actors = [personReference(rxa, 10), primary ? institutionReference(context) : undefined].filter(
    (actor) => actor !== undefined,
  );
  const role = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0443', code: 'AP' }] };
  return actors.length > 0 ? { performer: actors.map((actor) => ({ function: role, actor })) } : {};
}

// "1回目" in RXA-9, or LOINC 30973-2 (dose number in series) beside the RXA.
function doseNumber(rxa: Segment, obx: readonly Segment[]): Pick<Immunization, 'protocolApplied'> {
  const told = /^(\d{1,2})回目$/.exec(remark(rxa).normalize('NFKC'))?.[1];
  const coded = value(
    obx.find((segment) => value(segment, 3) === '30973-2'),
    5,
  );
  const number = Number(told ?? coded);
  return Number.isInteger(number) && number > 0 ? { protocolApplied: [{ doseNumberPositiveInt: number }] } : {};
}
