// The outbox as a log that consumers read, each with a place of its own: nothing is updated per row. A change is shown only
// when no older transaction is still open, so that a slow commit is never passed over.

import type { ClientBase, Pool } from 'pg';
import { typeName } from '../search/keys.ts';

/** A change of the record that has been committed. */
export type ChangeEvent = {
  /** The same at every delivery of this event. */
  id: string;
  method: 'C' | 'U' | 'D';
  type: string;
  key: string;
  version: number;
  /** The key of the patient whose record it is. */
  owner: string;
};

const takeText = `
select xid::text, id::text, method::text, type, key, version, owner from outbox
where (xid, id) > ($1::xid8, $2::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
order by xid, id limit $3`;

/**
 * Gives the next events to `work` and moves the consumer's place, in one transaction: what `work` stores with `client` is
 * there exactly once, what it does elsewhere at least once. Returns the number of events; 0 also when another process reads.
 */
export async function consume(
  pool: Pool,
  consumer: string,
  limit: number,
  work: (events: ChangeEvent[], client: ClientBase) => Promise<void>,
): Promise<number> {
  const client = await pool.connect();
  let failure: unknown;
  try {
    await client.query('begin');
    const place = await placeOf(client, consumer);
    if (!place) {
      await client.query('rollback');
      return 0;
    }
    const { rows } = await client.query({ name: 'outbox-take', text: takeText, values: [place.xid, place.id, limit] });
    const last = rows.at(-1);
    if (last) {
      await work(rows.map(event), client);
      await client.query('update consumer set xid = $2::xid8, id = $3 where name = $1', [consumer, last.xid, last.id]);
    }
    await client.query('commit');
    return rows.length;
  } catch (error) {
    failure = error;
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release(failure instanceof Error && !('severity' in failure));
  }
}

async function placeOf(client: ClientBase, consumer: string): Promise<{ xid: string; id: string } | undefined> {
  await client.query('insert into consumer (name) values ($1) on conflict do nothing', [consumer]);
  const text = 'select xid::text, id::text from consumer where name = $1 for update skip locked';
  const { rows } = await client.query(text, [consumer]);
  return rows[0];
}

function event({ xid, id, method, type, key, version, owner }: Record<string, unknown>): ChangeEvent {
  return { id: `${xid}-${id}`, method, type: typeName(type as number), key, version, owner } as ChangeEvent;
}
