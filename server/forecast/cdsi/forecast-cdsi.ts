// The planner for CDSi schedules: (person, history, observations, day, schedule) -> the same answer as any other schedule
// gives. Pure, without clock or I/O. CDSi logic specification 4.6, chapter 4.
import type { ForecastInput, ForecastResult, Warning } from '../types.ts';
import type { CdsiSchedule } from './compiled.ts';
import { evaluateAntigen } from './evaluate-antigen.ts';
import { judgeDoses, judgeForGroups } from './judge-doses.ts';
import { onFirstPossibleDays, organisePatient, type Patient } from './patient.ts';
import { recommendGroups } from './recommend-groups.ts';
import { type Chosen, selectSeries } from './select-series.ts';
import { doubtfulGroups, type Judgements, markUndetermined } from './vague-dates.ts';

/** Version of this engine, written into every answer. */
const ENGINE_VERSION = 'cdsi-0.1.0';

/**
 * Evaluates every dose for every antigen it contains and forecasts every vaccine group. `vaccine` of a dose is a CVX code,
 * observation codes are CDSi's. Throws `ForecastInputError` for a birth or assessment date that is no full date;
 * everything else becomes part of the answer.
 */
export function forecastCdsi(input: ForecastInput, schedule: CdsiSchedule): ForecastResult {
  const warnings: Warning[] = [];
  const patient = organisePatient(input, schedule, warnings);
  const chosen = chooseAll(patient, schedule);
  const judgements = judge(patient, schedule, chosen);
  if (patient.hasVagueDates) {
    const onFirst = onFirstPossibleDays(patient, schedule);
    markUndetermined(judgements, judge(onFirst, schedule, chooseAll(onFirst, schedule)));
  }
  return {
    schedule: { id: schedule.id, version: schedule.version },
    engine: ENGINE_VERSION,
    assessmentDate: input.assessmentDate,
    ...judgements,
    recommendations: recommendGroups(patient, schedule, chosen, doubtfulGroups(judgements.groupEvaluations)),
    warnings,
  };
}

function chooseAll(patient: Patient, schedule: CdsiSchedule): Chosen[] {
  return schedule.antigens.map((antigen) => selectSeries(antigen, evaluateAntigen(patient, antigen)));
}

function judge(patient: Patient, schedule: CdsiSchedule, chosen: readonly Chosen[]): Judgements {
  return {
    evaluations: judgeDoses(patient, schedule, chosen),
    groupEvaluations: judgeForGroups(patient, schedule, chosen),
  };
}
