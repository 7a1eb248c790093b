// The two ways in which a storage is kept up with, as processes: inside the server, and alone beside one that is killed.

import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { freePort } from '../../../server/store/embedded/free-port.ts';
import { migrate } from '../../../server/store/migrate.ts';
import { openPool, type Pool } from '../../../server/store/pool.ts';
import { mintToken } from '../../../server/store/tokens.ts';
import { type CommandProcess, startProcess } from '../../support/command-process.ts';
import { freshDatabase } from '../../support/database.ts';
import { INSTITUTION, laboratory } from '../../support/samples/hl7v2.ts';
import { makeStorage, type Storage } from '../../support/samples/storage.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let storage: Storage;
let settings: Record<string, string>;
const running: CommandProcess[] = [];
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.connection, 3, 30_000);
  await migrate(pool);
  storage = await makeStorage();
  const port = String(await freePort('127.0.0.1'));
  settings = { DATABASE_URL: database.url, PORT: port, LOG_LEVEL: 'info', DATA_DIR: join(storage.beside, 'data') };
});
afterAll(async () => {
  for (const one of running) await one.end('SIGKILL');
  await pool.end();
  await database.drop();
  await storage.remove();
});

const start = async (args: string[], more: Record<string, string>, expected: RegExp): Promise<CommandProcess> => {
  const one = await startProcess(args, { ...settings, ...more }, expected);
  running.push(one);
  return one;
};
const order = (n: number): Promise<string> => {
  const key = String(n).padStart(15, '0');
  return storage.write({ type: 'OML-11', key }, laboratory().replaceAll('000000000000354', key));
};
const untilKept = (count: number): Promise<void> =>
  vi.waitFor(
    async () => expect((await pool.query('select count(*)::int as n from held')).rows).toEqual([{ n: count }]),
    { timeout: 40_000, interval: 200 },
  );

it('keeps up from inside the server, and goes on where it was after kill -9', { timeout: 120_000 }, async () => {
  await order(1);
  const inside = { TSUMUGI_SSMIX2_ROOT: storage.root, TSUMUGI_SSMIX2_INSTITUTION: INSTITUTION };
  const first = await start(['start'], inside, /answers at/);
  await untilKept(1);
  await order(2);
  await untilKept(2);
  await first.end('SIGKILL');
  await order(3);
  const second = await start(['start'], inside, /answers at/);
  await untilKept(3);
  expect([...first.lines, ...second.lines].join('\n')).not.toContain('0000012345');
  await second.end('SIGTERM');
  expect(second.child.exitCode).toBe(0);
});

it('keeps up alone, while the server goes away and comes back', { timeout: 120_000 }, async () => {
  const token = await mintToken(pool, { client: 'storage', scope: 'system/*.crus', lifetimeMs: 3_600_000 });
  const server = await start(['start'], {}, /answers at/);
  const address = `http://127.0.0.1:${settings.PORT}`;
  const args = ['connector', 'ssmix2', '--root', storage.root, '--institution', INSTITUTION, '--server', address];
  const alone = await start([...args, '--token', token], {}, /the storage is read/);
  await server.end('SIGKILL');
  await order(4);
  await vi.waitFor(() => expect(alone.lines.join()).toContain('sent again'), { timeout: 40_000 });
  await start(['start'], {}, /answers at/);
  await untilKept(4);
  await alone.end('SIGTERM');
  expect(alone.child.exitCode).toBe(0);
});
