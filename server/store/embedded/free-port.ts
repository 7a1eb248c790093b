// A TCP port that is free now. Somebody else may take it before it is used; the caller's own listening then fails.

import { once } from 'node:events';
import { createServer } from 'node:net';

/** Asks the system for a port of `host`. Throws when the host is none of this machine's. */
export async function freePort(host: string): Promise<number> {
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}
