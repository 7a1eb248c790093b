// What was asked of the planner and its answer as the ImmDS `Parameters`; the record is read in forecast/facts.
// HL7 ImmDS 1.0.0 (http://hl7.org/fhir/us/immds), OperationDefinition ImmDSForecastOperation; R4 resources.
import { badRequest, invalid } from '../fhir/outcome.ts';
import type { CdsiSchedule } from '../forecast/cdsi/compiled.ts';
import type { ObservationCodings } from '../forecast/cdsi/observation-codings.ts';
import { parseDay } from '../forecast/days.ts';
import { type PlanningRecord, planningInput } from '../forecast/facts/planning-input.ts';
import { forecast } from '../forecast/forecast.ts';
import { forecastWithChange } from '../forecast/forecast-with-change.ts';
import type { Schedule } from '../forecast/law/compiled.ts';
import { japaneseSchedule } from '../forecast/schedules/jp/index.ts';
import type { ForecastInput, Warning } from '../forecast/types.ts';
import type { Decision } from '../reconciliation/types.ts';
import { countedOnce } from '../reconciliation/vaccinations/counted-once.ts';
import { cdsiAnswer } from './cdsi-answer.ts';
import { answerBytes } from './immds-answer.ts';

export type ForecastRequest = PlanningRecord & {
  /** `YYYY-MM-DD`. */
  assessmentDate: string;
  /** `YYYY-MM-DD`: the day whose rules are to be used. */
  rulesOf?: string;
  /** What persons have said of the records; nothing where these were sent along. */
  decisions?: readonly Decision[];
};

/**
 * The ImmDS answer for a patient, as JSON: `evaluation` 0..*, `recommendation` 1..1. Throws `OperationOutcomeError`: 422 when the
 * patient has no full birth date, 400 for an assessment date or a day of the rules that is none. A dose or a fact that cannot
 * be used becomes a warning inside the recommendation.
 */
export function forecastAnswer(
  request: ForecastRequest,
  schedule: Schedule | CdsiSchedule = japaneseSchedule(),
): Buffer {
  const { rulesOf } = request;
  if (rulesOf !== undefined && parseDay(rulesOf) === undefined) throw noDay('rulesOf', rulesOf);
  const warnings: Warning[] = [];
  if ('kind' in schedule) {
    if (rulesOf !== undefined)
      throw badRequest(`"rulesOf" is for the Japanese schedule; "${schedule.id}" has one version`, 'not-supported');
    const found = forecast(forecastInput(request, warnings, schedule.codings), schedule);
    found.warnings.unshift(...warnings);
    return Buffer.from(JSON.stringify(cdsiAnswer(request, found, schedule)));
  }
  const options = rulesOf === undefined ? {} : { rulesOf };
  const result = forecastWithChange(forecastInput(request, warnings), schedule, options);
  result.warnings.unshift(...warnings);
  return answerBytes(request, result, schedule);
}

/**
 * The planner's input. What could not be used goes to `warnings`; `codings` are those of a CDSi schedule. Throws like
 * `forecastAnswer`.
 */
export function forecastInput(
  request: ForecastRequest,
  warnings: Warning[],
  codings?: ObservationCodings,
): ForecastInput {
  const { patient, assessmentDate } = request;
  if (parseDay(assessmentDate) === undefined) throw noDay('assessmentDate', assessmentDate);
  if (assessmentDate > LAST_DAY) throw tooLate('assessmentDate', assessmentDate);
  if (patient.birthDate === undefined || parseDay(patient.birthDate) === undefined)
    throw noBirthDate(patient.birthDate);
  if (patient.birthDate > LAST_DAY) throw tooLate('Patient.birthDate', patient.birthDate);
  // What several sources tell of one dose counts once.
  const immunizations = countedOnce(request.immunizations, request.decisions ?? []);
  const found = planningInput({ ...request, immunizations }, assessmentDate, codings);
  warnings.push(...found.warnings);
  return found.input;
}

/** A plan reaches a life ahead, and FHIR has no date after the year 9999. */
const LAST_DAY = '9799-12-31';

function tooLate(name: string, value: string) {
  return badRequest(`${name}: ${value} is too far ahead; the last day to plan from is ${LAST_DAY}`, 'value', [name]);
}

function noDay(name: string, value: string) {
  return badRequest(`${name}: "${value}" is not a calendar date (YYYY-MM-DD)`, 'value', [name]);
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
