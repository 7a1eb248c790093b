// Outbox -> jobs. Any number of processes may run a relay; one at a time reads.

import { type ChangeEvent, consume } from '../store/outbox.ts';
import type { Pool } from '../store/pool.ts';
import type { Queue } from './queue.ts';

/** What a feature wants to hear of, and the name of the job it wants for it. */
export type Interest = { job: string; wants: (event: ChangeEvent) => boolean };

const eventsAtOnce = 1_000;
const pauseMs = 1_000;

/** Reads the outbox until stopped; errors (a database that restarts) are waited out. */
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
  let stopping = false;
  let wake: () => void = () => undefined;

  const pass = () =>
    consume(pool, 'jobs', eventsAtOnce, async (events, client) => {
      const jobs = events.flatMap((event) =>
        interests
          .filter(({ wants }) => wants(event))
          .map(({ job }) => ({ id: `${event.id}-${job}`, name: job, payload: event })),
      );
      if (jobs.length > 0) await queue.add(jobs, client);
    });
  const loop = async () => {
    while (!stopping) {
      const read = await pass().catch((error: unknown) => {
        if (!stopping) onError(error);
        return 0;
      });
      if (read === eventsAtOnce || stopping) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const running = loop();
  return {
    stop: async () => {
      stopping = true;
      wake();
      await running;
    },
  };
}
