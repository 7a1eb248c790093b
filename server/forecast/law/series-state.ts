// Where a person stands in one series: the path taken, which target doses are satisfied, dropped or open.
// Shared by the evaluation of doses given and the forecast of the next one (CDSi 4.4, chapters 6 and 7).

import type { Day } from '../days.ts';
import { addDuration } from '../duration.ts';
import type { Because, Evaluation } from '../types.ts';
import type { Path, Series, SeriesDose, Window } from './compiled.ts';
import type { Facts } from './condition.ts';
import type { DoseRecord, Person } from './person.ts';

export type SeriesState = {
  series: Series;
  path: Path;
  /** Index of the next target dose in the path. */
  target: number;
  /** Day each target dose was satisfied on, by dose number. */
  satisfied: (Day | undefined)[];
  lapsed: number[];
  /** Last day of the windows of doses that lapsed: what replaces them comes after it. */
  lapseEnd: Day | undefined;
  /** Latest dose valid or notValid: intervals run from it. */
  previous: Day | undefined;
  /** Latest record of any status. */
  last: Day | undefined;
  validCount: number;
  facts: Facts;
  evaluations: Evaluation[];
  /** Records an earlier phase leaves to the next. */
  passedOn: DoseRecord[];
  dropped: Because[];
  /** Doses the programme asks for, when a dropped dose says so. */
  dosesRequired: number | undefined;
  /** Another series must be complete first: the first day after its wait. */
  required: Because | undefined;
};

/** What conditions may look at before any dose is judged. `firstProduct` is that of the first dose that counts. */
export function createFacts(person: Person, firstProduct: string | undefined): Facts {
  return {
    anchors: person.anchors,
    sex: person.sex,
    observations: person.observations,
    values: person.values,
    stays: person.stays,
    history: person.history,
    vaccines: person.vaccines,
    on: person.asOf,
    satisfied: [],
    lapsed: [],
    firstProduct,
    latestProduct: undefined,
  };
}

/** The start of a path. Takes `facts` over: conditions see each dose as it is satisfied or lapses. */
export function createState(series: Series, path: Path, facts: Facts): SeriesState {
  const satisfied: (Day | undefined)[] = [];
  const lapsed: number[] = [];
  facts.satisfied = satisfied;
  facts.lapsed = lapsed;
  return {
    series,
    path,
    target: 0,
    satisfied,
    lapsed,
    lapseEnd: undefined,
    previous: undefined,
    last: undefined,
    validCount: 0,
    facts,
    evaluations: [],
    passedOn: [],
    dropped: [],
    dosesRequired: undefined,
    required: undefined,
  };
}

/** A copy to try future doses on. */
export function copyState(state: SeriesState): SeriesState {
  const satisfied = [...state.satisfied];
  const lapsed = [...state.lapsed];
  return {
    ...state,
    satisfied,
    lapsed,
    facts: { ...state.facts, satisfied, lapsed },
    dropped: [],
    evaluations: [],
    passedOn: [],
  };
}

/** The first path whose start band, products and condition fit a start on `startDay`; else the last one. */
export function choosePath(series: Series, facts: Facts, startDay: Day): Path {
  facts.on = startDay;
  let last: Path | undefined;
  for (const path of series.paths) {
    const from = path.startFrom?.(facts.anchors);
    const to = path.startTo?.(facts.anchors);
    last = path;
    if (from !== undefined && startDay < from) continue;
    if (to !== undefined && startDay > to) continue;
    if (facts.firstProduct !== undefined && path.products?.has(facts.firstProduct) === false) continue;
    if (path.when !== undefined && path.when(facts) !== true) continue;
    return path;
  }
  if (last === undefined) throw new Error(`series ${series.key} has no path`);
  return last;
}

