// What people prove themselves by, as it is stored: passwords, seeds of one-time passwords, codes. Whatever works once is used
// up by the statement that finds it.

import type { ClientBase, Pool } from 'pg';
import { instantOf } from './accounts.ts';

type Connection = Pool | ClientBase;

/** `hash` is a PHC string. */
export async function setPassword(client: Connection, account: string, hash: string, nowMs: number): Promise<void> {
  await client.query(
    `insert into account_password (account, hash, changed) values ($1, $2, $3)
on conflict (account) do update set hash = excluded.hash, changed = excluded.changed`,
    [account, hash, instantOf(nowMs)],
  );
}

/** The same password, hashed anew, unless it was changed meanwhile. */
export async function renewPassword(pool: Pool, account: string, before: string, hash: string): Promise<void> {
  await pool.query('update account_password set hash = $3 where account = $1 and hash = $2', [account, before, hash]);
}

export async function removePassword(client: ClientBase, account: string): Promise<boolean> {
  const { rowCount } = await client.query('delete from account_password where account = $1', [account]);
  return rowCount === 1;
}

export type StoredTotp = { seed: Buffer | undefined; offered: Buffer | undefined };

/** The sealed seeds of an account: the one in use, and one that waits for its first code. */
export async function totpOf(connection: Connection, account: string): Promise<StoredTotp> {
  const text = 'select seed, offered from account_totp where account = $1';
  const { rows } = await connection.query({ name: 'totp', text, values: [account] });
  return { seed: rows[0]?.seed ?? undefined, offered: rows[0]?.offered ?? undefined };
}

export async function offerTotp(connection: Connection, account: string, offered: Buffer): Promise<void> {
  await connection.query(
    `insert into account_totp (account, offered) values ($1, $2)
on conflict (account) do update set offered = excluded.offered`,
    [account, offered],
  );
}

/** Puts the offered seed to use, its first code used up. False when another was offered or taken meanwhile. */
export async function takeTotp(client: ClientBase, account: string, offered: Buffer, step: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `update account_totp set seed = offered, offered = null, last_step = $3 where account = $1 and offered = $2`,
    [account, offered, step],
  );
  return rowCount === 1;
}

/** Uses the code of a step up. False when it, or a later one, has been used, or the seed is another by now. */
export async function useTotpStep(client: Connection, account: string, seed: Buffer, step: number): Promise<boolean> {
  const { rowCount } = await client.query(
    'update account_totp set last_step = $3 where account = $1 and seed = $2 and last_step < $3',
    [account, seed, step],
  );
  return rowCount === 1;
}

export async function removeTotp(client: ClientBase, account: string): Promise<boolean> {
  const { rowCount } = await client.query('delete from account_totp where account = $1 and seed is not null', [
    account,
  ]);
  return rowCount === 1;
}

export type CodePurpose = 'backup' | 'enrol' | 'recover';

/** Puts codes in the place of those of the same purpose. */
export async function replaceCodes(
  client: ClientBase,
  account: string,
  purpose: CodePurpose,
  hashes: readonly Buffer[],
  { nowMs, lifetimeMs }: { nowMs: number; lifetimeMs?: number },
): Promise<void> {
  await client.query('delete from account_code where account = $1 and purpose = $2', [account, purpose]);
  await client.query(
    `insert into account_code (account, purpose, hash, created, expires) select $1, $2, unnest($3::bytea[]), $4, $5`,
    [account, purpose, hashes, instantOf(nowMs), lifetimeMs === undefined ? 'infinity' : instantOf(nowMs + lifetimeMs)],
  );
}

/** Uses a code up; its purpose, undefined when there is no such code, or it was used or has expired. */
export async function useCode(
  client: Connection,
  account: string,
  purposes: readonly CodePurpose[],
  hash: Buffer,
  nowMs: number,
): Promise<CodePurpose | undefined> {
  const { rows } = await client.query(
    `update account_code set used = $4 where account = $1 and purpose = any($2) and hash = $3 and used is null and expires > $4
returning purpose`,
    [account, purposes, hash, instantOf(nowMs)],
  );
  return rows[0]?.purpose;
}

/** How many backup codes are left. */
export async function codesLeft(connection: Connection, account: string): Promise<number> {
  const { rows } = await connection.query(
    "select count(*)::int as left from account_code where account = $1 and purpose = 'backup' and used is null",
    [account],
  );
  return rows[0]?.left ?? 0;
}
