// From statements of a record to the facts that the Japanese schedule asks about, by the table in profiles/. What could not be
// used is named: a suspicion, a date that is missing, a code that can mean something else.
import {
  PLANNING_FACT_SYSTEM,
  type PlanningFact,
  planningFactOf,
  planningFacts,
} from '../../../profiles/planning-fact.ts';
import { type Day, formatDay, parseDayRange } from '../days.ts';
import { allergyFacts } from './allergy-facts.ts';
import { loose, undated, unknownFact, unreadable, unsure } from './fact-warnings.ts';
import { type DueDate, lastDay, presentDueDate } from './measured.ts';
import { addAntiHBs, addDated, addMeasured, type FoundFacts } from './measured-facts.ts';
import type { Statement } from './statement.ts';

/** Medicines that weaken the immune system act on for months after they are given. */
const STILL_ACTING_DAYS = 180;

/** The facts of a person on `asOf`. What is dated later is not known yet. `thirdHepB` is the day of their third dose. */
export function factsOf(statements: readonly Statement[], asOf: Day, thirdHepB?: Day): FoundFacts {
  const known = statements.filter(({ date }) => date === undefined || (parseDayRange(date)?.first ?? asOf) <= asOf);
  const found: FoundFacts = { observations: [], warnings: [] };
  const dueDates: DueDate[] = [];
  for (const statement of known) {
    noteUnknown(found, statement);
    const facts = planningFacts(statement.codings, statement.names);
    if (statement.kind === 'allergy') found.observations.push(...(statement.isCertain ? allergyFacts(statement) : []));
    for (const { fact, isLoose } of facts) {
      if (!says(statement, fact, asOf)) continue;
      if (!statement.isCertain) {
        found.warnings.push(unsure(statement, fact));
        continue;
      }
      if (isDueDate(fact)) {
        if (statement.of === 'self') dueDates.push({ kind: fact.code, statement });
      } else if (fact.code === 'HBsAg') addHBsAg(found, statement, fact);
      else if (fact.lasts === 'measured') addMeasured(found, statement, fact);
      else if (fact.lasts === 'dated') addDated(found, statement, fact, known);
      else {
        addFact(found, statement, fact.code, fact.lasts === 'while-active');
        const implied = IMPLIED[fact.code];
        if (implied !== undefined) addFact(found, statement, implied, false);
      }
      if (isLoose) found.warnings.push(loose(statement, fact));
    }
  }
  addAntiHBs(found, known, thirdHepB);
  const edd = presentDueDate(dueDates, asOf);
  if (edd !== undefined) found.observations.push({ code: 'pregnancy-edd', date: formatDay(edd) });
  return { observations: unique(found.observations), warnings: unique(found.warnings) };
}

/** Whether a statement of this kind can say this at all: an allergy to a product is no administration of it. */
function says({ kind, isActive, result, date, end }: Statement, { code, lasts }: PlanningFact, asOf: Day): boolean {
  if (kind === 'allergy') return code.endsWith('-allergy') && isActive;
  if (lasts === 'measured') return kind === 'observation';
  if (lasts === 'dated') return kind !== 'condition';
  if (lasts === 'always') return result?.isPositive !== false;
  if (kind === 'medication' || kind === 'procedure')
    return isActive || (lastDay(end ?? date) ?? Number.NEGATIVE_INFINITY) + STILL_ACTING_DAYS >= asOf;
  // What passes is told by its days, also when they are over.
  return (isActive || (TEMPORARY.has(code) && end !== undefined)) && result?.isPositive !== false;
}

function isDueDate(fact: PlanningFact): fact is PlanningFact & { code: DueDate['kind'] } {
  return fact.code === 'pregnancy-edd' || fact.code === 'last-menstrual-period' || fact.code === 'gestational-age';
}

/** A fact about the mother or the family has a code of its own, or is none for the planner. */
function addFact(found: FoundFacts, statement: Statement, fact: string, passes: boolean): void {
  const { of, date, end, kind } = statement;
  const code = of === 'self' ? fact : of === 'mother' ? (MOTHER[fact] ?? FAMILY[fact]) : FAMILY[fact];
  if (code === undefined) return;
  // What passes, a fever or an illness, moves doses only by its days.
  const isTemporary = passes && TEMPORARY.has(fact);
  if (isTemporary && date === undefined) {
    const known = planningFactOf(fact);
    if (known !== undefined) found.warnings.push(undated(statement, known));
    return;
  }
  found.observations.push({
    code,
    ...(date !== undefined && date.length === 10 ? { date } : {}),
    ...(isTemporary && end !== undefined && end.length === 10 && kind !== 'observation' ? { until: end } : {}),
  });
}

/** What is true with a fact, whether it was told by a code, a name or a fact of ours. */
const IMPLIED: Record<string, string | undefined> = { scid: 'immunodeficiency' };

const TEMPORARY = new Set(['fever', 'acute-illness', 'postponed']);
const MOTHER: Record<string, string | undefined> = { 'HBsAg-positive': 'mother:HBsAg-positive' };
const FAMILY: Record<string, string | undefined> = {
  immunodeficiency: 'immunodeficiency-in-family',
  scid: 'immunodeficiency-in-family',
};

function addHBsAg(found: FoundFacts, statement: Statement, fact: PlanningFact): void {
  const isPositive = statement.result?.isPositive;
  if (isPositive === undefined) found.warnings.push(unreadable(statement, fact));
  else if (isPositive) addFact(found, statement, 'HBsAg-positive', false);
}

/** A code in our own system that is none of ours is a mistake that somebody should hear of. */
function noteUnknown(found: FoundFacts, statement: Statement): void {
  for (const { system, code = '' } of statement.codings)
    if (system === PLANNING_FACT_SYSTEM && planningFactOf(code) === undefined)
      found.warnings.push(unknownFact(statement, code));
}

function unique<T>(list: readonly T[]): T[] {
  return [...new Map(list.map((one) => [JSON.stringify(one), one])).values()];
}
