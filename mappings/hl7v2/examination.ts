// OML^O33 (laboratory orders), OMG^O19 (radiology, endoscopy, physiology orders) -> ServiceRequest, one for each thing ordered.
// HL7 v2.5 chapters 4.4 and 4.5 (ORC, OBR, TQ1).

import type { CodeableConcept, Identifier, Reference, ServiceRequest, Specimen } from '@medplum/fhirtypes';
import {
  codeableConcept,
  codeableConcepts,
  fillerIdentifier,
  type Hl7Context,
  lookUp,
  orderIdentifier,
  ownIdentifier,
  period,
  personReference,
  take,
} from './context.ts';
import { find, type Segment, value } from './message.ts';
import { takeObservation } from './observation.ts';
import { isCancelled, type ObservationGroup, observationGroups } from './order.ts';
import { takeSpecimen } from './results.ts';
import { hl7DateTime } from './time.ts';

/** One thing ordered: all the groups of a message with its number and item. */
export type Examination = ObservationGroup & { obr: Segment; order: string };

/** Each thing ordered, with what is told beside it (weight, findings, reason) as Observations it points to. */
export function mapExaminationOrders(context: Hl7Context): void {
  for (const examination of examinations(context)) {
    const { obr, spm, results } = examination;
    const specimen = spm && takeSpecimen(context, spm, obr);
    const supportingInfo = results
      .map((one) => takeObservation(context, one, { obr, specimen, category: 'exam' }))
      .filter((fullUrl) => fullUrl !== undefined)
      .map((reference) => ({ reference }));
    const request = serviceRequest(context, examination, specimen);
    take(context, { ...request, ...(supportingInfo.length > 0 && { supportingInfo }) }, request.status === 'revoked');
  }
}

// A message says NW for the whole and then, with the same number and item, PA for the parent of its parts: one thing.
export function examinations(context: Hl7Context): Examination[] {
  const found = new Map<string, Examination>();
  for (const group of observationGroups(context.segments)) {
    const { obr, orc } = group;
    if (!obr) {
      if (orc) context.problems.push('An ORC segment was not taken: there is no OBR behind it.');
      continue;
    }
    const order = value(obr, 2) || value(orc, 2) || value(obr, 3) || value(orc, 3);
    const key = `${order}|${value(obr, 4) || value(obr, 4, 2)}`;
    const same = found.get(key);
    found.set(key, same ? { ...merged(same, group), obr, order } : { ...group, obr, order });
  }
  if (found.size === 0) context.problems.push('The message holds no examination (OBR).');
  return [...found.values()];
}

const merged = (a: ObservationGroup, b: ObservationGroup): ObservationGroup => ({
  orc: b.orc ?? a.orc,
  obr: b.obr,
  tq1: b.tq1 ?? a.tq1,
  spm: b.spm ?? a.spm,
  results: [...a.results, ...b.results],
  notes: [...a.notes, ...b.notes],
  others: [...a.others, ...b.others],
});

export const examinationIdentifiers = (
  context: Hl7Context,
  kind: string,
  { obr, orc, order }: Examination,
): Identifier[] => [
  ownIdentifier(context, kind, [order, value(obr, 4) || value(obr, 4, 2), order ? '' : value(obr, 7)]),
  ...orderIdentifier(context, order),
  ...fillerIdentifier(context, value(obr, 3) || value(orc, 3)),
];

/** ORC-8 or OBR-29: the order this one is a part of, by its number. */
export function parentOf(context: Hl7Context, { obr, orc, order }: Examination): Identifier | undefined {
  const parent = value(orc, 8) || value(obr, 29);
  return parent && parent !== order ? orderIdentifier(context, parent)[0] : undefined;
}

// HL7 table 0038.
const statuses: Record<string, ServiceRequest['status']> = {
  CA: 'revoked',
  DC: 'revoked',
  RP: 'revoked',
  CM: 'completed',
  HD: 'on-hold',
  ER: 'entered-in-error',
};

// HL7 table 0485 (TQ1-9) and 0027 (OBR-27.6 of older senders).
const priorities: Record<string, NonNullable<ServiceRequest['priority']>> = {
  S: 'stat',
  A: 'asap',
  R: 'routine',
  P: 'urgent',
  T: 'urgent',
};

function serviceRequest(
  context: Hl7Context,
  one: Examination,
  specimen: Reference<Specimen> | undefined,
): ServiceRequest {
  const { obr, orc, tq1 } = one;
  const parent = parentOf(context, one);
  const authoredOn = hl7DateTime(value(orc, 9));
  const requester = personReference(orc, 12) ?? personReference(obr, 16);
  const priority = lookUp(priorities, value(tq1, 9) || value(obr, 27, 6) || value(obr, 5));
  const [start, end] = [hl7DateTime(value(tq1, 7) || value(obr, 36)), hl7DateTime(value(tq1, 8))];
  const within = end ? period(context, start, end) : undefined;
  const reasonCode = [...codeableConcepts(context, obr, 31), ...codeableConcepts(context, orc, 16)];
  const notes = [value(obr, 13), ...one.notes].filter((text) => text !== '');
  const isLaboratory = find(context.segments, 'MSH') && value(find(context.segments, 'MSH'), 9) === 'OML';
  return {
    resourceType: 'ServiceRequest',
    identifier: examinationIdentifiers(context, 'service-request', one),
    ...(parent && { basedOn: [{ type: 'ServiceRequest', identifier: parent }] }),
    status: isCancelled(orc) ? 'revoked' : (lookUp(statuses, value(orc, 5)) ?? 'active'),
    intent: 'order',
    ...(isLaboratory && { category: [laboratory] }),
    ...(priority && { priority }),
    ...withCode(context, obr),
    subject: context.subject,
    ...(within ? { occurrencePeriod: within } : start && { occurrenceDateTime: start }),
    ...(authoredOn && { authoredOn }),
    ...(requester && { requester }),
    ...(reasonCode.length > 0 && { reasonCode }),
    ...(specimen && { specimen: [specimen] }),
    ...(notes.length > 0 && { note: notes.map((text) => ({ text })) }),
  };
}

const laboratory: CodeableConcept = {
  coding: [{ system: 'http://snomed.info/sct', code: '108252007', display: 'Laboratory procedure' }],
};

export function withCode(context: Hl7Context, obr: Segment): { code?: CodeableConcept } {
  const code = codeableConcept(context, obr, 4);
  return code ? { code } : {};
}
