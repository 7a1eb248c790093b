// Facts that hang on a number or a day: results, births, blood products, temperatures.
import { type PlanningFact, planningFacts } from '../../../profiles/planning-fact.ts';
import { type Day, formatDay } from '../days.ts';
import type { Observation, Warning } from '../types.ts';
import { amountUnknown, undated, unreadable } from './fact-warnings.ts';
import { grams, lastDay, mgPerKg } from './measured.ts';
import type { Statement } from './statement.ts';

export type FoundFacts = { observations: Observation[]; warnings: Warning[] };

/** 通常、37.5℃以上 (予防接種実施要領, people not to be vaccinated). */
const FEVER_CELSIUS = 37.5;
/** mIU/mL; the result of the test after the perinatal protocol. */
const PROTECTED_BY_ANTI_HBS = 10;

/** What a result says. The test for HBsAg becomes a fact of its own elsewhere; weights only serve other facts. */
export function addMeasured(found: FoundFacts, statement: Statement, fact: PlanningFact): void {
  const { result = {}, date, of } = statement;
  if (of !== 'self' || fact.code === 'body-weight' || fact.code === 'gestational-age-at-birth') return;
  const value = fact.code === 'birth-weight' ? grams(result) : result.value;
  const day = date !== undefined && date.length === 10 ? date : undefined;
  if (value === undefined) found.warnings.push(unreadable(statement, fact));
  else if (fact.code === 'body-temperature') {
    const isCelsius = result.unit === undefined || result.unit === 'Cel' || result.unit === '℃' || result.unit === '°C';
    if (isCelsius && value >= FEVER_CELSIUS && day !== undefined)
      found.observations.push({ code: 'fever', date: day, until: day });
  } else if (fact.code !== 'anti-HBs')
    found.observations.push({ code: fact.code, ...(day ? { date: day } : {}), value });
}

/** Anti-HBs below protection counts only when it was measured a month or more after the third dose. */
export function addAntiHBs(found: FoundFacts, statements: readonly Statement[], thirdDose: Day | undefined): void {
  if (thirdDose === undefined) return;
  let latest: { day: Day; value: number } | undefined;
  for (const { of, codings, names, result, date } of statements) {
    const day = lastDay(date);
    if (of !== 'self' || result?.value === undefined || day === undefined || day < thirdDose + 28) continue;
    if (latest !== undefined && day < latest.day) continue;
    if (planningFacts(codings, names).some(({ fact }) => fact.code === 'anti-HBs'))
      latest = { day, value: result.value };
  }
  if (latest !== undefined && latest.value < PROTECTED_BY_ANTI_HBS)
    found.observations.push({ code: 'anti-HBs-low', date: formatDay(latest.day), value: latest.value });
}

/** An event on a day. Of a vague date the last possible day counts: what waits for it waits long enough. */
export function addDated(
  found: FoundFacts,
  statement: Statement,
  fact: PlanningFact,
  known: readonly Statement[],
): void {
  if (statement.of !== 'self') return;
  const day = lastDay(statement.result?.date ?? statement.end ?? statement.date);
  if (day === undefined) {
    found.warnings.push(undated(statement, fact));
    return;
  }
  const date = formatDay(day);
  if (fact.code !== 'immunoglobulin') {
    found.observations.push({ code: fact.code, date });
    return;
  }
  const value = statement.kind === 'medication' ? mgPerKg(statement.result, bodyGrams(known, day)) : undefined;
  found.observations.push({ code: fact.code, date, ...(value === undefined ? {} : { value }) });
  if (value === undefined && statement.kind !== 'procedure') found.warnings.push(amountUnknown(statement));
}

/** The weight last taken within two months of a day. */
function bodyGrams(known: readonly Statement[], day: Day): number | undefined {
  let nearest: { distance: number; weight: number } | undefined;
  for (const { kind, of, date, codings, names, result } of known) {
    if (kind !== 'observation' || of !== 'self' || result === undefined) continue;
    const weight = grams(result);
    const distance = Math.abs((lastDay(date) ?? Number.POSITIVE_INFINITY) - day);
    if (weight === undefined || distance > 60 || distance >= (nearest?.distance ?? 61)) continue;
    if (planningFacts(codings, names).some(({ fact }) => fact.code === 'body-weight')) nearest = { distance, weight };
  }
  return nearest?.weight;
}
