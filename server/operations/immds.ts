// FHIR in and out of the planner: Patient and Immunizations to its input, its answer to the ImmDS `Parameters`.
// HL7 ImmDS 1.0.0 (http://hl7.org/fhir/us/immds), OperationDefinition ImmDSForecastOperation; R4 resources.
import type { CodeableConcept, Immunization, Patient } from '@medplum/fhirtypes';
import { codedVaccine, namedVaccine } from '../../profiles/vaccine.ts';
import { badRequest, invalid } from '../fhir/outcome.ts';
import { formatDay, parseDay, parseDayRange } from '../forecast/days.ts';
import { forecastWithChange } from '../forecast/forecast-with-change.ts';
import { japaneseSchedule } from '../forecast/schedules/jp/index.ts';
import type { ForecastInput, GivenDose, Observation, Sex, Warning } from '../forecast/types.ts';
import { answerBytes } from './immds-answer.ts';

export type ForecastRequest = {
  patient: Patient;
  immunizations: readonly Immunization[];
  /** `YYYY-MM-DD`. */
  assessmentDate: string;
  /** Facts the schedule asks about, in the planner's codes; none are read from FHIR yet. */
  observations?: readonly Observation[];
};

/**
 * The ImmDS answer for a patient, as JSON: `evaluation` 0..*, `recommendation` 1..1. Throws `OperationOutcomeError`: 422 when the
 * patient has no full birth date, 400 for an assessment date that is none. A dose that cannot be used becomes a warning
 * inside the recommendation.
 */
export function forecastAnswer(request: ForecastRequest): Buffer {
  const warnings: Warning[] = [];
  const input = forecastInput(request, warnings);
  const schedule = japaneseSchedule();
  const result = forecastWithChange(input, schedule);
  result.warnings.unshift(...warnings);
  return answerBytes(request, result, schedule);
}

/** The planner's input. Doses not done or entered in error are no history; unusable ones go to `warnings`. */
export function forecastInput(request: ForecastRequest, warnings: Warning[]): ForecastInput {
  const { patient, immunizations, assessmentDate } = request;
  if (parseDay(assessmentDate) === undefined)
    throw badRequest(`assessmentDate: "${assessmentDate}" is not a calendar date (YYYY-MM-DD)`, 'value', [
      'assessmentDate',
    ]);
  const birthDate = patient.birthDate;
  const range = birthDate === undefined ? undefined : parseDayRange(birthDate);
  if (birthDate === undefined || range === undefined || range.first !== range.last) throw noBirthDate(birthDate);
  const doses: GivenDose[] = [];
  for (const [index, immunization] of immunizations.entries()) {
    if (immunization.status !== 'completed') continue;
    const dose = givenDose(immunization, doseId(immunization, index), warnings);
    if (dose !== undefined) doses.push(dose);
  }
  return {
    birthDate,
    assessmentDate,
    sex: sexOf(patient.gender),
    doses,
    ...(request.observations === undefined ? {} : { observations: request.observations }),
  };
}

/** The name a dose has in the answer: the resource's id, else its place in the list. */
export function doseId(immunization: Immunization, index: number): string {
  return immunization.id ?? `immunization-${index + 1}`;
}

/**
 * Day, month or year of a FHIR dateTime as people in Japan count it: an instant with an offset is moved to Japan's
 * time (UTC+9, no daylight saving). Undefined when it is no dateTime.
 */
export function japanDate(dateTime: string): string | undefined {
  const match = /^(\d{4}(?:-\d\d(?:-\d\d)?)?)(?:T(\d\d):(\d\d)\S*?(Z|[+-]\d\d:\d\d)?)?$/.exec(dateTime);
  const date = match?.[1];
  const range = date === undefined ? undefined : parseDayRange(date);
  if (match === null || date === undefined || range === undefined) return undefined;
  const zone = match[4];
  if (zone === undefined || date.length < 10) return date;
  const minutes = Number(match[2]) * 60 + Number(match[3]) - offsetMinutes(zone) + 9 * 60;
  return formatDay(range.first + Math.floor(minutes / (24 * 60)));
}

/** The code of VACCINE_SYSTEM a concept means, undefined when it means none we know. A foreign code is no name. */
export function vaccineCodeOf(concept: CodeableConcept | undefined): string | undefined {
  const codings = concept?.coding ?? [];
  const coded = codedVaccine(codings);
  if (coded) return coded.code;
  for (const name of [concept?.text, ...codings.map(({ display }) => display)]) {
    const named = name ? namedVaccine(name) : undefined;
    if (named) return named.code;
  }
  return undefined;
}

function givenDose(immunization: Immunization, id: string, warnings: Warning[]): GivenDose | undefined {
  const vaccine = vaccineCodeOf(immunization.vaccineCode);
  if (vaccine === undefined) {
    const name = immunization.vaccineCode?.text ?? immunization.vaccineCode?.coding?.[0]?.code ?? '';
    warnings.push({
      code: 'unknownVaccine',
      doseId: id,
      text: `接種記録のワクチン「${name}」が分からないため、計画に入れていません。 The vaccine "${name}" is not known; the dose was left out.`,
    });
    return undefined;
  }
  const occurrence = immunization.occurrenceDateTime ?? immunization.occurrenceString ?? '';
  const date = japanDate(occurrence);
  if (date === undefined) {
    warnings.push({
      code: 'invalidDate',
      doseId: id,
      text: `接種日「${occurrence}」が読めないため、計画に入れていません。 "${occurrence}" is not a date; the dose was left out.`,
    });
    return undefined;
  }
  const flaw = flawOf(immunization, date);
  return { id, date, vaccine, ...(flaw === undefined ? {} : { flaw }) };
}

/** A subpotent dose, or one given after the lot's expiry, is below standard (CDSi 6.1). */
function flawOf(immunization: Immunization, date: string): GivenDose['flaw'] {
  const expiry = immunization.expirationDate === undefined ? undefined : parseDayRange(immunization.expirationDate);
  const given = parseDayRange(date);
  if (expiry !== undefined && given !== undefined && given.first > expiry.last) return 'lotExpired';
  return immunization.isSubpotent === true ? 'doseCondition' : undefined;
}

function noBirthDate(value: string | undefined) {
  const why = value === undefined ? 'has no birthDate' : `has the birthDate "${value}", which is not a full date`;
  return invalid([
    {
      severity: 'error',
      code: 'required',
      diagnostics: `The patient ${why}; without it no vaccination plan can be made.`,
      text: {
        ja: '生年月日が分からないため、予防接種の計画を作れません。',
        en: 'No plan can be made without the birth date.',
      },
      expression: ['Patient.birthDate'],
    },
  ]);
}

function sexOf(gender: Patient['gender']): Sex {
  return gender ?? 'unknown';
}

function offsetMinutes(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return zone.startsWith('-') ? -minutes : minutes;
}
