// The audit as it is read again: the rows of one patient's record, or of nobody's, newest first.

import type { Pool } from 'pg';
import type { Caller } from '../access/caller.ts';
import { accessLog } from '../access/policy.ts';
import { compareRanges, type DateFilter } from '../search/date.ts';
import { keyOf, nobody, typeName, typeNumber } from '../search/keys.ts';
import { keyOfReference } from '../search/narrow.ts';
import { fixed, join, type Sql, sql } from '../search/sql.ts';
import type { AuditOutcome } from './audit.ts';
import { instant, statement } from './pool.ts';

/** Where a row stands: the transaction it came with, and its number. */
export type RowPlace = { xid: string; id: string };

/** The id of the AuditEvent that a row is shown as. No stored resource can be read by such an id, or written. */
export const eventId = ({ xid, id }: RowPlace): string => `audit-${xid}-${id}`;

/** The row that an id names; undefined for any other id. */
export function eventPlace(id: string): RowPlace | undefined {
  const [, xid, row] = /^audit-(0|[1-9]\d{0,17})-([1-9]\d{0,17})$/.exec(id) ?? [];
  return xid === undefined || row === undefined ? undefined : { xid, id: row };
}

export type AuditEntry = RowPlace & {
  /** ISO 8601, UTC. */
  at: string;
  /** Who acted: access/actor.ts. */
  client: string;
  interaction: string;
  outcome: AuditOutcome;
  request: string;
  /** Whose record it was; undefined: nobody's. */
  patient: Named | undefined;
  /** What it was about: undefined for a search. */
  type: string | undefined;
  data: (Named & { version: number | undefined }) | undefined;
  /** Who opened a link that the family gave out, by the name they gave; undefined for anything else, and once it is erased. */
  recipient?: string | undefined;
  place: LogPlace;
};

/** A resource by its logical id; the id is undefined where a client had chosen it and everything of it has been erased. */
export type Named = { id: string | undefined; key: string };

/** Which rows; every member narrows. */
export type LogFilter = {
  /** Each has alternatives. */
  dates?: readonly (readonly DateFilter[])[];
  interactions?: readonly (readonly string[])[];
  outcomes?: readonly (readonly number[])[];
  /** Words of the actor: `Person/x`, `Organization/x`. */
  actors?: readonly (readonly string[])[];
  /** Resources, as `[type, id]`. */
  data?: readonly (readonly (readonly [type: string, id: string])[])[];
  rows?: readonly (readonly RowPlace[])[];
};

/** Where a page ended: PostgreSQL's text of `at`, and the row. */
export type LogPlace = { at: string; id: string };
/** `isLast`: there are no more rows behind these. */
export type LogPage = { entries: AuditEntry[]; isLast: boolean };

/** A patient id; `nobody` in its place means rows of nobody's record. */
export type LogOf = string | typeof nobody;

/** Whose rows a caller may read: everybody's, or those of `patient`, or those that the permissions of `by` give, or of both. */
export type LogReach = { kind: 'all' } | { kind: 'record'; patient?: string | undefined; by?: Caller | undefined };

/** What is asked about whom, by whom. */
export type LogAsked = { of: LogOf; reach: LogReach; filter: LogFilter };

/** Up to `limit` rows behind `after`. */
export async function auditPage(
  pool: Pool,
  asked: LogAsked,
  { limit, after }: { limit: number; after?: LogPlace | undefined },
): Promise<LogPage> {
  const behind = after ? sql` and (a.at, a.id) < (${after.at}::timestamptz, ${after.id}::bigint)` : fixed('');
  const { rows } = await pool.query<Row>(
    statement(sql`
${selected} where ${matching(asked)}${behind}
order by a.owner desc, a.at desc, a.id desc limit ${limit + 1}::int`),
  );
  return { entries: rows.slice(0, limit).map(entryOf), isLast: rows.length <= limit };
}

/** How many rows there are. */
export async function countAudit(pool: Pool, asked: LogAsked): Promise<number> {
  const { rows } = await pool.query<{ total: number }>(
    statement(sql`select count(*)::int as total from audit a where ${matching(asked)}`),
  );
  return rows[0]?.total ?? 0;
}

/** One row; undefined when there is none that the caller may read. */
export async function auditEntry(pool: Pool, place: RowPlace, reach: LogReach): Promise<AuditEntry | undefined> {
  const { rows } = await pool.query<Row>(
    statement(sql`${selected} where a.xid = ${place.xid}::xid8 and a.id = ${place.id}::bigint and ${within(reach)}`),
  );
  return rows[0] && entryOf(rows[0]);
}

type Row = {
  xid: string;
  id: string;
  at: string;
  client: string;
  interaction: string;
  outcome: AuditOutcome;
  request: string;
  type: number | null;
  key: string | null;
  version: number | null;
  owner: string;
  owner_id: string | null;
  data_id: string | null;
  recipient: string | null;
};

