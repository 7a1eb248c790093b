// What a `kill -9` of Node leaves behind, and what the next start makes of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startEmbedded } from '../../server/store/embedded/launcher.ts';
import { isRoot, killChild, nobody, processesOn, startChild, temporaryFolder, until } from './embedded-process.ts';

async function startAndCount(dataDir: string): Promise<{ rows: unknown[]; lines: string[] }> {
  const lines: string[] = [];
  const embedded = await startEmbedded({ dataDir, log: (line) => lines.push(line) });
  onTestFinished(() => embedded.stop());
  const client = new pg.Client(embedded.connection);
  await client.connect();
  const { rows } = await client.query('select n from kept order by n');
  await client.end();
  return { rows, lines };
}

test('an orphan is stopped, and what it had acknowledged is there', async () => {
  const dataDir = join(await temporaryFolder(), 'data');
  const { child, answer } = await startChild({
    options: { dataDir },
    sql: 'create table kept as select generate_series(1, 3) as n',
    wait: true,
  });
  expect(answer.error).toBeUndefined();
  await killChild(child);
  const orphans = processesOn(dataDir);
  expect(orphans.length).toBeGreaterThan(3); // or there is nothing to test

  const { rows, lines } = await startAndCount(dataDir);
  expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  expect(lines).toEqual([`stopped the PostgreSQL that a killed server left on ${dataDir}`]);
  expect(processesOn(dataDir).filter((pid) => orphans.includes(pid))).toEqual([]);
  await expect(stat(answer.connection?.host ?? '')).rejects.toThrow(/ENOENT/);
});

test('PostgreSQL killed together with Node recovers from its log', async () => {
  const dataDir = join(await temporaryFolder(), 'data');
  const task = { options: { dataDir }, sql: 'create table kept as select 1 as n', wait: true };
  const { child } = await startChild(task);
  for (const pid of processesOn(dataDir)) process.kill(pid, 'SIGKILL');
  await killChild(child);
  const { rows } = await startAndCount(dataDir);
  expect(rows).toEqual([{ n: 1 }]);
});

describe('the number in postmaster.pid now belongs to', () => {
  // The same user, because PostgreSQL ignores the processes of other users by itself.
  const user = isRoot ? { uid: nobody, gid: nobody } : {};

  async function restartWithPid(pid: number): Promise<void> {
    const dataDir = join(await temporaryFolder(), 'data');
    const first = await startEmbedded({ dataDir });
    const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
    const lines = (await readFile(pidFile, 'utf8')).split('\n');
    await first.stop();
    await writeFile(pidFile, [pid, ...lines.slice(1)].join('\n'));
    const second = await startEmbedded({ dataDir });
    await second.stop();
  }

  test('a stranger, who is left alone', async () => {
    const stranger = spawn('/bin/sleep', ['60'], { cwd: '/', ...user });
    onTestFinished(() => void stranger.kill('SIGKILL'));
    await restartWithPid(stranger.pid ?? 0);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  });

  test('a dead process that nobody collects', async () => {
    // The shell turns into a program that never asks for its children, and must have done so before the child ends.
    const parent = spawn('/bin/sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 60'], { cwd: '/', ...user });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const pid = Number(String((await once(parent.stdout, 'data'))[0]));
    expect(await until(() => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')))).toBe(true);
    await restartWithPid(pid);
  });
});

test('Node killed while the database is being made: the next start makes it', async () => {
  const folder = await temporaryFolder();
  const dataDir = join(folder, 'data');
  const starting = startChild({ options: { dataDir }, wait: true });
  starting.catch(() => undefined); // it ends without an answer
  const draft = join(dataDir, 'postgres.draft', 'PG_VERSION');
  while (!(await stat(draft).catch(() => undefined))) await sleep(5);
  const lock = await lockHolder(dataDir);
  process.kill(lock, 'SIGKILL');
  await expect(starting).rejects.toThrow(/without an answer/);

  const embedded = await startEmbedded({ dataDir });
  await embedded.stop();
  expect(await until(() => processesOn(dataDir).length === 0)).toBe(true);
});

async function lockHolder(dataDir: string): Promise<number> {
  const name = (await readdir(dataDir)).find((entry) => entry.startsWith('lock-')) ?? '';
  return (JSON.parse(await readFile(join(dataDir, name), 'utf8')) as { pid: number }).pid;
}