/** The open target dose on a day, after leaving out those that are skipped or whose time is over. */
export function openDose(state: SeriesState, on: Day): SeriesDose | undefined {
  state.facts.on = on;
  for (;;) {
    const dose = state.path.doses[state.target];
    if (dose === undefined) return undefined;
    const skip = dose.skip.find((row) => row.when(state.facts) === true);
    if (skip !== undefined) {
      state.dropped.push({ rule: skip.rule, sets: 'dropped' });
      state.dosesRequired = skip.dosesRequired ?? state.dosesRequired;
      state.target += 1;
      continue;
    }
    const end = dose.lapses === undefined ? undefined : latestDay(dose, state.facts);
    if (dose.lapses === undefined || end === undefined || end >= on) return dose;
    lapse(state, dose, end);
  }
}

/** Drops a dose that can no longer be given; the series goes on with the next one. */
export function lapse(state: SeriesState, dose: SeriesDose, end: Day): void {
  if (dose.lapses !== undefined) state.dropped.push({ rule: dose.lapses, sets: 'dropped', day: end });
  state.lapsed.push(dose.number);
  state.lapseEnd = state.lapseEnd === undefined ? end : Math.max(state.lapseEnd, end);
  state.target += 1;
}

/** Marks the open target dose as given. */
export function satisfy(state: SeriesState, dose: SeriesDose, day: Day, vaccine: string | undefined): void {
  state.satisfied[dose.number] = day;
  state.validCount += 1;
  state.target = dose.number;
  state.previous = day;
  state.last = day;
  if (vaccine !== undefined) state.facts.latestProduct = vaccine;
}

/** A window for this person: age ends and the calendar days it is in force. Absent ends are infinite. */
export type Opening = { window: Window; from: Day; to: Day; inForceFrom: Day; inForceTo: Day };

/** The windows of a dose that apply to this person. A window hanging on an unknown anchor is left out. */
export function openings(dose: SeriesDose, facts: Facts): Opening[] {
  const result: Opening[] = [];
  for (const window of dose.windows) {
    if (window.when !== undefined && window.when(facts) !== true) continue;
    let from = Number.NEGATIVE_INFINITY;
    let to = Number.POSITIVE_INFINITY;
    let isKnown = true;
    for (const bound of window.from) {
      const day = bound(facts.anchors);
      if (day === undefined) isKnown = false;
      else if (day > from) from = day;
    }
    for (const bound of window.to) {
      const day = bound(facts.anchors);
      if (day === undefined) isKnown = false;
      else if (day < to) to = day;
    }
    if (!isKnown) continue;
    const inForceFrom = window.givenFrom ?? Number.NEGATIVE_INFINITY;
    const inForceTo = window.givenTo ?? Number.POSITIVE_INFINITY;
    result.push({ window, from, to, inForceFrom, inForceTo });
  }
  return result;
}

/**
 * Last day any window of the dose allows: infinite without an upper end, undefined when no window applies. Windows
 * without any day (over before their rule came into force) count only when there is no other.
 */
export function latestDay(dose: SeriesDose, facts: Facts): Day | undefined {
  let latest: Day | undefined;
  let latestEmpty: Day | undefined;
  for (const { from, to, inForceFrom, inForceTo } of openings(dose, facts)) {
    const end = Math.min(to, inForceTo);
    if (Math.max(from, inForceFrom) > end) latestEmpty = Math.max(latestEmpty ?? end, end);
    else latest = Math.max(latest ?? end, end);
  }
  return latest ?? latestEmpty;
}

/** The day an interval is counted from, undefined when there is none and the row therefore holds. */
export function referenceDay(state: SeriesState, after: 'previous' | 'last' | number): Day | undefined {
  if (after === 'previous') return state.previous;
  if (after === 'last') return state.last;
  return state.satisfied[after];
}

/** First day an interval row allows, undefined when the row does not apply. */
export function intervalEnd(
  state: SeriesState,
  row: SeriesDose['intervals'][number],
  product: string | undefined,
): Day | undefined {
  if (row.products !== undefined && (product === undefined || !row.products.has(product))) return undefined;
  if (row.when !== undefined && row.when(state.facts) !== true) return undefined;
  const from = referenceDay(state, row.after);
  return from === undefined ? undefined : addDuration(from, row.min);
}
