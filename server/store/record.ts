// Everything in one patient's compartment, in pages of bounded size. A stream follows the owner's index, newest first
// within a type, and then what the patient shares with others (a booking for two). A page that a caller comes back from is
// in the order of type and key instead, which no write changes: nothing moves from one page to another.

import type { Pool } from 'pg';
import { resourceTypes } from '../fhir/definitions.ts';
import { membership, presence } from '../search/extract.ts';
import { mark } from '../search/hash.ts';
import { keyOf, nobody, typeName, typeNumber } from '../search/keys.ts';
import { mainDateOf } from '../search/parameters.ts';
import { fixed, type Sql, sql } from '../search/sql.ts';
import { statement } from './pool.ts';

export type RecordEntry = { type: string; content: string };

/** What of a record is wanted; without any member all of it. */
export type RecordFilter = {
  /** Only what was stored later than this instant (ISO 8601). */
  updatedSince?: string | undefined;
  /** Only what has a clinical date between these two (PostgreSQL timestamps), and what has no such date. */
  clinical?: { from: string; to: string } | undefined;
  /** Only what has one of these marks (search/hash.ts). */
  marks?: readonly string[] | undefined;
  /** Only what the caller may see, where that is not the whole of these types. */
  seen?: Sql | undefined;
  /** So many and no more, of a stream that is asked for one type: its newest. */
  most?: number | undefined;
};

/** Where a page ended: a type and a key. */
export type RecordPosition = { type: string; key: string };

/** In front of everything. */
export const recordStart: RecordPosition = { type: typeName(1), key: nobody };

const pageRows = 500;
/** A page of a stream ends behind the row that passes this, however few they are: a photo may have megabytes. */
const pageBytes = 8 * 1024 * 1024;

type Row = { type: number; at: string; key: string; content: string };
/** How many rows there were before the page was cut for its size. */
type Found = Row & { found: string };

/**
 * The resources of the given types in the compartment of a patient, Patient itself included. The caller has checked that
 * these types of this patient may be read.
 */
export async function* patientRecord(
  pool: Pool,
  patient: string,
  types: readonly string[],
  filter: RecordFilter = {},
): AsyncGenerator<RecordEntry[]> {
  const wanted = { patient, passes: passes(filter, types), limit: Math.min(filter.most ?? pageRows, pageRows) };
  for (const next of [ownedRows, sharedRows]) {
    let last: Found | undefined;
    do {
      const { rows }: { rows: Found[] } = await pool.query<Found>(statement(next(wanted, last)));
      if (rows.length > 0) yield rows.map(entry);
      last = rows.at(-1);
      // A page that ends early for its bytes goes on.
      const isCut = rows.length < Number(last?.found ?? 0);
      if (!isCut && (rows.length < wanted.limit || filter.most !== undefined)) break;
    } while (last);
  }
}

/** At most `count` of the same resources behind `after`, by type and key, and where the next page begins. */
export async function recordPage(
  pool: Pool,
  patient: string,
  types: readonly string[],
  { count, after, filter = {} }: { count: number; after?: RecordPosition | undefined; filter?: RecordFilter },
): Promise<{ entries: RecordEntry[]; next: RecordPosition | undefined }> {
  const wanted = { patient, passes: passes(filter, types) };
  const { rows } = await pool.query<Row>(statement(rowsInKeyOrder(wanted, count + 1, after)));
  const shown = rows.slice(0, count);
  const last = shown.at(-1);
  const next = rows.length > count && last ? { type: typeName(last.type), key: last.key } : undefined;
  return { entries: shown.map(entry), next };
}

type Wanted = { patient: string; passes: Sql };
type Page = Wanted & { limit: number };

