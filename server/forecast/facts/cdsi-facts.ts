// From statements of a record to the observations of a CDSi schedule, by the codes the schedule itself gives for them. What a
// Japanese record says in other codes is translated by way of SNOMED CT.
import { planningFacts, snomedCodesOf } from '../../../profiles/planning-fact.ts';
import { CANONICAL } from '../../fhir/canonical.ts';
import type { CodedObservation, ObservationCodings } from '../cdsi/observation-codings.ts';
import { type Day, formatDay, parseDayRange } from '../days.ts';
import { addDuration } from '../duration.ts';
import type { Observation } from '../types.ts';
import { undated, unsure } from './fact-warnings.ts';
import { type DueDate, lastDay, onsetOf, presentDueDate } from './measured.ts';
import type { FoundFacts } from './measured-facts.ts';
import type { Statement } from './statement.ts';

/** Observations of a schedule named by their own code. */
export const CDSI_OBSERVATION_SYSTEM = `${CANONICAL}/CodeSystem/cdsi-observation`;

/** Medicines and treatments without a stated time act on for months. */
const STILL_ACTING_DAYS = 180;
const PREGNANT = ['77386006'];
const ONSET_OF_PREGNANCY = ['248986005'];

/** The observations of a person on `asOf`. What is about the mother or the family is none of these. */
export function cdsiFactsOf(statements: readonly Statement[], codings: ObservationCodings, asOf: Day): FoundFacts {
  const found: FoundFacts = { observations: [], warnings: [] };
  const dueDates: DueDate[] = [];
  for (const statement of statements) {
    if (statement.of !== 'self' || isLater(statement, asOf)) continue;
    for (const { system, code = '' } of statement.codings)
      if (system === CDSI_OBSERVATION_SYSTEM) add(found, statement, code);
    for (const { fact } of planningFacts(statement.codings, statement.names)) {
      if (fact.code === 'pregnancy-edd' || fact.code === 'last-menstrual-period' || fact.code === 'gestational-age')
        dueDates.push({ kind: fact.code, statement });
    }
    for (const one of observationsOf(statement, codings)) addCoded(found, statement, one, asOf);
  }
  const edd = presentDueDate(dueDates, asOf);
  if (edd !== undefined) {
    for (const { code } of snomed(PREGNANT, codings)) found.observations.push({ code });
    for (const { code } of snomed(ONSET_OF_PREGNANCY, codings)) found.observations.push({ code, date: onsetOf(edd) });
  }
  return found;
}

function isLater({ date }: Statement, asOf: Day): boolean {
  return date !== undefined && (parseDayRange(date)?.first ?? asOf) > asOf;
}

/** By the statement's own codes, and by the SNOMED CT codes of what it is known to mean. */
function observationsOf({ codings: stated, names }: Statement, codings: ObservationCodings): CodedObservation[] {
  const keys = new Set(stated.map(({ system = '', code = '' }) => `${SAME_SYSTEM[system] ?? system}|${code}`));
  for (const { fact, isLoose } of planningFacts(stated, names)) {
    if (isLoose || fact.lasts === 'measured') continue;
    for (const code of snomedCodesOf(fact.code)) keys.add(`${SNOMED}|${code}`);
  }
  const found = [...keys].flatMap((key) => codings.get(key) ?? []);
  return [...new Map(found.map((one) => [one.code, one])).values()];
}

const SNOMED = 'http://snomed.info/sct';
const SAME_SYSTEM: Readonly<Record<string, string>> = {
  'http://hl7.org/fhir/sid/icd-10': 'http://hl7.org/fhir/sid/icd-10-cm',
};

function snomed(codes: readonly string[], codings: ObservationCodings): readonly CodedObservation[] {
  return codes.flatMap((code) => codings.get(`${SNOMED}|${code}`) ?? []);
}

function addCoded(found: FoundFacts, statement: Statement, observation: CodedObservation, asOf: Day): void {
  const { code, title, dateCode } = observation;
  if (!says(statement, observation)) return;
  const words = { code, ja: title, en: title, lasts: 'always' } as const;
  if (!statement.isCertain || (statement.kind === 'allergy' && !statement.isSevere && /severe/i.test(title))) {
    found.warnings.push(unsure(statement, words));
    return;
  }
  const held = holds(statement, observation, asOf);
  if (held === undefined) found.warnings.push(undated(statement, words));
  if (held !== true) return;
  add(found, statement, code);
  if (dateCode !== undefined) add(found, statement, dateCode);
}

/** An allergy to a medicine is not the taking of it, and what is asked for by a test is told by the test. */
function says({ kind, result }: Statement, { isReaction, isAsked }: CodedObservation): boolean {
  if (isAsked) return kind === 'observation' && result?.isPositive !== false;
  if (kind === 'allergy') return isReaction;
  if (kind === 'medication' || kind === 'procedure') return !isReaction;
  return result?.isPositive !== false;
}

/** Whether it is so on `asOf`; undefined where that hangs on a day that the record does not give. */
function holds(statement: Statement, { lasts, recent, isAsked }: CodedObservation, asOf: Day): boolean | undefined {
  if (lasts || isAsked) return true;
  const day = lastDay(statement.end ?? statement.date);
  if (recent !== undefined) return day === undefined ? undefined : addDuration(day, recent) > asOf;
  if (statement.isActive) return true;
  if (statement.kind !== 'medication' && statement.kind !== 'procedure') return false;
  return day !== undefined && day + STILL_ACTING_DAYS >= asOf;
}

function add(found: FoundFacts, { result, end, date }: Statement, code: string): void {
  const day = lastDay(result?.date ?? end ?? date);
  const observation: Observation = { code, ...(day === undefined ? {} : { date: formatDay(day) }) };
  if (!found.observations.some((one) => one.code === code && one.date === observation.date))
    found.observations.push(observation);
}
