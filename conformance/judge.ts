// Weighs a suite's result against the failures we know of: known ones are listed and not counted, unknown ones fail, and so
// does a known one that passes now, so that the list cannot go stale.
import type { KnownFailures, SuiteResult } from './suite.ts';

export type Verdict = {
  name: string;
  passed: number;
  /** Failures that count: unknown ones, stale entries, and with `isCi` a suite that could not run. */
  failed: number;
  known: number;
  skipped: number;
  /** Lines for below the table: notes, counted failures, known ones with their reason. */
  lines: string[];
};

/** `isCi`: a suite that could not run counts as a failure. */
export function judge(result: SuiteResult, known: KnownFailures, isCi: boolean): Verdict {
  const groups = known[result.name] ?? [];
  const knownIds = new Set(groups.flatMap((group) => group.ids));
  const failures = new Set(result.failures ?? []);
  const unknown = [...failures].filter((id) => !knownIds.has(id));
  const stillKnown = [...failures].filter((id) => knownIds.has(id));
  // A suite that did not run says nothing about its entries.
  const stale = result.missing ? [] : [...knownIds].filter((id) => !failures.has(id));
  const unnamed = Math.max(0, result.failed - failures.size);
  const nothingRun = result.missing !== undefined || result.passed + result.failed === 0;
  return {
    name: result.name,
    passed: result.passed,
    failed: unknown.length + unnamed + stale.length + (isCi && nothingRun ? 1 : 0),
    known: stillKnown.length,
    skipped: result.skipped,
    lines: [
      ...(result.missing ? [`not run: ${result.missing} is missing`] : []),
      ...result.notes,
      ...unknown.map((id) => `failed: ${id}${told(result, id)}`),
      ...(unnamed > 0 ? [`failed: ${unnamed} without an id`] : []),
      ...stale.map((id) => `in known-failures.json, but passes or is gone: ${id}`),
      ...groups.map((group) => `known: ${group.ids.length} × ${group.reason}`),
    ],
  };
}

function told({ faults = {} }: SuiteResult, id: string): string {
  return faults[id] === undefined ? '' : ` (${faults[id]})`;
}
