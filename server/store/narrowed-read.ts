// Point reads of callers whose rights are permissions, with their audit rows. The permissions are part of the statement, and
// those who ask in the same words at the same moment share one.

import type { Pool } from 'pg';
import type { Reach } from '../access/access.ts';
import { keyOf, typeNumber } from '../search/keys.ts';
import { narrow } from '../search/narrow.ts';
import { type Sql, sql } from '../search/sql.ts';
import { auditOfSeen, type Reading } from './audit.ts';
import { asColumn, askedOf, columnsOf, rowsOf } from './columns.ts';
import { grouped } from './grouped.ts';
import { type StoredVersion, storedVersion, type VersionRow } from './stored-version.ts';

type Wanted = { type: string; id: string; reach: Reach } & Reading;
type Asked = { values: readonly unknown[] } & Wanted;
type Row = VersionRow & { n: number };

const together = { mostTogether: 64, mostInFlight: 3, gathers: true };

/** Reads the current version, undefined when there is none that the caller may see; either leaves its audit row. */
export function createNarrowedReads({ pool }: { pool: Pool }) {
  const askers = new Map<string, (asked: Asked) => Promise<StoredVersion | undefined>>();
  let made = 0;
  return (wanted: Wanted): Promise<StoredVersion | undefined> => {
    const { strings, values } = rowOf(wanted);
    const text = strings.join('$');
    let ask = askers.get(text);
    if (!ask) {
      const shape = shapeOf(strings, made < mostNames ? `narrowed-${made++}` : undefined);
      ask = grouped((asked: Asked[]) => versionsOf(pool, shape, asked), together);
      // Granular scopes make words of their own; theirs are not kept without end.
      if (askers.size >= mostShapes) askers.clear();
      askers.set(text, ask);
    }
    return ask({ ...wanted, values });
  };
}

const mostShapes = 100;
// PostgreSQL keeps a prepared statement for as long as its connection lives.
const mostNames = 300;

const rowOf = ({ type, id, reach }: Wanted): Sql => sql`
select r.key, r.owner, r.bucket, r.version, r.updated, r.content
from resource r where r.key = ${keyOf(type, id)}::uuid and r.type = ${typeNumber(type)}::int2 and ${narrow(reach, type)}
limit 1`;

type Shape = { name: string | undefined; text: string; width: number };

const own = {
  wanted: 'uuid',
  kind: 'int2',
  client: 'text',
  interaction: 'text',
  request: 'uuid',
  read_at: 'timestamptz',
};

function shapeOf(strings: readonly string[], name: string | undefined): Shape {
  const asked = askedOf(strings);
  if (!asked) throw new Error('a value of the narrowing has no type');
  const columns = { ...own, ...asked.columns };
  const text = `
with seen as materialized (
  select asked.n, asked.wanted, asked.kind, asked.client, asked.interaction, asked.request, asked.read_at, found.*
  from ${rowsOf(columns)} asked left join lateral (${asked.text}) found on true
), audited as (
${auditOfSeen('kind', 'wanted')}
)
select n, key, owner, bucket, version, updated, content from seen where key is not null`;
  return { name, text, width: Object.keys(columns).length };
}

async function versionsOf(
  pool: Pool,
  { name, text, width }: Shape,
  asked: Asked[],
): Promise<(StoredVersion | undefined)[]> {
  const rows = asked.map(({ type, id, client, interaction, request, at, values }) => {
    return [keyOf(type, id), typeNumber(type), client, interaction, request, at, ...values.map(asColumn)];
  });
  const { rows: found } = await pool.query<Row>({
    ...(name !== undefined && { name }),
    text,
    values: columnsOf(rows, width),
  });
  const versions: (StoredVersion | undefined)[] = new Array(asked.length).fill(undefined);
  for (const row of found) versions[row.n - 1] = storedVersion(row);
  return versions;
}
