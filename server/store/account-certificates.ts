// Which account a verified certificate stands for. The subject is whatever stays the same in it; no My Number is ever in one.

import type { ClientBase, Pool } from 'pg';
import { instantOf } from './accounts.ts';

/** The id of the account that a certificate's subject stands for; says that it was used. */
export async function subjectsAccount(pool: Pool, subject: string, nowMs: number): Promise<string | undefined> {
  const { rows } = await pool.query('update account_certificate set used = $2 where subject = $1 returning account', [
    subject,
    instantOf(nowMs),
  ]);
  return rows[0]?.account;
}

/** False when it stands for another account already. */
export async function addCertificate(
  client: ClientBase,
  subject: string,
  account: string,
  nowMs: number,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into account_certificate (subject, account, created) values ($1, $2, $3)
on conflict (subject) do update set account = excluded.account where account_certificate.account = excluded.account`,
    [subject, account, instantOf(nowMs)],
  );
  return rowCount === 1;
}
