// Work that arrives at the same time is done together: one statement for many callers. Nobody waits for a timer; a call
// goes out at the end of its event-loop turn, or as soon as one of the statements under way has come back.

import { OperationOutcomeError } from '../fhir/outcome.ts';
import { outcomeOfDatabaseError } from './database-error.ts';

type Waiting<Item, Answer> = { item: Item; resolve(answer: Answer): void; reject(error: unknown): void };

export type GroupLimits = { mostTogether: number; mostInFlight: number };

/**
 * Turns a function of many items into one of a single item. `run` answers in the order of its items. When a group of
 * several fails, each is tried alone, so that one bad item fails for its own caller only; but not when the database has
 * gone away, for then nobody knows what it has done, and creates that are there would be told to be in conflict.
 */
export function grouped<Item, Answer>(
  run: (items: Item[]) => Promise<Answer[]>,
  { mostTogether, mostInFlight }: GroupLimits,
): (item: Item) => Promise<Answer> {
  const queue: Waiting<Item, Answer>[] = [];
  let inFlight = 0;
  let scheduled = false;

  const flush = () => {
    scheduled = false;
    while (queue.length > 0 && inFlight < mostInFlight) void settle(queue.splice(0, mostTogether));
  };
  const settle = async (group: Waiting<Item, Answer>[]) => {
    inFlight += 1;
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
      if (queue.length > 0) flush();
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
      if (scheduled || inFlight >= mostInFlight) return;
      scheduled = true;
      setImmediate(flush);
    });
}
