// The outbox, the relay and the queue in PostgreSQL: every committed change is heard of, once, by one reader.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTableQueue, mostAttempts, retryAfterMs } from '../../server/jobs/queue.ts';
import { startRelay } from '../../server/jobs/relay.ts';
import { addJobs, runNextJob } from '../../server/store/job-table.ts';
import { type ChangeEvent, consume } from '../../server/store/outbox.ts';
import { startApp, type TestApp } from '../support/app.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
});
afterAll(() => server.close());

const patient = () => ({ resourceType: 'Patient', name: [{ text: '試験 花子' }] });

async function readAll(consumer: string): Promise<ChangeEvent[]> {
  const heard: ChangeEvent[] = [];
  while ((await consume(server.pool, consumer, 10, async (events) => void heard.push(...events))) > 0);
  return heard;
}

/** Reads until there are `count` events: the outbox waits for older transactions, those of other tests' databases too. */
async function readUntil(consumer: string, count: number): Promise<ChangeEvent[]> {
  const heard: ChangeEvent[] = [];
  await expect
    .poll(async () => heard.push(...(await readAll(consumer))), { timeout: 4_000 })
    .toBeGreaterThanOrEqual(count);
  return heard;
}

describe('outbox', () => {
  test('tells of every create, update and delete once, in order', async () => {
    await readAll('once');
    const { id } = await server.system.create(patient());
    await server.system.put(`Patient/${id}`, { ...patient(), active: true, id });
    await server.system.delete(`Patient/${id}`);
    const heard = (await readUntil('once', 3)).filter(({ key }) => key === id);
    expect(heard.map(({ method, type, version }) => [method, type, version])).toEqual([
      ['C', 'Patient', 1],
      ['U', 'Patient', 2],
      ['D', 'Patient', 3],
    ]);
    expect(await readAll('once')).toEqual([]);
  });

  test('passes over nothing that a slow transaction commits later', async () => {
    await readAll('slow');
    const slow = await server.pool.connect();
    await slow.query('begin');
    await slow.query(
      `insert into outbox (bucket, created, method, type, key, version, owner) values (0, now(), 'C', 1, $1, 1, $1)`,
      [randomUUID()],
    );
    await server.system.create(patient());
    expect(await readAll('slow')).toEqual([]);
    await slow.query('commit');
    slow.release();
    expect(await readUntil('slow', 2)).toHaveLength(2);
  });

  test('comes again when the work on it fails', async () => {
    await readAll('again');
    const { id } = await server.system.create(patient());
    const failing = () =>
      consume(server.pool, 'again', 10, async () => {
        throw new Error('no');
      });
    await expect.poll(() => failing().catch((error: Error) => error.message), { timeout: 4_000 }).toBe('no');
    expect((await readUntil('again', 1)).map(({ key }) => key)).toEqual([id]);
  });
});

describe('relay and queue in PostgreSQL', () => {
  test('two servers run each job once', async () => {
    const done: string[] = [];
    const interests = [{ job: 'note', wants: ({ type }: ChangeEvent) => type === 'Organization' }];
    const handlers = { note: async (payload: unknown) => void done.push((payload as ChangeEvent).key) };
    const queues = [server.pool, server.pool].map((pool) => createTableQueue({ pool, onError: () => undefined }));
    const relays = queues.map((queue) =>
      startRelay({ pool: server.pool, queue, interests, onError: (error) => expect(error).toBeUndefined() }),
    );
    for (const queue of queues) await queue.work(handlers);
    const made: string[] = [];
    for (let n = 0; n < 20; n++)
      made.push((await server.system.create({ resourceType: 'Organization', name: `見本${n}` })).id);
    await expect.poll(() => done.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(20);
    for (const relay of relays) await relay.stop();
    for (const queue of queues) await queue.close();
    expect([...done].sort()).toEqual([...made].sort());
  });

  test('a job that fails is due again later, and dead in the end, but never gone', async () => {
    await addJobs(server.pool, [{ id: 'stubborn', name: 'fail', payload: {} }]);
    const fail = async () => {
      throw new TypeError('個人の記録 must not be in the table');
    };
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(await runNextJob(server.pool, fail, (attempts) => (attempts < 3 ? 0 : undefined))).toBe(true);
    }
    expect(await runNextJob(server.pool, fail, () => 0)).toBe(false);
    const { rows } = await server.pool.query(
      "select attempts, failure, dead is not null as dead from job where id = 'stubborn'",
    );
    expect(rows).toEqual([{ attempts: 3, failure: 'TypeError', dead: true }]);
  });

  test('pauses grow to hours and end after days', () => {
    const pauses = Array.from({ length: mostAttempts - 1 }, (_, n) => retryAfterMs(n + 1) ?? 0);
    expect(pauses[0]).toBe(5_000);
    expect(pauses.every((pause, n) => n === 0 || pause >= (pauses[n - 1] ?? 0))).toBe(true);
    expect(pauses.reduce((all, pause) => all + pause, 0)).toBeGreaterThan(2 * 86_400_000);
    expect(retryAfterMs(mostAttempts)).toBeUndefined();
  });
});
