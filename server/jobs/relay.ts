// Outbox -> jobs. Any number of processes may run a relay; one at a time reads.

import { type ChangeEvent, consume } from '../store/outbox.ts';
import type { Pool } from '../store/pool.ts';
import { startLoop } from './loop.ts';
import type { Queue } from './queue.ts';

/** What a feature wants to hear of, and the name of the job it wants for it. */
export type Interest = { job: string; wants: (event: ChangeEvent) => boolean };

const eventsAtOnce = 1_000;
const pauseMs = 1_000;

/** Reads the outbox until stopped. */
export function startRelay({
  pool,
  queue,
  interests,
  onError,
}: {
  pool: Pool;
  queue: Queue;
  interests: readonly Interest[];
  onError: (error: unknown) => void;
}): { stop(): Promise<void> } {
  const pass = async () => {
    const read = await consume(pool, 'jobs', eventsAtOnce, async (events, client) => {
      const jobs = events.flatMap((event) =>
        interests
          .filter(({ wants }) => wants(event))
          .map(({ job }) => ({ id: `${event.id}-${job}`, name: job, payload: event })),
      );
      if (jobs.length > 0) await queue.add(jobs, client);
    });
    return read === eventsAtOnce;
  };
  return startLoop(pass, pauseMs, onError);
}
