// The vaccines that are due next, as an ImmunizationRecommendation, for what else is told of a child ($summary). Computed as $forecast
// computes it, by the Japanese schedule; what is complete or not for this person is left out.

import type { ImmunizationRecommendation } from '@medplum/fhirtypes';
import { type Access, mayReach, reachOf } from '../access/access.ts';
import type { JsonObject } from '../fhir/json.ts';
import { parseDay } from '../forecast/days.ts';
import { todayInJapan } from '../forecast/facts/calendar-date.ts';
import { forecast } from '../forecast/forecast.ts';
import { japaneseSchedule } from '../forecast/schedules/jp/index.ts';
import type { Warning } from '../forecast/types.ts';
import type { Fhir, FhirRequest } from '../interaction/request.ts';
import { storedHistory } from './forecast.ts';
import { forecastInput } from './immds.ts';
import { answerParameters, FORECAST_EXTENSION } from './immds-answer.ts';

/** Until this birthday the statutory programmes of childhood ask for something. */
const UNTIL_YEARS = 20;

/**
 * Of a stored Patient, as the caller may read it; undefined where nothing is due, for adults and the dead, without a full birth
 * date, and for a caller who may not read Patient and Immunization alike.
 */
export async function nextVaccines(
  fhir: Fhir,
  request: FhirRequest,
  patient: JsonObject,
): Promise<JsonObject | undefined> {
  const assessmentDate = todayInJapan(fhir.nowMs());
  const { id, birthDate } = patient;
  if (typeof id !== 'string' || !isReadable(request.access, id) || !isYoung(birthDate, assessmentDate))
    return undefined;
  const known = { ...(await storedHistory(fhir, request, id, 'forecast')), assessmentDate };
  const warnings: Warning[] = [];
  const schedule = japaneseSchedule();
  const result = forecast(forecastInput(known, warnings), schedule);
  result.warnings.unshift(...warnings);
  const due = { ...result, recommendations: result.recommendations.filter(({ status }) => status === 'notComplete') };
  if (due.recommendations.length === 0) return undefined;
  const { parameter = [] } = answerParameters(known, due, schedule);
  const made = parameter.find(({ name }) => name === 'recommendation')?.resource;
  return withoutReasons(made as ImmunizationRecommendation & JsonObject);
}

/** What is due and when; why that is so, at ten times the length, $forecast says. */
function withoutReasons({ meta: _meta, extension, recommendation, ...made }: ImmunizationRecommendation & JsonObject) {
  const schedule = extension?.filter(({ url }) => url === FORECAST_EXTENSION.schedule) ?? [];
  return {
    ...made,
    ...(schedule.length > 0 && { extension: schedule }),
    recommendation: recommendation.map(({ extension: _reasons, supportingImmunization: _doses, ...one }) => one),
  };
}

function isReadable(access: Access, id: string): boolean {
  const [patient, immunization] = ['Patient', 'Immunization'].map((type) => reachOf(access, 'read', type));
  return patient?.kind === immunization?.kind && [patient, immunization].every((one) => one && mayReach(one, id));
}

function isYoung(birthDate: unknown, today: string): boolean {
  if (typeof birthDate !== 'string' || parseDay(birthDate) === undefined || birthDate > today) return false;
  return Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4)) <= UNTIL_YEARS;
}
