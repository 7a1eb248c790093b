// Versions, newest first: of one resource, of a type, of everything. FHIR R4, https://hl7.org/fhir/R4/http.html#history
// What a caller may see is decided for each version, by whose record that version was in and what it was labelled, and by what
// the resource is now: what has been moved out of their reach, or restricted, is not shown as it was before. A version moves from `resource` to
// `history` when the next one comes and keeps the number of the transaction that made it, so the pages of a walk show what
// the snapshot of the first page holds, whatever is written meanwhile.

import type { Pool } from 'pg';
import { patientOf, type Reach } from '../access/access.ts';
import type { Range } from '../search/date.ts';
import { timestamp } from '../search/extract.ts';
import { keyOf, nobody, typeName, typeNumber } from '../search/keys.ts';
import { narrowTypes } from '../search/narrow.ts';
import { numbered } from '../search/sql.ts';
import { historyWithRights, lastOf } from './history-rights.ts';
import { nameOf } from './pool.ts';
import { idOf } from './stored-text.ts';
import { limits, type StoredVersion, storedVersion, type VersionRow } from './stored-version.ts';

/** Where a page ended. `updated` is PostgreSQL's text. */
export type HistoryPlace = { updated: string; key: string; version: number };

export type HistoryAsked = {
  limit: number;
  /** Milliseconds: only versions made then or later. */
  sinceMs?: number | undefined;
  /** Only versions that were current at some moment of it. */
  at?: Range | undefined;
  after?: HistoryPlace | undefined;
  /** The snapshot of the first page. */
  snapshot?: string | undefined;
  /** Of types: only what is no longer current, and tombstones. */
  isOlderOnly?: boolean;
};

export type HistoryVersion = StoredVersion & {
  type: string;
  /** The logical id. */
  id: string;
  /** Nothing was there before it: the first version, and one that follows a delete. */
  isNew: boolean;
};
export type HistoryPage = { versions: HistoryVersion[]; next: HistoryPlace | undefined; snapshot: string };
/** `directory`: a caller bound to a patient also sees what is nobody's. */
export type TypeReach = { type: string; reach: Reach; directory: boolean };

type Row = VersionRow & { type: number; id: string; back: boolean; snapshot: string };

/** Before every version. */
export const newest: HistoryPlace = {
  updated: 'infinity',
  key: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
  version: 2_147_483_647,
};

/** Up to `limit` versions of one resource, tombstones included; none when the caller may see none. */
export async function historyOf(
  pool: Pool,
  type: string,
  id: string,
  reach: Reach,
  asked: HistoryAsked,
): Promise<HistoryPage> {
  if (reach.kind === 'none') return { versions: [], next: undefined, snapshot: '' };
  const { after = newest, at } = asked;
  const until = at ? timestamp(at.hi) : 'infinity';
  const values = [...shared(asked), keyOf(type, id), typeNumber(type), ...limits(type, reach), after.version, until];
  const { text, more } = textOf('history-instance', instanceText, [{ type, reach }], values.length);
  const { rows } = await pool.query<Row>({ ...text, values: [...values, ...more] });
  return pageOf(rows, asked, id);
}

/**
 * Up to `limit` versions of all resources of these types. For a caller that is bound to a patient these are the versions in
 * that patient's record, and nobody's where that is asked for.
 */
export async function historyOfTypes(
  pool: Pool,
  reaches: readonly TypeReach[],
  asked: HistoryAsked,
): Promise<HistoryPage> {
  const reached = reaches.filter(({ reach }) => reach.kind !== 'none');
  const own = reached.flatMap(({ type, reach }) => {
    const patient = patientOf(reach);
    return patient === undefined ? [] : [{ type, patient }];
  });
  const patient = own[0]?.patient;
  const walks = reached.flatMap(({ type, reach, directory }): { type: string; owner: string | null }[] => {
    if (patientOf(reach) === undefined) return [{ type, owner: null }];
    return directory ? [{ type, owner: nobody }] : [];
  });
  const { at, after = { ...newest, updated: at ? timestamp(at.hi) : newest.updated } } = asked;
  const values = [
    ...shared(asked),
    walks.map(({ type }) => typeNumber(type)),
    walks.map(({ owner }) => owner),
    patient === undefined ? null : keyOf('Patient', patient),
    own.map(({ type }) => typeNumber(type)),
    after.updated,
    after.key,
    after.version,
  ];
  const { text, more } = asked.isOlderOnly
    ? textOf('history-types-older', olderText, reached, values.length)
    : textOf('history-types', typesText, reached, values.length);
  const { rows } = await pool.query<Row>({ ...text, values: [...values, ...more] });
  return pageOf(rows, asked);
}

type Texts = { name?: string; text: string };

/** The statement, with what narrows it where a reach is narrowed; `more` are the values of that, behind the first `taken`. */
function textOf(
  name: string,
  make: (isSeen: (row: string) => string, old: string) => string,
  reaches: readonly Pick<TypeReach, 'type' | 'reach'>[],
  taken: number,
): { text: Texts; more: readonly unknown[] } {
  if (reaches.every(({ reach }) => reach.kind !== 'narrowed')) {
    return { text: { name, text: make(() => 'true', 'history') }, more: [] };
  }
  const [seen, last] = [narrowTypes(reaches, 'r'), narrowTypes(reaches, 'n')];
  const isLastSeen = `(select ${numbered(last, taken + seen.values.length)} from ${lastOf('r.key')} n limit 1)`;
  const text = make(() => `(${numbered(seen, taken)} and ${isLastSeen})`, historyWithRights);
  return { text: { ...nameOf(text), text }, more: [...seen.values, ...last.values] };
}

