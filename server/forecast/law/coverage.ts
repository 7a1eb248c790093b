// Who pays: the days on which the next dose is free or paid for, beside the days on which it may be given (forecast-logic
// 11.6). The national programme pays inside its legal windows; a municipality pays its residents, as long as they live there.
import { type Day, formatDay } from '../days.ts';
import type { Recommendation } from '../types.ts';
import type { Person } from './person.ts';
import type { SeriesState } from './series-state.ts';

/**
 * Writes the first municipal period that is not over on `day` (the first day the dose can be given from today on) into the
 * answer of a series without national coverage.
 */
export function setMunicipalCoverage(answer: Recommendation, person: Person, state: SeriesState, day: Day): void {
  const { series, facts } = state;
  if (series.coverage.length === 0 || person.stays.length === 0 || answer.coverageEnd !== undefined) return;
  let found: { from: Day; to: Day } | undefined;
  for (const row of series.coverage) {
    if (row.doses !== undefined && !row.doses.includes(answer.doseNumber ?? 0)) continue;
    if (row.when !== undefined && row.when(facts) !== true) continue;
    let from = row.givenFrom ?? Number.NEGATIVE_INFINITY;
    let to = row.givenTo ?? Number.POSITIVE_INFINITY;
    for (const bound of row.from) from = Math.max(from, bound(facts.anchors) ?? Number.POSITIVE_INFINITY);
    for (const bound of row.to) to = Math.min(to, bound(facts.anchors) ?? Number.NEGATIVE_INFINITY);
    for (const stay of person.stays) {
      if (stay.municipality !== row.municipality) continue;
      const start = Math.max(from, stay.from);
      const end = Math.min(to, stay.to);
      if (start > end || end < day || (found !== undefined && found.from <= start)) continue;
      found = { from: start, to: end };
      answer.because.push({ rule: row.rule, sets: 'coverage', ...(Number.isFinite(end) ? { day: end } : {}) });
    }
  }
  if (found === undefined) return;
  if (Number.isFinite(found.from)) answer.coverageStart = formatDay(found.from);
  if (Number.isFinite(found.to)) answer.coverageEnd = formatDay(found.to);
}
