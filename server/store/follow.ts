// What every server process keeps of the database in its memory: read at the start, anew at once when another process says that
// it has changed, and now and then in case the news were lost.

import type { Pool, PoolClient } from 'pg';

/**
 * Reads, and reads again with every notification on the channel, and after the pause that `pauseMs` gives. Holds one connection.
 * Rejects where the first reading does.
 */
export async function follow({
  pool,
  channel,
  read,
  pauseMs,
}: {
  pool: Pool;
  channel: string;
  read: () => Promise<void>;
  pauseMs: (isListening: boolean) => number;
}): Promise<{ close(): void }> {
  let isClosed = false;
  let isReading = false;
  let hasNews = false;
  let listener: PoolClient | undefined = await listen();
  await read();
  let timer = later();
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      const client = listener;
      listener = undefined;
      client?.release(true);
    },
  };

  function later(): NodeJS.Timeout {
    return setTimeout(() => void again(), pauseMs(listener !== undefined)).unref();
  }

  /** News that come while it reads are read behind it. */
  async function again(): Promise<void> {
    hasNews = true;
    if (isReading) return;
    isReading = true;
    clearTimeout(timer);
    while (hasNews && !isClosed) {
      hasNews = false;
      listener ??= await listen().catch(() => undefined);
      await read().catch(() => undefined);
    }
    isReading = false;
    if (!isClosed) timer = later();
  }

  async function listen(): Promise<PoolClient | undefined> {
    const client = await pool.connect();
    client.on('notification', () => void again());
    client.on('error', () => {
      if (listener !== client) return;
      listener = undefined;
      client.release(true);
    });
    const isHeard = await client.query(`listen ${channel}`).then(
      () => !isClosed,
      () => false,
    );
    if (isHeard) return client;
    client.release(true);
    return undefined;
  }
}
