// What comes along with a search's matches: resources by canonical URL, and all that refers to some resources, one statement
// for each. What the caller may see is part of them.

import type { Pool } from 'pg';
import { directoryTypes, patientOf, type Reach } from '../access/access.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { membership } from '../search/extract.ts';
import { mark } from '../search/hash.ts';
import { keyOf, nobody, typeName, typeNumber } from '../search/keys.ts';
import { narrow, narrowTypes } from '../search/narrow.ts';
import type { Referring } from '../search/referring.ts';
import { numbered, sql } from '../search/sql.ts';
import { columnsOf } from './columns.ts';
import { statement } from './pool.ts';

export type Included = { type: string; owner: string; content: string };
export type Canonical = { type: string; url: string; version?: string; reach: Exclude<Reach, { kind: 'none' }> };

type Row = { type: number | null; owner: string; content: string; cut: number[] | null };

// Here and below limits keep a statement a loop of index walks and look-ups, whatever the planner believes about the tables.
const canonicalText = `
select r.type, r.owner, r.content
from unnest($1::bigint[], $2::int2[], $3::bigint[], $4::uuid[], $5::bigint[], $6::bool[]) as w(term, type, version, reach, mark, shared)
cross join lateral (
  select r.type, r.owner, r.content from term t
    cross join lateral (select * from resource x where x.key = t.key limit 1) r
  where t.term = w.term and r.type = w.type and (w.version is null or r.marks @> array[w.version])
    and (w.reach is null or r.owner = w.reach or r.marks @> array[w.mark] or (w.shared and r.owner = '${nobody}'))
  order by t.at desc, t.key desc limit 1
) r`;

/** The newest resource with each URL, or the one of the version asked for. */
export async function withCanonicalUrls(pool: Pool, wanted: readonly Canonical[]): Promise<Included[]> {
  const narrowed = wanted.filter(({ reach }) => reach.kind === 'narrowed');
  const plain = narrowed.length === 0 ? wanted : wanted.filter(({ reach }) => reach.kind !== 'narrowed');
  const found: Included[] = plain.length === 0 ? [] : await withPlainReach(pool, plain);
  for (const one of narrowed) found.push(...(await withNarrowReach(pool, one)));
  return found;
}

async function withNarrowReach(pool: Pool, { type, url, version, reach }: Canonical): Promise<Included[]> {
  const ofVersion =
    version === undefined ? sql`` : sql` and r.marks @> array[${mark(`${type}.version|${version}`)}::bigint]`;
  const { rows } = await pool.query<Row>(
    statement(sql`
select r.type, r.owner, r.content from term t
  cross join lateral (select * from resource x where x.key = t.key limit 1) r
where t.term = ${mark(`${type}.url=${url}`)}::bigint and r.type = ${typeNumber(type)}::int2${ofVersion} and ${narrow(reach, type)}
order by t.at desc, t.key desc limit 1`),
  );
  return rows.map(included);
}

async function withPlainReach(pool: Pool, wanted: readonly Canonical[]): Promise<Included[]> {
  const rows = wanted.map(({ type, url, version, reach }) => [
    mark(`${type}.url=${url}`),
    typeNumber(type),
    version === undefined ? null : mark(`${type}.version|${version}`),
    reach.kind === 'patient' ? keyOf('Patient', reach.patient) : null,
    reach.kind === 'patient' ? mark(membership(reach.patient)) : '0',
    directoryTypes.has(type),
  ]);
  const found = await pool.query<Row>({ name: 'canonical', text: canonicalText, values: columnsOf(rows, 6) });
  return found.rows.map(included);
}

// Rows looked at in the records of patients, and entries of the population index followed, in one search.
const mostSeen = 20_000;
const fewMarks = 32;

/**
 * Up to `limit` resources that refer, and the types (none of them twice) where not everything could be looked at; `*`
 * stands among them when a patient's record or a term was too large.
 */
