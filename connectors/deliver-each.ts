// Many deliveries in one request, and the fate of each of them: one that the server cannot take costs the others nothing.

import { type DeliverAll, type Delivery, DeliveryFailed, type Receipt } from './deliver.ts';

/** What the server said of one delivery, or why it did not keep it. */
export type Result = Receipt | DeliveryFailed;

/**
 * Hands them in together. Where the server does not take the request as it is (its answer says that something in it is at fault,
 * or that it stumbled), each half is handed in by itself, down to the one that is the reason. Never throws DeliveryFailed.
 */
export async function deliverEach(deliverAll: DeliverAll, deliveries: readonly Delivery[]): Promise<Result[]> {
  if (deliveries.length === 0) return [];
  try {
    return await deliverAll(deliveries);
  } catch (error) {
    if (!(error instanceof DeliveryFailed)) throw error;
    if (deliveries.length === 1 || !isByContent(error)) return deliveries.map(() => error);
    const half = deliveries.length >> 1;
    const first = await deliverEach(deliverAll, deliveries.slice(0, half));
    return [...first, ...(await deliverEach(deliverAll, deliveries.slice(half)))];
  }
}

/** True when the answer is about what was sent, and not about the way to the server, its load or our rights. */
export function isByContent({ status }: DeliveryFailed): boolean {
  return status !== undefined && [400, 413, 422, 500].includes(status);
}
