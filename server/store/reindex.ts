// The walks that bring a changed set of search parameters, or another version of the extraction, into the rows that are
// stored already. Any number of processes may try; one at a time walks. Nothing but index data changes: no version, no time,
// no transaction number (server/decisions/0003-paging.md), no history, audit or outbox.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClientBase, Pool } from 'pg';
import { patientsOf } from '../fhir/compartments.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { customSet } from '../search/custom-set.ts';
import { extract, indexVersion } from '../search/extract.ts';
import { keyOf, typeName, typeNumber } from '../search/keys.ts';
import { columnsOf } from './columns.ts';
import { askText, readParameters } from './parameters.ts';
import { idOfPatient } from './transaction-references.ts';

export type Walk = {
  type: string;
  done: number;
  /** Rows of the type when the walk began; undefined before. */
  total: number | undefined;
  /** For another version of the extraction, not only for a parameter. */
  isWhole: boolean;
};

/** What a step has done: begun or ended the walk over a type, or gone on with it. */
export type Step = Walk & { step: 'began' | 'went-on' | 'ended' };

type Row = {
  type: number;
  generation: string;
  whole: boolean;
  at: string;
  key: string;
  done: string;
  total: string | null;
  started: string | null;
};
type Found = { key: string; version: number; owner: string; content: string; at: string };

const walkLock = 7_205_761;
const writerLock = 7_205_760;
const rowsAtOnce = 500;
const rowsInOneGo = 50;
const pollMs = 50;

/** Has everything indexed again when the rows are of an older version of the extraction. Answers whether there are any. */
export async function askForVersion(pool: Pool): Promise<boolean> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query(
      'update index_state set version = $1, generation = generation + 1 where version < $1 returning generation',
      [indexVersion],
    );
    const [state] = rows;
    let types: number[] = [];
    if (state) {
      const stored = await client.query<{ type: number }>(
        'select t.type from unnest($1::int2[]) t(type) where exists (select from resource r where r.type = t.type limit 1)',
        [[...resourceTypes].map(typeNumber)],
      );
      types = stored.rows.map(({ type }) => type);
      await client.query(askText, [types, state.generation, true]);
    }
    await client.query('commit');
    return types.length > 0;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/** The walks that have not come to their end. */
export async function walksOf(pool: Pool): Promise<Walk[]> {
  const { rows } = await pool.query<Row>('select * from reindex where ended is null order by type');
  return rows.map(walkOf);
}

/**
 * One batch of the first walk that is to be done; undefined when there is none, or another process walks. Killed at any
 * point, the next one goes on where it was.
 */
export async function stepReindex(pool: Pool): Promise<Step | undefined> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    const { rows } = await client.query('select pg_try_advisory_lock($1) as is_mine', [walkLock]);
    if (!rows[0]?.is_mine) return undefined;
    try {
      return await stepAlone(client);
    } finally {
      await client.query('select pg_advisory_unlock($1)', [walkLock]);
    }
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    // A session that failed may still hold the lock.
    client.release(failure);
  }
}

async function stepAlone(client: ClientBase): Promise<Step | undefined> {
  const { rows } = await client.query<Row>({ name: 'reindex-next', text: nextText });
  const [row] = rows;
  if (!row) return undefined;
  if (customSet().generation < Number(row.generation)) await readParameters(client);
  if (row.started === null) return await begin(client, row);
  const found = await client.query<Found>({
    name: 'reindex-rows',
    text: rowsText,
    values: [row.type, row.at, row.key],
  });
  await indexAgain(client, found.rows, row.whole);
  const last = found.rows.at(-1);
  if (last && found.rows.length === rowsAtOnce) {
    const values = [row.type, row.generation, last.at, last.key, found.rows.length];
    await client.query({ name: 'reindex-progress', text: progressText, values });
    return { ...walkOf(row), done: Number(row.done) + found.rows.length, step: 'went-on' };
  }
  const ended = await client.query({
    name: 'reindex-end',
    text: endText,
    values: [row.type, row.generation, found.rows.length],
  });
  if (ended.rowCount === 0) return { ...walkOf(row), step: 'went-on' };
  await client.query({ name: 'reindex-ready', text: readyText });
  return { ...walkOf(row), done: Number(row.done) + found.rows.length, step: 'ended' };
}

/** Waits for the writes that were on their way with the parameters of before; from now on there are no more of them. */
async function begin(client: ClientBase, row: Row): Promise<Step> {
  const { rows } = await client.query<{ id: string }>({ name: 'reindex-writers', text: writersText, values: [null] });
  for (let before = rows.map(({ id }) => id); before.length > 0; ) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    const left = await client.query<{ id: string }>({ name: 'reindex-writers', text: writersText, values: [before] });
    before = left.rows.map(({ id }) => id);
  }
  await client.query({ name: 'reindex-begin', text: beginText, values: [row.type, row.generation] });
  return { ...walkOf(row), step: 'began' };
}

