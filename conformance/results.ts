// `results.json`: what each suite said when it was last run with `--write`, with the commit it was run on; `results.md` and
// `/docs/conformance` show the same. Suites that were not run keep what they said before.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { SuiteRow } from '../server/docs/conformance-page.ts';
import type { Verdict } from './judge.ts';

const file = (name: string): URL => new URL(name, import.meta.url);

/** Puts what was found into both files; `suites` are all there are, in the order of the table. */
export function writeResults(verdicts: readonly Verdict[], suites: readonly string[]): void {
  const rows = mergedRows(
    writtenRows(),
    verdicts.map((one) => rowOf(one, latestCommit(), today())),
    suites,
  );
  writeFileSync(file('results.json'), `${JSON.stringify(rows, null, 2)}\n`);
  writeFileSync(file('results.md'), `# Latest results\n\n${markdown(rows)}\n`);
}

export function writtenRows(): SuiteRow[] {
  return existsSync(file('results.json')) ? (JSON.parse(readFileSync(file('results.json'), 'utf8')) as SuiteRow[]) : [];
}

/** New rows in place of old ones of the same suite; rows of suites that are no more are left out. */
export function mergedRows(
  old: readonly SuiteRow[],
  fresh: readonly SuiteRow[],
  suites: readonly string[],
): SuiteRow[] {
  const bySuite = new Map([...old, ...fresh].map((row) => [row.suite, row]));
  return suites.flatMap((suite) => bySuite.get(suite) ?? []);
}

export function rowOf(
  { name, passed, failed, known, skipped, lines }: Verdict,
  commit: string,
  date: string,
): SuiteRow {
  return { suite: name, passed, failed, known, skipped, notes: lines, commit, date };
}

export function markdown(rows: readonly SuiteRow[]): string {
  const counts = rows.map(
    ({ suite, passed, failed, known, skipped, commit, date }) =>
      `| ${suite} | ${passed} | ${failed} | ${known} | ${skipped} | ${date} ${commit} |`,
  );
  const notes = rows.flatMap(({ suite, notes: lines }) => lines.map((line) => `- ${suite}: ${line}`));
  const head = ['| suite | passed | failed | known failures | skipped | run |', '|---|---|---|---|---|---|'];
  return [...head, ...counts, '', ...notes].join('\n');
}

export function latestCommit(): string {
  const asked = ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'];
  return execFileSync('git', asked, { cwd: file('.'), encoding: 'utf8' }).trim();
}

export const today = (): string => new Date().toISOString().slice(0, 10);
