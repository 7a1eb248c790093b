// tsumugi account: locks, unlocks and closes the account of a login name. Its sessions, grants and tokens end at once, on every
// server; each change is audited and told to the person. Closing is for good: what is to come back later is locked.

import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { changeAccountStatus } from '../login/account-status.ts';
import { foldLogin } from '../login/login-name.ts';
import { accountByLogin } from '../store/accounts.ts';
import { endTokensOfAccount } from '../store/issued-tokens.ts';
import type { Pool } from '../store/pool.ts';
import { type Command, CommandError } from './command.ts';
import { settingsOf, withDatabase } from './connect.ts';

const statuses = { lock: 'locked', unlock: 'active', close: 'closed' } as const;

export const accountCommand: Command = {
  name: 'account',
  summary: 'Lock, unlock or close an account; its sessions and tokens end at once.',
  usage: 'tsumugi account lock|unlock|close --login LOGIN',
  async run([act = '', ...args], out) {
    if (!(act === 'lock' || act === 'unlock' || act === 'close'))
      throw new CommandError(`account takes one of ${Object.keys(statuses).join(', ')}`);
    const { login } = parseArgs({ args, options: { login: { type: 'string' } } }).values;
    if (!login) throw new CommandError('--login is required');
    await withDatabase(settingsOf(), (pool) => change(pool, login, statuses[act]));
    out.line(`the account is ${statuses[act]}`);
    return 0;
  },
};

async function change(pool: Pool, login: string, status: (typeof statuses)[keyof typeof statuses]): Promise<void> {
  const account = await accountByLogin(pool, foldLogin(login));
  if (!account) throw new CommandError('there is no account of this login name');
  if (account.status === 'closed') throw new CommandError('the account is closed, for good');
  const context = {
    pool,
    nowMs: Date.now,
    endTokensOf: (client: Parameters<typeof endTokensOfAccount>[0], { id, subject }: { id: string; subject: string }) =>
      endTokensOfAccount(client, [id, subject]),
  };
  const { subject } = account;
  await changeAccountStatus(context, { subject, status, by: 'tsumugi-cli', request: randomUUID() });
}
