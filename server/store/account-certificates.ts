// Which account a verified certificate stands for, and the challenges that cards sign. The subject is a hash that stays the
// same for one certificate; no My Number is ever in one.

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

/** Binds a certificate in the place of an older one. False when it stands for another account already. */
export async function bindSubject(
  client: ClientBase,
  subject: string,
  account: string,
  nowMs: number,
): Promise<boolean> {
  // Two accounts may want it at the same time.
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 7205762))', [subject]);
  const { rowCount } = await client.query(
    `insert into account_certificate (account, subject, created)
select $1::uuid, $2::text, $3 where not exists (select from account_certificate where subject = $2 and account <> $1)
on conflict (account) do update set subject = excluded.subject, created = excluded.created, used = null`,
    [account, subject, instantOf(nowMs)],
  );
  return rowCount === 1;
}

export async function removeCertificate(client: ClientBase, account: string): Promise<boolean> {
  const { rowCount } = await client.query('delete from account_certificate where account = $1', [account]);
  return rowCount === 1;
}

/** Challenges that have been given and not yet used, shared by all servers of a deployment. */
export function createCardChallenges<Kind extends string>({ pool }: { pool: Pool }) {
  return {
    async keep(challenge: { hash: string; session: string; kind: Kind; expiresMs: number }): Promise<void> {
      const { hash, session, kind, expiresMs } = challenge;
      await pool.query('insert into card_challenge (hash, session, kind, expires) values ($1, $2, $3, $4)', [
        hash,
        session,
        kind,
        instantOf(expiresMs),
      ]);
    },
    /** Takes it away, in one statement. Undefined unless this session has it. */
    async take(challenge: { hash: string; session: string }): Promise<{ kind: Kind; expiresMs: number } | undefined> {
      const { rows } = await pool.query(
        `delete from card_challenge where hash = $1 and session = $2
returning kind, (extract(epoch from expires) * 1000)::float8 as "expiresMs"`,
        [challenge.hash, challenge.session],
      );
      return rows[0];
    },
  };
}
