// What the rows of a dose say about each other: bounds in their order, intervals with one reference, skips that can be
// decided. Part of check-schedule.ts, which says what is a fault and what an oddity.
import type { Told } from './findings.ts';
import { isOrdered } from './order.ts';
import type { Complain } from './shape.ts';
import type { PreferableIntervalRow, SeriesDoseRow, SkipConditionRow } from './source.ts';

/** Checks a dose whose shape is right. `groups` are the series groups of the antigen, by id and by name. */
export function checkDose(dose: SeriesDoseRow, number: number, groups: ReadonlySet<string>, told: Told): void {
  const { ages = [], preferableIntervals = [], allowableIntervals = [], seasonalRecommendation = [] } = dose;
  for (const [i, row] of ages.entries()) {
    const field = `ages[${i}]`;
    checkBounds([row.absMinAge, row.minAge, row.maxAge], [row.earliestRecAge, row.latestRecAge], field, 'Age', told);
    checkForce(row, field, told.fault);
    const later = ages.findIndex((other, j) => j > i && isTogether(row, other));
    if (later >= 0) told.fault(`ages[${later}]`, `is in force together with ages[${i}]`);
  }
  for (const [i, row] of preferableIntervals.entries()) {
    const field = `preferableIntervals[${i}]`;
    if (checkReference(row, number, field, told.fault) === 0)
      told.oddity(field, 'counts from nothing: it says nothing');
    checkBounds([row.absMinInt, row.minInt], [row.earliestRecInt, row.latestRecInt], field, 'Int', told);
    checkForce(row, field, told.fault);
  }
  for (const [i, row] of allowableIntervals.entries()) {
    const field = `allowableIntervals[${i}]`;
    if (checkReference(row, number, field, told.fault) === 0)
      told.fault(field, 'counts from nothing: neither previous dose nor target dose');
    if (row.absMinInt === undefined) told.fault(`${field}.absMinInt`, 'is missing');
  }
  for (const name of ['preferableVaccines', 'allowableVaccines'] as const)
    for (const [i, row] of (dose[name] ?? []).entries()) checkAges(row, `${name}[${i}]`, told.fault);
  if (dose.preferableVaccines === undefined && dose.allowableVaccines === undefined)
    told.fault('preferableVaccines', 'is missing, and allowableVaccines too: no product satisfies the dose');
  for (const [i, { startDate, endDate }] of seasonalRecommendation.entries())
    if (isAfter(startDate, endDate)) told.fault(`seasonalRecommendation[${i}].endDate`, 'is before startDate');
  checkSkips(dose, groups, told);
}

/** A bound before the one it must follow, whatever day both are counted from. */
function checkBounds(
  hard: readonly (string | undefined)[],
  recommended: readonly [string | undefined, string | undefined],
  field: string,
  of: 'Age' | 'Int',
  { fault, oddity }: Told,
): void {
  const names = ['absMin', 'min', 'max'];
  for (const [i, upper] of hard.entries())
    for (const [j, lower] of hard.slice(0, i).entries())
      if (!isOrdered(lower, upper)) fault(`${field}.${names[i]}${of}`, `is before ${names[j]}${of}`);
  const [, min, max] = hard;
  const [earliest, latest] = recommended;
  if (!isOrdered(min, earliest)) fault(`${field}.earliestRec${of}`, `is before min${of}`);
  if (!isOrdered(min, latest)) fault(`${field}.latestRec${of}`, `is before min${of}`);
  if (!isOrdered(earliest, latest)) fault(`${field}.latestRec${of}`, `is before earliestRec${of}`);
  if (!isOrdered(earliest, max, true)) fault(`${field}.earliestRec${of}`, `is not before max${of}`);
  if (!isOrdered(latest, max)) oddity(`${field}.latestRec${of}`, `is after max${of}: the dose is never past due`);
}

type Force = { effectiveDate?: string; cessationDate?: string };

function checkForce({ effectiveDate, cessationDate }: Force, field: string, fault: Complain): void {
  if (isAfter(effectiveDate, cessationDate)) fault(`${field}.cessationDate`, 'is before effectiveDate');
}

const isTogether = (one: Force, other: Force): boolean =>
  !isAfter(one.effectiveDate, other.cessationDate) && !isAfter(other.effectiveDate, one.cessationDate);

function isAfter(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one > other;
}

function checkAges(row: { beginAge?: string; endAge?: string }, field: string, fault: Complain): void {
  if (!isOrdered(row.beginAge, row.endAge, true)) fault(`${field}.endAge`, 'is not after beginAge');
}

/** An interval counts from one thing. How many it names; one from nothing would hold on every day (CDSi 6.5). */
function checkReference(row: PreferableIntervalRow, number: number, field: string, fault: Complain): number {
  const { fromPrevious, fromTargetDose, fromMostRecentCvx, fromRelevantObservation } = row;
  const references = [fromPrevious || undefined, fromTargetDose, fromMostRecentCvx, fromRelevantObservation];
  const count = references.filter((one) => one !== undefined).length;
  if (count > 1) fault(field, 'counts from more than one of: previous dose, target dose, products, observation');
  if (fromTargetDose !== undefined && fromTargetDose >= number)
    fault(`${field}.fromTargetDose`, `is dose ${fromTargetDose}, which is not before this one`);
  return count;
}

function checkSkips({ conditionalSkips = [] }: SeriesDoseRow, groups: ReadonlySet<string>, { fault }: Told): void {
  for (const [i, { sets }] of conditionalSkips.entries())
    for (const [j, set] of sets.entries()) {
      const field = `conditionalSkips[${i}].sets[${j}]`;
      checkForce(set, field, fault);
      for (const [k, condition] of set.conditions.entries())
        checkCondition(condition, groups, (name, words) =>
          fault(`${field}.conditions[${k}]${name === '' ? '' : `.${name}`}`, words),
        );
    }
}

/** The fields a condition needs, one of each list, by its type in lower case. */
const needs: Record<string, (keyof SkipConditionRow)[][]> = {
  age: [['beginAge', 'endAge']],
  interval: [['interval']],
  'completed series': [['seriesGroups']],
  'vaccine count by age': [['doseCount'], ['doseType'], ['doseCountLogic']],
  'vaccine count by date': [['doseCount'], ['doseType'], ['doseCountLogic']],
  'vaccine count by date and age': [['doseCount'], ['doseType'], ['doseCountLogic']],
};

function checkCondition(condition: SkipConditionRow, groups: ReadonlySet<string>, fault: Complain): void {
  const kind = condition.type.toLowerCase();
  const needed = Object.hasOwn(needs, kind) ? needs[kind] : undefined;
  if (needed === undefined) fault('type', `is none of ${Object.keys(needs).join(', ')}`);
  for (const names of needed ?? [])
    if (names.every((name) => condition[name] === undefined))
      fault(names.join(' or '), `is missing in a condition of the type ${condition.type}`);
  for (const group of condition.seriesGroups ?? [])
    if (!groups.has(group)) fault('seriesGroups', `there is no series group "${group}"`);
  checkAges(condition, '', (_, words) => fault('endAge', words));
  if (isAfter(condition.startDate, condition.endDate)) fault('endDate', 'is before startDate');
}
