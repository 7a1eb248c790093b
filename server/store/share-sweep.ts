// What links leave behind and nobody may open any more. Run now and then. The family goes on seeing for a year who opened them.

import type { Pool } from 'pg';

const mostAtOnce = 1_000;

const texts = [
  'delete from share_location where hash in (select hash from share_location where expires < now() order by expires limit $1)',
  `delete from share_file where share in (
     select s.id from share s where s.expires < now() and exists (select from share_file f where f.share = s.id)
     order by s.expires desc limit $1)`,
  `delete from share where id in (
     select id from share where expires < now() - interval '400 days' order by expires limit $1)`,
];

/** Deletes some of what has expired; returns how many rows. */
export async function sweepShares(pool: Pool): Promise<number> {
  let count = 0;
  for (const text of texts) count += (await pool.query(text, [mostAtOnce])).rowCount ?? 0;
  return count;
}
