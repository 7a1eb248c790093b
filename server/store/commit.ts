// The statements that change the record. One statement holds content, index, audit and outbox of a whole change set, so that
// nothing can be half-written. Only write.ts, the one door, calls these.

import type { ClientBase, Pool } from 'pg';
import { bucketOf, typeNumber } from '../search/keys.ts';
import type { Matched } from './change.ts';
import { columnsOf } from './columns.ts';
import type { Version } from './versions.ts';

/**
 * Stores resources that did not exist. Fails with SQLSTATE 23505 when one of the keys does. False, with nothing stored, when
 * they were indexed by search parameters that are no longer those in force.
 */
export async function commitCreates(connection: Pool | ClientBase, versions: readonly Version[]): Promise<boolean> {
  const values = [...valuesOf(versions), generationOf(versions)];
  const { rowCount } = await connection.query({ name: 'commit-creates', text: createsText, values });
  return rowCount === versions.length;
}

/** Stores further versions, and tombstones, of resources whose rows this transaction has locked. False as above. */
export async function commitReplacements(connection: ClientBase, versions: readonly Version[]): Promise<boolean> {
  const values = valuesOf(versions);
  const cleared = await connection.query<{ is_current: boolean }>({
    name: 'clear-index',
    text: clearIndexText,
    values: [values[0], generationOf(versions)],
  });
  if (!cleared.rows[0]?.is_current) return false;
  await connection.query({ name: 'commit-replacements', text: replacementsText, values });
  return true;
}

const generationOf = (versions: readonly Version[]): number =>
  Math.min(...versions.map(({ index }) => index.generation));

/** A conditional create that finds something shows it to the caller, which is a read. */
export async function commitReads(
  connection: ClientBase,
  seen: readonly Matched[],
  client: string,
  request: string,
): Promise<void> {
  const rows = seen.map(({ key, type, owner, version }) => [
    bucketOf(owner),
    client,
    typeNumber(type),
    key,
    version,
    owner,
    request,
  ]);
  await connection.query({ name: 'commit-reads', text: readsText, values: columnsOf(rows, 7) });
}

const readsText = `
insert into audit (bucket, at, client, interaction, type, key, version, owner, request)
select bucket, now(), client, 'read', type, key, version, owner, request
from unnest($1::int2[], $2::text[], $3::int2[], $4::uuid[], $5::int4[], $6::uuid[], $7::uuid[])
  as v(bucket, client, type, key, version, owner, request)`;

// An array of texts is escaped by pg and read back by PostgreSQL character by character. No JSON text holds a control
// character, so columns of them go as one text each: a transaction of 41 costs 0.25 ms less on either side.
const separator = '\u0001';
const textsIn = (parameter: string) => `string_to_array(${parameter}, E'\\x01', '')`;

const incoming = (gate: string) => `
with p as materialized (
  select key, bucket, type, owner, version, updated,
    coalesce(at, updated) as at, coalesce(until, at, updated) as until,
    terms::bigint[] as terms, words::jsonb as words, marks::bigint[] as marks, facts::jsonb as facts,
    content, method::"char" as method, chosen, client, request, others::uuid[] as others
  from unnest($1::uuid[], $2::int2[], $3::int2[], $4::uuid[], $5::int4[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[],
    ${['$9', '$10', '$11', '$12', '$13'].map(textsIn).join(', ')}, $14::text[], $15::text[], $16::text[], $17::uuid[], $18::text[])
    as v(key, bucket, type, owner, version, updated, at, until, terms, words, marks, facts, content, method, chosen, client, request, others)
  ${gate}
), terms_in as (
  insert into term (term, at, until, key, owner, bucket)
  select t.term, p.at, p.until, p.key, p.owner, p.bucket from p cross join lateral unnest(p.terms) as t(term)
  on conflict do nothing
), words_in as (
  insert into words (param, norm, key, owner, bucket)
  select w.p, w.n, p.key, p.owner, p.bucket from p cross join lateral jsonb_to_recordset(p.words) as w(p int, n text)
), sharing_in as (
  insert into sharing (patient, type, key, version, updated, bucket)
  select o.patient, p.type, p.key, p.version, p.updated, p.bucket from p cross join lateral unnest(p.others) as o(patient)
), audit_in as (
  insert into audit (bucket, at, client, interaction, type, key, version, owner, request)
  select bucket, updated, client, case method when 'C' then 'create' when 'U' then 'update' else 'delete' end,
    type, key, version, owner, request
  from p
), outbox_in as (
  insert into outbox (bucket, created, method, type, key, version, owner)
  select bucket, updated, method, type, key, version, owner from p
), alias_in as (
  insert into alias (key, home, bucket, type, id)
  select key, ('x0' || substr(key::text, 16, 3))::bit(16)::int::int2, bucket, type, chosen from p where chosen is not null
  on conflict do nothing
)`;

