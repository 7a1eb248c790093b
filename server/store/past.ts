// What has been replaced or deleted is found by the pages of a search that began before (server/decisions/0003-paging.md), and
// is forgotten when no such search can be read on. Only index data goes; the versions themselves are in history.

import type { Pool } from 'pg';
import { resourceTypes } from '../fhir/definitions.ts';
import { typeNumber } from '../search/keys.ts';

// Longer than the 24 hours that a link lasts, by more than clocks differ.
const keptHours = 26;
const mostOfType = 200;

const pruneText = `
with old as materialized (
  select o.place from unnest($1::int2[]) t(type) cross join lateral (
    select p.ctid as place, p.ended_at from past p where p.type = t.type order by p.type, p.ended limit ${mostOfType}
  ) o
  where o.ended_at < now() - interval '${keptHours} hours'
), gone as (
  delete from past p using old where p.ctid = old.place returning p.ended
), noted as (
  update past_pruned set through = greatest(through, (select ended from gone order by ended desc limit 1))
  where exists (select from gone)
)
select count(*)::int as count from gone`;

/** Forgets a bounded number of the oldest; answers how many. */
export async function prunePast(pool: Pool): Promise<number> {
  const types = [...resourceTypes].map(typeNumber);
  const { rows } = await pool.query<{ count: number }>({ name: 'prune-past', text: pruneText, values: [types] });
  return rows[0]?.count ?? 0;
}
