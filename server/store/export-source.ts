// What a bulk export reads besides searches: the moment it shows, and whole types as bytes. A type is copied in slices, each in
// the order of `updated` and key. A version has one place in that order whether it is still current or was replaced meanwhile,
// so the slices of an export, which are statements of different moments, show each resource of its state exactly once.

import { setTimeout as sleep } from 'node:timers/promises';
import pg, { type Pool } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { keyOf, nobody, typeNumber } from '../search/keys.ts';
import { type Moment, snapshotOf } from '../search/plan.ts';
import { fixed, join, type Sql, sql } from '../search/sql.ts';
import { statement } from './pool.ts';

/** Which rows of a state of the record. */
export type Exported = {
  asOf: Moment['snapshot'];
  /** Stored later than the one and earlier than the other (ISO 8601). */
  since?: string | undefined;
  until?: string | undefined;
  /** Only what is in some patient's record. */
  ofPatients?: boolean | undefined;
};

/** Where a slice ended. */
export type ExportPlace = { updated: string; key: string };

export type ExportSource = ReturnType<typeof createExportSource>;

export function createExportSource({ pool }: { pool: Pool }) {
  return {
    /**
     * A state of the record that holds all that was stored up to `transactionMs`. Writes under way at the call may be part of
     * it although they are a little later; where one takes very long, `transactionMs` is when that began.
     */
    moment: (nowMs: number): Promise<{ snapshot: string; transactionMs: number }> => momentOf(pool, nowMs),

    /** Can this state still be shown? What has been forgotten (past.ts) stays so: asking when all is read is soon enough. */
    isKept: async (asOf: string): Promise<boolean> => {
      const { rows } = await pool.query<{ snapshot: string | null }>(statement(sql`select ${snapshotOf(asOf)}`));
      return (rows[0]?.snapshot ?? null) !== null;
    },

    /** The stored texts of at most `limit` resources of a type behind `after`, a line each. For callers who may see them all. */
    copy: (type: string, exported: Exported, limit: number, after: ExportPlace): AsyncIterable<Buffer> =>
      copied(pool, type, exported, limit, after),

    /**
     * The patients (keys) of whom `copy` gives something of these types, in pages of at most `limit`; each once.
     */
    owners: async function* (types: readonly string[], exported: Exported, limit: number): AsyncGenerator<string[]> {
      for (let after = nobody; ; ) {
        const page = await ownersOf(pool, types, exported, after, limit);
        if (page.length > 0) yield page;
        const last = page.at(-1);
        if (last === undefined || page.length < limit) break;
        after = last;
      }
      const others = await pastOwners(pool, types, exported);
      if (others.length > 0) yield others;
    },
  };
}

/** In front of everything. */
export const exportStart: ExportPlace = { updated: '-infinity', key: nobody };

/** The place of a resource by its stored text. */
export function placeOfLine(line: string): ExportPlace {
  const { resourceType, id, meta } = JSON.parse(line) as {
    resourceType: string;
    id: string;
    meta: { lastUpdated: string };
  };
  return { updated: meta.lastUpdated, key: keyOf(resourceType, id) };
}

/** A create is dated before its statement begins; so long it may lie in this process or another. */
const beforeStatementMs = 200;
const longestWaitMs = 5_000;

async function momentOf(pool: Pool, nowMs: number): Promise<{ snapshot: string; transactionMs: number }> {
  const started = performance.now();
  await sleep(beforeStatementMs);
  const { rows: begun } = await pool.query<{ xid: string }>({
    name: 'export-begun',
    text: 'select pg_snapshot_xmax(pg_current_snapshot())::text as xid',
  });
  for (;;) {
    const { rows } = await pool.query<{ snapshot: string; is_settled: boolean; oldest: string }>({
      name: 'export-moment',
      text: momentText,
      values: [begun[0]?.xid],
    });
    const waitedMs = performance.now() - started;
    const { snapshot = '', is_settled: isSettled = true, oldest = 0 } = rows[0] ?? {};
    if (isSettled) return { snapshot, transactionMs: nowMs };
    // A load that takes minutes is not waited for: what it stores comes with the next export since this one.
    if (waitedMs > longestWaitMs) return { snapshot, transactionMs: Math.floor(nowMs + waitedMs - Number(oldest)) };
    await sleep(50);
  }
}

const momentText = `
select pg_current_snapshot()::text as snapshot, pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 as is_settled,
  (select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0) * 1000 from pg_stat_activity
   where backend_xid is not null and datname = current_database()) as oldest`;

