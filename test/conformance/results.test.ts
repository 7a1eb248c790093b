// Results as rows: a part of the suites can be written down without losing the rest.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { markdown, mergedRows, rowOf, writtenRows } from '../../conformance/results.ts';
import type { SuiteRow } from '../../server/docs/conformance-page.ts';

const row = (suite: string, commit: string): SuiteRow => ({
  suite,
  passed: 1,
  failed: 0,
  known: 0,
  skipped: 0,
  notes: [],
  commit,
  date: '2026-11-23',
});

test('a suite that was run takes the place of what it said before; the others keep theirs, in the order of the table', () => {
  const old = [row('b', 'old'), row('a', 'old'), row('gone', 'old')];
  const merged = mergedRows(old, [row('b', 'new'), row('c', 'new')], ['a', 'b', 'c', 'never run']);
  expect(merged.map(({ suite, commit }) => `${suite} ${commit}`)).toEqual(['a old', 'b new', 'c new']);
});

test('a row has the counts and lines of the verdict', () => {
  const verdict = { name: 'a', passed: 3, failed: 1, known: 2, skipped: 4, lines: ['failed: x'] };
  expect(rowOf(verdict, 'abc', '2026-11-23')).toEqual({
    suite: 'a',
    passed: 3,
    failed: 1,
    known: 2,
    skipped: 4,
    notes: ['failed: x'],
    commit: 'abc',
    date: '2026-11-23',
  });
});

test('the readable page says what the data says', () => {
  const page = readFileSync(new URL('../../conformance/results.md', import.meta.url), 'utf8');
  expect(page).toBe(`# Latest results\n\n${markdown(writtenRows())}\n`);
});
