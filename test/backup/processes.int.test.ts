// Backup and restore as processes beside a server that is being written to, and killed in the middle.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { runningEmbedded } from '../../server/store/embedded/attach.ts';
import { openPool } from '../../server/store/pool.ts';
import { mintToken } from '../../server/store/tokens.ts';
import { startProcess } from '../support/command-process.ts';
import { freshDatabase } from '../support/database.ts';
import { halfWritten } from '../support/half-written.ts';
import { wholeDatabase } from '../support/whole-database.ts';
import { startLoad } from '../support/write-load.ts';
import { backupFolder } from './folder.ts';

const cli = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));

test('beside a server under load, killed and made anew: what is restored is one state of the record', async () => {
  const folder = await backupFolder();
  const dataDir = join(folder.path, 'data');
  const settings = { DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'silent' };
  const server = await startProcess(['start'], settings, /answers at (\S+)/);
  onTestFinished(async () => {
    await server.end('SIGTERM');
    await folder.remove();
  });
  const connection = await runningEmbedded(dataDir);
  if (!connection) throw new Error('the server has no database');
  const source = openPool(connection, 1, 10_000);
  const bearer = { client: 'load', scope: 'system/*.cruds', lifetimeMs: 3_600_000 };
  const token = await mintToken(source, bearer);
  await source.end();
  const load = startLoad(`${server.said}/fhir`, token, 3);
  // It ends with the server, which says so to those who are still writing.
  load.ended.catch(() => undefined);
  while (load.count() < 60) await sleep(10);

  const out = join(folder.path, 'backups');
  const files = ['--key-file', folder.key, '--keys', folder.ring];
  const parts = () => (existsSync(out) ? readdirSync(out).filter((name) => name.endsWith('.part')) : []);
  const start = (...args: string[]) =>
    spawn(process.execPath, [cli, ...args, ...files], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const killed = start('backup', '--out', out);
  const ended = once(killed, 'exit');
  while (parts().length === 0 && killed.exitCode === null) await sleep(1);
  killed.kill('SIGKILL');
  await ended;
  expect(readdirSync(out).filter((name) => name.endsWith('.backup'))).toEqual([]);

  const before = load.count();
  const whole = start('backup', '--out', out);
  let complaint = '';
  whole.stderr.on('data', (text) => (complaint += text));
  expect([(await once(whole, 'exit'))[0], complaint]).toEqual([0, '']);
  expect(load.count()).toBeGreaterThan(before);
  const file = join(out, readdirSync(out).find((name) => name.endsWith('.backup')) ?? '');

  const database = await freshDatabase();
  const pool = openPool(database.connection, 2, 30_000);
  onTestFinished(async () => {
    await pool.end();
    await database.drop();
  });
  const restoring = await startProcess(['restore', file, ...files, '--into', database.url], settings, /^rows/);
  await restoring.end('SIGKILL');
  await expect.poll(async () => (await wholeDatabase(pool)).size, { timeout: 10_000 }).toBe(0);

  expect(await folder.restore(file, database.url)).toMatchObject({ code: 0 });
  const { rows } = await pool.query(halfWritten);
  expect(rows.filter(({ fault }) => !String(fault).includes('outbox'))).toEqual([]);
  const { rows: stored } = await pool.query('select count(*)::int as n from resource');
  expect(stored[0]?.n).toBeGreaterThan(20);
}, 60_000);
