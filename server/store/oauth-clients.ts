// The registry of clients: applications of families, of staff, and services behind organizations (RFC 7591 calls this
// metadata). One that registers itself waits until a person approves it.

import type { Pool } from 'pg';
import type { Strictness } from '../validation/strictness.ts';
import { endTokensOfClient } from './issued-tokens.ts';
import { tokenChannel } from './tokens.ts';

export type ClientKind = 'family-app' | 'backend' | 'staff-app';
export type ClientStatus = 'pending' | 'active' | 'suspended';

export type OauthClient = {
  id: string;
  name: { ja: string; en: string };
  /** Id of the Organization whose client it is. */
  organization?: string;
  kind: ClientKind;
  status: ClientStatus;
  redirectUris: string[];
  /** A JWK set of public keys. Neither this nor an address of one: a public client. */
  jwks?: object;
  jwksUri?: string;
  /** Space-separated: the most it may be granted. */
  scopes: string;
  /** Origins of browsers that may call with its tokens. */
  origins: string[];
  /** How its tokens have to be bound to a key. */
  binding?: 'dpop' | 'mtls';
  /** Its assertions name the issuer, as FAPI 2.0 asks, and not the token endpoint. */
  fapi: boolean;
  /** How what it writes is judged; absent: as everybody's. */
  strictness?: Strictness;
};
export type ClientRegistry = ReturnType<typeof createClientRegistry>;

const longestId = 100;
/** More that wait for a person are refused, so that strangers cannot fill the table. */
const mostPending = 200;

export function createClientRegistry({ pool }: { pool: Pool }) {
  return {
    async find(id: string): Promise<OauthClient | undefined> {
      // PostgreSQL takes no NUL, and no client has such an id.
      if (id.length > longestId || id.includes('\0')) return undefined;
      const { rows } = await pool.query<Row>({ name: 'client', text: findText, values: [id] });
      return rows[0] && clientOf(rows[0]);
    },
    /** False when the id is taken, or when too many wait already. */
    async add(client: OauthClient): Promise<boolean> {
      const { id, name, organization, kind, status, redirectUris, jwks, jwksUri, scopes, origins, binding, fapi } =
        client;
      const keys = jwks === undefined ? null : JSON.stringify(jwks);
      const facts = [
        organization,
        kind,
        status,
        redirectUris,
        keys,
        jwksUri,
        scopes,
        origins,
        binding,
        fapi,
        client.strictness,
      ];
      const { rowCount } = await pool.query(addText, [id, name.ja, name.en, ...facts]);
      return rowCount === 1;
    },
    /**
     * Lets a client in, or in again, as that of an organization (id) where one is given. False when there is none of that id, or
     * when it is a service without an organization that it acts for.
     */
    async approve(id: string, organization?: string): Promise<boolean> {
      const { rowCount } = await pool.query(approveText, [id, organization]);
      return rowCount === 1;
    },
    /** Ends everything that a client holds, at once and on every server. False when there is none of that id. */
    async suspend(id: string): Promise<boolean> {
      const { rowCount } = await pool.query("update oauth_client set status = 'suspended' where id = $1", [id]);
      if (rowCount === 1) await endTokensOfClient(pool, id);
      return rowCount === 1;
    },
    /** Says how what a client writes is judged from the next write on, on every server. False when there is none of that id. */
    async judge(id: string, strictness: Strictness): Promise<boolean> {
      const { rowCount } = await pool.query('update oauth_client set strictness = $2 where id = $1', [id, strictness]);
      if (rowCount === 1) await pool.query(lookUpAnewText, [tokenChannel, id]);
      return rowCount === 1;
    },
    /** May a browser that shows a page of this origin call? */
    async knowsOrigin(origin: string): Promise<boolean> {
      const { rowCount } = await pool.query({ name: 'client-origin', text: originText, values: [[origin]] });
      return rowCount === 1;
    },
  };
}

type Row = {
  id: string;
  name_ja: string;
  name_en: string;
  organization: string | null;
  kind: ClientKind;
  status: ClientStatus;
  redirect_uris: string[];
  jwks: object | null;
  jwks_uri: string | null;
  scopes: string;
  origins: string[];
  binding: 'dpop' | 'mtls' | null;
  fapi: boolean;
  strictness: Strictness | null;
};

const columns =
  'id, name_ja, name_en, organization, kind, status, redirect_uris, jwks, jwks_uri, scopes, origins, binding, fapi, strictness';

const findText = `select ${columns} from oauth_client where id = $1`;

const approveText = `
update oauth_client set status = 'active', organization = coalesce($2::text, organization)
where id = $1 and (kind <> 'backend' or coalesce($2::text, organization) is not null)`;

const lookUpAnewText =
  "select pg_notify($1, encode(hash, 'hex')) from token where client = $2 and revoked is null and expires > now()";

const originText = "select 1 from oauth_client where status = 'active' and origins @> $1::text[] limit 1";

const addText = `insert into oauth_client (${columns})
select $1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text[], $8::jsonb, $9::text, $10::text, $11::text[],
  $12::text, $13::boolean, $14::text
where $6 <> 'pending' or (
  select count(*) from (select 1 from oauth_client where status = 'pending' limit ${mostPending}) waiting
) < ${mostPending}
on conflict do nothing`;

function clientOf(row: Row): OauthClient {
  const { id, name_ja, name_en, organization, kind, status, redirect_uris, jwks, jwks_uri, binding, strictness } = row;
  return {
    id,
    name: { ja: name_ja, en: name_en },
    kind,
    status,
    redirectUris: redirect_uris,
    scopes: row.scopes,
    origins: row.origins,
    fapi: row.fapi,
    ...(organization === null ? {} : { organization }),
    ...(jwks === null ? {} : { jwks }),
    ...(jwks_uri === null ? {} : { jwksUri: jwks_uri }),
    ...(binding === null ? {} : { binding }),
    ...(strictness === null ? {} : { strictness }),
  };
}
