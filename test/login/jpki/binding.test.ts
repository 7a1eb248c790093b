// Binding a card to an account: only by a fresh proof that is not the card itself.
import { expect, test } from 'vitest';
import { endsSoon, mayBind } from '../../../server/login/jpki/binding.ts';

const nowMs = Date.parse('2026-11-23T00:00:00Z');

test.each([
  [['pwd', 'otp'], 0, 'yes'],
  [['hwk', 'user'], 300_000, 'yes'],
  [['pwd', 'otp'], 300_001, 'prove-again'],
  [['pwd', 'otp'], -1, 'prove-again'],
  [['sc', 'pin'], 0, 'prove-otherwise'],
  [['sc', 'pin', 'pwd'], 0, 'yes'],
  [[], 0, 'prove-otherwise'],
] as const)('a session by %j, %i ms old: %s', (amr, ageMs, answer) => {
  expect(mayBind({ amr, authTimeMs: nowMs - ageMs }, nowMs)).toBe(answer);
});

test('an owner hears three months before the end', () => {
  expect(endsSoon({ notAfter: '2027-02-22T00:00:00Z' }, nowMs)).toBe(true);
  expect(endsSoon({ notAfter: '2027-02-24T00:00:00Z' }, nowMs)).toBe(false);
  expect(endsSoon({ notAfter: '2026-11-22T00:00:00Z' }, nowMs)).toBe(true);
});
