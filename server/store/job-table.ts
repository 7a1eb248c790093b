// Jobs that wait in PostgreSQL, the default queue. One is claimed by locking its row for as long as it runs, so a process
// that dies gives it back at once.

import type { ClientBase, Pool } from 'pg';

export type Job = { id: string; name: string; payload: unknown };

/** Adds jobs; one with an id that is there already is the same job. */
export async function addJobs(connection: Pool | ClientBase, jobs: readonly Job[]): Promise<void> {
  if (jobs.length === 0) return;
  await connection.query(
    `insert into job (id, name, payload) select * from unnest($1::text[], $2::text[], $3::jsonb[]) on conflict do nothing`,
    [jobs.map(({ id }) => id), jobs.map(({ name }) => name), jobs.map(({ payload }) => JSON.stringify(payload))],
  );
}

/**
 * Runs the next job that is due. Done: it goes. Failed: it stays, due again after `retryAfterMs(attempts)`, or dead when
 * that is undefined; dead ones stay to be looked at. Returns false when nothing is due.
 */
export async function runNextJob(
  pool: Pool,
  run: (job: Job) => Promise<void>,
  retryAfterMs: (attempts: number) => number | undefined,
): Promise<boolean> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query(
      'select id, name, payload, attempts from job where dead is null and due <= now() order by due limit 1 for update skip locked',
    );
    const [row] = rows;
    if (row) await attempt(client, row, run, retryAfterMs);
    await client.query('commit');
    return row !== undefined;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

async function attempt(
  client: ClientBase,
  { id, name, payload, attempts }: Job & { attempts: number },
  run: (job: Job) => Promise<void>,
  retryAfterMs: (attempts: number) => number | undefined,
): Promise<void> {
  try {
    await run({ id, name, payload });
    await client.query('delete from job where id = $1', [id]);
  } catch (error) {
    const wait = retryAfterMs(attempts + 1);
    // The name of an error says enough; its message might quote a record.
    const failure = error instanceof Error ? error.name : 'unknown';
    await client.query(
      `update job set attempts = attempts + 1, failure = $2, due = now() + $3 * interval '1 ms',
         dead = case when $4 then now() end where id = $1`,
      [id, failure, wait ?? 0, wait === undefined],
    );
  }
}
