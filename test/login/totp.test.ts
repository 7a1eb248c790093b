// One-time passwords by the vectors of RFC 6238, appendix B (SHA-1; the last six of their eight digits).
import { describe, expect, test } from 'vitest';
import { stepOf } from '../../server/login/totp.ts';

const seed = Buffer.from('12345678901234567890');

describe('a one-time password', () => {
  test.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ])('at %i s is %s, and right one step around', (seconds, code) => {
    const step = Math.floor(seconds / 30);
    expect(stepOf(seed, code, seconds * 1000)).toBe(step);
    expect(stepOf(seed, code, (seconds - 30) * 1000)).toBe(step);
    expect(stepOf(seed, code, (seconds + 30) * 1000)).toBe(step);
    expect(stepOf(seed, code, (seconds - 60) * 1000)).toBeUndefined();
    expect(stepOf(seed, code, (seconds + 60) * 1000)).toBeUndefined();
  });

  test('may be typed in full width and in two groups', () => {
    expect(stepOf(seed, '２８７ ０８２', 59_000)).toBe(1);
    for (const other of ['', '28708', '2870822', '287 08x', '-28708', '1e5'])
      expect(stepOf(seed, other, 59_000)).toBeUndefined();
  });
});
