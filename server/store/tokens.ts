// Bearer tokens: opaque, only their hash is stored. Verified ones stay in memory while they are valid, and are dropped by
// every server at the moment one of them revokes.

import { createHash, randomBytes } from 'node:crypto';
import type { ClientBase, Pool, PoolClient } from 'pg';
import { requiredProfiles } from './required-profiles.ts';

/** Whom a token stands for; see access/caller.ts. */
export type Bearer = {
  client: string;
  scope: string;
  patient?: string | undefined;
  /** `Person/[id]` or `Practitioner/[id]`. */
  user?: string | undefined;
  /** The id of the Organization whose client or staff it is. */
  organization?: string | undefined;
  /** v3-ActReason. */
  purpose?: string | undefined;
  /** The key that must come with it: `dpop:` and its JWK thumbprint (RFC 9449), `mtls:` and a certificate's (RFC 8705). */
  boundTo?: string | undefined;
};
export type Token = Bearer & {
  expiresMs: number;
  /** The authorization server gave it out to a client; else `tsumugi token` did, for the deployment. */
  isIssued?: boolean;
  /** How strictly the client's writes are judged, where that is not as everybody's. */
  strictness?: 'base' | 'declared' | 'strict' | undefined;
  /** Canonicals of the profiles that its organization requires of what is written. */
  profiles?: string[];
};
export type NewToken = Bearer & { lifetimeMs: number };
export type TokenStore = Awaited<ReturnType<typeof createTokenStore>>;

/** Where every server hears the hash of a token that has ended, or that is to be looked up anew. */
export const tokenChannel = 'token_revoked';
const mostKept = 10_000;
const unknownForMs = 2_000;
// A network may swallow the listener's connection without a word; then a revocation is heard this late, and not never.
const knownForMs = 60_000;
const longestToken = 200;

/** Mints a token and returns its text, which is not stored and cannot be shown again. */
export async function mintToken(pool: Pool, { lifetimeMs, ...bearer }: NewToken): Promise<string> {
  const { client, scope, patient, user, organization, purpose, boundTo } = bearer;
  const text = `tsu_${randomBytes(32).toString('base64url')}`;
  await pool.query(
    `insert into token (hash, client, scope, patient, "user", organization, purpose, bound_to, expires)
     values ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9 * interval '1 ms')`,
    [hashOf(text), client, scope, patient, user, organization, purpose, boundTo, lifetimeMs],
  );
  return text;
}

/** Ends a token everywhere at once. False when there was no such valid token. */
export async function revokeToken(pool: Pool, text: string): Promise<boolean> {
  const hash = hashOf(text);
  // One statement, so that no server misses a revocation that was stored.
  const { rowCount } = await pool.query(
    `with ended as (update token set revoked = now() where hash = $1 and revoked is null returning hash)
     select pg_notify($2, $3) from ended`,
    [hash, tokenChannel, hash.toString('hex')],
  );
  return rowCount === 1;
}

/** Forgets every token and grant of a patient, and ends them at once when the transaction of `client` is committed. Returns how many. */
export async function endTokensOf(client: ClientBase, patient: string): Promise<number> {
  const { rowCount } = await client.query(
    `with granted as (delete from oidc_payload where patient = $1),
       ended as (delete from token where patient = $1 returning hash)
     select pg_notify($2, encode(hash, 'hex')) from ended`,
    [patient, tokenChannel],
  );
  return rowCount ?? 0;
}

/** Looks tokens up; holds one connection to hear of revocations. */
export async function createTokenStore({ pool, nowMs }: { pool: Pool; nowMs: () => number }) {
  // By the token itself, so that a call costs no hashing; a revocation names only the hash.
  const kept = new Map<string, { token: Token | undefined; untilMs: number }>();
  const textOf = new Map<string, string>();
  let revocationsHeard = 0;
  let isClosed = false;
  let listener = await listen();

  return {
    /** The valid token of that text, undefined for any other. */
    async find(text: string): Promise<Token | undefined> {
      if (text.length > longestToken) return undefined;
      const known = kept.get(text);
      if (known && known.untilMs > nowMs()) return known.token;
      const heardBefore = revocationsHeard;
      const key = hashOf(text).toString('hex');
      const found = await lookUp(key);
      if (kept.size >= mostKept) forgetAll();
      // Without the listener a revocation would not be heard, and one heard meanwhile may have been of this token.
      if (listener && revocationsHeard === heardBefore) {
        const untilMs = found ? Math.min(found.expiresMs, nowMs() + knownForMs) : nowMs() + unknownForMs;
        kept.set(text, { token: found, untilMs });
        textOf.set(key, text);
      }
      return found;
    },
    close(): void {
      isClosed = true;
      const client = listener;
      listener = undefined;
      client?.release(true);
    },
  };

  function forgetAll(): void {
    kept.clear();
    textOf.clear();
  }

  async function lookUp(hash: string): Promise<Token | undefined> {
    const text = `select t.client, t.scope, t.patient, t."user", t.organization, t.purpose, t.bound_to as "boundTo", t.payload is not null as "isIssued", (extract(epoch from t.expires) * 1000)::float8 as "expiresMs", c.strictness
from token t left join oauth_client c on c.id = t.client
where t.hash = decode($1, 'hex') and t.revoked is null and t.expires > now()`;
    const { rows } = await pool.query({ name: 'token', text, values: [hash] });
    if (!rows[0]) return undefined;
    const { patient, user, organization, purpose, boundTo, strictness, ...rest } = rows[0];
    const named = { patient, user, organization, purpose, boundTo, strictness };
    const profiles = organization === null ? [] : await requiredProfiles(pool, organization);
    return {
      ...rest,
      ...Object.fromEntries(Object.entries(named).map(([name, value]) => [name, value ?? undefined])),
      ...(profiles.length > 0 && { profiles }),
    };
  }

  function listenAgainLater(): void {
    setTimeout(async () => {
      if (isClosed || listener) return;
      listener = await listen().catch(() => undefined);
      if (!listener) listenAgainLater();
    }, 1000).unref();
  }

  async function listen(): Promise<PoolClient | undefined> {
    const client = await pool.connect();
    client.on('notification', ({ payload }) => {
      revocationsHeard += 1;
      kept.delete(textOf.get(payload ?? '') ?? '');
    });
    client.on('error', () => {
      // PostgreSQL says goodbye to connections that were given back as well.
      if (listener !== client) return;
      listener = undefined;
      forgetAll();
      client.release(true);
      listenAgainLater();
    });
    await client.query(`listen ${tokenChannel}`);
    return client;
  }
}

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();