/** Writes index data anew where it differs. What somebody changes meanwhile is right without this. */
async function indexAgain(client: ClientBase, found: readonly Found[], isWhole: boolean): Promise<void> {
  const values: unknown[][] = [];
  for (const row of found) {
    values.push(valuesOf(row));
    // Requests come first: this is work for milliseconds, and a batch of it would be felt.
    if (values.length % rowsInOneGo === 0) await nextTurn();
  }
  const text = isWhole ? wholeText : lightText;
  const write = (rows: unknown[][], wait: boolean) =>
    client.query<{ key: string }>({
      name: `reindex-${isWhole ? 'whole' : 'light'}-${wait ? 'wait' : 'skip'}`,
      text: text(wait),
      values: columnsOf(rows, columns),
    });
  const { rows } = await write(values, false);
  const written = new Set(rows.map(({ key }) => key));
  // Locked by a write that may be taken back. One by one, so that no lock is held while another is waited for.
  for (const row of values) if (!written.has(String(row[0]))) await write([row], true);
}

const columns = 8;

function valuesOf({ key, version, owner, content }: Found): unknown[] {
  const resource = parseJson(content) as JsonObject;
  const others = patientsOf(resource)
    .map(idOfPatient)
    .filter((id) => keyOf('Patient', id) !== owner);
  const { marks, facts, terms, words, at, until } = extract(resource, others);
  return [
    key,
    version,
    `{${marks.join(',')}}`,
    JSON.stringify(facts),
    `{${terms.join(',')}}`,
    JSON.stringify(words.map(({ parameter, norm }) => ({ p: parameter, n: norm }))),
    at,
    until,
  ];
}

function walkOf({ type, done, total, whole }: Row): Walk {
  return {
    type: typeName(type),
    done: Number(done),
    total: total === null ? undefined : Number(total),
    isWhole: whole,
  };
}

const nextText = 'select * from reindex where ended is null order by type limit 1';

// In the order of an index that is there. A row that moves in it has just been written, and so is right already.
const rowsText = `
select key, version, owner, content, at from resource
where type = $1 and (at, key) < ($2::timestamptz, $3::uuid) order by at desc, key desc limit ${rowsAtOnce}`;

const progressText = `
update reindex set at = $3, key = $4, done = done + $5 where type = $1 and generation = $2 and ended is null`;
const endText = `
update reindex set ended = now(), done = done + $3 where type = $1 and generation = $2 and ended is null`;
const readyText = `
with done as (
  update parameter p set state = 'ready'
  where state = 'building' and not exists (select from reindex r where r.type = any(p.types) and r.ended is null)
  returning key
)
select pg_notify('parameters', '') from done limit 1`;
const beginText = `
update reindex r set started = now(), total = (select count(*) from resource where type = r.type)
where type = $1 and generation = $2 and ended is null`;

const writersText = `
select distinct virtualtransaction as id from pg_locks
where locktype = 'advisory' and classid = 0 and objid = ${writerLock} and mode = 'ShareLock' and granted
  and database = (select oid from pg_database where datname = current_database())
  and ($1::text[] is null or virtualtransaction = any($1))`;

// A row that has another version by now is left as it is. Joined here, row by row: a join of what came out would try all pairs.
const source = (wait: boolean) => `
with r as materialized (
  select l.key, l.version = v.version as is_same, l.owner, l.bucket, l.at as old_at, l.marks as old_marks,
    coalesce(v.at, l.updated) as at, coalesce(v.until, v.at, l.updated) as until, v.marks::bigint[] as marks, v.facts::jsonb as facts,
    v.terms::bigint[] as terms, v.words::jsonb as words
  from unnest($1::uuid[], $2::int4[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[])
    as v(key, version, marks, facts, terms, words, at, until)
  cross join lateral (
    select * from resource where key = v.key order by key limit 1 for update ${wait ? '' : 'skip locked'}
  ) l
)`;

const lightText = (wait: boolean) => `${source(wait)}, written as (
  update resource set marks = r.marks, facts = r.facts from r
  where resource.key = r.key and r.is_same and (resource.marks <> r.marks or resource.facts <> r.facts)
)
select key from r`;

const wholeText = (wait: boolean) => `${source(wait)}, n as materialized (
  select * from r where is_same
), terms_out as (
  delete from term t using (select n.*, m.term from n cross join lateral unnest(n.old_marks) as m(term)) old
  where t.term = old.term and t.at = old.old_at and t.key = old.key and (old.at <> old.old_at or t.term <> all(old.terms))
), terms_in as (
  insert into term (term, at, until, key, owner, bucket)
  select t.term, n.at, n.until, n.key, n.owner, n.bucket from n cross join lateral unnest(n.terms) as t(term)
  on conflict do nothing
), words_out as (
  delete from words w using n where w.key = n.key
), words_in as (
  insert into words (param, norm, key, owner, bucket)
  select w.p, w.n, n.key, n.owner, n.bucket from n cross join lateral jsonb_to_recordset(n.words) as w(p int, n text)
), written as (
  update resource set marks = n.marks, facts = n.facts, at = n.at, until = n.until from n
  where resource.key = n.key
    and (resource.marks <> n.marks or resource.facts <> n.facts or resource.at <> n.at or resource.until <> n.until)
)
select key from r`;
