// Accounts: who may log in, for whom they stand, and what has been done to them. Each change leaves its audit row, and what
// its person is to be told, in the same transaction.

import type { ClientBase, Pool } from 'pg';
import { keyOf } from '../search/keys.ts';
import { auditSecurity } from './audit.ts';

type Connection = Pool | ClientBase;

export type Account = {
  id: string;
  /** Folded, as it is compared. */
  login: string;
  /** `Person/ID` of a family member, `Practitioner/ID` of staff. */
  subject: string;
  /** Id of the Organization of staff. */
  organization: string | undefined;
  status: 'active' | 'locked' | 'closed';
  /** Of the last recovery. */
  recoveredMs: number | undefined;
  /** A PHC string. */
  password: string | undefined;
  hasTotp: boolean;
  passkeys: number;
  /** A My Number Card is bound to it. */
  hasCard: boolean;
};

export type NewAccount = Pick<Account, 'id' | 'login' | 'subject' | 'organization'>;

/** What a row of the audit says about an account, and a notice to its person. */
export type AccountAct =
  | 'account-created'
  | 'account-status'
  | 'login'
  | 'login-failed'
  | 'logout'
  | 'login-recovered'
  | 'recovery-code-issued'
  | 'factor-added'
  | 'factor-removed'
  | 'identity-proven';

/** False when the login name or the subject has an account already; nothing is stored then. */
export async function addAccount(
  client: ClientBase,
  { id, login, subject, organization }: NewAccount,
  nowMs: number,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into account (id, login, subject, organization, status, created) values ($1, $2, $3, $4, 'active', $5)
on conflict do nothing`,
    [id, login, subject, organization ?? null, instantOf(nowMs)],
  );
  return rowCount === 1;
}

/** The account of a folded login name, which may be any text. */
export const accountByLogin = (connection: Connection, login: string): Promise<Account | undefined> =>
  // What cannot be stored is nobody's name; it takes the same look-up.
  one(connection, 'account-by-login', 'a.login = $1', login.includes('\0') || !login.isWellFormed() ? '' : login);

export const accountById = (connection: Connection, id: string): Promise<Account | undefined> =>
  one(connection, 'account-by-id', 'a.id = $1', id);

/** The account of a `Person/ID` or `Practitioner/ID`. */
export const accountBySubject = (connection: Connection, subject: string): Promise<Account | undefined> =>
  one(connection, 'account-by-subject', 'a.subject = $1', subject);

/** Waits for other changes to the factors of this account, and keeps them waiting until the transaction ends. */
export async function lockAccount(client: ClientBase, id: string): Promise<Account | undefined> {
  await client.query('select from account where id = $1 for update', [id]);
  return accountById(client, id);
}

/** False when the account is not active; while true, it stays so until the transaction ends. */
export async function holdActive(client: ClientBase, id: string): Promise<boolean> {
  const text = "select from account where id = $1 and status = 'active' for share";
  const { rowCount } = await client.query({ name: 'account-hold', text, values: [id] });
  return rowCount === 1;
}

/** Locks, closes or opens an account. False when there is none. Sessions of one that is not active are refused. */
export async function setAccountStatus(client: ClientBase, id: string, status: Account['status']): Promise<boolean> {
  const { rowCount } = await client.query('update account set status = $2 where id = $1', [id, status]);
  return rowCount === 1;
}

export async function markRecovered(client: ClientBase, id: string, nowMs: number): Promise<void> {
  await client.query('update account set recovered = $2 where id = $1', [id, instantOf(nowMs)]);
}

/** The audit row of an act; `subject` is undefined for a login name that nobody has. `by` is the client that acts. */
export async function auditAct(
  connection: Connection,
  act: AccountAct,
  { subject, request, by = 'login' }: { subject: string | undefined; request: string; by?: string | undefined },
  nowMs: number,
): Promise<void> {
  const [type, id] = subject?.split('/') ?? [];
  await auditSecurity(connection, {
    interaction: act,
    outcome: act === 'login-failed' ? 4 : 0,
    // A login that failed is nobody's act yet, whoever's name was given.
    actor: { client: by, ...(by === 'login' && act !== 'login-failed' && { user: subject }) },
    ...(type && id && { type, key: keyOf(type, id) }),
    request,
    at: instantOf(nowMs),
  });
}

/** Puts down that the person is to be told, whatever channels there are. */
export async function addNotice(client: ClientBase, account: string, kind: string, nowMs: number): Promise<void> {
  await client.query('insert into account_notice (account, at, kind) values ($1, $2, $3)', [
    account,
    instantOf(nowMs),
    kind,
  ]);
}

/** ISO 8601, for a timestamptz parameter. */
export const instantOf = (ms: number): string => new Date(ms).toISOString();

async function one(connection: Connection, name: string, where: string, value: string): Promise<Account | undefined> {
  const text = `select a.id, a.login, a.subject, a.organization, a.status,
  (extract(epoch from a.recovered) * 1000)::float8 as "recoveredMs",
  p.hash as password, coalesce(t.seed is not null, false) as "hasTotp",
  (select count(*)::int from account_passkey k where k.account = a.id) as passkeys,
  exists (select from account_certificate c where c.account = a.id) as "hasCard"
from account a
left join account_password p on p.account = a.id
left join account_totp t on t.account = a.id
where ${where}`;
  const { rows } = await connection.query({ name, text, values: [value] });
  const row = rows[0];
  if (!row) return undefined;
  const { organization, recoveredMs, password, ...rest } = row;
  return {
    ...rest,
    organization: organization ?? undefined,
    recoveredMs: recoveredMs ?? undefined,
    password: password ?? undefined,
  };
}
