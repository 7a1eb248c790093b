// Deliveries that do not need the server to be there: what it cannot take now is kept in the local store, counts as kept, and is
// handed over in its order as soon as the server answers again. While anything is kept, everything else goes behind it.

import { setTimeout as delay } from 'node:timers/promises';
import { type DeliverAll, type Delivery, DeliveryFailed, type Receipt } from './deliver.ts';
import { deliverEach, isByContent } from './deliver-each.ts';
import type { Kept, Store } from './store.ts';

export type Forwarder = {
  /** The server's receipts, or, for what went to the store, that it waits here. Throws DeliveryFailed when neither kept it. */
  deliverAll: DeliverAll;
  /** Leaves the rest in the store, which it does not close. */
  close(): Promise<void>;
};

export type ForwarderOptions = {
  store: Store;
  deliverAll: DeliverAll;
  /** The first pause before the server is tried again; each is twice as long as the one before, up to the longest. */
  firstRetryMs?: number;
  longestRetryMs?: number;
  log?: (level: 'info' | 'warn', line: string) => void;
};

const batch = { most: 64, mostBytes: 2 * 2 ** 20 };
// An error inside the server may pass; after so many it is taken to be about this delivery, and the others go on.
const maxStumbles = 5;

/** Begins with what the store holds. */
export function storeAndForward(options: ForwarderOptions): Forwarder {
  const { store, deliverAll, firstRetryMs = 1000, longestRetryMs = 60_000, log = () => undefined } = options;
  const closing = new AbortController();
  let stumbles = 0;
  let forwarding: Promise<void> | undefined;

  /** One batch of the store. False when the server cannot be asked now. */
  async function forwardBatch(): Promise<boolean> {
    const kept = await store.first(batch.most, batch.mostBytes);
    const results = await deliverEach(
      deliverAll,
      kept.map(({ delivery }) => delivery),
    );
    let settled: Kept | undefined;
    for (const [n, one] of kept.entries()) {
      const result = results[n];
      if (result instanceof DeliveryFailed) {
        if (settled) await store.forget(settled);
        return handle(one, result);
      }
      if (result?.fate === 'refused') log('warn', `refused after it was accepted here, as ${result.delivery}`);
      stumbles = 0;
      settled = one;
    }
    if (settled) await store.forget(settled);
    return true;
  }

  async function handle(one: Kept, failure: DeliveryFailed): Promise<boolean> {
    if (!isByContent(failure)) {
      log('warn', `waiting for the server: ${failure.message}`);
      return false;
    }
    stumbles += 1;
    if (failure.status === 500 && stumbles < maxStumbles) return false;
    stumbles = 0;
    log('warn', `set aside in the local store, until the next start: ${failure.message}`);
    await store.setAside(one);
    return true;
  }

  async function forward(): Promise<void> {
    let pauseMs = firstRetryMs;
    while (!store.isEmpty() && !closing.signal.aborted) {
      if (await forwardBatch().catch(failed)) {
        pauseMs = firstRetryMs;
        continue;
      }
      await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, longestRetryMs);
    }
    if (store.isEmpty()) log('info', 'everything in the local store was delivered');
  }

  /** The disk does not let itself be read, or an error of ours: what is there stays there. */
  function failed(error: NodeJS.ErrnoException): false {
    log('warn', `the local store failed: ${error.code ?? error.name}`);
    return false;
  }

  function startForwarding(): void {
    forwarding ??= forward().finally(() => {
      forwarding = undefined;
      // Something may have come between the last look and now.
      if (!store.isEmpty() && !closing.signal.aborted) startForwarding();
    });
  }

  async function keep(deliveries: readonly Delivery[]): Promise<Receipt[]> {
    await store.keep(deliveries);
    startForwarding();
    return deliveries.map(() => ({ delivery: '', fate: 'waiting', reason: 'Kept here until the server answers.' }));
  }

  if (!store.isEmpty()) startForwarding();
  return {
    deliverAll: async (deliveries) => {
      if (!store.isEmpty() || forwarding !== undefined) return keep(deliveries);
      try {
        return await deliverAll(deliveries);
      } catch (error) {
        // What is wrong with a message does not get better by waiting, and its sender is still there to hear it.
        const isFinal = error instanceof DeliveryFailed && isByContent(error) && error.status !== 500;
        if (!(error instanceof DeliveryFailed) || isFinal) throw error;
        log('warn', `keeping messages in the local store: ${error.message}`);
        return keep(deliveries);
      }
    },
    close: async () => {
      closing.abort();
      await forwarding;
    },
  };
}
