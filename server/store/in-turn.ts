// A transaction's connection in the place of the pool, for what reads inside it.

import type { ClientBase, Pool } from 'pg';

/**
 * Readers ask a pool for several things at once; one connection answers them one after the other. Of a pool they use `query`
 * and nothing else.
 */
export function inTurn(client: ClientBase): Pool {
  let last: Promise<unknown> = Promise.resolve();
  const query = (...asked: Parameters<ClientBase['query']>) => {
    const answer = last.then(() => client.query(...asked));
    last = answer.catch(() => undefined);
    return answer;
  };
  return { query } as unknown as Pool;
}
