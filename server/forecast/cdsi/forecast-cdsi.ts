// The planner for CDSi schedules: (person, history, observations, day, schedule) -> the same answer as any other schedule
// gives. Pure, without clock or I/O. CDSi logic specification 4.6, chapter 4.
import { formatDay } from '../days.ts';
import type { ForecastInput, ForecastResult, Recommendation, Warning } from '../types.ts';
import { blendGroup, type GroupForecast } from './blend-groups.ts';
import type { CdsiSchedule } from './compiled.ts';
import { evaluateAntigen } from './evaluate-antigen.ts';
import { guidanceOf, recommendedProducts, type SeriesForecast } from './forecast-series.ts';
import { judgeDoses, judgeForGroups } from './judge-doses.ts';
import { organisePatient, type Patient } from './patient.ts';
import { type Chosen, selectSeries } from './select-series.ts';

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
  const evaluations = judgeDoses(patient, schedule, chosen);
  const groupEvaluations = judgeForGroups(patient, schedule, chosen);
  return {
    schedule: { id: schedule.id, version: schedule.version },
    engine: ENGINE_VERSION,
    assessmentDate: input.assessmentDate,
    evaluations,
    groupEvaluations,
    recommendations: recommendationsOf(patient, schedule, chosen),
    warnings,
  };
}

function chooseAll(patient: Patient, schedule: CdsiSchedule): Chosen[] {
  return schedule.antigens.map((antigen) => selectSeries(antigen, evaluateAntigen(patient, antigen)));
}

function recommendationsOf(patient: Patient, schedule: CdsiSchedule, chosen: readonly Chosen[]): Recommendation[] {
  const recommendations: Recommendation[] = [];
  for (const group of schedule.vaccineGroups) {
    const best = group.antigens.flatMap((antigen) => chosen[antigen]?.best ?? []);
    const validDoseCount = countValid(best);
    for (const answer of blendGroup(group, best, patient, schedule))
      recommendations.push(recommendationOf(answer, patient, schedule, validDoseCount));
  }
  return recommendations;
}

function recommendationOf(
  answer: GroupForecast,
  patient: Patient,
  schedule: CdsiSchedule,
  validDoseCount: number,
): Recommendation {
  const { dates, series, group } = answer;
  const [main] = series;
  const open = series.filter(({ due }) => due !== undefined);
  const reason = series.find(({ status }) => status === answer.status)?.reason;
  return {
    series: group.name,
    status: answer.status,
    ...(reason === undefined ? {} : { reason }),
    ...(answer.doseNumber === undefined ? {} : { doseNumber: answer.doseNumber }),
    ...(dates === undefined ? {} : datesOf(dates)),
    isOverdue: dates?.pastDue !== undefined && dates.pastDue < patient.asOf,
    followUps: [],
    because: [...answer.because],
    needsClinician: false,
    antigens: open.map(({ state }) => schedule.antigens[state.series.antigen]?.name ?? ''),
    ...(main === undefined ? {} : { seriesName: main.state.series.name }),
    seriesType: answer.side,
    products: [...new Set(open.flatMap((one) => recommendedProducts(one).map(({ cvx }) => cvx)))],
    guidance: [...new Set(series.flatMap(guidanceOf))],
    validDoseCount,
  };
}

function datesOf({
  earliest,
  recommended,
  pastDue,
  latest,
}: NonNullable<GroupForecast['dates']>): Partial<Recommendation> {
  return {
    earliest: formatDay(earliest),
    recommended: formatDay(recommended),
    ...(pastDue === undefined ? {} : { standardEnd: formatDay(pastDue) }),
    ...(latest === undefined ? {} : { latest: formatDay(latest) }),
  };
}

/** Doses valid in any of the best series. */
function countValid(best: readonly SeriesForecast[]): number {
  const ids = new Set<number>();
  for (const { state } of best)
    for (const { record, status } of state.verdicts) if (status === 'valid') ids.add(record.place);
  return ids.size;
}
