// Who looked at what. Rows of reads that happen at the same time go out in one durable insert, before their answers leave;
// the rows of writes are in the write's own statement (commit.ts).

import type { Pool } from 'pg';
import { nobody, typeNumber } from '../search/keys.ts';
import { columnsOf, rowsOf } from './columns.ts';
import { grouped } from './grouped.ts';

export type AuditRow = {
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
};

/** Who reads, for a statement that leaves the audit row of what it reads itself. */
export type Reading = { client: string; interaction: string; request: string; at: string };

/** The bucket of a column `owner`, in SQL; 0 for nobody's. */
export const bucketOfOwner = "coalesce(('x0' || substr(owner::text, 16, 3))::bit(16)::int::int2, 0)";

const auditText = `
insert into audit (bucket, at, client, interaction, type, key, version, owner, request)
select ${bucketOfOwner}, at, client, interaction, type, key, version, owner, request
from ${rowsOf({
  at: 'timestamptz',
  client: 'text',
  interaction: 'text',
  type: 'int2',
  key: 'uuid',
  version: 'int4',
  owner: 'uuid',
  request: 'uuid',
})} v`;

/** Appends rows durably; resolves when they are on disk. */
export type AuditLog = (rows: AuditRow[]) => Promise<void>;

export function createAuditLog({ pool }: { pool: Pool }): AuditLog {
  const append = grouped(
    async (groups: AuditRow[][]) => {
      const rows = groups.flat().map(({ at, client, interaction, type, key, version, owner, request }) => {
        return [at, client, interaction, type && typeNumber(type), key, version, owner ?? nobody, request];
      });
      await pool.query({ name: 'audit', text: auditText, values: columnsOf(rows, 8) });
      return groups.map(() => undefined);
    },
    { mostTogether: 64, mostInFlight: 2, gathers: true },
  );
  return async (rows) => {
    if (rows.length > 0) await append(rows);
  };
}