/** One more than the page holds is read, to know whether there is a next one. */
const shared = ({ limit, snapshot, sinceMs, at }: HistoryAsked): unknown[] => [
  limit + 1,
  snapshot ?? null,
  sinceMs === undefined ? '-infinity' : timestamp(sinceMs),
  at ? timestamp(at.lo) : null,
];

function pageOf(rows: readonly Row[], { limit, snapshot }: HistoryAsked, id?: string): HistoryPage {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    versions: shown.map((row) => ({
      ...storedVersion(row),
      type: typeName(row.type),
      id: id ?? idOfRow(row),
      isNew: row.version === 1 || row.back,
    })),
    next: rows.length > limit && last ? { updated: last.updated, key: last.key, version: last.version } : undefined,
    snapshot: snapshot ?? last?.snapshot ?? '',
  };
}

const idOfRow = ({ content, id }: Row): string => (content === null ? id : idOf(content));

// $1 rows, $2 snapshot, $3 since, $4 the moment of `_at`, in both statements.
const seenBy = (row: string): string => `($2::pg_snapshot is null or pg_visible_in_snapshot(${row}.xid, $2))`;
const endedBy = (table: string): string => `exists (
    select from ${table} n where n.key = r.key and n.version = r.version + 1 and n.updated <= $4 and ${seenBy('n')})`;
const stillCurrent = `($4::timestamptz is null or not (${endedBy('resource')} or ${endedBy('history')}))`;

const columns = 'r.type, r.key, r.owner, r.bucket, r.version, r.updated, r.xid';
const current = `select ${columns}, case when r.version = 1 then 'C' else 'U' end as method`;
const older = `select ${columns}, r.method::text as method`;
/** A version that brings back what was deleted was answered with 201, like a first one. */
const isBack = (row: string): string =>
  `exists (select from history p where p.key = ${row}.key and p.version = ${row}.version - 1 and p.method = 'D')`;

const instanceText = (isSeen: (row: string) => string, old: string) => `
select r.*, ${isBack('r')} as back, pg_current_snapshot()::text as snapshot
from (
  (${current}, r.content, r.marks from resource r where r.key = $5 and r.type = $6 and ${isSeen('r')})
  union all
  (${older}, r.content, null from ${old} r where r.key = $5 and r.type = $6 and ${isSeen('r')})
) r
where ($7::uuid is null or r.owner = $7 or r.marks @> array[$8::bigint] or ($9 and r.owner = '${nobody}')
    or exists (select from sharing s where s.key = r.key and s.version = r.version and s.patient = $7))
  and r.version < $10 and r.updated <= $11 and r.updated >= $3 and ${seenBy('r')} and ${stillCurrent}
order by r.version desc limit $1`;

const ordered = 'order by r.updated desc, r.key desc, r.version desc limit $1';
const place = '($9::timestamptz, $10::uuid, $11::int4)';
const wanted = `(r.updated, r.key, r.version) < ${place} and r.updated >= $3 and ${seenBy('r')}`;
const ofType = 'r.type = w.type and (w.owner is null or r.owner = w.owner)';
const ofPatient = 'r.owner = $7 and r.type = any($8::int2[])';
const sameVersion = 'r.key = s.key and r.version = s.version';

// $5 types and $6 whose (null: everyone's), walked by type; $7 one patient and $8 types of theirs. Every part is in order and
// cut short; the texts are read last, for the rows of the page alone. A tombstone has no text, so its id comes from `alias`
// when it is not its key.
const typesText = (isSeen: (row: string) => string, old: string, now = 'true') => `
select v.*, ${isBack('v')} as back, c.content, coalesce(a.id, v.key::text) as id, pg_current_snapshot()::text as snapshot
from (
  select r.* from (
    select e.* from unnest($5::int2[], $6::uuid[]) as w(type, owner) cross join lateral (
      (${current} from resource r where ${now} and ${ofType} and ${wanted} and ${isSeen('r')} order by r.updated desc, r.key desc limit $1)
      union all
      (${older} from ${old} r where ${ofType} and ${wanted} and ${isSeen('r')} and ${stillCurrent} ${ordered})
    ) e
    union all
    (${current} from resource r where ${now} and ${ofPatient} and ${wanted} and ${isSeen('r')} ${ordered})
    union all
    (${older} from ${old} r where ${ofPatient} and ${wanted} and ${isSeen('r')} and ${stillCurrent} ${ordered})
    union all
    (select r.* from sharing s cross join lateral (
       (${current} from resource r where ${now} and ${sameVersion} and ${isSeen('r')})
       union all
       (${older} from ${old} r where ${sameVersion} and ${isSeen('r')} and ${stillCurrent})
     ) r
     where s.patient = $7 and s.type = any($8::int2[]) and (s.updated, s.key, s.version) < ${place} and s.updated >= $3
       and ${seenBy('r')}
     order by s.updated desc, s.key desc, s.version desc limit $1)
  ) r
  ${ordered}
) v
left join lateral (
  select content from resource r where r.key = v.key and r.version = v.version
  union all
  select content from ${old} r where r.key = v.key and r.version = v.version
) c on true
left join lateral (select id from alias a where v.method = 'D' and a.key = v.key limit 1) a on true
order by v.updated desc, v.key desc, v.version desc`;

const olderText = (isSeen: (row: string) => string, old: string): string => typesText(isSeen, old, 'false');
