// The queue in Redis, by BullMQ, for several processes that share DATABASE_URL and REDIS_URL.

import { setTimeout as delay } from 'node:timers/promises';
import { Queue as BullQueue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { handle, type Job, mostAttempts, type Queue, retryAfterMs } from './queue.ts';

const queueName = 'tsumugi';
const jobsAtOnce = 4;
const closeWithinMs = 5_000;

/** Throws when Redis cannot be reached at first. */
export async function createRedisQueue({ redisUrl }: { redisUrl: string }): Promise<Queue> {
  // Null: a worker waits for a Redis that is away instead of failing its jobs.
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null, lazyConnect: true });
  connection.on('error', () => undefined);
  await connection.connect();
  const bull = new BullQueue(queueName, { connection });
  bull.on('error', () => undefined);
  await bull.waitUntilReady();
  let worker: Worker | undefined;
  return {
    // Redis takes no part in the transaction: if it rolls back, the same events come again under the same ids.
    add: async (jobs: readonly Job[]) => {
      const options = { attempts: mostAttempts, backoff: { type: 'tsumugi' }, removeOnComplete: { age: 86_400 } };
      await bull.addBulk(
        jobs.map(({ id, name, payload }) => ({ name, data: payload, opts: { ...options, jobId: `outbox-${id}` } })),
      );
    },
    work: async (handlers) => {
      worker = new Worker(queueName, ({ name, data }) => handle(handlers, { name, payload: data }), {
        connection,
        concurrency: jobsAtOnce,
        settings: { backoffStrategy: (attempts) => retryAfterMs(attempts) ?? 0 },
      });
      worker.on('error', () => undefined);
      await worker.waitUntilReady();
    },
    close: async () => {
      // A Redis that has gone away answers no goodbye; its jobs are still there when it is back.
      await Promise.race([worker?.close().then(() => bull.close()), delay(closeWithinMs, undefined, { ref: false })]);
      connection.disconnect();
    },
  };
}
