// The statements that change the record. One statement holds content, index, audit and outbox of a whole change set, so that
// nothing can be half-written. Only write.ts, the one door, calls these.

import type { ClientBase, Pool } from 'pg';
import { bucketOf, nobody, typeNumber } from '../search/keys.ts';
import type { Word } from '../search/sheet.ts';
import { bigints, instants, integers, jsons, smallints, texts, uuids } from './binary-arrays.ts';
import type { Matched } from './change.ts';
import { columnsOf } from './columns.ts';
import type { Version } from './versions.ts';

/**
 * Stores resources that did not exist. Fails with SQLSTATE 23505 when one of the keys does. False, with nothing stored, when
 * they were indexed by search parameters that are no longer those in force.
 */
export async function commitCreates(connection: Pool | ClientBase, versions: readonly Version[]): Promise<boolean> {
  const found = findingsIn(versions);
  const values = [...valuesOf(versions), generationOf(versions), ...found];
  const statement =
    found.length === 0
      ? { name: 'commit-creates', text: createsText }
      : { name: 'commit-creates-warned', text: createsWarnedText };
  const { rowCount } = await connection.query({ ...statement, values });
  return rowCount === versions.length;
}

/** Stores further versions, and tombstones, of resources whose rows this transaction has locked. False as above. */
export async function commitReplacements(connection: ClientBase, versions: readonly Version[]): Promise<boolean> {
  const values = valuesOf(versions);
  const [keys] = values;
  const cleared = await connection.query<{ is_current: boolean }>({
    name: 'clear-index',
    text: clearIndexText,
    values: [keys, generationOf(versions)],
  });
  if (!cleared.rows[0]?.is_current) return false;
  const found = findingsIn(versions);
  const statement =
    found.length === 0
      ? { name: 'commit-replacements', text: replacementsText }
      : { name: 'commit-replacements-warned', text: replacementsWarnedText };
  await connection.query({ ...statement, values: [...values, ...found] });
  return true;
}

function generationOf(versions: readonly Version[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { index } of versions) least = Math.min(least, index.generation);
  return least;
}

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

// Parameters, as `valuesOf` fills them. Whatever has one value a resource is an array with a place for each; what has none or
// many is two arrays, the values and the places of their resources. Elements are taken by their place: in an
// array whose elements have one width PostgreSQL finds them without a walk.
const [keys, buckets, types, owners] = ['$1::uuid[]', '$2::int2[]', '$3::int2[]', '$4::uuid[]'];
const [versionNumbers, updated, ats, untils] = [
  '$5::int4[]',
  '$6::timestamptz[]',
  '$7::timestamptz[]',
  '$8::timestamptz[]',
];
const [marks, markEnds, facts, contents] = ['$9::int8[]', '$10::int4[]', '$11::jsonb[]', '$12::text[]'];
const [requests, clients, clientPlaces] = ['$13::uuid[]', '$14::text[]', '$15::int4[]'];
const [terms, termPlaces] = ['$16::int8[]', '$17::int4[]'];
const [wordParameters, wordNorms, wordPlaces] = ['$18::int4[]', '$19::text[]', '$20::int4[]'];
const [others, otherPlaces] = ['$21::uuid[]', '$22::int4[]'];
const [chosenIds, chosenPlaces] = ['$23::text[]', '$24::int4[]'];
const [labels, organizations, authored] = ['$25::int4[]', '$26::uuid[]', '$27::timestamptz[]'];
const columns = 27;

/** Element `n` (an SQL expression) of an array. */
const at = (array: string, n: string): string => `(${array})[${n}]`;
const client = (n: string): string => at(clients, at(clientPlaces, n));
// Most entries are nobody's to correct and have no label: an array of one width says so by its least value.
const organization = (n: string): string => `nullif(${at(organizations, n)}, '${nobody}')`;
const authoredAt = (n: string): string => `nullif(${at(authored, n)}, '-infinity')`;
const marksAt = (n: string): string => `(${marks})[coalesce(${at(markEnds, `${n} - 1`)}, 0) + 1 : ${at(markEnds, n)}]`;

/** Arrays of one length as rows: see rowsOf in columns.ts. */
const sideBySide = (arrays: Record<string, string>): string =>
  `(select ${Object.entries(arrays)
    .map(([name, array]) => `unnest(${array}) as ${name}`)
    .join(', ')})`;
const numbered = `(select generate_series(1, cardinality(${facts})) as n, unnest(${facts}) as facts, unnest(${contents}) as content)`;

