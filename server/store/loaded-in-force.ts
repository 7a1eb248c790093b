// Puts what is loaded in force for this process, for as long as it runs.

import type { Pool } from 'pg';
import { shippedDefinitions } from '../definitions/shipped.ts';
import { answerFrom } from '../terminology/in-force.ts';
import { createLargeCodeSystems } from './large-code-systems.ts';
import { followLoaded } from './loaded-definitions.ts';

/** Every process that writes or answers needs it, servers and workers. Holds one connection of the pool. */
export async function keepLoadedInForce({ pool }: { pool: Pool }): Promise<{ close(): void }> {
  const loaded = await followLoaded({ pool, shipped: shippedDefinitions });
  const large = createLargeCodeSystems({ pool, systems: loaded.systems });
  const undo = answerFrom({ definitions: loaded.current, large });
  return {
    close() {
      loaded.close();
      undo();
    },
  };
}
