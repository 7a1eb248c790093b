// RXA of a RAS^O17 that is no vaccination -> MedicationAdministration. HL7 v2.5 chapter 4.14.7 (RXA), 4.14.2 (RXR).

import type { MedicationAdministration } from '@medplum/fhirtypes';
import { codeableConcept, type Hl7Context, orderIdentifier, period, personReference } from './context.ts';
import { completion, dose, givenIdentifiers, remark } from './given.ts';
import { type Segment, value } from './message.ts';
import type { Administration, OrderGroup } from './order.ts';
import { hl7DateTime } from './time.ts';

/** Undefined, with a problem, without a product or a time. */
export function medicationAdministration(
  context: Hl7Context,
  group: OrderGroup,
  { rxa, rxr, notes }: Administration,
): MedicationAdministration | undefined {
  const start = hl7DateTime(value(rxa, 3));
  const medication = codeableConcept(context, rxa, 5);
  if (!start || !medication) {
    context.problems.push(
      `An RXA segment was not taken: RXA-${start ? '5 (product) is empty' : '3 (time given) is no date'}.`,
    );
    return undefined;
  }
  const end = hl7DateTime(value(rxa, 4));
  const within = end && end !== start ? period(context, start, end) : undefined;
  const performer = personReference(rxa, 10);
  const [order] = orderIdentifier(context, value(group.orc, 2));
  const { status, statusReason } = completion(context, group, rxa);
  const dosage = administered(context, rxa, rxr);
  // mad-1: a dosage has a dose or a rate. Without one, how it was given is told in words.
  const way = dosage?.dose ? [] : [dosage?.text, dosage?.route?.text, dosage?.site?.text, dosage?.method?.text];
  const note = [remark(rxa), ...notes, way.filter(Boolean).join('・')]
    .filter((text) => text !== '')
    .map((text) => ({ text }));
  const device = value(rxr, 3, 2) || value(rxr, 3);
  return {
    resourceType: 'MedicationAdministration',
    identifier: givenIdentifiers(context, group, rxa, 'medication-administration'),
    status,
    ...(statusReason && { statusReason: [statusReason] }),
    medicationCodeableConcept: medication,
    subject: context.subject,
    ...(within ? { effectivePeriod: within } : { effectiveDateTime: start }),
    ...(order && { request: { type: 'MedicationRequest', identifier: order } }),
    ...(performer && { performer: [{ actor: performer }] }),
    ...(note.length > 0 && { note }),
    ...(device && { device: [{ display: device }] }),
    ...(dosage?.dose && { dosage }),
  };
}

/** How it was given; undefined when nothing but that it was is told. */
function administered(context: Hl7Context, rxa: Segment, rxr: Segment | undefined): MedicationAdministration['dosage'] {
  const [route, site, method] = [1, 2, 4].map((field) => codeableConcept(context, rxr, field));
  const amount = dose(rxa);
  // RXA-12 `ML&…` tells per what time the amount is: kept as text, for it is no unit alone.
  const rate = value(rxa, 12);
  const text = [rate && `${value(rxa, 6)}${value(rxa, 7, 2) || value(rxa, 7)}/${rate}`].filter(Boolean).join('');
  if (!amount && !route && !site && !method && !text) return undefined;
  return {
    ...(text && { text }),
    ...(site && { site }),
    ...(route && { route }),
    ...(method && { method }),
    ...(amount && { dose: amount }),
  };
}
