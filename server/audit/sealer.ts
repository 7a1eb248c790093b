// Seals the audit behind the commits, beside everything else the server does, and signs its heads when a day is over. Any number
// of servers may run it; one at a time seals.

import { startLoop } from '../jobs/loop.ts';
import { sealNext } from '../store/audit-chain.ts';
import type { Pool } from '../store/pool.ts';
import { dayBefore, type Sign, signDay } from './roots.ts';

const rowsAtOnce = 5_000;
const pauseMs = 2_000;

/** Seals until stopped. */
export function startSealer({
  pool,
  sign,
  nowMs = Date.now,
  onError,
}: {
  pool: Pool;
  sign: Sign;
  nowMs?: () => number;
  onError: (error: unknown) => void;
}): { stop(): Promise<void> } {
  let signed: string | undefined;
  return startLoop(
    async () => {
      // The clock is read before the rows: what is noted meanwhile is of a day that may not be over.
      const now = nowMs();
      const sealed = await sealNext(pool, rowsAtOnce);
      if (sealed === rowsAtOnce) return true;
      if (signed !== dayBefore(now)) signed = await signDay(pool, { nowMs: now, sign });
      return false;
    },
    pauseMs,
    onError,
  );
}
