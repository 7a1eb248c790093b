// Which doses a forecast asks for, and from when to when a plan may give each: the standard period as far as the calendar
// allows, earlier within the legal window where the calendar closes the standard period, later only where nothing else is left.

import { type Day, parseDay } from '../days.ts';
import type { Schedule, Series } from '../law/compiled.ts';
import type { ForecastResult, Recommendation } from '../types.ts';
import type { Calendar } from './calendar.ts';

/** A dose without a standard end is wanted soon: it waits at most four weeks for company. */
const WAIT_WITHOUT_STANDARD_DAYS = 28;

/** Classes of products that are no injections. */
const WITHOUT_NEEDLE = new Set(['live-oral', 'live-nasal']);

export type Due = {
  series: Series;
  vaccine: string;
  recommendation: Recommendation;
  isInjection: boolean;
  /** First legal day. */
  earliest: Day;
  recommended: Day;
  standardEnd: Day | undefined;
  latest: Day | undefined;
  /** From here it waits: its recommended day, or today when that is past. */
  ready: Day;
  /** First open day on which a plan gives it. */
  first: Day;
  /** Last open day on which it is still in time; `first` where that is too late already. */
  end: Day;
};

/** Why an open dose has no day. */
export type Unplaced = { series: string; recommendation: Recommendation };

/** Open doses with a day not before `floor`, and those that the calendar leaves none. `heldUntil`: not before this day. */
export function dueDoses(
  schedule: Schedule,
  result: ForecastResult,
  calendar: Calendar,
  floor: Day,
  heldUntil: ReadonlyMap<string, Day>,
): { due: Due[]; unplaced: Unplaced[] } {
  const due: Due[] = [];
  const unplaced: Unplaced[] = [];
  for (const recommendation of result.recommendations) {
    const from = Math.max(floor, heldUntil.get(recommendation.series) ?? floor);
    const one = openDose(schedule, result, recommendation, from);
    if (one === undefined) continue;
    const placed = placedIn(calendar, one, from);
    if (placed === undefined) unplaced.push({ series: one.series.key, recommendation });
    else due.push(placed);
  }
  // While the programme still has a day for a dose, nobody pays for it.
  return { due: due.filter(({ series }) => !due.some((other) => other.series.key === series.continues)), unplaced };
}

/** True of a vaccine that goes in by a needle. */
export function isInjected(schedule: Schedule, vaccine: string): boolean {
  return !WITHOUT_NEEDLE.has(schedule.classes.get(vaccine) ?? '');
}

/** The product a recommendation asks for: the preferred one, else the first of its path. */
export function productOf(series: Series, recommendation: Recommendation): string {
  if (recommendation.product !== undefined) return recommendation.product;
  const path = series.paths.find(({ id }) => id === recommendation.path);
  const [first = ''] = path?.products ?? series.products;
  return first;
}

type Open = Omit<Due, 'first' | 'end'>;

function openDose(
  schedule: Schedule,
  result: ForecastResult,
  recommendation: Recommendation,
  floor: Day,
): Open | undefined {
  const series = schedule.series.find(({ key }) => key === recommendation.series);
  const earliest = dayIn(recommendation.earliest);
  if (series === undefined || earliest === undefined || recommendation.status !== 'notComplete') return undefined;
  const vaccine = productOf(series, recommendation);
  if (isPartElsewhere(schedule, result, series, vaccine)) return undefined;
  const recommended = reachable(dayIn(recommendation.recommended) ?? earliest, earliest, dayIn(recommendation.latest));
  return {
    series,
    vaccine,
    recommendation,
    isInjection: isInjected(schedule, vaccine),
    earliest,
    recommended,
    standardEnd: dayIn(recommendation.standardEnd),
    latest: dayIn(recommendation.latest),
    ready: Math.max(recommended, floor),
  };
}

/** A standard period that only begins when the legal one ends is none: nobody plans for the last day. */
function reachable(recommended: Day, earliest: Day, latest: Day | undefined): Day {
  return latest !== undefined && recommended >= latest ? earliest : recommended;
}

/** A product that makes half a dose of another open series waits until that one is done with. */
function isPartElsewhere(schedule: Schedule, result: ForecastResult, series: Series, vaccine: string): boolean {
  return schedule.series.some(
    (other) =>
      other !== series &&
      other.combinations.some(({ parts }) => parts.includes(vaccine)) &&
      result.recommendations.some(({ series: key, status }) => key === other.key && status === 'notComplete'),
  );
}

function placedIn(calendar: Calendar, open: Open, floor: Day): Due | undefined {
  const last = open.latest ?? Number.POSITIVE_INFINITY;
  const inTime = Math.min(open.standardEnd ?? last, last);
  const softEnd = open.standardEnd === undefined ? Math.min(last, open.ready + WAIT_WITHOUT_STANDARD_DAYS) : inTime;
  const after = calendar.next(open.ready);
  if (after !== undefined && after <= softEnd) {
    return { ...open, first: after, end: calendar.last(softEnd, after) ?? after };
  }
  // The standard period is closed or over: an open legal day before it is better than one too late.
  const before =
    open.ready <= inTime && (after === undefined || after > inTime)
      ? calendar.last(open.ready - 1, Math.max(open.earliest, floor))
      : undefined;
  const first = before ?? after;
  if (first === undefined || first > last) return undefined;
  return { ...open, ready: Math.min(open.ready, first), first, end: first };
}

function dayIn(text: string | undefined): Day | undefined {
  return text === undefined ? undefined : parseDay(text);
}
