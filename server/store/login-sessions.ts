// Sessions of our own pages: found by the hash of what the browser holds, ended by idleness, by age and by hand.

import type { ClientBase, Pool } from 'pg';
import { instantOf } from './accounts.ts';

type Connection = Pool | ClientBase;

/**
 * half: the password was right and a second factor is missing; enrol: only factors can be set up; full: two factors were shown.
 */
export type Level = 'half' | 'enrol' | 'full';

export type StoredSession = {
  id: string;
  account: string;
  login: string;
  subject: string;
  organization: string | undefined;
  level: Level;
  /** RFC 8176. */
  amr: string[];
  authTimeMs: number;
  recoveredMs: number | undefined;
};

/** What a person sees of their sessions. Times are ISO 8601. */
export type SessionLine = { id: string; agent: string; created: string; seen: string };

export type NewSession = {
  hash: Buffer;
  id: string;
  account: string;
  level: Level;
  amr: readonly string[];
  authTimeMs: number;
  agent: string;
  endsMs: number;
};

export async function addSession(client: Connection, session: NewSession, nowMs: number): Promise<void> {
  const { hash, id, account, level, amr, authTimeMs, agent, endsMs } = session;
  await client.query({
    name: 'session-add',
    text: `insert into login_session (hash, id, account, level, amr, auth_time, agent, created, seen, ends)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)`,
    values: [hash, id, account, level, amr, instantOf(authTimeMs), agent, instantOf(nowMs), instantOf(endsMs)],
  });
}

/** The session of that hash, whose account is active, and marks it as used now. */
export async function useSession(
  connection: Connection,
  hash: Buffer,
  { nowMs, idleMs }: { nowMs: number; idleMs: number },
): Promise<StoredSession | undefined> {
  const { rows } = await connection.query({
    name: 'session-use',
    text: `update login_session s set seen = $2 from account a
where s.hash = $1 and s.ended is null and s.ends > $2 and s.seen > $2::timestamptz - $3::float8 * interval '1 ms'
  and a.id = s.account and a.status = 'active'
returning s.id, s.account, a.login, a.subject, a.organization, s.level, s.amr,
  (extract(epoch from s.auth_time) * 1000)::float8 as "authTimeMs",
  (extract(epoch from a.recovered) * 1000)::float8 as "recoveredMs"`,
    values: [hash, instantOf(nowMs), idleMs],
  });
  const row = rows[0];
  return row && { ...row, organization: row.organization ?? undefined, recoveredMs: row.recoveredMs ?? undefined };
}

/** False when the session of that id has ended. */
export async function isOpenSession(client: ClientBase, id: string, nowMs: number): Promise<boolean> {
  const text = 'select from login_session where id = $1 and ended is null and ends > $2';
  const { rowCount } = await client.query({ name: 'session-open', text, values: [id, instantOf(nowMs)] });
  return rowCount === 1;
}

/** Ends the session of a hash. False when it had ended. */
export async function endSession(client: Connection, hash: Buffer, nowMs: number): Promise<boolean> {
  const { rowCount } = await client.query(
    'update login_session set ended = $2 where hash = $1 and ended is null and ends > $2',
    [hash, instantOf(nowMs)],
  );
  return rowCount === 1;
}

/** Ends one session of an account, by its id in the list. False when it is not theirs or had ended. */
export async function endSessionOf(client: Connection, account: string, id: string, nowMs: number): Promise<boolean> {
  const { rowCount } = await client.query(
    'update login_session set ended = $3 where id = $2 and account = $1 and ended is null and ends > $3',
    [account, id, instantOf(nowMs)],
  );
  return rowCount === 1;
}

/** Ends every session of an account; returns how many. */
export async function endSessionsOf(client: Connection, account: string, nowMs: number): Promise<number> {
  const { rowCount } = await client.query(
    'update login_session set ended = $2 where account = $1 and ended is null and ends > $2',
    [account, instantOf(nowMs)],
  );
  return rowCount ?? 0;
}

/** The open sessions of an account, oldest first. */
export async function sessionsOf(
  connection: Connection,
  account: string,
  { nowMs, idleMs }: { nowMs: number; idleMs: number },
): Promise<SessionLine[]> {
  const { rows } = await connection.query(
    `select id, agent, to_json(created) #>> '{}' as created, to_json(seen) #>> '{}' as seen from login_session
where account = $1 and ended is null and ends > $2 and seen > $2::timestamptz - $3::float8 * interval '1 ms'
  and level <> 'half'
order by created`,
    [account, instantOf(nowMs), idleMs],
  );
  return rows;
}

/** True when the browser that holds this has logged in to the account before. */
export async function isKnownDevice(connection: Connection, hash: Buffer, account: string): Promise<boolean> {
  const { rows } = await connection.query({
    name: 'device-known',
    text: 'select from login_device where hash = $1 and account = $2',
    values: [hash, account],
  });
  return rows.length === 1;
}

/** False when it was known before. */
export async function addDevice(client: Connection, hash: Buffer, account: string, nowMs: number): Promise<boolean> {
  const { rows } = await client.query(
    `insert into login_device (hash, account, seen) values ($1, $2, $3)
on conflict (hash, account) do update set seen = excluded.seen returning xmax = 0 as is_new`,
    [hash, account, instantOf(nowMs)],
  );
  return rows[0]?.is_new === true;
}
