// The queue in Redis, on a real redis-server of this test's own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Pool } from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createRedisQueue } from '../../server/jobs/redis-queue.ts';
import { leftOut } from '../support/left-out.ts';

const redis = await startRedis();

describe.skipIf(redis === undefined)('queue in Redis', () => {
  test('runs every job once, the same event twice included', async () => {
    const queue = await createRedisQueue({ redisUrl: redis?.url ?? '' });
    onTestFinished(() => redis?.stop());
    onTestFinished(() => queue.close());
    const done: unknown[] = [];
    await queue.work({ note: async (payload) => void done.push(payload) });
    const jobs = Array.from({ length: 50 }, (_, n) => ({ id: `7-${n}-note`, name: 'note', payload: { n } }));
    const noTransaction = {} as Pool;
    await queue.add(jobs, noTransaction as never);
    await queue.add(jobs, noTransaction as never);
    await expect.poll(() => done.length, { timeout: 10_000 }).toBe(50);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(new Set(done.map((one) => (one as { n: number }).n)).size).toBe(50);
    expect(done).toHaveLength(50);
  });

  test('closes although Redis has gone away', { timeout: 20_000 }, async () => {
    const away = await startRedis();
    const queue = await createRedisQueue({ redisUrl: away?.url ?? '' });
    await queue.work({});
    await away?.stop();
    const startedMs = performance.now();
    await queue.close();
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });
});

/** Undefined, and noted, where there is no redis-server. */
async function startRedis(): Promise<{ url: string; stop(): Promise<void> } | undefined> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  const folder = await mkdtemp(join(tmpdir(), 'tsumugi-redis-'));
  const server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const stop = async () => {
    server.kill('SIGTERM');
    if (server.exitCode === null) await once(server, 'exit');
    await rm(folder, { recursive: true, force: true });
  };
  const isMissing = await new Promise<boolean>((resolve) => {
    server.on('error', () => resolve(true));
    if (server.stdout)
      createInterface({ input: server.stdout }).on(
        'line',
        (line) => line.includes('Ready to accept') && resolve(false),
      );
  });
  if (!isMissing) return { url: `redis://127.0.0.1:${port}`, stop };
  leftOut('redis: no redis-server found');
  await rm(folder, { recursive: true, force: true });
  return undefined;
}
