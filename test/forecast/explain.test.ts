// The rows that an answer is explained with: those that set its dates, those without a day, and every uncertain one.
import { expect, test } from 'vitest';
import { binding } from '../../server/forecast/explain.ts';
import { answerFor, plan } from './child.ts';
import { person, rows } from './jp/ask.ts';

test.each(
  rows(`
    2025-05-20, 2026-05-10 VAR | 2026-05-20 | MR1 | earliest | X1
    2025-05-20                 | 2026-05-20 | MR1 | earliest | MR-1
    2025-05-20                 | 2026-05-20 | MR1 | latest   | MR-1
    2025-05-20                 | 2026-05-20 | MR1 | path     | MR-1
    2025-05-20                 | 2025-06-01 | PCV | recommended | PCV-1
    2025-05-20                 | 2025-06-01 | PCV | standardEnd | PCV-1
    2025-05-20                 | 2025-06-01 | PCV | product  | PCV-6
    2025-05-20, 2027-05-10 PCV20 | 2027-05-20 | PCV | path   | PCV-2
    2025-05-20, 2028-06-01 JE  | 2028-06-02 | JE1 | standardEnd | T8
    2025-05-20, immunoglobulin@2026-05-01=100 | 2026-05-20 | MR1 | earliest | X8
  `),
)('%s: on %s the answer for %s names for %s: %s', (line = '', day = '', series = '', sets = '', rules = '') => {
  const bound = binding(answerFor(plan(person(line, day)), series)).filter((one) => one.sets === sets);
  expect([...new Set(bound.map(({ rule }) => rule.id))].sort().join(' ')).toBe(rules);
});

test('an uncertain row is named though another one set the day', () => {
  const answer = answerFor(plan(person('2025-05-20, 2028-06-01 JE', '2029-12-01')), 'JE1');
  const uncertain = answer.because.filter(({ rule }) => rule.confidence === 'U');
  expect(uncertain.length).toBeGreaterThan(0);
  expect(binding(answer)).toEqual(expect.arrayContaining(uncertain));
});
