// Point reads: the current version, an older one, the history of one resource. Reads of one moment share a statement, and
// what each caller may see is part of it.

import type { Pool, QueryConfig } from 'pg';
import type { Reach } from '../access/access.ts';
import { directoryTypes } from '../access/access.ts';
import { membership } from '../search/extract.ts';
import { mark } from '../search/hash.ts';
import { keyOf, nobody, typeNumber } from '../search/keys.ts';
import { columnsOf } from './columns.ts';
import { grouped } from './grouped.ts';
import { instant } from './pool.ts';
import { patientRecord, type RecordEntry } from './record.ts';

/** A version as it is stored; `content` is missing in the tombstone of a delete. */
export type StoredVersion = {
  key: string;
  owner: string;
  bucket: number;
  version: number;
  /** ISO 8601, milliseconds, UTC. */
  updated: string;
  method: 'C' | 'U' | 'D';
  content: string | undefined;
};

type Wanted = { type: string; id: string; reach: Reach };

/** Who reads, for the audit row that goes to disk before the answer leaves. */
export type Reading = { client: string; interaction: string; request: string; at: string };
type Row = {
  n: number;
  key: string;
  owner: string;
  bucket: number;
  version: number;
  updated: string;
  method?: string;
  content: string | null;
};

export type Reader = ReturnType<typeof createReader>;

export function createReader({ pool }: { pool: Pool }) {
  const together = { mostTogether: 64, mostInFlight: 2 };
  // Each of these waits for the disk, so one more may be on its way meanwhile.
  const audited = { mostTogether: 64, mostInFlight: 3 };
  const readTogether = grouped((wanted: Wanted[]) => currentVersions(pool, wanted), together);
  const auditedTogether = grouped((wanted: (Wanted & Reading)[]) => auditedVersions(pool, wanted), audited);
  return {
    /** The current version; undefined when there is none that the caller may see. */
    current: (type: string, id: string, reach: Reach): Promise<StoredVersion | undefined> =>
      reach.kind === 'none' ? Promise.resolve(undefined) : readTogether({ type, id, reach }),

    /** The same, with its audit row in the same statement; a miss leaves a row as well. */
    currentAudited: (type: string, id: string, reach: Reach, reading: Reading): Promise<StoredVersion | undefined> =>
      auditedTogether({ type, id, reach, ...reading }),

    /** Many at once, in the order asked for. */
    currentOf: (wanted: Wanted[]): Promise<(StoredVersion | undefined)[]> => currentVersions(pool, wanted),

    /** By the key in an event of the outbox, for the server's own work. */
    byKey: async (type: string, key: string): Promise<StoredVersion | undefined> => {
      const [found] = await versionsByKey(pool, [[key, typeNumber(type), null, '0', false]]);
      return found;
    },

    /** All versions, newest first, tombstones included; empty when the caller may see none. */
    historyOf: (
      type: string,
      id: string,
      reach: Reach,
      limit: number,
      beforeVersion?: number,
    ): Promise<StoredVersion[]> => history(pool, type, id, reach, limit, beforeVersion),

    /** A patient's compartment, page by page; see record.ts for what the caller must have checked. */
    record: (patient: string, types: readonly string[]): AsyncGenerator<RecordEntry[]> =>
      patientRecord(pool, patient, types),

    /** One version, or undefined. */
    version: async (type: string, id: string, reach: Reach, version: number): Promise<StoredVersion | undefined> => {
      const [found] = await history(pool, type, id, reach, 1, version + 1);
      return found?.version === version ? found : undefined;
    },
  };
}

// `reach` null: everyone's. The lateral query with its limit keeps this a loop of key look-ups whatever the planner thinks.
const rowOfWanted = `
lateral (
  select * from resource r
  where r.key = w.key and r.type = w.type
    and (w.reach is null or r.owner = w.reach or r.marks @> array[w.mark] or (w.shared and r.owner = '${nobody}'))
  limit 1
) r on true`;

