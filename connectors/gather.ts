// What comes in on many lines at once leaves in few requests. Nothing waits for more to come: with nothing under way a delivery
// leaves at once, so that batches grow with the load and only with it.

import type { DeliverAll, Delivery, Receipt } from './deliver.ts';
import { deliverEach } from './deliver-each.ts';

/** Throws DeliveryFailed when the server did not keep it. Deliveries of one lane arrive in the order in which they are given. */
export type Gather = (delivery: Delivery, lane: object) => Promise<Receipt>;

type Waiting = { delivery: Delivery; resolve: (receipt: Receipt) => void; reject: (error: unknown) => void };

const defaults = { atOnce: 2, most: 64, mostBytes: 2 * 1024 * 1024 };

/**
 * `atOnce` requests are under way at most, each of `most` deliveries or of originals of `mostBytes` (one of them may be larger).
 * Lanes take turns, so a busy one does not keep the others waiting, and a lane is in one request at a time.
 */
export function gather(deliverAll: DeliverAll, limits: Partial<typeof defaults> = {}): Gather {
  const { atOnce, most, mostBytes } = { ...defaults, ...limits };
  const lanes = new Map<object, Waiting[]>();
  const busy = new Set<object>();
  let underWay = 0;

  function start(): void {
    while (underWay < atOnce) {
      const batch = take();
      if (batch.size === 0) return;
      underWay += 1;
      for (const lane of batch.keys()) busy.add(lane);
      void send(batch);
    }
  }

  async function send(batch: Map<object, Waiting[]>): Promise<void> {
    const all = [...batch.values()].flat();
    try {
      const results = await deliverEach(
        deliverAll,
        all.map(({ delivery }) => delivery),
      );
      for (const [n, { resolve, reject }] of all.entries()) {
        const result = results[n];
        if (result === undefined || result instanceof Error) reject(result ?? new Error('a delivery without receipt'));
        else resolve(result);
      }
    } catch (error) {
      for (const { reject } of all) reject(error);
    } finally {
      underWay -= 1;
      for (const lane of batch.keys()) busy.delete(lane);
      start();
    }
  }

  /** The next batch, one delivery of each free lane in turn until it is full; what it takes waits no more. */
  function take(): Map<object, Waiting[]> {
    const batch = new Map<object, Waiting[]>();
    const free = [...lanes].filter(([lane]) => !busy.has(lane)).map(([lane, waiting]) => ({ lane, waiting, next: 0 }));
    let count = 0;
    let bytes = 0;
    for (let isFull = false; !isFull && free.some(({ waiting, next }) => next < waiting.length); ) {
      for (const one of free) {
        const first = one.waiting[one.next];
        if (first === undefined) continue;
        isFull = count >= most || (count > 0 && bytes + first.delivery.original.length > mostBytes);
        if (isFull) break;
        one.next += 1;
        count += 1;
        bytes += first.delivery.original.length;
      }
    }
    for (const { lane, waiting, next } of free) {
      if (next === 0) continue;
      batch.set(lane, waiting.splice(0, next));
      // Behind the others when it is the turn of all again.
      lanes.delete(lane);
      if (waiting.length > 0) lanes.set(lane, waiting);
    }
    return batch;
  }

  return (delivery, lane) =>
    new Promise((resolve, reject) => {
      const waiting = lanes.get(lane) ?? [];
      waiting.push({ delivery, resolve, reject });
      lanes.set(lane, waiting);
      start();
    });
}
