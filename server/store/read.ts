// Point reads of current versions, and the way to histories and whole records. Reads of one moment share a statement, and what
// each caller may see is part of it.

import type { Pool, QueryConfig } from 'pg';
import type { Reach } from '../access/access.ts';
import { keyOf, nobody, typeNumber } from '../search/keys.ts';
import { narrow } from '../search/narrow.ts';
import { sql } from '../search/sql.ts';
import { auditOfSeen, createAuditLog, type Reading } from './audit.ts';
import { type AuditedRecord, auditedRecords, type RecordWanted } from './audited-record.ts';
import { columnsOf, rowsOf } from './columns.ts';
import { grouped } from './grouped.ts';
import { type HistoryAsked, type HistoryPage, historyOf, historyOfTypes, newest, type TypeReach } from './history.ts';
import { createNarrowedReads } from './narrowed-read.ts';
import { statement } from './pool.ts';
import { patientRecord, type RecordEntry, type RecordFilter, recordPage } from './record.ts';
import { limits, type StoredVersion, storedVersion, type VersionRow } from './stored-version.ts';

export type { Reading } from './audit.ts';
export type { StoredVersion } from './stored-version.ts';

type Wanted = { type: string; id: string; reach: Reach };
type Row = VersionRow & { n: number };

export type Reader = ReturnType<typeof createReader>;

export function createReader({ pool }: { pool: Pool }) {
  const together = { mostTogether: 64, mostInFlight: 2 };
  const audited = { mostTogether: 64, mostInFlight: 3, gathers: true };
  const readTogether = grouped((wanted: Wanted[]) => currentVersions(pool, wanted), together);
  const auditedTogether = grouped((wanted: (Wanted & Reading)[]) => auditedVersions(pool, wanted), audited);
  const narrowedTogether = createNarrowedReads({ pool });
  // Thirty texts for each: more of them together would only keep the first ones waiting.
  const records = { mostTogether: 8, mostInFlight: 3 };
  const recordsTogether = grouped((wanted: RecordWanted[]) => auditedRecords(pool, wanted), records);
  const audit = createAuditLog({ pool });
  return {
    /** The current version; undefined when there is none that the caller may see. */
    current: async (type: string, id: string, reach: Reach): Promise<StoredVersion | undefined> => {
      if (reach.kind === 'none') return undefined;
      if (reach.kind !== 'narrowed') return readTogether({ type, id, reach });
      const [found] = await narrowedVersions(pool, [{ type, id, reach }]);
      return found;
    },

    /** The same, with its audit row in the same statement; a miss leaves a row as well. */
    currentAudited: (type: string, id: string, reach: Reach, reading: Reading): Promise<StoredVersion | undefined> => {
      if (reading.glass) return throughGlass({ type, id, reach }, reading);
      return reach.kind === 'narrowed'
        ? narrowedTogether({ type, id, reach, ...reading })
        : auditedTogether({ type, id, reach, ...reading });
    },

    /**
     * A patient with what their record holds of these types, and the audit row, in one statement; see audited-record.ts.
     * The caller has checked that these types of this patient may be read.
     */
    recordAudited: (
      id: string,
      types: readonly string[],
      reach: Reach,
      reading: Reading,
      marks?: readonly string[],
    ): Promise<AuditedRecord | undefined> => recordsTogether({ id, types, reach, ...(marks && { marks }), ...reading }),

    /** Many at once, in the order asked for. */
    currentOf: (wanted: Wanted[]): Promise<(StoredVersion | undefined)[]> =>
      wanted.some(({ reach }) => reach.kind === 'narrowed')
        ? narrowedVersions(pool, wanted)
        : currentVersions(pool, wanted),

    /** By the key in an event of the outbox, for the server's own work. */
    byKey: async (type: string, key: string): Promise<StoredVersion | undefined> => {
      const [found] = await versionsByKey(pool, [[key, typeNumber(type), null, '0', false]]);
      return found;
    },

    /** The last version that the caller may see, were it a tombstone; undefined when there is none. */
    last: async (type: string, id: string, reach: Reach): Promise<StoredVersion | undefined> => {
      const { versions } = await historyOf(pool, type, id, reach, { limit: 1 });
      return versions[0];
    },

    /** Versions of one resource, newest first, tombstones included. */
    historyOf: (type: string, id: string, reach: Reach, asked: HistoryAsked): Promise<HistoryPage> =>
      historyOf(pool, type, id, reach, asked),

    /** Versions of all resources of these types, as far as each may be seen; newest first, tombstones included. */
    historyOfTypes: (reaches: readonly TypeReach[], asked: HistoryAsked): Promise<HistoryPage> =>
      historyOfTypes(pool, reaches, asked),

    /** A patient's compartment, page by page; see record.ts for what the caller must have checked. */
    record: (patient: string, types: readonly string[], filter?: RecordFilter): AsyncGenerator<RecordEntry[]> =>
      patientRecord(pool, patient, types, filter),

    /** A page of the same that can be continued after other requests; see record.ts for its order. */
    recordPage: (patient: string, types: readonly string[], page: Parameters<typeof recordPage>[3]) =>
      recordPage(pool, patient, types, page),

    /** One version, or undefined. */
    version: async (type: string, id: string, reach: Reach, version: number): Promise<StoredVersion | undefined> => {
      const { versions } = await historyOf(pool, type, id, reach, {
        limit: 1,
        after: { ...newest, version: version + 1 },
      });
      return versions[0]?.version === version ? versions[0] : undefined;
    },
  };

  /** Whose record it was says how the audit names a clinician who has broken the glass; the row is there before the answer. */
  async function throughGlass(
    wanted: Wanted,
    { glass, client, ...reading }: Reading,
  ): Promise<StoredVersion | undefined> {
    const [found] = await narrowedVersions(pool, [wanted]);
    // A miss is noted as anybody's is.
    if (!found) return narrowedTogether({ ...wanted, client, ...reading });
    const { key, version, owner } = found;
    await audit([{ ...reading, client: glass?.clientOf(owner) ?? client, type: wanted.type, key, version, owner }]);
    return found;
  }
}

