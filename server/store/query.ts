// Searches: one statement for a page, one more only when a total or includes are asked for.

import type { ClientBase, Pool } from 'pg';
import type { Reach } from '../access/access.ts';
import { countStatement, type Position, searchStatement } from '../search/plan.ts';
import type { Query } from '../search/query.ts';
import { instant, statement } from './pool.ts';

export type Match = { key: string; owner: string; version: number; updated: string; content: string };
export type Page = { matches: Match[]; next: Position | undefined };

type Row = Match & Record<`s${number}`, string | number>;

/** Up to `query.count` matches behind `after`, and where the next page begins, if there is one. */
export async function searchPage(
  connection: Pool | ClientBase,
  query: Query,
  reach: Reach,
  after?: Position,
): Promise<Page> {
  if (reach.kind === 'none' || query.count === 0) return { matches: [], next: undefined };
  const { rows } = await connection.query<Row>(statement(searchStatement(query, reach, query.count + 1, after)));
  const isLast = rows.length <= query.count;
  const shown = isLast ? rows : rows.slice(0, query.count);
  return { matches: shown.map(match), next: isLast ? undefined : positionOf(shown.at(-1), query.sort.length || 1) };
}

/** The exact number of matches. */
export async function countMatches(connection: Pool | ClientBase, query: Query, reach: Reach): Promise<number> {
  if (reach.kind === 'none') return 0;
  const { rows } = await connection.query<{ total: number }>(statement(countStatement(query, reach)));
  return rows[0]?.total ?? 0;
}

const match = ({ key, owner, version, updated, content }: Row): Match => ({
  key,
  owner,
  version,
  updated: instant(updated),
  content,
});

function positionOf(row: Row | undefined, terms: number): Position | undefined {
  if (!row) return undefined;
  return { key: row.key, values: Array.from({ length: terms }, (_, n) => row[`s${n}`] ?? '') };
}
