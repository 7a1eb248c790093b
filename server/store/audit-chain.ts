// The chains of the audit: behind each row the hash of everything before it and of the row. Rows are sealed after their commit, in
// the order (xid, id) and only up to the oldest transaction that still runs, so that none can come to stand before a sealed one.
// There is a chain for each of 16 groups of buckets, so that a database spread over machines can seal on each of them.

import { createHash } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';

/** A row in the order of the audit: its chain, and its text, which the hash is of. */
export type ChainRow = { xid: string; id: string; part: number; text: string };
/** Where a chain ends: how many rows it has, and the hash behind the last. */
export type Head = { part: number; rows: number; hash: string };
/** What was sealed at one place of a chain. */
export type Seal = { id: string; hash: string };

export const parts: readonly number[] = Array.from({ length: 16 }, (_, part) => part);

/** The hash before the first row of a chain, in hexadecimal. */
export const beginOf = (part: number): string => createHash('sha256').update(`tsumugi audit ${part}`).digest('hex');

/** The hash behind a row. */
export const hashBehind = (before: string, text: string): string =>
  createHash('sha256').update(before, 'hex').update(text).digest('hex');

// Any number will do as long as every server of the product uses the same.
const sealLock = 7_205_761;

// The text of a row: every column, written by PostgreSQL as a row value. Sessions of ours have one time zone and date style.
const rowText =
  'row(a.xid, a.id, a.bucket, a.at, a.client, a.interaction, a.type, a.key, a.version, a.owner, a.request, a.outcome)::text';
const rowColumns = `a.xid::text as xid, a.id, a.bucket >> 8 as part, ${rowText} as text`;

/** Seals the next rows, at most `limit`; returns how many. 0 also while another process seals. */
export async function sealNext(pool: Pool, limit: number): Promise<number> {
  const client = await pool.connect();
  let failure: unknown;
  try {
    await client.query('begin');
    const { rows: locked } = await client.query(`select pg_try_advisory_xact_lock(${sealLock}) as mine`);
    const sealed = locked[0]?.mine ? await seal(client, limit) : 0;
    await client.query('commit');
    return sealed;
  } catch (error) {
    failure = error;
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release(failure instanceof Error && !('severity' in failure));
  }
}

async function seal(client: ClientBase, limit: number): Promise<number> {
  await client.query("insert into consumer (name) values ('seal') on conflict do nothing");
  const { rows } = await client.query<ChainRow>({ name: 'seal-rows', text: unsealedText, values: [limit] });
  const last = rows.at(-1);
  if (!last) return 0;
  const heads = new Map((await headsOf(client)).map((head) => [head.part, head]));
  for (const [part, added] of Map.groupBy(rows, (row) => row.part)) {
    const head = heads.get(part) ?? { rows: 0, hash: beginOf(part) };
    let { hash } = head;
    const hashes = added.map(({ text }) => {
      hash = hashBehind(hash, text);
      return hash;
    });
    const end = added.at(-1);
    const values = [part, head.rows + 1, added.map(({ id }) => id), hashes.join(''), end?.xid, end?.id];
    await client.query({ name: 'seal', text: sealText, values });
  }
  await client.query("update consumer set xid = $1::xid8, id = $2 where name = 'seal'", [last.xid, last.id]);
  return rows.length;
}

const unsealedText = `
select ${rowColumns} from audit a
where (a.xid, a.id) > ((select xid from consumer where name = 'seal'), (select id from consumer where name = 'seal'))
  and a.xid < audit_settled()
order by a.xid, a.id limit $1`;

const sealText = `
insert into audit_seal (part, first, ids, hashes, xid, id)
values ($1, $2, $3::bigint[], decode($4, 'hex'), $5::xid8, $6)`;

/** The heads of the chains that have any rows. */
export async function headsOf(connection: Pool | ClientBase): Promise<Head[]> {
  const { rows } = await connection.query<Head>({ name: 'seal-heads', text: headsText, values: [parts] });
  return rows.map(({ part, rows, hash }) => ({ part, rows: Number(rows), hash }));
}