// `reach` null: everyone's. The lateral query with its limit keeps this a loop of key look-ups whatever the planner thinks.
const rowOfWanted = `
lateral (
  select * from resource r
  where r.key = w.key and r.type = w.type
    and (w.reach is null or r.owner = w.reach or r.marks @> array[w.mark] or (w.shared and r.owner = '${nobody}'))
  limit 1
) r on true`;

const wantedColumns = { key: 'uuid', type: 'int2', reach: 'uuid', mark: 'bigint', shared: 'bool' };

const currentText = `
select w.n, r.key, r.owner, r.bucket, r.version, r.updated, r.content
from ${rowsOf(wantedColumns)} w
join ${rowOfWanted}`;

const auditedText = `
with seen as materialized (
  select w.n, w.key as asked, w.type, w.client, w.interaction, w.request, w.read_at, r.key, r.owner, r.bucket, r.version, r.updated,
    r.content
  from ${rowsOf({ ...wantedColumns, client: 'text', interaction: 'text', request: 'uuid', read_at: 'timestamptz' })} w
  left join ${rowOfWanted}
), audited as (
${auditOfSeen('type', 'asked')}
)
select n, key, owner, bucket, version, updated, content from seen where key is not null`;

/** Several of them, type by type. */
async function narrowedVersions(pool: Pool, wanted: Wanted[]): Promise<(StoredVersion | undefined)[]> {
  const found = new Map<string, StoredVersion>();
  for (const [type, reach] of new Map(wanted.map((one) => [one.type, one.reach]))) {
    const keys = wanted.filter((one) => one.type === type).map(({ id }) => keyOf(type, id));
    const { rows } = await pool.query<VersionRow>(
      statement(sql`
select r.key, r.owner, r.bucket, r.version, r.updated, r.content
from unnest(${keys}::uuid[]) w(key) cross join lateral (select * from resource x where x.key = w.key limit 1) r
where r.type = ${typeNumber(type)}::int2 and ${narrow(reach, type)}`),
    );
    for (const row of rows) found.set(row.key, storedVersion(row));
  }
  return wanted.map(({ type, id }) => found.get(keyOf(type, id)));
}

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
  for (const row of rows) found[row.n - 1] = storedVersion(row);
  return found;
}
