// The planner: (person, history, observations, day, schedule) -> (evaluations, recommendations, warnings). Pure, without
// clock or I/O; the same input gives the same bytes. Phases as in CDSi chapter 4.
import { afterDeath } from './after-death.ts';
import { assumptionsOf } from './assumed.ts';
import type { CdsiSchedule } from './cdsi/compiled.ts';
import { forecastCdsi } from './cdsi/forecast-cdsi.ts';
import { type Day, parseDay } from './days.ts';
import { ForecastInputError } from './forecast-input-error.ts';
import type { Schedule } from './law/compiled.ts';
import { forecastByLaw } from './law/forecast-by-law.ts';
import type { ForecastInput, ForecastResult } from './types.ts';

export type ForecastOptions = {
  /** `YYYY-MM-DD`: answer with the rules as they were known on this day, to explain an old decision. */
  rulesOf?: string;
};

/**
 * Evaluates every dose and forecasts every series of the schedule. Throws `ForecastInputError` for a birth date,
 * assessment date or day of the rules that is no full date; everything else becomes part of the answer.
 */
export function forecast(
  input: ForecastInput,
  schedule: Schedule | CdsiSchedule,
  options: ForecastOptions = {},
): ForecastResult {
  const version = versionOf(schedule, options);
  const result = 'kind' in version ? forecastCdsi(input, version) : forecastByLaw(input, version);
  result.assumed = assumptionsOf(input, result);
  return input.isDeceased === true ? afterDeath(result) : result;
}

/** The schedule by whose rules the answer is asked. Throws `ForecastInputError` where `rulesOf` names none. */
export function versionOf<Any extends Schedule | CdsiSchedule>(
  schedule: Any,
  { rulesOf }: ForecastOptions,
): Any | Schedule {
  if (rulesOf === undefined) return schedule;
  if ('kind' in schedule)
    throw new ForecastInputError('rulesOf', rulesOf, 'is asked of a schedule that has one version only');
  return schedule.knownOn(rulesDay(rulesOf));
}

function rulesDay(text: string): Day {
  const day = parseDay(text);
  if (day === undefined) throw new ForecastInputError('rulesOf', text);
  return day;
}
