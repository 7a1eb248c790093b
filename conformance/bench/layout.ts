// What the record takes on disk: bytes per resource of each table and index, and what extraction puts into a row.
import type { Pool } from '../../server/store/pool.ts';

export type Layout = {
  resources: number;
  /** Bytes per resource, of tables (without TOAST) and of their indexes. */
  bytes: { name: string; perResource: number }[];
  /** Of the bytes of `resource`, those out of line. */
  toastShare: number;
  /** Averages over a row, by type: from a sample. */
  rows: { type: number; marks: number; terms: number; content: number; facts: number; row: number }[];
};

/** Vacuums and analyzes as autovacuum would, then looks. */
export async function layoutOf(pool: Pool): Promise<Layout> {
  await pool.query('vacuum (analyze) resource, term, words, sharing, audit, outbox');
  await pool.query('checkpoint');
  const { rows: relations } = await pool.query<{ name: string; bytes: number; toast: number; tuples: number }>(`
select c.relname as name, pg_relation_size(c.oid)::float8 as bytes, c.reltuples::float8 as tuples,
  coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0)::float8 as toast
from pg_class c left join pg_index i on i.indexrelid = c.oid
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'i')
  and coalesce(i.indrelid::regclass::text, c.relname) in ('resource', 'term', 'words', 'audit', 'outbox')
order by coalesce(i.indrelid::regclass::text, c.relname), c.relkind desc, c.relname`);
  const table = relations.find(({ name }) => name === 'resource');
  const resources = table?.tuples ?? 0;
  const share = Math.min(100, Math.max(0.1, (20_000 * 100) / Math.max(1, resources)));
  const { rows } = await pool.query<Layout['rows'][number]>(`
select type, avg(cardinality(marks))::float8 as marks, avg(octet_length(content))::float8 as content,
  avg(octet_length(facts::text))::float8 as facts, avg(pg_column_size(r.*))::float8 as row,
  avg((select count(*) from unnest(r.marks) m(mark)
    where exists (select from term t where t.term = m.mark and t.at = r.at and t.key = r.key)))::float8 as terms
from resource r tablesample system (${share}) group by type order by type`);
  return {
    resources,
    bytes: relations.map(({ name, bytes }) => ({ name, perResource: bytes / resources })),
    toastShare: (table?.toast ?? 0) / ((table?.bytes ?? 0) + (table?.toast ?? 0)),
    rows,
  };
}
