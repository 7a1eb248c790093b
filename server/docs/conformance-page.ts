// /docs/conformance: what the outside suites said when they were last run and written down (conformance/results.json). The page has
// no words of its own about what this server passes.

import { existsSync, readFileSync } from 'node:fs';
import { code, page, table, text } from './html.ts';

/** `commit` ends with -dirty where files were changed since; `date` is the day in UTC. */
export type SuiteRow = {
  suite: string;
  passed: number;
  failed: number;
  known: number;
  skipped: number;
  notes: string[];
  commit: string;
  date: string;
};

const results = new URL('../../conformance/results.json', import.meta.url);

/** Undefined where the suites are not part of what is installed. */
export function conformancePage(): string | undefined {
  if (!existsSync(results)) return undefined;
  const rows = JSON.parse(readFileSync(results, 'utf8')) as SuiteRow[];
  const heads = ['suite', 'passed 合格', 'failed 不合格', 'known failures 既知', 'skipped 対象外', 'run 実行'];
  const counts = rows.map(({ suite, passed, failed, known, skipped, commit, date }) => [
    text(suite),
    ...[passed, failed, known, skipped].map(String),
    `${text(date)} ${code(commit)}`,
  ]);
  return page(
    'Conformance 適合性',
    `<p><a href="/docs">Tsumugi: API</a></p>
<p>外部の試験データによる結果です。 What test suites of others say of this server. A known failure has its reason below; a suite
names the day and the commit it was run on.</p>
${table('Suites 試験', heads, counts)}
${rows.map(notesOf).join('\n')}`,
  );
}

function notesOf({ suite, notes }: SuiteRow): string {
  if (notes.length === 0) return '';
  return `<h2>${text(suite)}</h2><ul>${notes.map((note) => `<li>${text(note)}</li>`).join('')}</ul>`;
}
