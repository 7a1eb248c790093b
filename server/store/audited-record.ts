// A patient and what their record holds of a few types, with the audit row, in one statement; and what several callers ask at
// the same moment in one statement as well. For operations that need the resources themselves, not a stream of texts.

import type { Pool } from 'pg';
import type { Reach } from '../access/access.ts';
import { membership } from '../search/extract.ts';
import { mark } from '../search/hash.ts';
import { keyOf, nobody, typeName, typeNumber } from '../search/keys.ts';
import { auditOfSeen, type Reading } from './audit.ts';
import { columnsOf, rowsOf } from './columns.ts';
import type { RecordEntry } from './record.ts';
import { limits } from './stored-version.ts';

/** The patient's text, and the entries of the types asked for: by type, newest first, at most `mostEntries` and one more. */
export type AuditedRecord = { patient: string; entries: RecordEntry[] };

/** `marks`: only entries that have one of these (search/hash.ts). */
export type RecordWanted = { id: string; types: readonly string[]; reach: Reach; marks?: readonly string[] } & Reading;

/** More entries than this are not put together in memory; an answer with one more says that there are more. */
export const mostEntries = 2000;

type Row = { n: number; type: number; content: string };

/** In the order asked for; undefined where there is no such patient, or none that the caller may see. */
export async function auditedRecords(pool: Pool, wanted: RecordWanted[]): Promise<(AuditedRecord | undefined)[]> {
  const rows = wanted.map(({ id, types, reach, marks, client, interaction, request, at }) => [
    keyOf('Patient', id),
    ...limits('Patient', reach),
    types.map(typeNumber).join(),
    mark(membership(id)),
    client,
    interaction,
    request,
    at,
    marks?.join(),
  ]);
  const query = { name: 'audited-records', text: auditedText, values: columnsOf(rows, 11) };
  const found: (AuditedRecord | undefined)[] = new Array(wanted.length).fill(undefined);
  const { rows: answered } = await pool.query<Row>(query);
  for (const { n, type, content } of answered) {
    if (type === 0) found[n - 1] = { patient: content, entries: [] };
    else found[n - 1]?.entries.push({ type: typeName(type), content });
  }
  return found;
}

const columns = {
  key: 'uuid',
  reach: 'uuid',
  mark: 'bigint',
  shared: 'bool',
  types: 'text',
  member: 'bigint',
  client: 'text',
  interaction: 'text',
  request: 'uuid',
  read_at: 'timestamptz',
  marked: 'text',
};

// The patient comes first (type 0). What is in the compartment of two patients belongs to one of them and is found for the
// other by its term, as in record.ts.
const auditedText = `
with seen as materialized (
  select w.n, w.key as patient, ${typeNumber('Patient')}::int2 as kind, string_to_array(w.types, ',')::int2[] as types, w.member, w.client, w.interaction, w.request,
    w.read_at, string_to_array(w.marked, ',')::bigint[] as marked, r.key, r.owner, r.bucket, r.version, r.content
  from ${rowsOf(columns)} w
  left join lateral (
    select * from resource r
    where r.key = w.key and r.type = ${typeNumber('Patient')}
      and (w.reach is null or r.owner = w.reach or r.marks @> array[w.mark] or (w.shared and r.owner = '${nobody}'))
    limit 1
  ) r on true
), audited as (
${auditOfSeen('kind', 'patient')}
)
select n, 0::int2 as type, content from seen where content is not null
union all
select s.n, r.type, r.content from seen s cross join lateral (
  select r.type, r.at, r.key, r.content from resource r
  where r.owner = s.patient and r.type = any(s.types) and (s.marked is null or r.marks && s.marked)
  order by r.type, r.at desc, r.key desc
  limit ${mostEntries + 1}
) r where s.content is not null
union all
select s.n, r.type, r.content from seen s cross join lateral (
  select r.type, r.content from term t join resource r on r.key = t.key
  where t.term = s.member and r.owner <> s.patient and r.type = any(s.types) and (s.marked is null or r.marks && s.marked)
  order by t.at desc, t.key desc
  limit ${mostEntries + 1}
) r where s.content is not null`;
