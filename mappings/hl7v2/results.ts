// OUL^R22 (laboratory), ORU^R01 (physiology) and ORU^R30 (vital signs) -> Observation, with the Specimen and the DiagnosticReport
// they belong to; and the OBX that stand outside of orders. HL7 v2.5 chapter 7.3, 7.4 (OBR, OBX, SPM, NTE).

import type { CodeableConcept, DiagnosticReport, Reference, Specimen } from '@medplum/fhirtypes';
import { JLAC10, LOINC } from '../code-systems.ts';
import {
  codeableConcept,
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
import { type Segment, value } from './message.ts';
import { type Category, takeObservation } from './observation.ts';
import { type ObservationGroup, observationGroups } from './order.ts';
import { hl7DateTime } from './time.ts';

/** Every OBX under its OBR and SPM, and a report for each OBR that has results. */
export function mapResults(context: Hl7Context): void {
  const isVital = context.event === 'R30';
  for (const group of observationGroups(context.segments)) {
    const { obr, spm } = group;
    const specimen = spm && takeSpecimen(context, spm, obr);
    const category: Category = isVital ? 'vital-signs' : 'laboratory';
    const result = group.results
      .map((one) => takeObservation(context, one, { obr, spm, specimen, category }))
      .filter((fullUrl) => fullUrl !== undefined);
    if (obr && result.length > 0 && !isVital) takeReport(context, { ...group, obr }, result, specimen);
  }
  if (context.taken.entries.size === 0) context.problems.push('The message holds no result (OBX) that could be taken.');
}

/** Height, weight, blood group and the like that ride on an ADT or VXU, before any order. */
export function takeLooseObservations(context: Hl7Context): void {
  const order = context.segments.findIndex(({ name }) => ['ORC', 'OBR', 'RXA', 'RXE'].includes(name));
  const before = order < 0 ? context.segments : context.segments.slice(0, order);
  for (const { results } of observationGroups(before))
    for (const one of results) takeObservation(context, one, { category: 'exam' });
}

/** SPM -> Specimen: its number, kind, site, and when it was collected and received. */
export function takeSpecimen(
  context: Hl7Context,
  spm: Segment,
  obr: Segment | undefined,
): Reference<Specimen> | undefined {
  const type = materialCode(codeableConcept(context, spm, 4));
  const number = value(spm, 2) || value(spm, 2, 2);
  const collected = hl7DateTime(value(spm, 17));
  const received = hl7DateTime(value(spm, 18));
  const bodySite = codeableConcept(context, spm, 8);
  if (!type && !number) return undefined;
  const collection = { ...(collected && { collectedDateTime: collected }), ...(bodySite && { bodySite }) };
  const specimen: Specimen = {
    resourceType: 'Specimen',
    identifier: [
      ownIdentifier(context, 'specimen', [number || value(obr, 2) || value(obr, 3), value(spm, 4), value(spm, 17)]),
    ],
    ...(type && { type }),
    subject: context.subject,
    ...(received && { receivedTime: received }),
    ...(Object.keys(collection).length > 0 && { collection }),
  };
  return { reference: take(context, specimen) };
}

// SPM-4 names JLAC10 (JC10) for the three digits of its material code, which are a code system of their own.
function materialCode(type: CodeableConcept | undefined): CodeableConcept | undefined {
  const coding = type?.coding?.map((one) =>
    one.system === JLAC10 && /^\d{3}$/.test(one.code ?? '') ? { ...one, system: SAMPLE_MATERIAL } : one,
  );
  return coding ? { ...type, coding } : type;
}

const SAMPLE_MATERIAL = 'http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationSampleMaterialCode_CS';

// HL7 table 0123.
const statuses: Record<string, DiagnosticReport['status']> = {
  '': 'final',
  F: 'final',
  C: 'corrected',
  P: 'preliminary',
  R: 'preliminary',
  A: 'partial',
  S: 'partial',
  O: 'registered',
  I: 'registered',
  X: 'cancelled',
};

function takeReport(
  context: Hl7Context,
  { obr, orc, spm }: ObservationGroup & { obr: Segment },
  result: readonly string[],
  specimen: Reference<Specimen> | undefined,
): void {
  const order = value(obr, 2) || value(orc, 2) || value(obr, 3);
  const time = value(obr, 7);
  const [start, end] = [hl7DateTime(time), hl7DateTime(value(obr, 8))];
  const issued = hl7DateTime(value(obr, 22));
  const within = end && end !== start ? period(context, start, end) : undefined;
  const interpreter = personReference(obr, 32);
  const performer = institutionReference(context);
  const report: DiagnosticReport = {
    resourceType: 'DiagnosticReport',
    identifier: [
      ownIdentifier(context, 'diagnostic-report', [order, value(obr, 4) || value(obr, 4, 2), order ? '' : time]),
      ...orderIdentifier(context, order),
      ...fillerIdentifier(context, value(obr, 3)),
    ],
    ...(order && {
      basedOn: orderIdentifier(context, order).map((identifier) => ({ type: 'ServiceRequest', identifier })),
    }),
    status: lookUp(statuses, value(obr, 25)) ?? 'unknown',
    category: [reportCategory(obr, spm)],
    code: codeableConcept(context, obr, 4) ?? { text: '検査報告書' },
    subject: context.subject,
    ...(within ? { effectivePeriod: within } : start && { effectiveDateTime: start }),
    ...(issued && issued.length > 10 && { issued }),
    ...(performer && { performer: [performer] }),
    ...(interpreter && { resultsInterpreter: [interpreter] }),
    ...(specimen && { specimen: [specimen] }),
    result: result.map((reference) => ({ reference })),
  };
  take(context, report);
}

// HL7 table 0074: OBR-24 names the department; where it does not, a specimen means the laboratory.
function reportCategory(obr: Segment, spm: Segment | undefined): CodeableConcept {
  const section = value(obr, 24);
  const coding = section ? [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: section }] : [];
  if (spm) return { coding: [{ system: LOINC, code: 'LP29693-6', display: 'Laboratory' }, ...coding] };
  return coding.length > 0 ? { coding } : { text: '検査' };
}
