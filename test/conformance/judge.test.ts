// How a suite's result is weighed: only known failures are forgiven, and the list of them cannot go stale.
import { describe, expect, test } from 'vitest';
import { judge } from '../../conformance/judge.ts';
import type { SuiteResult } from '../../conformance/suite.ts';

const result: SuiteResult = { name: 's', passed: 5, failed: 2, skipped: 1, notes: [], failures: ['a', 'b'] };
const known = { s: [{ ids: ['a', 'b'], reason: 'the case contradicts its source' }] };

describe('judge', () => {
  test('lists known failures with their reason and does not count them', () => {
    expect(judge(result, known, true)).toMatchObject({ passed: 5, failed: 0, known: 2, skipped: 1 });
    expect(judge(result, known, true).lines).toEqual(['known: 2 × the case contradicts its source']);
  });

  test('counts failures that are not known, with or without an id', () => {
    expect(judge(result, {}, false)).toMatchObject({ failed: 2, lines: ['failed: a', 'failed: b'] });
    expect(judge({ ...result, failed: 3 }, known, false)).toMatchObject({ failed: 1 });
    expect(judge({ ...result, failures: ['a', 'c'] }, { s: [{ ids: ['a'], reason: 'r' }] }, false)).toMatchObject({
      failed: 1,
    });
  });

  test('tells what is wrong beside a failure that is not known', () => {
    const faults = { a: 'a is red', b: 'b is blue' };
    const { lines } = judge({ ...result, faults }, { s: [{ ids: ['a'], reason: 'r' }] }, false);
    expect(lines).toEqual(['failed: b (b is blue)', 'known: 1 × r']);
  });

  test('counts a known failure that passes now', () => {
    const { failed, lines } = judge({ ...result, failed: 1, failures: ['a'] }, known, false);
    expect(failed).toBe(1);
    expect(lines).toContain('in known-failures.json, but passes or is gone: b');
  });

  test('counts a suite without its data with CI=true only, and leaves its known failures alone', () => {
    const missing = { name: 's', passed: 0, failed: 0, skipped: 0, notes: [], missing: '../shared/data/x' };
    expect(judge(missing, known, false).failed).toBe(0);
    expect(judge(missing, known, true).failed).toBe(1);
  });
});
