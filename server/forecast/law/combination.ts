// Products that make one dose only when given together on one day (DPT with IPV).
import type { Rule } from '../rule.ts';
import type { Series } from './compiled.ts';
import type { DoseRecord } from './person.ts';

export type Part = { rule: Rule; parts: readonly string[] } & (
  | { role: 'first' | 'alone' }
  | { role: 'second'; first: DoseRecord }
);

/** For a product that makes a dose only together with others on its day: whether they are there, and who is judged. */
export function combinationPart(series: Series, record: DoseRecord, records: readonly DoseRecord[]): Part | undefined {
  const combination = series.combinations.find(
    ({ parts, givenFrom }) => parts.includes(record.vaccine) && (givenFrom === undefined || record.day >= givenFrom),
  );
  if (combination === undefined) return undefined;
  const sameDay = records.filter((other) => other.day === record.day && combination.parts.includes(other.vaccine));
  const first = sameDay[0];
  if (!combination.parts.every((code) => sameDay.some((other) => other.vaccine === code)))
    return { ...combination, role: 'alone' };
  return first === undefined || first === record
    ? { ...combination, role: 'first' }
    : { ...combination, role: 'second', first };
}
