// Conditional skips: whether a target dose is not needed. CDSi 4.6, 6.2 (CONDSKIP-1, -2; CALCDTSKIP-3 to -5).
import type { Day } from '../days.ts';
import type { Because } from '../types.ts';
import type { SeriesDose, SkipCondition, SkipSet } from './compiled.ts';
import { after, type DoseRecord, isWithinAges } from './patient.ts';
import { ground, type SeriesState, verdictOn } from './series-state.ts';

/**
 * Why the dose is skipped, or undefined. While a record is judged it is `current`, neither it nor what came later counts,
 * and the reference date is its day; a forecast looks from `reference` at the whole history. `inForceOn` decides which
 * versions of the rows apply.
 */
export function skipReason(
  state: SeriesState,
  dose: SeriesDose,
  reference: Day,
  inForceOn: Day,
  current: DoseRecord | undefined,
): Because | undefined {
  for (const skip of dose.skips) {
    if (current === undefined ? !skip.inForecast : !skip.inEvaluation) continue;
    let isMet: boolean | undefined;
    for (const set of skip.sets) {
      if (inForceOn < set.from || inForceOn > set.to) continue;
      isMet = isSetMet(state, set, reference, current);
      if (isMet === skip.isAny) break;
    }
    if (isMet) return ground('skipped', 'dropped', skip.place, reference);
  }
  return undefined;
}

function isSetMet(state: SeriesState, set: SkipSet, reference: Day, current: DoseRecord | undefined): boolean {
  let isMet = false;
  for (const condition of set.conditions) {
    isMet = isConditionMet(state, condition, reference, current);
    if (isMet === set.isAny) return isMet;
  }
  return isMet;
}

function isConditionMet(
  state: SeriesState,
  condition: SkipCondition,
  reference: Day,
  current: DoseRecord | undefined,
): boolean {
  switch (condition.kind) {
    case 'age':
      return isWithinAges(state.patient, condition.from, condition.to, reference);
    case 'interval':
      return state.previous !== undefined && reference >= after(state.previous.day, condition.length);
    case 'completed':
      return state.completions.some(
        ({ groupId, groupName, day }) =>
          day <= reference && (condition.groups.includes(groupId) || condition.groups.includes(groupName)),
      );
    case 'count': {
      const count = countDoses(state, condition, current);
      if (condition.compare === 'greater') return count > condition.count;
      return condition.compare === 'less' ? count < condition.count : count === condition.count;
    }
  }
}

/** A total of listed products looks across antigens; everything else at the records of this antigen. */
function countDoses(
  state: SeriesState,
  condition: SkipCondition & { kind: 'count' },
  current: DoseRecord | undefined,
): number {
  const acrossAntigens = !condition.validOnly && condition.products !== undefined;
  let count = 0;
  for (const record of acrossAntigens ? state.patient.history : state.records) {
    if (current !== undefined && record.place >= current.place) break;
    if (condition.products !== undefined && !condition.products.has(record.product.index)) continue;
    if (record.day < condition.from || record.day >= condition.to) continue;
    if (!isWithinAges(state.patient, condition.fromAge, condition.toAge, record.day)) continue;
    if (condition.validOnly && verdictOn(state, record)?.status !== 'valid') continue;
    count += 1;
  }
  return count;
}