// An id that the server did not make stands in `alias`, until it is erased.
const selected = fixed(`
select a.xid::text, a.id, a.at, a.client, a.interaction, a.outcome, a.request, a.type, a.key, a.version, a.owner,
  coalesce(o.id, case when substr(a.owner::text, 15, 1) = '8' then a.owner::text end) as owner_id,
  coalesce(d.id, case when substr(a.key::text, 15, 1) = '8' then a.key::text end) as data_id,
  (select recipient from share_opening s where a.interaction = 'share-open' and s.request = a.request limit 1) as recipient
from audit a
left join lateral (select id from alias where alias.key = a.owner limit 1) o on true
left join lateral (select id from alias where alias.key = a.key limit 1) d on true`);

function matching({ of, reach, filter }: LogAsked): Sql {
  const { dates, interactions, outcomes, actors, data, rows } = filter;
  const conditions: Sql[] = [sql`a.owner = ${ownerOf(of)}::uuid`, within(reach)];
  for (const alternatives of dates ?? []) conditions.push(either(alternatives.map(dated)));
  for (const words of interactions ?? []) conditions.push(sql`a.interaction = any(${[...words]}::text[])`);
  for (const codes of outcomes ?? []) conditions.push(sql`a.outcome = any(${[...codes]}::int2[])`);
  for (const words of actors ?? [])
    conditions.push(either(words.map((word) => sql`position(${` ${word} `}::text in a.client || ' ') > 0`)));
  for (const resources of data ?? [])
    conditions.push(
      either(
        resources.map(([type, id]) => sql`(a.type = ${typeNumber(type)}::int2 and a.key = ${keyOf(type, id)}::uuid)`),
      ),
    );
  for (const places of rows ?? [])
    conditions.push(either(places.map(({ xid, id }) => sql`(a.xid = ${xid}::xid8 and a.id = ${id}::bigint)`)));
  return join(conditions, ' and ');
}

/** Of a record the patient and the guardians read who looked, nobody else (server/decisions/0011-who-may-see-what.md). */
function within(reach: LogReach): Sql {
  if (reach.kind === 'all') return fixed('true');
  const { patient, by } = reach;
  const ofPatient = patient === undefined ? fixed('true') : sql`a.owner = ${keyOf('Patient', patient)}::uuid`;
  if (!by?.user) return ofPatient;
  const meant = sql`p.grantee = ${keyOfReference(by.user)}::uuid and p.patient = a.owner and means(p, ${by.purpose}::text,
    ${new Date(by.nowMs).toISOString()}::timestamptz, ${typeNumber(accessLog)}::int2, null::uuid, e.labels, a.at, a.at, e.authored,
    null::uuid, '{}'::bigint[])`;
  return sql`(${ofPatient}
    and exists (select from ${entry} cross join permission p where not p.denies and p.basis in ('self', 'guardian') and ${meant})
    and not exists (select from ${entry} cross join permission p where p.denies and p.level = 0 and ${meant}))`;
}

// An event is as restricted as what it is about: of what a guardian may not read, not even that it was looked at.
const entry = fixed(`(
      select coalesce(r.labels, h.labels, s.labels, 0) as labels, coalesce(r.authored, h.authored, s.authored) as authored
      from (select) one
      left join lateral (select labels, authored from resource x where x.key = a.key limit 1) r on true
      left join lateral (select bit_or(labels) as labels, max(authored) as authored from history x where x.key = a.key) h on true
      left join lateral (select labels, authored from share x where x.id = a.key limit 1) s on true
    ) e`);

const ownerOf = (patient: LogOf): string => (patient === nobody ? nobody : keyOf('Patient', patient));

/** Nothing matches an empty list. */
const either = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? fixed('false') : sql`(${join(conditions, ' or ')})`;

function dated({ prefix, range: { lo, hi } }: DateFilter): Sql {
  const at = '(extract(epoch from a.at) * 1000)';
  const text = compareRanges(prefix, at, at, 'LO', 'HI', 'and');
  return text
    .split(/(LO|HI)/)
    .reduce<Sql>(
      (all, part) =>
        sql`${all}${part === 'LO' ? sql`${lo}::float8` : part === 'HI' ? sql`${hi + 0.999}::float8` : fixed(part)}`,
      fixed(''),
    );
}

function entryOf({ type, key, version, owner, owner_id, data_id, recipient, ...row }: Row): AuditEntry {
  const name = type === null ? undefined : typeName(type);
  return {
    ...row,
    at: instant(row.at),
    place: { at: row.at, id: row.id },
    patient: owner === nobody ? undefined : { id: owner_id ?? undefined, key: owner },
    type: name,
    recipient: recipient ?? undefined,
    data: key === null ? undefined : { id: data_id ?? undefined, key, version: version ?? undefined },
  };
}
