// Work that arrives at the same time is done together: one statement for many callers. A call goes out at the end of its
// event-loop turn, or as soon as one of the statements under way has come back; only behind a slow disk may a group wait a
// moment for those who were answered just now.

import { OperationOutcomeError } from '../fhir/outcome.ts';
import { outcomeOfDatabaseError } from './database-error.ts';

type Waiting<Item, Answer> = { item: Item; resolve(answer: Answer): void; reject(error: unknown): void };

export type GroupLimits = {
  mostTogether: number;
  mostInFlight: number;
  /**
   * For statements that wait for the disk and do little else: what they cost is shared by those who go together, so the next
   * group leaves only when it is full or the one before it is back.
   */
  gathers?: boolean;
};

/** A statement that took as long has waited for the disk. */
const slowMs = 2;
/** Of the time that the disk takes, so much may be spent on sharing it; however long a statement has hung, no more than this. */
const gatheringShare = 0.25;
const longestGatheringMs = 5;

/**
 * Turns a function of many items into one of a single item. `run` answers in the order of its items. When a group of
 * several fails, each is tried alone, so that one bad item fails for its own caller only; but not when the database has
 * gone away, for then nobody knows what it has done, and creates that are there would be told to be in conflict.
 */
export function grouped<Item, Answer>(
  run: (items: Item[]) => Promise<Answer[]>,
  { mostTogether, mostInFlight, gathers = false }: GroupLimits,
): (item: Item) => Promise<Answer> {
  const queue: Waiting<Item, Answer>[] = [];
  let inFlight = 0;
  let scheduled = false;
  let gathering: { timer: NodeJS.Timeout; expected: number } | undefined;

  const mayGo = () =>
    queue.length >= (gathering?.expected ?? 1) &&
    inFlight < (gathers && queue.length < mostTogether ? 1 : mostInFlight);
  const flush = () => {
    scheduled = false;
    while (mayGo()) {
      endGathering();
      void settle(queue.splice(0, mostTogether));
    }
  };
  // Callers of a slow disk come in two shifts: while one waits for its flush the other is answered and asks again, so that
  // each waits for two flushes. Whoever was answered is expected back for a moment, and all share one.
  const gather = (expected: number, tookMs: number) => {
    const timer = setTimeout(
      () => {
        endGathering();
        flush();
      },
      Math.min(tookMs * gatheringShare, longestGatheringMs),
    );
    gathering = { timer, expected: Math.min(expected, mostTogether) };
  };
  const endGathering = () => {
    clearTimeout(gathering?.timer);
    gathering = undefined;
  };
  const settle = async (group: Waiting<Item, Answer>[]) => {
    inFlight += 1;
    const startedAtMs = performance.now();
    try {
      const answers = await run(group.map(({ item }) => item));
      group.forEach(({ resolve }, n) => {
        resolve(answers[n] as Answer);
      });
    } catch (error) {
      const [only] = group;
      if (group.length === 1 && only) only.reject(error);
      else if (isAway(error)) for (const { reject } of group) reject(error);
      else for (const one of group) await alone(one);
    } finally {
      inFlight -= 1;
      const tookMs = performance.now() - startedAtMs;
      if (gathers && tookMs >= slowMs && inFlight === 0 && !gathering) gather(group.length + queue.length, tookMs);
      flush();
    }
  };
  const isAway = (error: unknown) => {
    const refusal = outcomeOfDatabaseError(error);
    return refusal instanceof OperationOutcomeError && refusal.status === 503;
  };
  const alone = async ({ item, resolve, reject }: Waiting<Item, Answer>) => {
    try {
      const [answer] = await run([item]);
      resolve(answer as Answer);
    } catch (error) {
      reject(error);
    }
  };

  return (item) =>
    new Promise<Answer>((resolve, reject) => {
      queue.push({ item, resolve, reject });
      if (scheduled || !mayGo()) return;
      scheduled = true;
      setImmediate(flush);
    });
}
