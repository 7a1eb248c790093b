// The queue in Redis, by BullMQ, for several processes that share DATABASE_URL and REDIS_URL.

import { Queue as BullQueue, Worker } from 'bullmq';
import { handle, type Job, mostAttempts, type Queue, retryAfterMs } from './queue.ts';

const queueName = 'tsumugi';
const jobsAtOnce = 4;

/** Throws when Redis cannot be reached at first. */
export async function createRedisQueue({ redisUrl }: { redisUrl: string }): Promise<Queue> {
  const connection = { url: redisUrl, maxRetriesPerRequest: null };
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
      await worker?.close();
      await bull.close();
    },
  };
}
