// How `npm test` ends: the closing line is what CI and people read, so it must not call a bad run good.
import { describe, expect, test } from 'vitest';
import { type Report, type Run, summary } from './summary.ts';

const report: Report = {
  numPassedTests: 2,
  numFailedTests: 0,
  testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults: [{ fullName: 'a works', status: 'passed' }] }],
};
const good: Run = { report, leftOut: [], exitCode: 0, isCi: false };

describe('summary', () => {
  test('of a good run is the closing line alone', () => {
    expect(summary(good)).toEqual({ lines: ['2 passed, 0 failed'], failed: 0 });
  });

  test('names what was left out once, and counts it as failed with CI=true only', () => {
    const leftOut = ['redis: no redis-server found', 'redis: no redis-server found'];
    const lines = ['left out:', '  redis: no redis-server found', '2 passed, 0 failed'];
    expect(summary({ ...good, leftOut })).toEqual({ lines, failed: 0 });
    expect(summary({ ...good, leftOut, isCi: true })).toMatchObject({ failed: 1 });
  });

  test('takes a skipped test for something left out', () => {
    const file = {
      name: 'b.test.ts',
      status: 'passed',
      assertionResults: [{ fullName: 'b waits', status: 'skipped' }],
    };
    const run = { ...good, report: { ...report, testResults: [file] }, isCi: true };
    expect(summary(run).lines).toContain('  test: b waits');
    expect(summary(run).failed).toBe(1);
  });

  test('counts a file that did not load, and a failure outside every test', () => {
    const broken = { name: 'c.test.ts', status: 'failed', message: 'no such module', assertionResults: [] };
    const run = { ...good, exitCode: 1, report: { ...report, testResults: [broken] } };
    expect(summary(run).lines).toEqual(['did not run: c.test.ts', '2 passed, 1 failed']);
    expect(summary({ ...good, exitCode: 1 }).failed).toBe(1);
    expect(summary({ ...good, exitCode: 1, report: undefined }).lines.at(-1)).toBe('0 passed, 1 failed');
  });
});
