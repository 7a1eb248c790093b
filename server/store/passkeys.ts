// Passkeys and the challenges that they sign. A challenge is used up by the statement that finds it, and a signature counter
// that goes back is refused by the statement that would store it.

import type { ClientBase, Pool } from 'pg';
import { instantOf } from './accounts.ts';

type Connection = Pool | ClientBase;

export type StoredPasskey = {
  /** The credential id in base64url. */
  id: string;
  account: string;
  /** COSE. */
  publicKey: Buffer;
  counter: number;
  transports: string[];
  synced: boolean;
};

/** What a person sees of a passkey. Times are ISO 8601. */
export type PasskeyLine = { id: string; name: string; synced: boolean; created: string; used: string | undefined };

export type ChallengePurpose = 'register' | 'log-in';

export async function addChallenge(
  pool: Pool,
  challenge: { hash: Buffer; purpose: ChallengePurpose; account: string | undefined; expiresMs: number },
): Promise<void> {
  const { hash, purpose, account, expiresMs } = challenge;
  await pool.query('insert into passkey_challenge (hash, purpose, account, expires) values ($1, $2, $3, $4)', [
    hash,
    purpose,
    account ?? null,
    instantOf(expiresMs),
  ]);
}

/** Uses a challenge up. False when it was never given, has been used, has expired, or was given to somebody else. */
export async function useChallenge(
  pool: Pool,
  challenge: { hash: Buffer; purpose: ChallengePurpose; account: string | undefined },
  nowMs: number,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `delete from passkey_challenge
where hash = $1 and purpose = $2 and account is not distinct from $3::uuid and expires > $4`,
    [challenge.hash, challenge.purpose, challenge.account ?? null, instantOf(nowMs)],
  );
  return rowCount === 1;
}

/** False when the credential is somebody's already. */
export async function addPasskey(
  client: ClientBase,
  key: StoredPasskey & { name: string },
  nowMs: number,
): Promise<boolean> {
  const { id, account, publicKey, counter, transports, synced, name } = key;
  const { rowCount } = await client.query(
    `insert into account_passkey (id, account, public_key, counter, transports, synced, name, created)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
    [id, account, publicKey, counter, transports, synced, name, instantOf(nowMs)],
  );
  return rowCount === 1;
}

export async function passkeyById(connection: Connection, id: string): Promise<StoredPasskey | undefined> {
  const { rows } = await connection.query({
    name: 'passkey',
    text: `select id, account, public_key as "publicKey", counter::float8 as counter, transports, synced
from account_passkey where id = $1`,
    values: [id],
  });
  return rows[0];
}

/** Stores the counter of a signature. False when it has not grown, which is how a copied key shows (WebAuthn 7.2, step 22). */
export async function countPasskey(client: ClientBase, id: string, counter: number, nowMs: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `update account_passkey set counter = $2, used = $3 where id = $1 and ($2 > counter or ($2 = 0 and counter = 0))`,
    [id, counter, instantOf(nowMs)],
  );
  return rowCount === 1;
}

/** The passkeys of an account, oldest first. */
export async function passkeysOf(connection: Connection, account: string): Promise<PasskeyLine[]> {
  const { rows } = await connection.query(
    `select id, name, synced, to_json(created) #>> '{}' as created, to_json(used) #>> '{}' as used from account_passkey
where account = $1 order by created, id`,
    [account],
  );
  return rows.map((row) => ({ ...row, used: row.used ?? undefined }));
}

export async function namePasskey(pool: Pool, account: string, id: string, name: string): Promise<boolean> {
  const { rowCount } = await pool.query('update account_passkey set name = $3 where id = $2 and account = $1', [
    account,
    id,
    name,
  ]);
  return rowCount === 1;
}

export async function removePasskey(client: ClientBase, account: string, id: string): Promise<boolean> {
  const { rowCount } = await client.query('delete from account_passkey where id = $2 and account = $1', [account, id]);
  return rowCount === 1;
}
