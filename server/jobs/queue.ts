// Where jobs wait and who runs them. At least once; handlers are idempotent; a job's id is its event's, so the same event
// twice is one job. Failures are tried again with growing pauses for days, then kept as dead to be looked at.

import { addJobs, type Job, runNextJob } from '../store/job-table.ts';
import type { ClientBase, Pool } from '../store/pool.ts';
import { startLoop } from './loop.ts';

export type { Job };
export type JobHandler = (payload: unknown) => Promise<void>;

export type Queue = {
  /** Adds jobs; `client` is the transaction that moves the outbox on. */
  add(jobs: readonly Job[], client: ClientBase): Promise<void>;
  /** Begins to run jobs in this process. */
  work(handlers: Readonly<Record<string, JobHandler>>): Promise<void>;
  close(): Promise<void>;
};

const firstPauseMs = 5_000;
const longestPauseMs = 6 * 3_600_000;
export const mostAttempts = 24;
const idlePauseMs = 1_000;

/** 5 s, 10 s, 20 s … 6 h: the 24 attempts span about three days. Undefined: give up. */
export function retryAfterMs(attempts: number): number | undefined {
  return attempts >= mostAttempts ? undefined : Math.min(firstPauseMs * 2 ** (attempts - 1), longestPauseMs);
}

/** The queue in PostgreSQL, for one machine without Redis. `onError` hears of a database that cannot be asked. */
export function createTableQueue({ pool, onError }: { pool: Pool; onError: (error: unknown) => void }): Queue {
  let loop: { stop(): Promise<void> } | undefined;
  return {
    add: (jobs, client) => addJobs(client, jobs),
    work: async (handlers) => {
      const pass = () => runNextJob(pool, (job) => handle(handlers, job), retryAfterMs);
      loop = startLoop(pass, idlePauseMs, onError);
    },
    close: async () => loop?.stop(),
  };
}

/** Runs the handler of a job. Throws for a job that nobody handles: an older server must not swallow a newer one's. */
export async function handle(
  handlers: Readonly<Record<string, JobHandler>>,
  { name, payload }: Pick<Job, 'name' | 'payload'>,
): Promise<void> {
  const handler = handlers[name];
  if (!handler) throw new Error(`no handler for the job ${name}`);
  await handler(payload);
}
