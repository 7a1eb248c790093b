// `tsumugi token`: which scopes it mints a token for. What it refuses it refuses before it looks for a database.
import { describe, expect, test } from 'vitest';
import { tokenCommand } from '../../server/cli/token.ts';

const silent = { line: () => {}, error: () => {} };
const run = (...args: string[]) => tokenCommand.run(args, silent);

describe('tsumugi token', () => {
  test.each([
    ['', '--scope is required'],
    ['openid', 'belongs to a login'],
    ['system/*.rs launch/patient', 'belongs to a login'],
    ['system/Patient.sr', 'in this order'],
    ['user/Observation.rs?date=2026', 'cannot narrow by date'],
    ['patient/Observation.rs?category=a', 'need --patient ID'],
    ['user/*.rs patient/*.rs', 'need --patient ID'],
  ])('--scope "%s" is refused', async (scope, why) => {
    await expect(run('--scope', scope)).rejects.toThrow(why);
  });

  test('--patient goes with patient/ scopes alone', async () => {
    await expect(run('--scope', 'user/*.rs', '--patient', 'p1')).rejects.toThrow('goes with patient/ scopes');
  });
});