/** What every version leaves besides its row. `g` says whether anything is to be stored. */
const beside = `terms_in as (
  insert into term (term, at, until, key, owner, bucket)
  select t.term, ${[ats, untils, keys, owners, buckets].map((array) => at(array, 't.n')).join(', ')}
  from g cross join ${sideBySide({ term: terms, n: termPlaces })} t where g.is_current
  on conflict do nothing
), words_in as (
  insert into words (param, norm, key, owner, bucket)
  select w.param, w.norm, ${[keys, owners, buckets].map((array) => at(array, 'w.n')).join(', ')}
  from g cross join ${sideBySide({ param: wordParameters, norm: wordNorms, n: wordPlaces })} w where g.is_current
), sharing_in as (
  insert into sharing (patient, type, key, version, updated, bucket)
  select o.patient, ${[types, keys, versionNumbers, updated, buckets].map((array) => at(array, 'o.n')).join(', ')}
  from g cross join ${sideBySide({ patient: others, n: otherPlaces })} o where g.is_current
), alias_in as (
  insert into alias (key, home, bucket, type, id)
  select ${at(keys, 'c.n')}, ('x0' || substr(${at(keys, 'c.n')}::text, 16, 3))::bit(16)::int::int2,
    ${at(buckets, 'c.n')}, ${at(types, 'c.n')}, c.id
  from g cross join ${sideBySide({ id: chosenIds, n: chosenPlaces })} c where g.is_current
  on conflict do nothing
)`;

/**
 * What was warned of, in two parameters from `first` on. Most versions have nothing of it, and a statement that could store some is a
 * twentieth slower where there is none: so it is a part of statements of their own.
 */
const besideWarned = (first: number): string => `${beside}, findings_in as (
  insert into finding (key, version, bucket, type, owner, at, client, issues)
  select ${[keys, versionNumbers, buckets, types, owners, updated].map((array) => at(array, 'f.n')).join(', ')},
    ${client('f.n')}, f.issues
  from g cross join ${sideBySide({ issues: `$${first}::text[]`, n: `$${first + 1}::int4[]` })} f where g.is_current
)`;

const auditColumns = 'bucket, at, client, interaction, type, key, version, owner, request';
const outboxColumns = 'bucket, created, method, type, key, version, owner';
const rowColumns =
  'at, until, updated, version, bucket, type, key, owner, labels, organization, authored, writer, marks, facts, content';

/** What rights go by; a tombstone is for those who could see what was deleted. */
const rights = ['labels', 'organization', 'authored', 'at', 'until'];
const rightsColumns = rights.join(', ');
const ofOld = rights.map((name) => `old.${name}`).join(', ');

// Asked once, and before anything is stored.
const creates = (besides: string): string => `
with g as materialized (select index_is_current($${columns + 1}) as is_current), ${besides}, audit_in as (
  insert into audit (${auditColumns})
  select ${at(buckets, 'n')}, ${at(updated, 'n')}, ${client('n')},
    case ${at(versionNumbers, 'n')} when 1 then 'create' else 'update' end,
    ${[types, keys, versionNumbers, owners, requests].map((array) => at(array, 'n')).join(', ')}
  from g cross join generate_series(1, cardinality(${keys})) n where g.is_current
), outbox_in as (
  insert into outbox (${outboxColumns})
  select ${at(buckets, 'n')}, ${at(updated, 'n')}, case ${at(versionNumbers, 'n')} when 1 then 'C' else 'U' end::"char",
    ${[types, keys, versionNumbers, owners].map((array) => at(array, 'n')).join(', ')}
  from g cross join generate_series(1, cardinality(${keys})) n where g.is_current
)
insert into resource (${rowColumns})
select ${[ats, untils, updated, versionNumbers, buckets, types, keys, owners, labels].map((array) => at(array, 'v.n')).join(', ')},
  ${organization('v.n')}, ${authoredAt('v.n')}, ${client('v.n')}, ${marksAt('v.n')}, v.facts, v.content
from g cross join ${numbered} v where g.is_current`;

const createsText = creates(beside);
const createsWarnedText = creates(besideWarned(columns + 2));

