// Judges the whole history of a person, series by series: who each series is for, which records are its own, and what an
// earlier phase hands on to the next.
import { madeOnce } from '../../fhir/made-once.ts';
import { addDuration } from '../duration.ts';
import type { Because, Recommendation } from '../types.ts';
import type { Schedule, Series } from './compiled.ts';
import type { Facts } from './condition.ts';
import { evaluateBetweenPhases, evaluateSeries } from './evaluate-series.ts';
import type { DoseRecord, Person } from './person.ts';
import { createFacts, type SeriesState } from './series-state.ts';

/** Where a person stands in a series; `answer` alone where the series is not for this person and that is worth saying. */
export type Standing = { series: Series; state: SeriesState | undefined; answer: Recommendation | undefined };

/** Evaluates every relevant series; records an earlier phase has taken are not those of a later one. */
export function evaluateHistory(schedule: Schedule, person: Person): Standing[] {
  const taken = new Map<string, ReadonlySet<DoseRecord>>();
  const phases = new Map<string, SeriesState>();
  const bySeries = recordsBySeries(schedule, person.history);
  const facts = createFacts(person, undefined);
  return schedule.series.map((series) => {
    const irrelevant = notRelevant(series, facts);
    if (irrelevant !== undefined) return { series, state: undefined, answer: irrelevant.answer };
    const own = bySeries.get(series)?.filter(isInRound(series, person)) ?? [];
    if (series.phase === undefined)
      return { series, state: evaluateSeries(schedule, series, person, own), answer: undefined };
    const { of } = series.phase;
    const records = own.filter((record) => !taken.get(of)?.has(record));
    const earlier = phases.get(of);
    const state = evaluateSeries(schedule, series, person, records, requiredOf(series, earlier, facts));
    if (earlier !== undefined) noteBetween(schedule, person, earlier, state);
    phases.set(of, state);
    taken.set(of, new Set([...(taken.get(of) ?? []), ...records.filter((record) => !state.passedOn.includes(record))]));
    return { series, state, answer: undefined };
  });
}

/** The first day after the wait that a phase keeps from the one before, undefined while that is not complete. */
function requiredOf({ requires }: Series, earlier: SeriesState | undefined, facts: Facts): Because | undefined {
  if (requires === undefined || earlier === undefined || requires.series !== earlier.series.key) return undefined;
  if (requires.when !== undefined && requires.when(facts) !== true) return undefined;
  const finished = earlier.satisfied[earlier.path.doses.length];
  if (finished === undefined) return undefined;
  return { rule: requires.rule, sets: 'earliest', day: addDuration(finished, requires.interval) };
}

/** A dose between two phases is named in both: too late for the earlier one, if that was not complete. */
function noteBetween(schedule: Schedule, person: Person, earlier: SeriesState, later: SeriesState): void {
  for (const record of earlier.passedOn) {
    const judged = later.evaluations.find(({ doseId }) => doseId === record.dose.id);
    if (judged?.reasons.includes('outsideAnyWindow')) evaluateBetweenPhases(schedule, earlier, person, record);
  }
}

/** The history of each series by its products; nothing for a series without any. */
function recordsBySeries(schedule: Schedule, history: readonly DoseRecord[]): ReadonlyMap<Series, DoseRecord[]> {
  const takers = seriesByProduct(schedule);
  const records = new Map<Series, DoseRecord[]>();
  for (const record of history) {
    for (const series of takers.get(record.vaccine) ?? []) {
      const known = records.get(series);
      if (known === undefined) records.set(series, [record]);
      else known.push(record);
    }
  }
  return records;
}

const seriesByProduct = madeOnce(({ classes, series }: Schedule) => {
  return new Map([...classes.keys()].map((code) => [code, series.filter(({ products }) => products.has(code))]));
});

/** Records before or after the days a series looks at belong to another round of it. */
function isInRound(series: Series, person: Person): (record: DoseRecord) => boolean {
  const from = series.recordsFrom?.(person.anchors) ?? Number.NEGATIVE_INFINITY;
  const to = series.recordsTo?.(person.anchors) ?? Number.POSITIVE_INFINITY;
  return ({ day }) => day >= from && day <= to;
}

/** A series that is not for this person is not evaluated (CDSi 5.1). */
function notRelevant(series: Series, facts: Facts): { answer: Recommendation | undefined } | undefined {
  const row = series.closures.find((closure) => closure.status === 'notRelevant' && closure.when(facts) === true);
  if (row === undefined) return undefined;
  if (row.silent) return { answer: undefined };
  return {
    answer: {
      series: series.key,
      status: 'notRelevant',
      programme: series.programme,
      reason: row.reason,
      isOverdue: false,
      followUps: [],
      because: [{ rule: row.rule, sets: 'status' }],
      needsClinician: row.rule.confidence === 'U',
    },
  };
}