const currentText = `
select w.n::int as n, r.key, r.owner, r.bucket, r.version, r.updated, r.content
from unnest($1::uuid[], $2::int2[], $3::uuid[], $4::bigint[], $5::bool[]) with ordinality as w(key, type, reach, mark, shared, n)
join ${rowOfWanted}`;

const auditedText = `
with seen as materialized (
  select w.n, w.type, w.client, w.interaction, w.request, w.read_at, r.key, r.owner, r.bucket, r.version, r.updated, r.content
  from unnest($1::uuid[], $2::int2[], $3::uuid[], $4::bigint[], $5::bool[], $6::text[], $7::text[], $8::uuid[], $9::timestamptz[])
    with ordinality as w(key, type, reach, mark, shared, client, interaction, request, read_at, n)
  left join ${rowOfWanted}
), audited as (
  insert into audit (bucket, at, client, interaction, type, key, version, owner, request)
  select coalesce(bucket, 0), read_at, client, interaction, type, key, version, coalesce(owner, '${nobody}'), request from seen
)
select n::int as n, key, owner, bucket, version, updated, content from seen where key is not null`;

function currentVersions(pool: Pool, wanted: Wanted[]): Promise<(StoredVersion | undefined)[]> {
  return versionsByKey(
    pool,
    wanted.map(({ type, id, reach }) => [keyOf(type, id), typeNumber(type), ...limits(type, reach)]),
  );
}

function auditedVersions(pool: Pool, wanted: (Wanted & Reading)[]): Promise<(StoredVersion | undefined)[]> {
  const rows = wanted.map(({ type, id, reach, client, interaction, request, at }) => {
    return [keyOf(type, id), typeNumber(type), ...limits(type, reach), client, interaction, request, at];
  });
  return versionsIn(pool, { name: 'audited-versions', text: auditedText, values: columnsOf(rows, 9) }, wanted.length);
}

function versionsByKey(pool: Pool, wanted: unknown[][]): Promise<(StoredVersion | undefined)[]> {
  return versionsIn(pool, { name: 'current-versions', text: currentText, values: columnsOf(wanted, 5) }, wanted.length);
}

async function versionsIn(pool: Pool, query: QueryConfig, count: number): Promise<(StoredVersion | undefined)[]> {
  const { rows } = await pool.query<Row>(query);
  const found: (StoredVersion | undefined)[] = new Array(count).fill(undefined);
  for (const row of rows) found[row.n - 1] = stored(row);
  return found;
}

const historyText = `
select r.* from (
  (select key, owner, bucket, version, updated, case when version = 1 then 'C' else 'U' end as method, content, marks from resource
   where key = $1 and type = $2)
  union all
  (select key, owner, bucket, version, updated, method::text, content, null from history where key = $1 and type = $2)
) r
where ($3::uuid is null or r.owner = $3 or r.marks @> array[$4::bigint] or ($5 and r.owner = '${nobody}')) and r.version < $7
order by version desc limit $6`;

async function history(
  pool: Pool,
  type: string,
  id: string,
  reach: Reach,
  limit: number,
  beforeVersion = 2_147_483_647,
): Promise<StoredVersion[]> {
  if (reach.kind === 'none') return [];
  const values = [keyOf(type, id), typeNumber(type), ...limits(type, reach), limit, beforeVersion];
  const { rows } = await pool.query<Row>({ name: 'history', text: historyText, values });
  return rows.map(stored);
}

function limits(type: string, reach: Reach): [string | null, string, boolean] {
  if (reach.kind === 'none') return ['ffffffff-ffff-ffff-ffff-ffffffffffff', '0', false];
  if (reach.kind === 'all') return [null, '0', false];
  return [keyOf('Patient', reach.patient), mark(membership(reach.patient)), directoryTypes.has(type)];
}

function stored({ key, owner, bucket, version, updated, method, content }: Row): StoredVersion {
  const kind = method ?? (version === 1 ? 'C' : 'U');
  return {
    key,
    owner,
    bucket,
    version,
    updated: instant(updated),
    method: kind as 'C' | 'U' | 'D',
    content: content ?? undefined,
  };
}
