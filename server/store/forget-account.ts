// Forgetting the account of a resource that is erased: its login name, what it is proven by, its sessions, and what the
// authorization server holds for it. Its audit rows stay, as those of everything that was erased do.

import type { ClientBase } from 'pg';
import { endTokensOfAccount } from './issued-tokens.ts';

/** Every table that refers to `account`; passkey_challenge does so without saying it. */
export const accountTables = [
  'account_password',
  'account_totp',
  'account_passkey',
  'passkey_challenge',
  'account_code',
  'login_device',
  'login_session',
  'account_notice',
  'account_certificate',
] as const;

/** Rows that went, by table; none when `subject` (`Person/ID`, `Practitioner/ID`) has no account. */
export async function forgetAccount(client: ClientBase, subject: string): Promise<Record<string, number>> {
  const { rows } = await client.query<{ id: string }>('select id from account where subject = $1 for update', [
    subject,
  ]);
  const [account] = rows;
  if (!account) return {};
  await endTokensOfAccount(client, [account.id, subject]);
  const gone: Record<string, number> = {};
  for (const table of accountTables) {
    const { rowCount } = await client.query(`delete from ${table} where account = $1`, [account.id]);
    if (rowCount) gone[table] = rowCount;
  }
  await client.query('delete from account where id = $1', [account.id]);
  return { ...gone, account: 1 };
}
