// The first page of a search with its audit rows, in one statement; and what several callers ask in the same words at the same
// moment in one statement as well. For searches that end soon (search/ways.ts): a slow one would keep the others waiting.

import type { Pool } from 'pg';
import type { Reach } from '../access/access.ts';
import { nobody, typeNumber } from '../search/keys.ts';
import { type Position, searchStatement, sortValues } from '../search/plan.ts';
import type { Query } from '../search/query.ts';
import type { Sql } from '../search/sql.ts';
import { endsSoon } from '../search/ways.ts';
import { bucketOfOwner, type Reading } from './audit.ts';
import { asColumn, askedOf, columnsOf, rowsOf } from './columns.ts';
import { grouped } from './grouped.ts';

/** The texts of the matches, and where the next page begins, if there is one. */
export type AuditedPage = { contents: string[]; next: (Position & { snapshot: string }) | undefined };

export type AuditedPages = (query: Query, reach: Reach, reading: Reading) => Promise<AuditedPage> | undefined;

type Wanted = { values: readonly unknown[]; type: string; count: number } & Reading;
type Row = [
  n: number,
  contents: string | null,
  found: number,
  key: string,
  isUndated: boolean,
  snapshot: string,
  ...values: (string | number)[],
];

/** The answers of those who go together are as long as all their pages, and all wait for the last of them. */
const together = { mostTogether: 16, mostInFlight: 3, gathers: true };
const longestPage = 100;

/**
 * Answers a page, or undefined for a search that has to be asked alone. One audit row for each patient in whose record
 * something was found and shown, and one for nobody when nothing was.
 */
export function createAuditedPages({ pool }: { pool: Pool }): AuditedPages {
  const askers = new Map<string, (wanted: Wanted) => Promise<AuditedPage>>();
  return (query, reach, reading) => {
    const { type, count } = query;
    if (reading.glass || query.asOf !== undefined || count < 1 || count > longestPage || !endsSoon(query, reach))
      return undefined;
    const { strings, values } = searchStatement(query, reach, count + 1);
    const shape = shapeOf(strings, () => sortValues(query, reach));
    if (!shape) return undefined;
    let ask = askers.get(shape.name);
    if (!ask) {
      ask = grouped((wanted: Wanted[]) => pagesOf(pool, shape, wanted), together);
      askers.set(shape.name, ask);
    }
    return ask({ values, type, count, ...reading });
  };
}

/** A statement for many, under the name by which PostgreSQL keeps its plan. */
type Shape = { name: string; text: string; width: number };

const shapes = new Map<string, Shape | undefined>();
const mostShapes = 300;

/** Undefined where the values of a search cannot come from a table, or where there are too many shapes already. */
function shapeOf(strings: readonly string[], countSortValues: () => number): Shape | undefined {
  const text = strings.join('$');
  const found = shapes.get(text);
  if (found || shapes.has(text) || shapes.size >= mostShapes) return found;
  const made = textFor(strings, countSortValues());
  const shape = made && { name: `pages-${shapes.size}`, ...made };
  shapes.set(text, shape);
  return shape;
}

const own = {
  client: 'text',
  interaction: 'text',
  request: 'uuid',
  read_at: 'timestamptz',
  kind: 'int2',
  most: 'int4',
};

/** Stands between stored texts, in which JSON allows no such character. */
const between = '\u001e';

function textFor(strings: Sql['strings'], sortCount: number): { text: string; width: number } | undefined {
  const asked = askedOf(strings);
  if (!asked) return undefined;
  const columns = { ...own, ...asked.columns };
  const page = asked.text;
  const sorted = Array.from({ length: sortCount }, (_, n) => `s${n}`);
  const last = ['key', 'is_undated', 'snapshot', ...sorted];
  const text = `
with page as materialized (
  select asked.n, asked.client, asked.interaction, asked.request, asked.read_at, asked.kind, asked.most, p.*
  from ${rowsOf(columns)} asked
  cross join lateral (
    select string_agg(o.content, '${between}') as contents, array_agg(o.owner) as owners,
      ${last.map((name) => `(array_agg(o.${name}))[asked.most] as ${name}`).join(', ')}
    from (${page}) o
  ) p
), audited as (
  insert into audit (bucket, at, client, interaction, type, owner, request)
  select ${bucketOfOwner}, read_at, client, interaction, kind, owner, request from (
    select distinct on (n, owner) n, read_at, client, interaction, kind, owner, request
    from page cross join lateral unnest(coalesce(owners[1:most], array['${nobody}'::uuid])) owner
  ) seen
)
select n, contents, coalesce(cardinality(owners), 0), ${last.join(', ')} from page`;
  return { text, width: Object.keys(columns).length };
}

async function pagesOf(pool: Pool, { name, text, width }: Shape, wanted: Wanted[]): Promise<AuditedPage[]> {
  const rows = wanted.map(({ values, type, count, client, interaction, request, at }) => {
    return [client, interaction, request, at, typeNumber(type), count, ...values.map(asColumn)];
  });
  const { rows: found } = await pool.query<Row>({ name, text, values: columnsOf(rows, width), rowMode: 'array' });
  const pages: AuditedPage[] = [];
  for (const row of found) pages[row[0] - 1] = pageOf(row, wanted[row[0] - 1]?.count ?? 0);
  return pages;
}

function pageOf([, texts, found, key, isUndated, snapshot, ...values]: Row, count: number): AuditedPage {
  const contents = texts === null ? [] : texts.split(between);
  if (found <= count) return { contents, next: undefined };
  return { contents: contents.slice(0, count), next: { key, isUndated, values, snapshot } };
}
