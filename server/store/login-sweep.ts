// What logins leave behind and nobody needs any more. Run now and then, as pruning is.

import type { Pool } from 'pg';

const mostAtOnce = 1_000;

const texts = [
  'delete from passkey_challenge where hash in (select hash from passkey_challenge where expires < now() order by expires limit $1)',
  'delete from card_challenge where hash in (select hash from card_challenge where expires < now() order by expires limit $1)',
  // Failures are forgotten after a day at the latest (server/login/gates.ts).
  `delete from login_throttle where key in (
     select key from login_throttle where touched < now() - interval '2 days' order by touched limit $1)`,
  `delete from login_session where hash in (
     select hash from login_session where ends < now() - interval '30 days' order by ends limit $1)`,
  `delete from login_device where (hash, account) in (
     select hash, account from login_device where seen < now() - interval '400 days' order by seen limit $1)`,
];

/** Deletes some of what has expired; returns how many rows. */
export async function sweepLogins(pool: Pool): Promise<number> {
  let count = 0;
  for (const text of texts) count += (await pool.query(text, [mostAtOnce])).rowCount ?? 0;
  return count;
}