const headsText = `
select p.part, s.first + cardinality(s.ids) - 1 as rows, encode(substr(s.hashes, octet_length(s.hashes) - 31), 'hex') as hash
from unnest($1::int2[]) as p(part) cross join lateral (
  select first, ids, hashes from audit_seal s where s.part = p.part order by first desc limit 1
) s order by p.part`;

export type Place = { xid: string; id: string };

/** The last row that any chain holds; undefined when nothing is sealed. */
export async function sealedThrough(pool: Pool): Promise<Place | undefined> {
  const { rows } = await pool.query<Place>(
    `select s.xid::text, s.id from unnest($1::int2[]) as p(part) cross join lateral (
       select xid, id from audit_seal s where s.part = p.part order by first desc limit 1
     ) s order by s.xid desc, s.id desc limit 1`,
    [parts],
  );
  return rows[0];
}

/** Every row up to a place, in order. */
export async function* rowsThrough(pool: Pool, through: Place): AsyncGenerator<ChainRow> {
  let after: Place = { xid: '0', id: '0' };
  for (;;) {
    const { rows } = await pool.query<ChainRow>({
      name: 'chain-rows',
      text: `select ${rowColumns} from audit a
where (a.xid, a.id) > ($1::xid8, $2::bigint) and (a.xid, a.id) <= ($3::xid8, $4::bigint)
order by a.xid, a.id limit 2000`,
      values: [after.xid, after.id, through.xid, through.id],
    });
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    after = last;
  }
}

/** What the seals of a chain say up to a place, in order. Throws ChainBroken where a seal is not behind the one before it. */
export async function* sealsThrough(pool: Pool, part: number, through: Place): AsyncGenerator<Seal> {
  let next = 1;
  for (;;) {
    const { rows } = await pool.query<{ first: string; ids: string[]; hashes: string }>({
      name: 'chain-seals',
      text: `select first, ids::text[] as ids, encode(hashes, 'hex') as hashes from audit_seal
where part = $1 and first >= $2 and (xid, id) <= ($3::xid8, $4::bigint) order by first limit 20`,
      values: [part, next, through.xid, through.id],
    });
    if (rows.length === 0) return;
    for (const { first, ids, hashes } of rows) {
      if (Number(first) !== next || hashes.length !== ids.length * 64) throw new ChainBroken(part, next);
      for (const [n, id] of ids.entries()) yield { id, hash: hashes.slice(n * 64, n * 64 + 64) };
      next += ids.length;
    }
  }
}

/** A seal is missing, or was changed in its form. */
export class ChainBroken extends Error {
  readonly part: number;
  readonly place: number;
  constructor(part: number, place: number) {
    super(`the seal of chain ${part} from place ${place} is missing or was changed`);
    this.name = 'ChainBroken';
    this.part = part;
    this.place = place;
  }
}

/** The chain in which a row was sealed; undefined when it never was. Reads every seal: for a row that is at fault. */
export async function chainOf(pool: Pool, id: string): Promise<number | undefined> {
  const { rows } = await pool.query('select part from audit_seal where ids @> array[$1::bigint] limit 1', [id]);
  return rows[0]?.part;
}

/** The text of the row with that number, wherever it stands; undefined when there is none. Reads the whole audit. */
export async function textOf(pool: Pool, id: string): Promise<string | undefined> {
  const { rows } = await pool.query(`select ${rowText} as text from audit a where a.id = $1 limit 1`, [id]);
  return rows[0]?.text;
}

/** How many rows wait to be sealed behind a place, at most 100,000. */
export async function waitingBehind(pool: Pool, { xid, id }: Place): Promise<number> {
  const { rows } = await pool.query(
    `select count(*)::int as n from (
       select from audit a where (a.xid, a.id) > ($1::xid8, $2::bigint) order by a.xid, a.id limit 100000) a`,
    [xid, id],
  );
  return rows[0]?.n ?? 0;
}