// Two ordered walks, the rest of the type where the last page ended and the types behind it, instead of one condition with
// "or", which would begin at the start of the record for every page.
function ownedRows({ patient, passes, limit }: Page, last: Row | undefined): Sql {
  const owned = sql`owner = ${keyOf('Patient', patient)}${passes}`;
  const from = last?.type ?? 0;
  return bounded(
    sql`
select * from (
  (select type, at, key, content from resource r
   where ${owned} and type = ${from} and (at, key) < (${last?.at ?? null}::timestamptz, ${last?.key ?? null}::uuid)
   order by at desc, key desc limit ${limit})
  union all
  (select type, at, key, content from resource r
   where ${owned} and type > ${from}
   order by type, at desc, key desc limit ${limit})
) r order by type, at desc, key desc limit ${limit}`,
    fixed('type, at desc, key desc'),
  );
}

function sharedRows({ patient, passes, limit }: Page, last: Row | undefined): Sql {
  return bounded(
    sql`
select r.type, t.at, t.key, r.content from term t join resource r on r.key = t.key
where ${sharedWith(patient)}${passes}
  and (${last?.at ?? null}::timestamptz is null or (t.at, t.key) < (${last?.at ?? null}::timestamptz, ${last?.key ?? null}::uuid))
order by t.at desc, t.key desc limit ${limit}`,
    fixed('at desc, key desc'),
  );
}

// The length of a text is known without reading it.
const bounded = (rows: Sql, order: Sql): Sql => sql`
select type, at, key, content, found from (
  select *, count(*) over () as found, sum(octet_length(content)) over (order by ${order}) - octet_length(content) as before
  from (${rows}) r
) r where before < ${fixed(String(pageBytes))} order by ${order}`;

// The keys first, which the index alone can give, then the rows of the page.
function rowsInKeyOrder({ patient, passes }: Wanted, limit: number, after: RecordPosition | undefined): Sql {
  const from = after === undefined ? 0 : typeNumber(after.type);
  const behind = sql` and r.type >= ${from} and (r.type, r.key) > (${from}, ${after?.key ?? null}::uuid)`;
  const rest = after === undefined ? passes : sql`${passes}${behind}`;
  return sql`
select r.type, r.at, r.key, r.content from (
  select type, key from resource r where owner = ${keyOf('Patient', patient)}${rest}
  union all
  select r.type, r.key from term t cross join lateral (select * from resource x where x.key = t.key limit 1) r
  where ${sharedWith(patient)}${rest}
  order by type, key limit ${limit}
) k cross join lateral (select * from resource x where x.key = k.key and x.type = k.type limit 1) r
order by r.type, r.key`;
}

const sharedWith = (patient: string): Sql =>
  sql`t.term = ${mark(membership(patient))}::bigint and r.owner <> ${keyOf('Patient', patient)}`;

/** The types and the filter as conditions on a row `r`, with "and" in front; nothing where all is wanted. */
function passes({ updatedSince, clinical, marks, seen }: RecordFilter, types: readonly string[]): Sql {
  const some = types.length === resourceTypes.size ? nothing : sql` and r.type = any(${types.map(typeNumber)}::int2[])`;
  const since = updatedSince === undefined ? nothing : sql` and r.updated > ${updatedSince}::timestamptz`;
  const marked = marks === undefined ? nothing : sql` and r.marks && ${marks}::bigint[]`;
  const about = seen === undefined ? marked : sql`${marked} and ${seen}`;
  if (clinical === undefined) return sql`${some}${since}${about}`;
  const { from, to } = clinical;
  return sql`${some}${since}${about} and (not r.marks && ${types.flatMap(clinicalDate)}::bigint[]
    or (r.until >= ${from}::timestamptz and r.at <= ${to}::timestamptz))`;
}

const nothing = fixed('');

/** The mark of a resource that has the main date of its type; a date of birth is none of care. */
function clinicalDate(type: string): string[] {
  const code = mainDateOf(type)?.code;
  return code === undefined || code === 'birthdate' ? [] : [mark(presence(type, code))];
}

const entry = ({ type, content }: Row): RecordEntry => ({ type: typeName(type), content });
