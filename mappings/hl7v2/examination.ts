// OML^O33 (laboratory orders), OMG^O19 (radiology, endoscopy, physiology orders) -> ServiceRequest; OMI^Z23 (what was done of
// them, SS-MIX2 OMG-11 and 12) -> Procedure. HL7 v2.5 chapters 4.4 and 4.5 (ORC, OBR, TQ1, IPC); SS-MIX2 ZE1 and ZRD.

import type {
  CodeableConcept,
  Identifier,
  Procedure,
  ProcedurePerformer,
  Reference,
  ServiceRequest,
  Specimen,
} from '@medplum/fhirtypes';
import { systemOf } from '../code-systems.ts';
import {
  codeableConcept,
  codeableConcepts,
  fillerIdentifier,
  type Hl7Context,
  institutionReference,
  lookUp,
  orderIdentifier,
  ownIdentifier,
  period,
  personReference,
  take,
} from './context.ts';
import { find, repetitions, type Segment, value } from './message.ts';
import { takeObservation } from './observation.ts';
import { isCancelled, type Noted, type ObservationGroup, observationGroups } from './order.ts';
import { takeSpecimen } from './results.ts';
import { hl7DateTime } from './time.ts';

type Examination = ObservationGroup & { obr: Segment; order: string };

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

/** Each thing done: who did it, when, and what was used belongs to the Procedure, everything else is an Observation of it. */
export function mapExaminationsDone(context: Hl7Context): void {
  for (const examination of examinations(context)) {
    const done = procedure(context, examination);
    const fullUrl = take(context, done, done.status === 'entered-in-error');
    const { obr } = examination;
    for (const one of examination.results.filter(({ obx }) => !isOfProcedure(obx)))
      takeObservation(context, one, { obr, category: 'procedure', partOf: [{ reference: fullUrl }] });
  }
}

// A message says NW for the whole and then, with the same number and item, PA for the parent of its parts: one thing.
function examinations(context: Hl7Context): Examination[] {
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

const identifiers = (context: Hl7Context, kind: string, { obr, orc, order }: Examination): Identifier[] => [
  ownIdentifier(context, kind, [order, value(obr, 4) || value(obr, 4, 2), order ? '' : value(obr, 7)]),
  ...orderIdentifier(context, order),
  ...fillerIdentifier(context, value(obr, 3) || value(orc, 3)),
];

/** ORC-8 or OBR-29: the order this one is a part of, by its number. */
function parentOf(context: Hl7Context, { obr, orc, order }: Examination): Identifier | undefined {
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
    identifier: identifiers(context, 'service-request', one),
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

function withCode(context: Hl7Context, obr: Segment): { code?: CodeableConcept } {
  const code = codeableConcept(context, obr, 4);
  return code ? { code } : {};
}

function procedure(context: Hl7Context, one: Examination): Procedure {
  const { obr, orc, results, others } = one;
  const parent = parentOf(context, one);
  const at = (item: string) => value(results.find(({ obx }) => value(obx, 3) === item)?.obx, 5);
  const start = hl7DateTime(at('TM-P1')) ?? hl7DateTime(value(obr, 7));
  const end = hl7DateTime(at('TM-P2')) ?? hl7DateTime(value(obr, 8));
  const within = end && end !== start ? period(context, start, end) : undefined;
  const performer = performers(context, results);
  const usedCode = results.filter(({ obx }) => isUsed(obx)).flatMap(({ obx }) => used(context, obx));
  const reasonCode = codeableConcepts(context, obr, 31);
  const parts = others.filter(({ name }) => name === 'ZE1').map((ze1) => value(ze1, 3, 2));
  const notes = [
    ...new Set([...parts.filter((text) => text && text !== value(obr, 4, 2)), value(obr, 13), ...one.notes]),
  ];
  const note = notes.filter((text) => text !== '').map((text) => ({ text }));
  return {
    resourceType: 'Procedure',
    identifier: [...identifiers(context, 'procedure', one), ...images(context, others)],
    ...(one.order && {
      basedOn: orderIdentifier(context, one.order).map((identifier) => ({ type: 'ServiceRequest', identifier })),
    }),
    ...(parent && { partOf: [{ type: 'Procedure', identifier: parent }] }),
    status: isCancelled(orc) ? 'entered-in-error' : 'completed',
    ...withCode(context, obr),
    subject: context.subject,
    ...(within ? { performedPeriod: within } : start && { performedDateTime: start }),
    ...(performer.length > 0 && { performer }),
    ...(reasonCode.length > 0 && { reasonCode }),
    ...(usedCode.length > 0 && { usedCode }),
    ...(note.length > 0 && { note }),
  };
}

// In the items of SS-MIX2 (table JSHR) TM-P1 and TM-P2 are begin and end, DE-… what was used.
const isUsed = (obx: Segment): boolean => value(obx, 2) === 'ZRD' || /^DE-\d/.test(value(obx, 3));
const isOfProcedure = (obx: Segment): boolean =>
  isUsed(obx) || value(obx, 2) === 'XCN' || ['TM-P1', 'TM-P2'].includes(value(obx, 3));

function performers(context: Hl7Context, results: readonly Noted[]): ProcedurePerformer[] {
  const people = results
    .filter(({ obx }) => value(obx, 2) === 'XCN')
    .flatMap(({ obx }) => {
      const role = codeableConcept(context, obx, 3);
      return Array.from({ length: repetitions(obx, 5) }, (_, n) => personReference(obx, 5, n + 1))
        .filter((actor) => actor !== undefined)
        .map((actor): ProcedurePerformer => ({ ...(role && { function: role }), actor }));
    });
  const institution = institutionReference(context);
  const all: ProcedurePerformer[] = [...people, ...(institution ? [{ actor: institution }] : [])];
  return [...new Map(all.map((performer) => [JSON.stringify(performer), performer])).values()];
}

/** ZRD is `code^name^table^amount^unit`: the amount has no place beside a code, so it is part of the text. */
function used(context: Hl7Context, obx: Segment): CodeableConcept[] {
  return Array.from({ length: repetitions(obx, 5) }, (_, n) => {
    const at = (component: number, part = 1) => value(obx, 5, component, part, n + 1);
    const [code, name] = [at(1).replace(/\s+/g, ' '), at(2)];
    const system = systemOf(at(3), context.house);
    const amount = value(obx, 2) === 'ZRD' && at(4) ? ` ${at(4)}${at(5, 2) || at(5)}` : '';
    const text = (name || code) + amount;
    return {
      ...(code && { coding: [{ ...(system && { system }), code, ...(name && { display: name }) }] }),
      ...(text && { text }),
    };
  }).filter(({ text }) => text !== undefined);
}

/** IPC-1 accession number and IPC-3 study instance UID, by which pictures are found. */
function images(context: Hl7Context, others: readonly Segment[]): Identifier[] {
  const found = others
    .filter(({ name }) => name === 'IPC')
    .flatMap((ipc): Identifier[] => {
      const [accession, uid] = [value(ipc, 1), value(ipc, 3)];
      const type = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'ACSN' }] };
      const system = orderIdentifier(context, 'x')[0]?.system?.replace('/sid/order/', '/sid/accession/');
      return [
        ...(accession ? [{ type, ...(system && { system }), value: accession }] : []),
        ...(/^[\d.]+$/.test(uid) ? [{ system: 'urn:dicom:uid', value: `urn:oid:${uid}` }] : []),
      ];
    });
  return [...new Map(found.map((identifier) => [identifier.value, identifier])).values()];
}
