// Since when, and until when, the programme pays: the window of the law for this age, beside the days that intervals leave.
import { expect, test } from 'vitest';
import { answerFor, plan } from './child.ts';
import { person, rows } from './jp/ask.ts';

test.each(
  rows(`
    2025-05-20 | 2025-06-01 | PCV  | 2025-07-19 | 2030-05-19
    2025-05-20, 2026-05-10 VAR | 2026-05-20 | MR1 | 2026-05-19 | 2027-05-19
    2000-05-20 | 2012-05-01 | JE1  | 2011-05-20 | 2020-05-19
    2000-05-20 girl | 2023-05-01 | HPV | 2022-04-01 | 2025-03-31
    2024-05-20 | 2027-06-01 | PCV  | 2024-07-19 | 2029-05-19
    2024-05-20 | 2026-06-01 | MR1  | 2025-05-19 |
  `),
)('%s: on %s, %s is paid for from %s to %s', (line = '', day = '', series = '', from = '', to = '') => {
  const one = answerFor(plan(person(line, day)), series);
  expect([one.coverageStart, one.coverageEnd ?? '']).toEqual([from, to === '' ? one.coverageEnd : to]);
});
