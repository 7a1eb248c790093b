// What every check-up leaves, whoever it was of: the visit (Encounter), what was observed, and the check-up as a whole
// (DiagnosticReport, profile checkup-report of the guide).

import type { BundleEntry, DiagnosticReport, Encounter, Organization, Reference } from '@medplum/fhirtypes';
import { CANONICAL } from '../../server/fhir/canonical.ts';
import type { JsonObject } from '../../server/fhir/json.ts';
import { institutionReference } from '../institution.ts';
import { conceptFor, conceptOf } from '../own-code.ts';
import {
  businessIdentifier,
  type Identified,
  type PatientTarget,
  patientReference,
  replaceEntry,
  targetKey,
} from '../record.ts';
import { judgements, stages } from './checkup-codes.ts';
import { isTrue, textOf } from './form.ts';
import type { Item, Occasion } from './measure.ts';
import { observation, type Value } from './measure.ts';

/** A check-up that is being put together. */
export type Checkup = {
  occasion: Occasion;
  stage: string;
  date: string;
  performer: Reference<Organization> | undefined;
  entries: BundleEntry[];
  /** What the report lists: the observations of it. */
  results: BundleEntry[];
  problems: string[];
  /** Where the row stands: `infantCheckups[2]`. */
  place: string;
};

/** Report kinds of the draft eCheckup package: 43 infants, 44 pregnancy. */
const REPORT_CATEGORY = 'http://jpfhir.jp/fhir/eCheckup/CodeSystem/checkup-report-category';

/** Begins a check-up with its visit. `key` tells it apart from others of the person. */
export function newCheckup(
  row: JsonObject,
  of: { target: PatientTarget; stage: string; date: string; key: readonly string[]; place: string },
): Checkup {
  const keys = [targetKey(of.target), ...of.key];
  const subject = patientReference(of.target);
  const isDeleted = isTrue(row.isDeleted);
  const performer = organizationOf(row);
  const encounter: Encounter = {
    resourceType: 'Encounter',
    meta: { profile: [`${CANONICAL}/StructureDefinition/encounter`] },
    identifier: [businessIdentifier('checkup-visit', keys)],
    status: isDeleted ? 'entered-in-error' : 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB', display: 'ambulatory' },
    type: [stages(of.stage) ?? { text: of.stage }],
    subject,
    period: { start: of.date, end: of.date },
    ...(performer && { serviceProvider: performer }),
  };
  const visit = replaceEntry(encounter);
  const occasion: Occasion = {
    subject,
    keys,
    effective: { effectiveDateTime: of.date },
    encounter: { reference: visit.fullUrl ?? '' },
    isDeleted,
  };
  const { stage, date, place } = of;
  return { occasion, stage, date, performer, entries: [visit], results: [], problems: [], place };
}

/** Adds an observation; without a value it says that the item was not taken. */
export function observe(checkup: Checkup, item: Item, value: Value | undefined): void {
  if (value === undefined) checkup.problems.push(`${checkup.place}.${item.name} was not taken: it is no number.`);
  else addResult(checkup, observation(checkup.occasion, item, value));
}

export function addResult(checkup: Checkup, resource: Identified): void {
  const entry = replaceEntry(resource);
  checkup.entries.push(entry);
  checkup.results.push(entry);
}

/** The whole check-up, with its judgement. */
export function closeCheckup(checkup: Checkup, row: JsonObject, conclusion?: string): BundleEntry[] {
  const { occasion, performer, date, stage } = checkup;
  const judgement = textOf(row.judgement);
  const category = stage === 'pregnancy' ? '44' : '43';
  const report: DiagnosticReport = {
    resourceType: 'DiagnosticReport',
    ...(stages(stage) && { meta: { profile: [`${CANONICAL}/StructureDefinition/checkup-report`] } }),
    identifier: [businessIdentifier('checkup-report', occasion.keys)],
    status: occasion.isDeleted ? 'entered-in-error' : 'final',
    category: [{ coding: [{ system: REPORT_CATEGORY, code: category }] }],
    code: stages(stage) ? conceptOf(stages, stage) : { text: stage },
    subject: occasion.subject,
    ...(occasion.encounter && { encounter: occasion.encounter }),
    effectiveDateTime: date,
    ...(performer && { performer: [performer] }),
    ...(checkup.results.length > 0 && { result: checkup.results.map(({ fullUrl = '' }) => ({ reference: fullUrl })) }),
    ...(conclusion && { conclusion }),
    ...(judgement && { conclusionCode: [conceptFor(judgements, judgement)] }),
  };
  return [...checkup.entries, replaceEntry(report)];
}

/** The keys of a row in a ledger, or what else tells it apart where it has none. */
export function rowKey(row: JsonObject, kind: string, otherwise: readonly string[]): string[] {
  const key = textOf(row.historyKey);
  return key ? [kind, textOf(row.municipalityCode), key] : [kind, ...otherwise];
}

/** The institution of a row; undefined when it names none. */
export function organizationOf(row: JsonObject): Reference<Organization> | undefined {
  return institutionReference(textOf(row.institutionName), textOf(row.institutionCode));
}
