// The planner's input for one person, from the resources of a record: doses, facts, and what was left out and why.
import type {
  AllergyIntolerance,
  Condition,
  FamilyMemberHistory,
  Flag,
  Immunization,
  MedicationAdministration,
  MedicationStatement,
  Observation,
  Patient,
  Procedure,
  RelatedPerson,
} from '@medplum/fhirtypes';
import { observedCodings, planningFacts } from '../../../profiles/planning-fact.ts';
import type { ObservationCodings } from '../cdsi/observation-codings.ts';
import { type Day, parseDay, parseDayRange } from '../days.ts';
import type { ForecastInput, Warning } from '../types.ts';
import { japanDate } from './calendar-date.ts';
import { cdsiFactsOf } from './cdsi-facts.ts';
import { notLookedAt as unread } from './fact-warnings.ts';
import { CVX_SYSTEM, cvxOf, givenDoses, type ProductReader, type RecordedDose, vaccineCodeOf } from './given-doses.ts';
import { factsOf } from './planning-facts.ts';
import { isMother, readAllergy, readCondition, readFamilyHistory, readFlag, sourceOf } from './read-condition.ts';
import { readAdministration, readMedicationStatement, readProcedure } from './read-event.ts';
import { readObservation } from './read-observation.ts';
import { alikeDoses } from './same-dose.ts';
import type { Statement } from './statement.ts';

/** What a record holds besides the Patient. */
export type PlanningResource =
  | AllergyIntolerance
  | Condition
  | FamilyMemberHistory
  | Flag
  | MedicationAdministration
  | MedicationStatement
  | Observation
  | Procedure
  | RelatedPerson;

export type PlanningRecord = {
  patient: Patient;
  immunizations: readonly Immunization[];
  /** Everything else that may tell something. */
  facts?: readonly PlanningResource[];
  /** The same of the mother, from her own record. */
  mother?: readonly PlanningResource[];
  /** Types that the caller may not read, and which may therefore hold what this plan does not know. */
  notLookedAt?: readonly string[];
};

export type PlanningInput = { input: ForecastInput; warnings: Warning[] };

/** What is looked for in a stored record besides Patient and Immunization. */
export const WANTED_FACTS = {
  types: [
    'AllergyIntolerance',
    'Condition',
    'FamilyMemberHistory',
    'Flag',
    'MedicationAdministration',
    'MedicationStatement',
    'Observation',
    'Procedure',
    'RelatedPerson',
  ],
  observed: observedCodings,
} as const;

/**
 * Doses and facts in the words of a schedule: ours for the Japanese one; CVX and CDSi observation codes for a CDSi schedule,
 * whose `codings` say how records name them. The caller has checked that `assessmentDate` and the birth date are dates.
 */
export function planningInput(
  record: PlanningRecord,
  assessmentDate: string,
  codings?: ObservationCodings,
): PlanningInput {
  const { patient, immunizations, facts = [], mother = [], notLookedAt = [] } = record;
  const asOf = parseDay(assessmentDate) ?? 0;
  const given = givenDoses(immunizations, codings === undefined ? JAPANESE : byCvx(codings));
  const statements = [...statementsOf(facts), ...ofMother(mother), ...given.products];
  const found =
    codings === undefined ? factsOf(statements, asOf, thirdHepB(given.doses)) : cdsiFactsOf(statements, codings, asOf);
  const country = birthCountryOf(patient);
  return {
    input: {
      birthDate: patient.birthDate ?? '',
      assessmentDate,
      sex: patient.gender ?? 'unknown',
      ...(isDeceased(patient, asOf) ? { isDeceased: true } : {}),
      ...(country === undefined ? {} : { birthCountry: country }),
      doses: given.doses,
      ...(found.observations.length === 0 ? {} : { observations: found.observations }),
    },
    warnings: [...given.warnings, ...alikeDoses(given.doses), ...found.warnings, ...unread(notLookedAt)],
  };
}

/** A death without its day counts from always; of a vague date, from the first day it can mean. */
function isDeceased({ deceasedBoolean, deceasedDateTime }: Patient, asOf: Day): boolean {
  if (deceasedDateTime === undefined) return deceasedBoolean === true;
  const range = parseDayRange(japanDate(deceasedDateTime) ?? '');
  return range === undefined || range.first <= asOf;
}

const JAPANESE: ProductReader = {
  vaccineOf: vaccineCodeOf,
  isFact: ({ codings, names }) => planningFacts(codings, names).length > 0,
};

/** Immunoglobulins have CVX codes as well; a schedule knows them as observations. */
function byCvx(codings: ObservationCodings): ProductReader {
  const isGiven = (cvx: string) => codings.get(`${CVX_SYSTEM}|${cvx}`)?.some(({ isReaction }) => !isReaction) === true;
  return {
    vaccineOf: (concept) => {
      const cvx = cvxOf(concept);
      return cvx === undefined || isGiven(cvx) ? undefined : cvx;
    },
    isFact: ({ codings: own }) => own.some(({ system, code }) => system === CVX_SYSTEM && isGiven(code ?? '')),
  };
}

const BIRTH_PLACE = 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace';

function birthCountryOf({ extension = [] }: Patient): string | undefined {
  return extension.find(({ url }) => url === BIRTH_PLACE)?.valueAddress?.country;
}

/** What each resource says. */
export function statementsOf(resources: readonly PlanningResource[]): Statement[] {
  const mother = new Set(
    resources.flatMap((one) =>
      one.resourceType === 'RelatedPerson' && one.relationship?.some(isMother) ? [sourceOf(one)] : [],
    ),
  );
  return resources.flatMap((one) => read(one, mother));
}

function read(resource: PlanningResource, mother: ReadonlySet<string>): Statement[] {
  switch (resource.resourceType) {
    case 'AllergyIntolerance':
      return readAllergy(resource);
    case 'Condition':
      return readCondition(resource);
    case 'FamilyMemberHistory':
      return readFamilyHistory(resource);
    case 'Flag':
      return readFlag(resource);
    case 'MedicationAdministration':
      return readAdministration(resource);
    case 'MedicationStatement':
      return readMedicationStatement(resource);
    case 'Observation':
      return readObservation(resource, mother);
    case 'Procedure':
      return readProcedure(resource);
    case 'RelatedPerson':
      return [];
  }
}

function ofMother(resources: readonly PlanningResource[]): Statement[] {
  return statementsOf(resources).flatMap((one) => (one.of === 'self' ? [{ ...one, of: 'mother' as const }] : []));
}

function thirdHepB(doses: readonly RecordedDose[]): Day | undefined {
  const days = doses.flatMap(({ vaccine, date }) => (vaccine === 'HepB' ? [parseDay(date) ?? Number.NaN] : []));
  const known = days.filter((day) => !Number.isNaN(day)).sort((a, b) => a - b);
  return known[2];
}
