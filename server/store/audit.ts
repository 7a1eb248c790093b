// Who looked at what. Rows of reads that happen at the same time go out in one durable insert, before their answers leave;
// the rows of writes are in the write's own statement (commit.ts).

import type { ClientBase, Pool } from 'pg';
import { type Actor, actorText } from '../access/actor.ts';
import { keyOf, nobody, typeNumber } from '../search/keys.ts';
import { columnsOf, rowsOf } from './columns.ts';
import { grouped } from './grouped.ts';

export type AuditRow = {
  /** Who acted: access/actor.ts. */
  client: string;
  interaction: string;
  type: string | undefined;
  key: string | undefined;
  version: number | undefined;
  /** The patient whose record it was, as a key; undefined: nobody's. */
  owner: string | undefined;
  request: string;
  /** ISO 8601, UTC. */
  at: string;
  /** http://hl7.org/fhir/audit-event-outcome: 0 done, 4 refused, 8 failed, 12 broken down; 0 when absent. */
  outcome?: AuditOutcome | undefined;
  /** The id of a resource of `type` that was not shown: if it is there, the row is about it, and about its patient. */
  tried?: string | undefined;
};

export type AuditOutcome = 0 | 4 | 8 | 12;

/** Who reads, for a statement that leaves the audit row of what it reads itself. */
export type Reading = {
  client: string;
  interaction: string;
  request: string;
  at: string;
  /** A clinician who has opened records by break-glass: how the audit names them depends on the owner (a key) of what is read. */
  glass?: { clientOf: (owner: string) => string };
};

/** The bucket of a column `owner`, in SQL; 0 for nobody's. */
export const bucketOfOwner = "coalesce(('x0' || substr(owner::text, 16, 3))::bit(16)::int::int2, 0)";

const columns = {
  at: 'timestamptz',
  client: 'text',
  interaction: 'text',
  type: 'int2',
  key: 'uuid',
  version: 'int4',
  owner: 'uuid',
  request: 'uuid',
  outcome: 'int2',
  tried: 'uuid',
};

const auditText = `
insert into audit (bucket, at, client, interaction, type, key, version, owner, request, outcome)
select ${bucketOfOwner}, at, client, interaction, type, key, version, owner, request, outcome
from (
  select v.at, v.client, v.interaction, v.type, coalesce(v.key, r.key) as key, v.version, coalesce(r.owner, v.owner) as owner,
    v.request, v.outcome
  from ${rowsOf(columns)} v
  left join lateral (select key, owner from resource r where r.key = v.tried and r.type = v.type limit 1) r on true
) v`;

/**
 * The rows of point reads, in a statement whose rows `seen` have what was found, or nulls. What was not found is looked for
 * again without asking whose it is: an attempt on what is hidden is refused, and is in the audit of that record.
 */
export const auditOfSeen = (type: string, asked: string): string => `
  insert into audit (bucket, at, client, interaction, type, key, version, owner, request, outcome)
  select coalesce(s.bucket, h.bucket, 0), s.read_at, s.client, s.interaction, s.${type}, coalesce(s.key, h.key), s.version,
    coalesce(s.owner, h.owner, '${nobody}'), s.request, case when s.key is null then 4 else 0 end
  from seen s left join lateral (
    select key, owner, bucket from resource h where s.key is null and h.key = s.${asked} and h.type = s.${type} limit 1
  ) h on true`;

/** Appends rows durably; resolves when they are on disk. */
export type AuditLog = (rows: AuditRow[]) => Promise<void>;

export function createAuditLog({ pool }: { pool: Pool }): AuditLog {
  const append = grouped(
    async (groups: AuditRow[][]) => {
      await insert(pool, groups.flat());
      return groups.map(() => undefined);
    },
    { mostTogether: 64, mostInFlight: 2, gathers: true },
  );
  return async (rows) => {
    if (rows.length > 0) await append(rows);
  };
}

/**
 * What happened beside the record: a login, a token, an emergency access, whether it was granted or refused. `interaction` is
 * one of the words of server/audit/kinds.ts; `owner` the key of the patient whom it is about, whose family reads of it.
 */
export type SecurityEvent = Pick<AuditRow, 'interaction' | 'request' | 'at' | 'outcome'> &
  Partial<Pick<AuditRow, 'type' | 'key' | 'owner'>> & { actor: Actor };

/** Notes it with what else the transaction of `connection` does, or durably by itself when that is the pool. */
export function auditSecurity(connection: Pool | ClientBase, { actor, ...event }: SecurityEvent): Promise<void> {
  const { type, key, owner } = event;
  return insert(connection, [{ ...event, client: actorText(actor), type, key, owner, version: undefined }]);
}

async function insert(connection: Pool | ClientBase, audited: readonly AuditRow[]): Promise<void> {
  const rows = audited.map(({ at, client, interaction, type, key, version, owner, request, outcome = 0, tried }) => {
    const known = [at, client, interaction, type && typeNumber(type), key, version, owner ?? nobody, request, outcome];
    return [...known, type && tried !== undefined ? keyOf(type, tried) : undefined];
  });
  await connection.query({ name: 'audit', text: auditText, values: columnsOf(rows, 10) });
}
