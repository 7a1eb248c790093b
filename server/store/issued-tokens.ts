// Access tokens of the authorization server. They stand in the table that `tsumugi token` writes to, so that a call looks in
// one place; what ends a grant, a session or a client ends its tokens on every server at once.

import type { ClientBase, Pool } from 'pg';
import { hashOf, type Payload } from './oidc.ts';
import { type NewToken, tokenChannel } from './tokens.ts';

export type IssuedToken = Omit<NewToken, 'lifetimeMs'> & {
  grantId?: string | undefined;
  /** The login session that it ends with. */
  session?: string | undefined;
  payload: Payload;
  expiresInS: number;
};
export type IssuedTokens = ReturnType<typeof createIssuedTokens>;

export function createIssuedTokens({ pool }: { pool: Pool }) {
  return {
    /**
     * Stores a token. One whose client was suspended or whose grant was revoked meanwhile is stored as revoked: both rows are
     * held until it is there, so that whoever ends them finds it.
     */
    async put(id: string, token: IssuedToken): Promise<void> {
      const { client, scope, patient, user, organization, purpose, boundTo, grantId, session, expiresInS } = token;
      const { jti: _held, ...payload } = token.payload;
      const facts = [client, scope, patient, user, organization, purpose, boundTo, grantId, session];
      const grant = grantId === undefined ? null : hashOf(grantId);
      const values = [hashOf(id), ...facts, JSON.stringify(payload), expiresInS, grant];
      await pool.query({ name: 'token-issue', text: putText, values });
    },
    /** What was stored with a token that is valid now; `kind` is the library's name of its model. */
    async find(kind: string, id: string): Promise<Payload | undefined> {
      const { rows } = await pool.query({ name: 'token-payload', text: findText, values: [hashOf(id), kind] });
      return rows[0] && { ...rows[0].payload, jti: id };
    },
    async end(id: string): Promise<void> {
      await pool.query(endWhere('hash = $2'), [tokenChannel, hashOf(id)]);
    },
    async endOfSession(uid: string): Promise<void> {
      await pool.query(endWhere('session = $2'), [tokenChannel, uid]);
    },
    /** Forgets the sessions of an account, and ends the tokens that were to end with them. */
    async endSessionsOf(accountId: string): Promise<void> {
      const text = "delete from oidc_payload where account = $1 and model = 'Session' returning uid";
      const { rows } = await pool.query<{ uid: string }>(text, [accountId]);
      for (const { uid } of rows) await pool.query(endWhere('session = $2'), [tokenChannel, uid]);
    },
    /** Ends a grant: nothing more is issued by it, and what was issued ends. */
    async endGrant(grantId: string): Promise<void> {
      // Waits for whoever is issuing by this grant; the second statement then sees what they stored.
      await pool.query('delete from oidc_payload where grant_id = $1', [grantId]);
      await pool.query(endWhere('grant_id = $2'), [tokenChannel, grantId]);
    },
  };
}

/** Ends what a suspended client holds. Its row in oauth_client says already that it is suspended. */
export async function endTokensOfClient(pool: Pool, client: string): Promise<void> {
  await pool.query('delete from oidc_payload where client = $1', [client]);
  await pool.query(endWhere('client = $2'), [tokenChannel, client]);
}

/**
 * Ends everything that the authorization server holds for a login, when the transaction of `client` is committed: sessions,
 * grants, codes, refresh tokens and access tokens. `names`: what it may have been called there.
 */
export async function endTokensOfAccount(client: ClientBase, names: readonly string[]): Promise<void> {
  // Waits for whoever is issuing; the next statement then sees what they stored.
  const text =
    'delete from oidc_payload where account = any($1) returning grant_id, case model when $2 then uid end as session';
  const { rows } = await client.query<{ grant_id: string | null; session: string | null }>(text, [names, 'Session']);
  const distinct = (values: (string | null)[]) => [...new Set(values.filter((value) => value !== null))];
  await client.query(endWhere('grant_id = any($2)'), [tokenChannel, distinct(rows.map((row) => row.grant_id))]);
  await client.query(endWhere('session = any($2)'), [tokenChannel, distinct(rows.map((row) => row.session))]);
  await client.query(endWhere('"user" = any($2)'), [tokenChannel, names]);
}

const endWhere = (condition: string): string => `
with ended as (update token set revoked = now() where ${condition} and revoked is null returning hash)
select pg_notify($1, encode(hash, 'hex')) from ended`;

const putText = `
with held as materialized (
  select 1 from oidc_payload where model = 'Grant' and id_hash = $13::bytea for share
), active as materialized (
  select 1 from oauth_client where id = $2 and status = 'active' for share
)
insert into token (hash, client, scope, patient, "user", organization, purpose, bound_to, grant_id, session, payload, expires, revoked)
select $1::bytea, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::text, $10::text, $11::jsonb,
  now() + $12::float8 * interval '1 s',
  case when ($13::bytea is not null and not exists (select from held)) or not exists (select from active) then now() end`;

const findText = `select payload from token
where hash = $1 and revoked is null and expires > now() and payload ->> 'kind' = $2`;
