// Counts the results of CDC's test cases by vaccine group: cases and doses, passed of all, never only a percentage.
import type { CdsiCaseResult, Score } from './cdsi-cases.ts';

export type Tally = { name: string; cases: Score; withDoseNumber: Score; doses: Score; reasons: Score };

/** One tally for each vaccine group, by name, and one for all. */
export function tallyCases(results: readonly CdsiCaseResult[]): { groups: Tally[]; all: Tally } {
  const groups = new Map<string, Tally>();
  const all = emptyTally('all');
  for (const result of results) {
    const own = groups.get(result.vaccineGroup) ?? emptyTally(result.vaccineGroup);
    groups.set(result.vaccineGroup, own);
    for (const tally of [own, all]) count(tally, result);
  }
  return { groups: [...groups.values()].sort((one, other) => (one.name < other.name ? -1 : 1)), all };
}

/** The tallies as lines of a table; none where there were no cases. */
export function tallyLines(results: readonly CdsiCaseResult[]): string[] {
  if (results.length === 0) return [];
  const { groups, all } = tallyCases(results);
  const rows = [...groups, all].map(({ name, cases, withDoseNumber, doses, reasons }) => [
    name,
    ...[cases, withDoseNumber, doses, reasons].map(({ passed, of }) => `${passed}/${of}`),
  ]);
  const table = [['vaccine group', 'cases', 'with dose number', 'doses', 'reasons'], ...rows];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  return table.map((cells) =>
    cells.map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0))).join('  '),
  );
}

function emptyTally(name: string): Tally {
  const none = (): Score => ({ passed: 0, of: 0 });
  return { name, cases: none(), withDoseNumber: none(), doses: none(), reasons: none() };
}

function count(tally: Tally, { isPassed, isPassedWithDoseNumber, doses, reasons }: CdsiCaseResult): void {
  add(tally.cases, { passed: isPassed ? 1 : 0, of: 1 });
  add(tally.withDoseNumber, { passed: isPassedWithDoseNumber ? 1 : 0, of: 1 });
  add(tally.doses, doses);
  add(tally.reasons, reasons);
}

function add(score: Score, { passed, of }: Score): void {
  score.passed += passed;
  score.of += of;
}
