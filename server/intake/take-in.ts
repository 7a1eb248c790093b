// What has been waiting for a patient number flows in once the number is linked.

import { type Access, systemAccess } from '../access/access.ts';
import type { Fhir } from '../interaction/request.ts';
import type { Kept } from '../store/deliveries.ts';
import type { Link } from '../store/links.ts';
import type { Intake } from './intake.ts';
import { isRefusal } from './settle.ts';
import { keptMeanwhile, storeRecords } from './store-records.ts';

const atATime = 100;

/**
 * Stores the waiting deliveries of a number that has just been linked: many in one transaction, and each by itself when that cannot
 * be, so that one that cannot be stored is refused alone and the rest flows in. Returns how many were stored. Throws what kept one
 * from having a fate at all, after the others.
 */
export async function takeIn(
  fhir: Pick<Fhir, 'write' | 'base' | 'nowMs'>,
  intake: Intake,
  link: Link,
  patient: string,
  request: string,
): Promise<number> {
  let stored = 0;
  let failure: unknown;
  let last: string | undefined;
  for (;;) {
    const waiting = await intake.deliveries.waitingFor(link, atATime, last);
    for (const together of Map.groupBy(waiting, senderOf).values())
      await store(together).catch(async () => {
        for (const one of together) await store([one]).catch((error: unknown) => refuse(one, error));
      });
    last = waiting.at(-1)?.id;
    if (waiting.length === atATime) continue;
    if (failure !== undefined) throw failure;
    return stored;
  }

  async function store(together: readonly Kept[]): Promise<void> {
    const [first] = together;
    if (!first) return;
    const ids = together.map(({ id }) => id);
    await storeRecords(fhir, accessOf(first, fhir.nowMs()), {
      request,
      records: together.map((delivery) => ({ delivery, patient })),
      // The family may have ended the link since we began; then the rest goes on waiting.
      settle: async (client) =>
        (await intake.links.isLinked(link, patient, client)) &&
        intake.deliveries.settle(ids, 'stored', undefined, client),
      intake,
    });
    stored += together.length;
  }

  async function refuse({ id }: Kept, error: unknown): Promise<void> {
    if (error === keptMeanwhile) return;
    // What passes is no reason to refuse, and the job behind the link tries again.
    if (isRefusal(error)) await intake.deliveries.settle([id], 'refused', error.message);
    else failure = error;
  }
}

const senderOf = ({ client, organization }: Kept): string => JSON.stringify([client, organization]);

/**
 * A delivery of an organization enters as that organization's own write: it is the writer, and its rights are asked. What it has to
 * fit was asked when it arrived, of those who could mend it; now it is only warned of.
 */
function accessOf({ client, organization }: Kept, nowMs: number): Access {
  const access: Access = { ...systemAccess('intake'), client, demands: { strictness: 'base' } };
  if (organization === undefined) return access;
  return { ...access, caller: { organization: `Organization/${organization}`, purpose: 'TREAT', nowMs } };
}
