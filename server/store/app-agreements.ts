// What people have agreed to with apps: the grants of an account, which it can end, and the yes of a guardian without which
// nobody under 16 connects an app alone. Both are rows of the authorization server, so that suspending a client ends them too.

import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { createIssuedTokens } from './issued-tokens.ts';

/** An app that has access. `since` is ISO 8601. */
export type Connection = { id: string; client: string; patient?: string; scopes: string[]; since: string };

/** What a young person wants to connect; `by` is the guardian (`Person/ID`) who has said yes. */
export type GuardianYes = { id: string; client: string; patient: string; scopes: string[]; by?: string };

export type AppAgreements = ReturnType<typeof createAppAgreements>;

const askedS = 14 * 86_400;
const agreedS = 366 * 86_400;
const model = 'GuardianYes';

export function createAppAgreements({ pool }: { pool: Pool }) {
  const tokens = createIssuedTokens({ pool });
  return {
    /** The apps that can still get at something, the latest first. */
    async connectionsOf(account: string): Promise<Connection[]> {
      const { rows } = await pool.query({ name: 'connections', text: connectionsText, values: [account] });
      return rows.map(({ patient, ...row }) => (patient === null ? row : { ...row, patient }));
    },
    /** Ends a grant of the account and all tokens that came of it. False when there is none of that id. */
    async endConnection(account: string, id: string): Promise<boolean> {
      if (!isHash(id)) return false;
      const text = `select grant_id from oidc_payload where model = 'Grant' and id_hash = decode($1, 'hex') and account = $2`;
      const { rows } = await pool.query<{ grant_id: string }>(text, [id, account]);
      if (rows[0]) await tokens.endGrant(rows[0].grant_id);
      return rows.length > 0;
    },
    /** Puts the wish before the guardians. What was agreed to for other scopes is no longer. */
    async ask({ client, patient, scopes, account }: Omit<GuardianYes, 'id'> & { account: string }): Promise<void> {
      const payload = JSON.stringify({ scopes: [...scopes].sort() });
      await pool.query(askText, [hashOf(client, patient), payload, client, patient, account, askedS]);
    },
    async find(client: string, patient: string): Promise<GuardianYes | undefined> {
      const { rows } = await pool.query({ name: 'yes-find', text: findText, values: [hashOf(client, patient)] });
      return rows[0] && yesOf(rows[0]);
    },
    /** Wishes and answers of these patients. */
    async of(patients: readonly string[]): Promise<GuardianYes[]> {
      const { rows } = await pool.query({ name: 'yes-of', text: ofText, values: [patients] });
      return rows.map(yesOf);
    },
    /** The guardian's yes to what they were shown. False when it is not what is asked any more. */
    async agree({ id, patient, scopes }: GuardianYes, by: string): Promise<boolean> {
      if (!isHash(id)) return false;
      const { rowCount } = await pool.query(agreeText, [id, patient, JSON.stringify([...scopes].sort()), by, agreedS]);
      return rowCount === 1;
    },
    /** No, or no longer: what the young person has connected by it ends. */
    async withdraw({ id, patient }: Pick<GuardianYes, 'id' | 'patient'>): Promise<boolean> {
      if (!isHash(id)) return false;
      const { rows } = await pool.query<{ grant_id: string | null }>(withdrawText, [id, patient]);
      for (const { grant_id } of rows) if (grant_id !== null) await tokens.endGrant(grant_id);
      return rows.length > 0;
    },
  };
}

const isHash = (id: string): boolean => /^[0-9a-f]{64}$/.test(id);
const hashOf = (client: string, patient: string): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([client, patient]))
    .digest();

type Row = { id: string; client: string; patient: string; payload: { scopes: string[]; by?: string } };
const yesOf = ({ payload: { scopes, by }, ...row }: Row): GuardianYes => ({
  ...row,
  scopes,
  ...(by === undefined ? {} : { by }),
});

// A grant without a living token is history.
const connectionsText = `
select encode(g.id_hash, 'hex') as id, g.client, g.patient, to_json(to_timestamp((g.payload ->> 'iat')::float8)) #>> '{}' as since,
  string_to_array(coalesce(g.payload -> 'openid' ->> 'scope', ''), ' ') as scopes
from oidc_payload g
where g.account = $1 and g.model = 'Grant' and g.expires > now() and (
  exists (
    select from oidc_payload r
    where r.grant_id = g.grant_id and r.model = 'RefreshToken' and r.consumed is null and r.expires > now()
  )
  or exists (select from token t where t.grant_id = g.grant_id and t.revoked is null and t.expires > now())
)
order by (g.payload ->> 'iat')::float8 desc`;

const askText = `
insert into oidc_payload (model, id_hash, payload, client, patient, account, expires)
values ('${model}', $1, $2::jsonb, $3, $4, $5, now() + $6::float8 * interval '1 s')
on conflict (model, id_hash) do update
set payload = excluded.payload, account = excluded.account, expires = excluded.expires
where oidc_payload.payload -> 'scopes' <> excluded.payload -> 'scopes' or oidc_payload.expires < now()`;

const columns = `encode(id_hash, 'hex') as id, client, patient, payload`;
const findText = `select ${columns} from oidc_payload where model = '${model}' and id_hash = $1 and expires > now()`;
const ofText = `select ${columns} from oidc_payload
where patient = any($1::text[]) and model = '${model}' and expires > now() order by id_hash`;

const agreeText = `update oidc_payload
set payload = payload || jsonb_build_object('by', $4::text), expires = now() + $5::float8 * interval '1 s'
where model = '${model}' and id_hash = decode($1, 'hex') and patient = $2 and payload -> 'scopes' = $3::jsonb and expires > now()`;

const withdrawText = `
with gone as (
  delete from oidc_payload where model = '${model}' and id_hash = decode($1, 'hex') and patient = $2
  returning client, patient, account
)
select g.grant_id from gone
left join lateral (
  select o.grant_id from oidc_payload o
  where o.patient = gone.patient and o.model = 'Grant' and o.client = gone.client and o.account = gone.account
) g on true`;
