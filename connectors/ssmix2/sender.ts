// Hands files over in batches, several on the way at a time, never two with the same patient: those would wait for each other
// in the server. A batch that was not kept is sent again, later and later.

import { setTimeout as sleep } from 'node:timers/promises';
import { type DeliverAll, type Delivery, DeliveryFailed, type Receipt } from '../deliver.ts';

/** One file on its way. `settle` is called once, when the server has said what became of it. */
export type Outgoing = { patient: string; delivery: Delivery; settle(receipt: Receipt): void };

export type SenderOptions = {
  deliverAll: DeliverAll;
  /** How often a batch is tried before the sender gives up; Infinity: never. */
  attempts: number;
  signal?: AbortSignal | undefined;
  log?: ((line: string) => void) | undefined;
};

export type Sender = {
  /** Resolves when there is room for more. Throws what ended an earlier batch. */
  add(outgoing: Outgoing): Promise<void>;
  /** Sends what is left and waits for all. */
  finish(): Promise<void>;
};

// Originals; what is mapped from them is up to ten times as long, and the server takes bodies of 32 MB.
const BATCH = { files: 100, bytes: 512 * 1024 };
const ON_THE_WAY = 3;

export function createSender(options: SenderOptions): Sender {
  const onTheWay = new Map<Promise<void>, ReadonlySet<string>>();
  let gathered: Outgoing[] = [];
  let gatheredBytes = 0;
  let failure: { error: unknown } | undefined;

  function send(): void {
    const batch = gathered;
    gathered = [];
    gatheredBytes = 0;
    if (batch.length === 0) return;
    const patients = new Set(batch.map(({ patient }) => patient));
    const before = [...onTheWay].filter(([, others]) => !patients.isDisjointFrom(others)).map(([sent]) => sent);
    const sent = Promise.all(before)
      .then(() => (failure ? undefined : sendBatch(batch, options)))
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => onTheWay.delete(sent));
    onTheWay.set(sent, patients);
  }

  async function room(most: number): Promise<void> {
    while (onTheWay.size > most) await Promise.race(onTheWay.keys());
    if (failure) throw failure.error;
  }

  return {
    async add(outgoing) {
      await room(ON_THE_WAY - 1);
      gathered.push(outgoing);
      gatheredBytes += outgoing.delivery.original.length;
      if (gathered.length >= BATCH.files || gatheredBytes >= BATCH.bytes) send();
    },
    async finish() {
      if (!failure) send();
      await room(0);
    },
  };
}

async function sendBatch(batch: readonly Outgoing[], options: SenderOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const receipts = await options.deliverAll(batch.map(({ delivery }) => delivery));
      for (const [index, { settle }] of batch.entries()) settle(receiptAt(receipts, index));
      return;
    } catch (error) {
      if (!(error instanceof DeliveryFailed)) throw error;
      options.signal?.throwIfAborted();
      if (isFaulty(error.status)) return sendApart(batch, error, options);
      if (attempt >= options.attempts || error.status === 401 || error.status === 403) throw error;
      options.log?.(`ssmix2: ${batch.length} files were not kept: ${error.message} They are sent again.`);
      await sleep(Math.min(30_000, 250 * 2 ** attempt), undefined, options.signal && { signal: options.signal });
    }
  }
}

// Something in the request is at fault: each file alone, so that one holds up no other. A file whose record is too long, or that
// fails alone, is handed over as its original.
async function sendApart(batch: readonly Outgoing[], fault: DeliveryFailed, options: SenderOptions): Promise<void> {
  if (batch.length > 1) {
    for (const one of batch) await sendBatch([one], options);
    return;
  }
  for (const one of batch) {
    const { delivery, settle } = one;
    if (delivery.record === undefined) settle({ delivery: '', fate: 'refused', reason: fault.message });
    else await sendBatch([{ ...one, delivery: { ...delivery, record: undefined, problem: fault.message } }], options);
  }
}

const isFaulty = (status: number | undefined): boolean =>
  status !== undefined && status >= 400 && status < 500 && ![401, 403, 408, 409, 425, 429].includes(status);

function receiptAt(receipts: readonly Receipt[], index: number): Receipt {
  const receipt = receipts[index];
  if (!receipt) throw new DeliveryFailed('The server did not say what became of every delivery.', undefined);
  return receipt;
}
