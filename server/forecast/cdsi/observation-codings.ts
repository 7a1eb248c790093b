// Which codes of other systems stand for an observation of a CDSi schedule: read from the `codedValues` of the schedule itself.
// Many rows describe a situation by several codes together (a qualifier "exposure to" and an organism); those are left to people.
import { type Duration, parseDuration } from '../duration.ts';
import type { AntigenFile, ObservationRow, ScheduleFile } from './source.ts';

export type CodedObservation = {
  code: string;
  title: string;
  /** An allergy or a bad reaction; anything else is a condition, a product or a procedure. */
  isReaction: boolean;
  /** Holds for ever once it was so. */
  lasts: boolean;
  /** Holds so long after the last time ("in the previous 3 months"). */
  recent?: Duration;
  /** Told by an Observation with this code, whose value is the day it is about. */
  isAsked: boolean;
  /** The observation that only carries the date of this one ("Date of hematopoietic stem cell transplant"). */
  dateCode?: string;
};

/** FHIR `system|code` -> the observations it stands for. */
export type ObservationCodings = ReadonlyMap<string, readonly CodedObservation[]>;

/** `antigens` tell which observations are immunity, which stays when the disease is over. */
export function observationCodings(schedule: ScheduleFile, antigens: readonly AntigenFile[]): ObservationCodings {
  const vaccines = new Set(schedule.cvxToAntigens.map(({ cvx }) => cvx));
  const immunity = new Set(
    antigens.flatMap(({ immunity: one }) => (one?.clinicalHistory ?? []).map(({ observationCode }) => observationCode)),
  );
  const texts = textsByCode(schedule.observations);
  const codings = new Map<string, CodedObservation[]>();
  for (const row of schedule.observations) {
    if (isSeveralTogether(row)) continue;
    const described = describe(row, immunity, schedule.observations);
    const isAsked = (row.codedValues ?? []).every(({ text = '' }) => OBSERVABLE.test(text));
    for (const { system, code, text = '' } of row.codedValues ?? []) {
      const uri = SYSTEMS[system];
      if (uri === undefined || (PART.test(text) && !isAsked)) continue;
      // One code with several meanings is a placeholder, or needs a second one to be understood.
      if ((texts.get(`${system}|${code}`)?.size ?? 0) > 1 || (system === 'CDCPHINVS' && isShared(schedule, code)))
        continue;
      // A vaccine names the reaction to it; a product that is no vaccine was given.
      if (system === 'CVX' && vaccines.has(code) !== described.isReaction) continue;
      const known = codings.get(`${uri}|${code}`) ?? [];
      known.push({ ...described, isAsked });
      codings.set(`${uri}|${code}`, known);
    }
  }
  return codings;
}

function describe(
  { code, title, contraindicationText = '' }: ObservationRow,
  immunity: ReadonlySet<string>,
  rows: readonly ObservationRow[],
): Omit<CodedObservation, 'isAsked'> {
  const isReaction = /allerg|hypersensitiv|reaction/i.test(title);
  const recent = recentOf(contraindicationText) ?? recentOf(title);
  const dateRow = rows.find((one) => {
    const event = /^Date of (.+)$/i.exec(one.title)?.[1];
    return event !== undefined && title.toLowerCase().endsWith(event.toLowerCase());
  });
  return {
    code,
    title,
    isReaction,
    lasts: recent === undefined && (immunity.has(code) || isReaction || PAST.test(title)),
    ...(recent === undefined ? {} : { recent }),
    ...(dateRow === undefined || dateRow.code === code ? {} : { dateCode: dateRow.code }),
  };
}

/** "in the previous 3 months", "within the previous 48 hours"; hours count as whole days. */
function recentOf(text: string): Duration | undefined {
  const match = /\bprevious (\d+) (hour|day|week|month|year)s?\b/i.exec(text);
  if (match === null) return undefined;
  const [, count, unit = ''] = match;
  if (unit.toLowerCase() !== 'hour') return parseDuration(`${count} ${unit.toLowerCase()}s`);
  return parseDuration(`${Math.ceil(Number(count) / 24)} days`);
}

const SYSTEMS: Readonly<Record<string, string>> = {
  SNOMED: 'http://snomed.info/sct',
  CVX: 'http://hl7.org/fhir/sid/cvx',
  // PHIN VS, CDC's local coding system.
  CDCPHINVS: 'urn:oid:2.16.840.1.114222.4.5.274',
  ICD10: 'http://hl7.org/fhir/sid/icd-10-cm',
  ICD10CM: 'http://hl7.org/fhir/sid/icd-10-cm',
  LOINC: 'http://loinc.org',
};

/** Titles of what a person has for ever once it happened. */
const PAST =
  /history|recipient|transplant|intussusception|receipt|implant|asplenia|previous dose|previous .* infection/i;

/** A part of a description that means nothing by itself. */
const PART = /\[(qualifier value|organism|environment|observable entity|physical object)\]\s*$/i;

const OBSERVABLE = /\[observable entity\]\s*$/i;

/** Several codes are meant together where one of them is a qualifier, a place or an organism, or where the title says so. */
function isSeveralTogether({ title, codedValues = [] }: ObservationRow): boolean {
  const texts = codedValues.map(({ text = '' }) => text);
  if (texts.some((text) => /\[(qualifier value|organism|environment)\]\s*$/i.test(text))) return true;
  // A sex partner or a household contact of an infected person does not have the infection; the infection before treatment.
  return /\b(partner|contact)\b| who do not have | before establishment |not severely/i.test(title);
}

function textsByCode(rows: readonly ObservationRow[]): Map<string, Set<string>> {
  const texts = new Map<string, Set<string>>();
  for (const { codedValues = [] } of rows) {
    for (const { system, code, text = '' } of codedValues) {
      const key = `${system}|${code}`;
      if (system === 'CVX') continue;
      // "[Disorder]" and "[disorder]", "Overweight" and "overweight" are the same words.
      texts.set(key, (texts.get(key) ?? new Set()).add(text.replace(/\[.*$/, '').trim().toLowerCase()));
    }
  }
  return texts;
}

function isShared({ observations }: ScheduleFile, code: string): boolean {
  return observations.filter(({ codedValues = [] }) => codedValues.some((one) => one.code === code)).length > 1;
}
