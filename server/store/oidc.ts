// What the authorization server remembers: sessions, grants, codes, refresh tokens, ids that were used. Kept by the SHA-256 of
// what the bearer holds, which is itself in no column. Whatever may happen once only is decided by one statement.

import { createHash } from 'node:crypto';
import type { Pool } from 'pg';

export type Payload = Record<string, unknown>;
export type OidcStore = ReturnType<typeof createOidcStore>;

/** Rows of the authorization server in `pool`. Models are the names of oidc-provider, and `Launch` of ours. */
export function createOidcStore({ pool }: { pool: Pool }) {
  return {
    /** Stores or replaces. A row that was consumed stays so. `expiresInS` is in seconds from now. */
    async put(model: string, id: string, payload: Payload, expiresInS: number): Promise<void> {
      await pool.query({ name: 'oidc-put', text: putText, values: rowOf(model, id, payload, expiresInS) });
    },
    /** False when there was such a row already, however many ask at the same time. */
    async putOnce(model: string, id: string, payload: Payload, expiresInS: number): Promise<boolean> {
      const values = rowOf(model, id, payload, expiresInS);
      const { rowCount } = await pool.query({ name: 'oidc-once', text: onceText, values });
      return rowCount === 1;
    },
    /** Undefined for what has expired. `jti` is the id that was asked for, `consumed` the second in which it was used up. */
    async find(model: string, id: string): Promise<Payload | undefined> {
      const { rows } = await pool.query({ name: 'oidc-find', text: findText, values: [model, hashOf(id)] });
      return rows[0] && { ...found(rows[0]), jti: id };
    },
    async findByUid(model: string, uid: string): Promise<Payload | undefined> {
      const { rows } = await pool.query({ name: 'oidc-uid', text: findByUidText, values: [uid, model] });
      return rows[0] && found(rows[0]);
    },
    /** Uses it up and answers what it held: to one caller only, however many ask at the same time. */
    async consume(model: string, id: string): Promise<Payload | undefined> {
      const { rows } = await pool.query({ name: 'oidc-consume', text: consumeText, values: [model, hashOf(id)] });
      return rows[0] && found(rows[0]);
    },
    async destroy(model: string, id: string): Promise<void> {
      await pool.query('delete from oidc_payload where model = $1 and id_hash = $2', [model, hashOf(id)]);
    },
    /** Forgets a bounded number of rows and tokens that have expired, and clients that nobody let in for 30 days; answers how many. */
    async sweep(): Promise<number> {
      const { rows } = await pool.query<{ count: number }>({ name: 'oidc-sweep', text: sweepText });
      return rows[0]?.count ?? 0;
    },
  };
}

export const hashOf = (id: string): Buffer => createHash('sha256').update(id).digest();

const mostSwept = 1_000;

const columns = 'model, id_hash, payload, grant_id, uid, client, patient, account, expires';
const given = "$1, $2, $3::jsonb, $4, $5, $6, $7, $8, now() + $9::float8 * interval '1 s'";

const onceText = `insert into oidc_payload (${columns}) values (${given}) on conflict do nothing`;

const putText = `insert into oidc_payload (${columns}) values (${given})
on conflict (model, id_hash) do update set payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid,
  client = excluded.client, patient = excluded.patient, account = excluded.account, expires = excluded.expires`;

const findText = `select payload, extract(epoch from consumed)::float8 as consumed from oidc_payload
where model = $1 and id_hash = $2 and expires > now()`;

const findByUidText = `select payload, extract(epoch from consumed)::float8 as consumed from oidc_payload
where uid = $1 and model = $2 and expires > now() limit 1`;

const consumeText = `update oidc_payload set consumed = now()
where model = $1 and id_hash = $2 and consumed is null and expires > now() returning payload, null::float8 as consumed`;

const sweepText = `
with old as materialized (
  select o.ctid as place from oidc_payload o where o.expires < now() order by o.expires limit ${mostSwept}
), gone as (
  delete from oidc_payload p using old where p.ctid = old.place returning 1
), spent as materialized (
  select t.hash from token t where t.payload is not null and t.expires < now() order by t.expires limit ${mostSwept}
), ended as (
  delete from token t using spent where t.hash = spent.hash returning 1
), unasked as (
  delete from oauth_client where status = 'pending' and created < now() - interval '30 days' returning 1
)
select ((select count(*) from gone) + (select count(*) from ended) + (select count(*) from unasked))::int as count`;

function rowOf(model: string, id: string, { jti: _held, ...payload }: Payload, expiresInS: number): unknown[] {
  const { grantId, uid, clientId, accountId, context } = payload;
  const patient = (context as { patient?: unknown } | undefined)?.patient;
  const isGrant = model === 'Grant';
  return [
    model,
    hashOf(id),
    JSON.stringify(payload),
    (isGrant ? id : grantId) ?? null,
    uid ?? null,
    clientId ?? null,
    (isGrant ? patient : undefined) ?? null,
    accountId ?? null,
    expiresInS,
  ];
}

function found({ payload, consumed }: { payload: Payload; consumed: number | null }): Payload {
  return consumed === null ? payload : { ...payload, consumed: Math.floor(consumed) };
}
