// Who looked at what. Rows of reads that happen at the same time go out in one durable insert, before their answers leave;
// the rows of writes are in the write's own statement (commit.ts).

import type { ClientBase, Pool } from 'pg';
import { type Actor, actorText } from '../access/actor.ts';
import { nobody, typeNumber } from '../search/keys.ts';
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
};

export type AuditOutcome = 0 | 4 | 8 | 12;

/** Who reads, for a statement that leaves the audit row of what it reads itself. */
export type Reading = { client: string; interaction: string; request: string; at: string };

/** The bucket of a column `owner`, in SQL; 0 for nobody's. */
export const bucketOfOwner = "coalesce(('x0' || substr(owner::text, 16, 3))::bit(16)::int::int2, 0)";

const auditText = `
insert into audit (bucket, at, client, interaction, type, key, version, owner, request, outcome)
select ${bucketOfOwner}, at, client, interaction, type, key, version, owner, request, outcome
from ${rowsOf({
  at: 'timestamptz',
  client: 'text',
  interaction: 'text',
  type: 'int2',
  key: 'uuid',
  version: 'int4',
  owner: 'uuid',
  request: 'uuid',
  outcome: 'int2',
})} v`;

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
  const rows = audited.map(({ at, client, interaction, type, key, version, owner, request, outcome = 0 }) => {
    return [at, client, interaction, type && typeNumber(type), key, version, owner ?? nobody, request, outcome];
  });
  await connection.query({ name: 'audit', text: auditText, values: columnsOf(rows, 9) });
}
