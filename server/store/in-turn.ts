// A transaction's connection in the place of the pool, for what reads inside it.

import type { ClientBase, Pool } from 'pg';

/**
 * Gives `work` a pool of one connection. Readers ask a pool for several things at once; here they are answered one after the
 * other, and nothing is asked once the work has ended, well or not: the connection then goes on to somebody else. Of a pool
 * they use `query` and nothing else.
 */
export async function inTurn<T>(client: ClientBase, work: (pool: Pool) => Promise<T>): Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let isOver = false;
  const query = (...asked: Parameters<ClientBase['query']>) => {
    const answer = last.then(() => {
      if (isOver) throw new Error('the transaction is over');
      return client.query(...asked);
    });
    last = answer.catch(() => undefined);
    return answer;
  };
  try {
    return await work({ query } as unknown as Pool);
  } finally {
    isOver = true;
    await last;
  }
}
