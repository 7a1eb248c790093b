// How much work waits, for /metrics.

import type { Pool } from 'pg';

export type Backlog = {
  counts: Record<
    'connections' | 'jobs' | 'dead-jobs' | 'held-messages' | 'messages-to-review' | 'reindex-rows' | 'reindex-types',
    number
  >;
  /** By reader of the outbox; 0 when it has taken everything. */
  behindSeconds: Record<string, number>;
};

// Counts stop at a bound: a figure that says "very many" is enough, and must not cost more the worse things are.
const most = 10_000;

const countsText = `
select
  (select count(*)::int from (select from job where dead is null limit ${most}) j) as jobs,
  (select count(*)::int from (select from job where dead is not null limit ${most}) j) as dead,
  (select count(*)::int from (select from held where fate = 'waiting' limit ${most}) h) as held,
  (select count(*)::int from (select from held where reason is not null and reviewed is null limit ${most}) h) as review,
  (select count(*)::int from reindex where ended is null) as types,
  (select coalesce(sum(greatest(total - done, 0)), 0)::float8 from reindex where ended is null) as rows`;

const behindText = `
select c.name, coalesce(extract(epoch from now() - o.created), 0)::float8 as seconds
from consumer c left join lateral (
  select created from outbox where (xid, id) > (c.xid, c.id) order by xid, id limit 1
) o on true`;

/** One look at the queue, the holding area and the outbox. */
export async function backlogOf(pool: Pool): Promise<Backlog> {
  const [counted, behind] = await Promise.all([
    pool.query<Record<'jobs' | 'dead' | 'held' | 'review' | 'types' | 'rows', number>>({
      name: 'backlog',
      text: countsText,
    }),
    pool.query<{ name: string; seconds: number }>({ name: 'outbox-behind', text: behindText }),
  ]);
  const { jobs = 0, dead = 0, held = 0, review = 0, types = 0, rows = 0 } = counted.rows[0] ?? {};
  return {
    counts: {
      connections: pool.waitingCount,
      jobs,
      'dead-jobs': dead,
      'held-messages': held,
      'messages-to-review': review,
      'reindex-types': types,
      'reindex-rows': rows,
    },
    behindSeconds: Object.fromEntries(behind.rows.map(({ name, seconds }) => [name, Math.max(0, seconds)])),
  };
}
