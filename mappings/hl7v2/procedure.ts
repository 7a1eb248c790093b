// OMI^Z23 (what was done of radiology and endoscopy, SS-MIX2 OMG-11 and 12) -> Procedure, with the rest as Observations of it.
// HL7 v2.5 chapter 4.5 (OBR, IPC); SS-MIX2 ZE1 and the value type ZRD.

import type { CodeableConcept, Identifier, Procedure, ProcedurePerformer } from '@medplum/fhirtypes';
import { systemOf } from '../code-systems.ts';
import {
  codeableConcept,
  codeableConcepts,
  type Hl7Context,
  institutionReference,
  orderIdentifier,
  period,
  personReference,
  take,
} from './context.ts';
import { type Examination, examinationIdentifiers, examinations, parentOf, withCode } from './examination.ts';
import { repetitions, type Segment, value } from './message.ts';
import { takeObservation } from './observation.ts';
import { isCancelled, type Noted } from './order.ts';
import { hl7DateTime } from './time.ts';

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
    identifier: [...examinationIdentifiers(context, 'procedure', one), ...images(context, others)],
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
