// The planner against the Japanese cases of the shared data folder (jp-forecast-cases.ndjson). Every case counts; one that
// asserts a series the schedule lacks fails, and the notes name those series.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runCase } from '../server/forecast/cases.ts';
import { japaneseSchedule } from '../server/forecast/schedules/jp/index.ts';
import type { SuiteResult } from './suite.ts';

const FILE = '../shared/data/jp-forecast-cases.ndjson';

/** Runs every case; says so when the file is not there. */
export async function run(): Promise<SuiteResult> {
  const result: SuiteResult = { name: 'forecast-jp', passed: 0, failed: 0, skipped: 0, notes: [], failures: [] };
  const lines = readCases();
  if (lines === undefined) return { ...result, missing: FILE, notes: [`${FILE} is missing; nothing was run`] };
  const missingSeries = new Map<string, number>();
  const failures: string[] = [];
  for (const line of lines) {
    const one = runCase(line, japaneseSchedule());
    if (one.isPassed) result.passed += 1;
    else {
      result.failed += 1;
      failures.push(one.id);
    }
    for (const key of one.unknownSeries) missingSeries.set(key, (missingSeries.get(key) ?? 0) + 1);
  }
  const missing = [...missingSeries].map(([key, count]) => `${key} (${count})`);
  const notes = missing.length === 0 ? [] : [`series not in the schedule yet: ${missing.join(', ')}`];
  return { ...result, failures, notes };
}

function readCases(): string[] | undefined {
  try {
    const text = readFileSync(fileURLToPath(new URL(`../${FILE}`, import.meta.url)), 'utf8');
    return text.split('\n').filter((line) => line.trim() !== '');
  } catch {
    return undefined;
  }
}
