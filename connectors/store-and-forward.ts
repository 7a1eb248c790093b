// Deliveries that do not need the server to be there: what it cannot take now is kept in the local store, counts as kept, and is
// handed over in its order as soon as the server answers again. While anything is kept, everything else goes behind it.

import { setTimeout as delay } from 'node:timers/promises';
import { type DeliverAll, type Delivery, DeliveryFailed, type Receipt } from './deliver.ts';
import { isByContent } from './deliver-each.ts';
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

const most = 64;
const mostBytes = 2 * 2 ** 20;
// An error inside the server may pass; after so many it is taken to be about this delivery, and the others go on.
const maxStumbles = 5;

/** Begins with what the store holds. */
export function storeAndForward(options: ForwarderOptions): Forwarder {
  const { store, deliverAll, firstRetryMs = 1000, longestRetryMs = 60_000, log = () => undefined } = options;
  const closing = new AbortController();
  let atOnce = most;
  let stumbles = 0;
  let forwarding: Promise<void> | undefined;

  /** One request with what is first in the store. False when the server should not be asked again at once. */
  async function forwardSome(): Promise<boolean> {
    const kept = await store.first(atOnce, mostBytes);
    const last = kept.at(-1);
    if (last === undefined) return true;
    try {
      const receipts = await deliverAll(kept.map(({ delivery }) => delivery));
      for (const { fate, delivery } of receipts)
        if (fate === 'refused') log('warn', `refused after it was accepted here, as ${delivery}`);
      await store.forget(last);
      atOnce = Math.min(atOnce * 2, most);
      stumbles = 0;
      return true;
    } catch (error) {
      if (!(error instanceof DeliveryFailed)) throw error;
      if (!isByContent(error)) {
        log('warn', `waiting for the server: ${error.message}`);
        return false;
      }
      // One of them is the reason: the first of fewer, down to it alone, so that nothing overtakes it.
      atOnce = Math.ceil(kept.length / 2);
      return kept.length > 1 || stumbleOver(last, error);
    }
  }

  async function stumbleOver(one: Kept, failure: DeliveryFailed): Promise<boolean> {
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
      if (await forwardSome().catch(failed)) {
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
