// Searches: one statement for a page, one more only when a total or includes are asked for. All pages of a search show the
// record as it was when the first one was read (server/decisions/0003-paging.md).

import type { ClientBase, Pool } from 'pg';
import type { Reach } from '../access/access.ts';
import { expired } from '../fhir/outcome.ts';
import { typeName } from '../search/keys.ts';
import { countStatement, type Position, searchStatement, snapshotOf } from '../search/plan.ts';
import type { Query } from '../search/query.ts';
import { type Sql, sql } from '../search/sql.ts';
import { systemCountStatement, systemStatement, type TypeSearch } from '../search/system-plan.ts';
import { instant, statement } from './pool.ts';

export type Match = { type: string; key: string; owner: string; version: number; updated: string; content: string };
export type Page = { matches: Match[]; next: (Position & { snapshot: string }) | undefined };

/** A row comes as a list, whose places cost less to fill and to read than names: key, type, version, updated, owner, content … */
type Row = [string, number, number, string, string, string, ...Place];
/** … and where it stands: whether it is undated, the values it is sorted by, the snapshot. */
type Place = [isUndated: boolean, ...values: (string | number)[], snapshot: string | null];

/**
 * Up to `query.count` matches behind `after`, and where the next page begins, if there is one. Throws OperationOutcomeError
 * 410 when the state of the record that `after` or `query.asOf` names cannot be shown any more.
 */
export async function searchPage(
  connection: Pool | ClientBase,
  asked: Query,
  reach: Reach,
  after?: Position,
): Promise<Page> {
  if (reach.kind === 'none' || asked.count === 0) return { matches: [], next: undefined };
  const query = after?.moment ? { ...asked, asOf: after.moment.snapshot } : asked;
  return pageOf(connection, query, searchStatement(query, reach, query.count + 1, after));
}

/** The same over several types, of which there is at least one and which all have the same page and `asOf`. */
export async function systemPage(
  connection: Pool | ClientBase,
  searches: readonly TypeSearch[],
  after?: Position,
): Promise<Page> {
  const [first] = searches;
  if (!first || first.query.count === 0) return { matches: [], next: undefined };
  return pageOf(connection, first.query, systemStatement(searches, first.query.count + 1, after));
}

async function pageOf(connection: Pool | ClientBase, { count, asOf }: Query, text: Sql): Promise<Page> {
  const { rows } = await connection.query<Row>({ ...statement(text), rowMode: 'array' });
  if (rows.length === 0) await refusePruned(connection, asOf);
  if (rows[0]?.at(-1) === null) throw tooOld();
  const isLast = rows.length <= count;
  const shown = isLast ? rows : rows.slice(0, count);
  return { matches: shown.map(match), next: isLast ? undefined : placeOf(shown.at(-1)) };
}

/** The exact number of matches. */
export async function countMatches(connection: Pool | ClientBase, query: Query, reach: Reach): Promise<number> {
  if (reach.kind === 'none') return 0;
  const { rows } = await connection.query<{ total: number }>(statement(countStatement(query, reach)));
  return rows[0]?.total ?? 0;
}

/** The exact number of matches over several types. */
export async function countSystem(connection: Pool | ClientBase, searches: readonly TypeSearch[]): Promise<number> {
  const { rows } = await connection.query<{ total: number }>(statement(systemCountStatement(searches)));
  return rows[0]?.total ?? 0;
}

/** The state of the record at this moment, for statements that are to show the same. */
export async function currentSnapshot(connection: Pool | ClientBase): Promise<string> {
  const text = 'select pg_current_snapshot()::text as snapshot';
  const { rows } = await connection.query<{ snapshot: string }>({ name: 'current-snapshot', text });
  return rows[0]?.snapshot ?? '';
}

// A page without rows has none to say that its state is gone. What is pruned stays so: asking afterwards is soon enough.
async function refusePruned(connection: Pool | ClientBase, asOf: string | undefined): Promise<void> {
  if (asOf === undefined) return;
  const { rows } = await connection.query<{ snapshot: string | null }>(statement(sql`select ${snapshotOf(asOf)}`));
  if (rows[0]?.snapshot === null) throw tooOld();
}

const tooOld = () => expired('The record as this search first showed it is no longer kept; please search again');

const match = ([key, type, version, updated, owner, content]: Row): Match => ({
  type: typeName(type),
  key,
  owner,
  version,
  updated: instant(updated),
  content,
});

function placeOf(row: Row | undefined): Page['next'] {
  if (!row) return undefined;
  const [key] = row;
  const [isUndated, ...values] = row.slice(6) as Place;
  const snapshot = values.pop();
  return { key, values: values as (string | number)[], isUndated, snapshot: String(snapshot ?? '') };
}
