// tsumugi recover: a code for one use, within a day, for somebody who has lost every factor and whose identity was checked in
// person. Nothing about the account changes until it is redeemed; issuing it is audited and told to the person.

import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { issueRecoveryCode } from '../login/recovery.ts';
import { type Command, CommandError } from './command.ts';
import { settingsOf, withDatabase } from './connect.ts';

export const recoverCommand: Command = {
  name: 'recover',
  summary: 'Print a code with which a person whom you have identified gets back into their account.',
  usage: 'tsumugi recover --account LOGIN',
  async run(args, out) {
    const { account: login } = parseArgs({ args, options: { account: { type: 'string' } } }).values;
    if (!login) throw new CommandError('--account is required');
    const code = await withDatabase(settingsOf(), (pool) =>
      issueRecoveryCode({ pool, nowMs: Date.now }, { login, by: 'tsumugi-cli', request: randomUUID() }),
    );
    if (code === undefined) throw new CommandError('there is no account of this login name');
    out.line(code);
    return 0;
  },
};