const replacements = (besides: string): string => `
with g as materialized (select true as is_current), p as materialized (
  select ${at(keys, 'v.n')} as key, ${at(buckets, 'v.n')} as bucket, ${at(types, 'v.n')} as type, ${at(owners, 'v.n')} as owner,
    ${at(versionNumbers, 'v.n')} as version, ${at(updated, 'v.n')} as updated, ${at(ats, 'v.n')} as at, ${at(untils, 'v.n')} as until,
    ${client('v.n')} as client, ${at(requests, 'v.n')} as request, ${marksAt('v.n')} as marks,
    ${at(labels, 'v.n')} as labels, ${organization('v.n')} as organization, ${authoredAt('v.n')} as authored, v.facts, v.content
  from ${numbered} v
), ${besides}, audit_in as (
  insert into audit (${auditColumns})
  select bucket, updated, client, case when content is null then 'delete' when version = 1 then 'create' else 'update' end,
    type, key, version, owner, request
  from p
), outbox_in as (
  insert into outbox (${outboxColumns})
  select bucket, updated, case when content is null then 'D' when version = 1 then 'C' else 'U' end::"char", type, key, version, owner
  from p
), old as (
  select r.* from resource r join p on p.key = r.key
), history_in as (
  insert into history (key, version, bucket, type, owner, updated, method, content, xid, ${rightsColumns})
  select key, version, bucket, type, owner, updated, case when version = 1 then 'C' else 'U' end::"char", content, xid, ${rightsColumns} from old
), past_in as (
  insert into past (updated, version, bucket, type, key, owner, marks, facts, born, ended, ended_at, ${rightsColumns})
  select updated, version, bucket, type, key, owner, marks, facts, xid, pg_current_xact_id(), now(), ${rightsColumns} from old
), tombstones as (
  insert into history (key, version, bucket, type, owner, updated, method, content, xid, ${rightsColumns})
  select p.key, p.version, p.bucket, p.type, p.owner, p.updated, 'D', null, pg_current_xact_id(), ${ofOld} from p join old on old.key = p.key
  where p.content is null
), tombstones_shared as (
  insert into sharing (patient, type, key, version, updated, bucket)
  select s.patient, p.type, p.key, p.version, p.updated, p.bucket
  from p join sharing s on s.key = p.key and s.version = p.version - 1 where p.content is null
), gone as (
  delete from resource r using p where r.key = p.key and p.content is null
)
update resource r
set labels = p.labels, organization = p.organization, authored = p.authored, at = p.at, until = p.until, updated = p.updated, version = p.version, bucket = p.bucket, owner = p.owner,
  writer = p.client, marks = p.marks, facts = p.facts, content = p.content, xid = pg_current_xact_id()
from p where r.key = p.key and p.content is not null`;

const replacementsText = replacements(beside);
const replacementsWarnedText = replacements(besideWarned(columns + 1));

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

/** When a labelled version was recorded, as far as it says so. */
function authoredOf({ labels, authored, index: { at, until }, updated }: Version): string | undefined {
  if (labels === 0) return undefined;
  // What still goes on was authored when it began.
  return authored ?? (until === 'infinity' ? at : until) ?? at ?? updated;
}

/** The parameters of the statements above, in their order. Places count from 1. */
function valuesOf(versions: readonly Version[]): (Buffer | string)[] {
  const all: string[] = [];
  const ends: number[] = [];
  const writers = new Map<string, number>();
  const termsIn: string[] = [];
  const termsOf: number[] = [];
  const words: Word[] = [];
  const wordsOf: number[] = [];
  const patients: string[] = [];
  const patientsOf: number[] = [];
  const chosen: string[] = [];
  const chosenOf: number[] = [];
  let place = 0;
  for (const { index, others, chosenId, client } of versions) {
    place++;
    for (const mark of index.marks) all.push(mark);
    ends.push(all.length);
    if (!writers.has(client)) writers.set(client, writers.size + 1);
    for (const term of index.terms) {
      termsIn.push(term);
      termsOf.push(place);
    }
    for (const word of index.words) {
      words.push(word);
      wordsOf.push(place);
    }
    for (const patient of others) {
      patients.push(patient);
      patientsOf.push(place);
    }
    if (chosenId === undefined) continue;
    chosen.push(chosenId);
    chosenOf.push(place);
  }
  return [
    uuids(versions.map(({ key }) => key)),
    smallints(versions.map(({ bucket }) => bucket)),
    smallints(versions.map(({ type }) => type)),
    uuids(versions.map(({ owner }) => owner)),
    integers(versions.map(({ version }) => version)),
    instants(versions.map(({ updated }) => updated)),
    instants(versions.map(({ index, updated }) => index.at ?? updated)),
    instants(versions.map(({ index, updated }) => index.until ?? index.at ?? updated)),
    bigints(all),
    integers(ends),
    jsons(versions.map(({ index }) => JSON.stringify(index.facts))),
    texts(versions.map(({ content }) => content)),
    uuids(versions.map(({ request }) => request)),
    texts([...writers.keys()]),
    integers(versions.map(({ client }) => writers.get(client) ?? 0)),
    bigints(termsIn),
    integers(termsOf),
    integers(words.map(({ parameter }) => parameter)),
    texts(words.map(({ norm }) => norm)),
    integers(wordsOf),
    uuids(patients),
    integers(patientsOf),
    texts(chosen),
    integers(chosenOf),
    integers(versions.map(({ labels }) => labels)),
    uuids(versions.map(({ organization }) => organization ?? nobody)),
    instants(versions.map((one) => authoredOf(one) ?? '-infinity')),
  ];
}

/** The texts of findings and the places of their versions; nothing where nothing was warned of. */
function findingsIn(versions: readonly Version[]): Buffer[] {
  const found: string[] = [];
  const foundIn: number[] = [];
  for (const [n, { findings }] of versions.entries()) {
    if (findings === undefined) continue;
    found.push(findings);
    foundIn.push(n + 1);
  }
  return found.length === 0 ? [] : [texts(found), integers(foundIn)];
}