export async function referringResources(
  pool: Pool,
  { reach, marks, owners, types, terms, walks }: Referring,
  limit: number,
): Promise<{ found: Included[]; cut: string[] }> {
  const isFew = marks.length <= fewMarks;
  const patient = patientOf(reach);
  const ofPatient =
    patient === undefined
      ? []
      : [keyOf('Patient', patient), mark(membership(patient)), [...directoryTypes].map(typeNumber)];
  const isByQuery = reach.kind === 'narrowed' && reach.parts.some(({ query }) => query);
  const sources = isByQuery ? new Set([...types, ...walks.map(({ type }) => type)]) : resourceTypes;
  const seen = reach.kind === 'narrowed' ? narrowTypes([...sources].map((type) => ({ type, reach }))) : undefined;
  const kind = patient === undefined ? 'all' : 'patient';
  const text = referringText(isFew, kind, seen && numbered(seen, 7 + ofPatient.length));
  const { rows } = await pool.query<Row>({
    ...(seen ? {} : { name: `referring-${isFew ? 'few' : 'many'}-${kind}` }),
    text,
    values: [
      isFew ? marks : `{${marks.map((one) => `"${one}":0`).join(',')}}`,
      owners,
      types.map(typeNumber),
      terms,
      walks.map(({ type }) => typeNumber(type)),
      walks.map(({ most }) => most),
      limit,
      ...ofPatient,
      ...(seen?.values ?? []),
    ],
  });
  return {
    found: rows.filter(({ type }) => type !== null).map(included),
    cut: (rows[0]?.cut ?? []).map((number) => (number === 0 ? '*' : typeName(number))),
  };
}

// Each way counts the rows it has looked at, one more than it may at most: then there are more. Keys are gathered first, and
// the resources read at the end, once each.
function referringText(isFew: boolean, reach: 'all' | 'patient', narrowed?: string): string {
  // With many marks `&&` would compare each with each; the keys of a JSON object are looked up by halving.
  const refers = isFew ? 'r.marks && $1::bigint[]' : '$1::jsonb ?| r.marks::text[]';
  const mayBeSeen = `(r.owner = $8::uuid or r.marks @> array[$9::bigint] or (r.owner = '${nobody}' and r.type = any($10::int2[])))`;
  const within = reach === 'all' ? refers : `${refers} and ${mayBeSeen}`;
  const isWanted = narrowed === undefined ? within : `${within} and ${narrowed}`;
  const seen = `count(*)::int as seen, array_agg(r.key) filter (where ${isWanted}) as keys`;
  const rights = narrowed === undefined ? '' : ', x.labels, x.at, x.until, x.authored, x.organization, x.facts';
  const columns = `x.key, x.marks, x.owner, x.type${rights}`;
  return `
with way as materialized (
  select 0::int2 as type, ${mostSeen} as most, o.* from (
    select ${seen} from (
      select r.* from unnest($2::uuid[]) w(owner)
      cross join lateral (
        select ${columns} from resource x where x.owner = w.owner and x.type = any($3::int2[]) limit ${mostSeen + 1}
      ) r
      limit ${mostSeen + 1}
    ) r
  ) o
  union all
  select 0::int2, ${mostSeen}, o.* from (
    select ${seen} from (
      select r.* from unnest($4::bigint[]) w(term)
      cross join lateral (select key from term where term = w.term order by at desc, key desc limit ${mostSeen + 1}) t
      cross join lateral (select ${columns} from resource x where x.key = t.key limit 1) r
      limit ${mostSeen + 1}
    ) r
  ) o
  union all
  select w.type, w.most, o.* from unnest($5::int2[], $6::int[]) w(type, most)
  cross join lateral (
    select ${seen} from (
      select ${columns} from resource x where ${reach === 'all' ? '' : `x.owner = '${nobody}' and `}x.type = w.type
      order by x.at desc, x.key desc limit w.most + 1
    ) r
  ) o
), found as materialized (
  select distinct k.key from way cross join lateral unnest(way.keys) k(key) limit $7
)
select cut.types as cut, r.type, r.owner, r.content
from (select array_agg(distinct type) filter (where seen > most) as types from way) cut
left join lateral (
  select r.* from found f cross join lateral (
    select x.type, x.owner, x.key, x.at, x.content from resource x where x.key = f.key limit 1
  ) r
) r on true
order by r.type, r.at desc, r.key desc`;
}

const included = ({ type, owner, content }: Row): Included => ({ type: typeName(type ?? 0), owner, content });