// Asked once, and before anything is stored.
const createsText = `${incoming('cross join (select index_is_current($19) as is_current offset 0) g where g.is_current')}
insert into resource (at, until, updated, version, bucket, type, key, owner, writer, marks, facts, content)
select at, until, updated, version, bucket, type, key, owner, client, marks, facts, content from p`;

const replacementsText = `${incoming('')}, old as (
  select r.* from resource r join p on p.key = r.key
), history_in as (
  insert into history (key, version, bucket, type, owner, updated, method, content, xid)
  select key, version, bucket, type, owner, updated, case when version = 1 then 'C' else 'U' end::"char", content, xid from old
), past_in as (
  insert into past (at, until, updated, version, bucket, type, key, owner, marks, facts, born, ended, ended_at)
  select at, until, updated, version, bucket, type, key, owner, marks, facts, xid, pg_current_xact_id(), now() from old
), tombstones as (
  insert into history (key, version, bucket, type, owner, updated, method, content, xid)
  select key, version, bucket, type, owner, updated, 'D', null, pg_current_xact_id() from p where content is null
), tombstones_shared as (
  insert into sharing (patient, type, key, version, updated, bucket)
  select s.patient, p.type, p.key, p.version, p.updated, p.bucket
  from p join sharing s on s.key = p.key and s.version = p.version - 1 where p.content is null
), gone as (
  delete from resource r using p where r.key = p.key and p.content is null
)
update resource r
set at = p.at, until = p.until, updated = p.updated, version = p.version, bucket = p.bucket, owner = p.owner,
  writer = p.client, marks = p.marks, facts = p.facts, content = p.content, xid = pg_current_xact_id()
from p where r.key = p.key and p.content is not null`;

// A term is also a mark of its row, so the old row says which terms there may be. All of a row's terms go: comparing would
// only pay when most stay and the date stays too. Words are few.
const clearIndexText = `
with g as materialized (select index_is_current($2) as is_current), p as materialized (
  select v.key from g cross join unnest($1::uuid[]) as v(key) where g.is_current
), words_out as (
  delete from words w using p where w.key = p.key
), terms_out as (
  delete from term t using (
    select r.at, r.key, m.term from p join resource r on r.key = p.key cross join lateral unnest(r.marks) as m(term)
  ) old
  where t.term = old.term and t.at = old.at and t.key = old.key
)
select is_current from g`;

function valuesOf(versions: readonly Version[]): unknown[] {
  const rows = versions.map(({ index, ...v }) => [
    v.key,
    v.bucket,
    v.type,
    v.owner,
    v.version,
    v.updated,
    index.at,
    index.until,
    `{${index.terms.join(',')}}`,
    index.words.length === 0
      ? '[]'
      : JSON.stringify(index.words.map(({ parameter, norm }) => ({ p: parameter, n: norm }))),
    `{${index.marks.join(',')}}`,
    JSON.stringify(index.facts),
    v.content,
    v.content === undefined ? 'D' : v.version === 1 ? 'C' : 'U',
    v.chosenId,
    v.client,
    v.request,
    `{${v.others.join(',')}}`,
  ]);
  const columns: unknown[] = columnsOf(rows, 18);
  // The same places as in the statement; what is null there is '' here.
  for (let n = 8; n < 13; n++) columns[n] = (columns[n] as unknown[]).join(separator);
  return columns;
}
