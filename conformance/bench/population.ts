// The population behind the families that are measured: up to a million patients, written by one process for each core,
// with the secondary indexes built at the end.
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import type { Connection, Pool } from '../../server/store/pool.ts';
import type { Shape, WriteOrder, WriteReport } from './population-writer.ts';
import { startHelper } from './processes.ts';

export type Size = { patients: number; shape: Shape };

const usual: Shape = { oneFullIn: 25, doses: 2, measurements: 1 };
/** The largest has fewer resources for each patient, 2.5 instead of 5.9, so that it fits and is written in minutes. */
export const sizes: Readonly<Record<string, Size>> = {
  '1k': { patients: 1_000, shape: usual },
  '100k': { patients: 100_000, shape: usual },
  '1m': { patients: 1_000_000, shape: { oneFullIn: 100, doses: 1, measurements: 0 } },
};

/** In so many parts, so that something is seen of it. */
const partSize = 20_000;
/** How many of each kind are kept for the workloads, spread over all. */
const kept = 4000;

/** Stores the children and returns some of them. Calls `onProgress` with how many are stored. */
export async function loadPopulation(
  pool: Pool,
  connection: Connection,
  base: string,
  { patients, shape }: Size,
  onProgress: (stored: number) => void,
): Promise<WriteReport> {
  const all: WriteReport = { families: [], others: [] };
  let next = 0;
  let stored = 0;
  const writer = async () => {
    const helper = startHelper('population-writer.ts');
    const ended = once(helper, 'exit').then(() => Promise.reject(new Error('a writer of the population ended')));
    ended.catch(() => undefined);
    while (next < patients) {
      const from = next;
      next = Math.min(patients, from + partSize);
      const to = next;
      helper.send({ connection, base, from, to, shape } satisfies WriteOrder);
      const [report] = await Promise.race([once(helper, 'message') as Promise<[WriteReport]>, ended]);
      all.families.push(...report.families);
      all.others.push(...report.others);
      stored += to - from;
      onProgress(stored);
    }
    helper.disconnect();
  };
  const writers = Array.from({ length: availableParallelism() }, () => writer);
  await withoutIndexes(pool, () => withoutRelay(pool, () => Promise.all(writers.map((start) => start()))));
  return { families: spread(all.families), others: spread(all.others) };
}

/** At most `kept` of them, at even distances. */
function spread<T>(items: readonly T[]): T[] {
  const step = Math.max(1, items.length / kept);
  return Array.from({ length: Math.min(kept, items.length) }, (_, n) => items[Math.floor(n * step)] as T);
}

/** Building an index once costs a fraction of keeping it up to date; what comes out is the same, only tighter. */
async function withoutIndexes(pool: Pool, work: () => Promise<unknown>): Promise<void> {
  const { rows } = await pool.query<{ indexname: string; indexdef: string }>(`
select indexname, indexdef from pg_indexes i
where schemaname = current_schema() and tablename in ('resource', 'term', 'words', 'sharing')
  and not exists (select from pg_constraint c where c.conname = i.indexname)`);
  for (const { indexname } of rows) await pool.query(`drop index ${indexname}`);
  await work();
  const client = await pool.connect();
  try {
    await client.query("set maintenance_work_mem = '512MB'");
    for (const { indexdef } of rows) await client.query(indexdef);
  } finally {
    client.release(true);
  }
}

/** Holds the relay's place, so that it does not read along, and moves it behind what was stored: nobody waits for that. */
async function withoutRelay(pool: Pool, work: () => Promise<unknown>): Promise<void> {
  await pool.query("insert into consumer (name) values ('jobs') on conflict do nothing");
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query("select from consumer where name = 'jobs' for update");
    await work();
    await client.query(`
update consumer set (xid, id) = (select xid, id from outbox order by xid desc, id desc limit 1)
where name = 'jobs' and exists (select from outbox)`);
    await client.query('commit');
  } finally {
    client.release();
  }
}
