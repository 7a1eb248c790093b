// The answers of the vaccine groups in the words that every schedule's answer has. CDSi 4.6, chapter 9.
import { formatDay } from '../days.ts';
import { certaintyOf } from '../explain.ts';
import type { Because, Recommendation } from '../types.ts';
import { blendGroup, type GroupForecast } from './blend-groups.ts';
import type { CdsiSchedule } from './compiled.ts';
import { indicationOf } from './evaluate-antigen.ts';
import { guidanceOf, recommendedProducts, type SeriesForecast } from './forecast-series.ts';
import type { Patient } from './patient.ts';
import type { Chosen } from './select-series.ts';
import { ground } from './series-state.ts';

/**
 * The recommendations of every vaccine group that has a series for this person: one standard, and beside it one for a
 * risk. `doubtful` are the groups with a dose that could not be judged.
 */
export function recommendGroups(
  patient: Patient,
  schedule: CdsiSchedule,
  chosen: readonly Chosen[],
  doubtful: ReadonlySet<string>,
): Recommendation[] {
  const recommendations: Recommendation[] = [];
  for (const group of schedule.vaccineGroups) {
    const best = group.antigens.flatMap((antigen) => chosen[antigen]?.best ?? []);
    const validDoseCount = countValid(best);
    for (const answer of blendGroup(group, best, patient, schedule))
      recommendations.push(recommendationOf(answer, patient, schedule, validDoseCount, doubtful.has(group.name)));
  }
  return recommendations;
}

function recommendationOf(
  answer: GroupForecast,
  patient: Patient,
  schedule: CdsiSchedule,
  validDoseCount: number,
  isDoubtful: boolean,
): Recommendation {
  const { dates, series, group } = answer;
  const because = [...answer.because];
  const antigens: string[] = [];
  const products = new Set<string>();
  const guidance = new Set<string>();
  for (const one of series) {
    addGroundsOfChoice(one, because);
    for (const text of guidanceOf(one)) guidance.add(text);
    if (one.due === undefined) continue;
    antigens.push(schedule.antigens[one.state.series.antigen]?.name ?? '');
    for (const { cvx } of recommendedProducts(one)) products.add(cvx);
  }
  const recommendation: Recommendation = {
    series: group.name,
    status: answer.status,
    isOverdue: dates?.pastDue !== undefined && dates.pastDue < patient.asOf,
    followUps: [],
    because,
    needsClinician: isDoubtful || answer.status === 'contraindicated' || certaintyOf(because) === 'U',
    antigens,
    seriesType: answer.side,
    products: [...products],
    guidance: [...guidance],
    validDoseCount,
  };
  const [main] = series;
  if (main !== undefined) recommendation.seriesName = main.state.series.name;
  const reason = series.find(({ status }) => status === answer.status)?.reason;
  if (reason !== undefined) recommendation.reason = reason;
  if (answer.doseNumber !== undefined) recommendation.doseNumber = answer.doseNumber;
  if (dates !== undefined) addDates(recommendation, dates);
  return recommendation;
}

function addDates(recommendation: Recommendation, dates: NonNullable<GroupForecast['dates']>): void {
  recommendation.earliest = formatDay(dates.earliest);
  recommendation.recommended = formatDay(dates.recommended);
  if (dates.pastDue !== undefined) recommendation.standardEnd = formatDay(dates.pastDue);
  if (dates.latest !== undefined) recommendation.latest = formatDay(dates.latest);
}

/** Which series answers, what made it relevant, and the products it must do without. */
function addGroundsOfChoice({ state, due, exclusions }: SeriesForecast, because: Because[]): void {
  const { series } = state;
  because.push(ground('series', 'path', series.place));
  if (exclusions.products.size > 0) {
    const excluded = (due?.dose.preferable ?? []).flatMap(({ product }) => exclusions.products.get(product) ?? []);
    because.push(...new Set(excluded));
  }
  const indication = series.type === 'risk' ? indicationOf(state.patient, series) : undefined;
  if (indication !== undefined) because.push(ground('risk', 'path', indication.place));
}

/** Doses valid in any of the best series. */
function countValid(best: readonly SeriesForecast[]): number {
  const ids = new Set<number>();
  for (const { state } of best)
    for (const { record, status } of state.verdicts) if (status === 'valid') ids.add(record.place);
  return ids.size;
}