// A COPY takes no parameters. What it is given here are numbers of types, instants and keys of our own making.
async function* copied(pool: Pool, type: string, exported: Exported, limit: number, after: ExportPlace) {
  const text = `copy (${inlined(sliceOf(type, exported, limit, after))}) to stdout ${asLines}`;
  const client = await pool.connect();
  const stream = client.query(copyTo(text));
  let isDone = false;
  try {
    for await (const chunk of stream) yield chunk as Buffer;
    isDone = true;
  } finally {
    // A connection that still sends rows cannot be used again.
    client.release(!isDone);
  }
}

// A stored text has no line break and no such characters, so every row is its text and a line feed, and nothing is escaped.
const asLines = `(format csv, quote E'\\x01', delimiter E'\\x02', encoding 'utf8')`;

function sliceOf(type: string, exported: Exported, limit: number, { updated, key }: ExportPlace): Sql {
  const { now, past } = rowsOf(type, exported);
  const behind = sql`(r.updated, r.key) > (${updated}::timestamptz, ${key}::uuid)`;
  const walk = (from: Sql, content: string) => sql`(
  select r.updated, r.key, ${fixed(content)} as content from ${from} and ${behind} order by r.updated, r.key limit ${limit}::int)`;
  return sql`select content from (
${walk(now, 'r.content')}
union all
${walk(past, 'h.content')}
order by updated, key limit ${limit}::int) rows`;
}

/** The rows `r` that are as they were in this state, and those that ended since; of the latter `h` is the text. */
function rowsOf(type: string, exported: Exported): { now: Sql; past: Sql } {
  const { asOf } = exported;
  const conditions = sql`r.type = ${typeNumber(type)}::int2 and ${conditionsOf(exported)}`;
  return {
    now: sql`resource r where ${conditions}`,
    past: sql`(select p.*, p.born as xid from past p) r
  cross join lateral (select content from history x where x.key = r.key and x.version = r.version limit 1) h
  where ${conditions} and r.ended >= pg_snapshot_xmin(${asOf}::pg_snapshot)
    and not pg_visible_in_snapshot(r.ended, ${asOf}::pg_snapshot) and h.content is not null`,
  };
}

function conditionsOf({ asOf, since, until, ofPatients }: Exported): Sql {
  const conditions = [
    sql`pg_visible_in_snapshot(r.xid, ${asOf}::pg_snapshot)`,
    ...(since === undefined ? [] : [sql`r.updated > ${since}::timestamptz`]),
    ...(until === undefined ? [] : [sql`r.updated < ${until}::timestamptz`]),
    ...(ofPatients ? [sql`r.owner <> ${nobody}::uuid`] : []),
  ];
  return join(conditions, ' and ');
}

/**
 * Up to `limit` owners behind `after`, each once: a look-up in the index for every patient there is, however long their records
 * are. Of owners all of whose rows ended since there are few; they are `pastOwners`.
 */
async function ownersOf(pool: Pool, types: readonly string[], exported: Exported, after: string, limit: number) {
  const { rows } = await pool.query<{ owner: string }>(
    statement(sql`
with recursive walk(owner) as (
  (select r.owner from resource r where r.owner > ${after}::uuid order by r.owner limit 1)
  union all
  select (select r.owner from resource r where r.owner > w.owner order by r.owner limit 1) from walk w where w.owner is not null
)
select w.owner from walk w where w.owner is not null and ${hasNow('w', types, exported)} limit ${limit}::int`),
  );
  return rows.map(({ owner }) => owner);
}

async function pastOwners(pool: Pool, types: readonly string[], exported: Exported): Promise<string[]> {
  const each = types.map((type) => {
    const { past } = rowsOf(type, exported);
    return sql`select distinct r.owner from ${past} and r.owner <> ${nobody}::uuid and not ${hasNow('r', types, exported)}`;
  });
  const owners = new Set<string>();
  for (const one of each) {
    const { rows } = await pool.query<{ owner: string }>(statement(one));
    for (const { owner } of rows) owners.add(owner);
  }
  return [...owners];
}

const hasNow = (row: string, types: readonly string[], exported: Exported): Sql => sql`exists (
  select from unnest(${types.map(typeNumber)}::int2[]) t(type) cross join lateral (
    select from resource r where r.owner = ${fixed(`${row}.owner`)} and r.type = t.type and ${conditionsOf(exported)} limit 1) r)`;

/** The statement with its values in it: numbers, and texts quoted as literals. */
function inlined({ strings, values }: Sql): string {
  return strings.reduce((all, text, n) => `${all}${literalOf(values[n - 1])}${text}`);
}

const literalOf = (value: unknown): string =>
  typeof value === 'number' ? String(value) : pg.escapeLiteral(String(value));
