// The running server process: PostgreSQL's postmaster as our child, its log, and its three ways to shut down.
// https://www.postgresql.org/docs/18/server-shutdown.html
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { bareEnvironment, workingFolder } from './cluster.ts';

const run = promisify(execFile);

export type Postmaster = {
  /** Resolves with how the process ended, in words, also when it could not be run at all. Does not reject. */
  ended: Promise<string>;
  /** Asks for a fast shutdown and does not wait. */
  interrupt(): void;
  /** Fast shutdown; immediate shutdown after 10 seconds; kill after 5 more. Nothing to do when it has ended. */
  end(): Promise<void>;
  /** The end of what this process wrote to the log so far. */
  lastLines(): Promise<string>;
};

/** Runs PostgreSQL on a cluster. Its output is appended to the log file. Our own exit does not wait for it. */
export async function runPostmaster(
  cluster: string,
  settings: string[],
  { binaries, account, logPath }: { binaries: Binaries; account: Account; logPath: string },
): Promise<Postmaster> {
  const log = await openLog(logPath);
  const logStart = (await log.stat()).size;
  const child = spawn(binaries.postgres, ['-D', workingFolder(cluster), ...settings], {
    cwd: cluster,
    env: bareEnvironment,
    // Ctrl+C in a terminal is for us to handle: PostgreSQL must outlive the requests that are being answered.
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log.fd, log.fd],
    ...account,
  });
  const ended = endOf(child);
  child.unref();
  await log.close();
  return {
    ended,
    interrupt: () => void child.kill('SIGINT'),
    end: () => endPostmaster(child, cluster, binaries),
    lastLines: () => tailOf(logPath, logStart),
  };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((done) => {
    child.once('error', (error) => done(error.message));
    child.once('exit', (code, signal) => done(signal ? `signal ${signal}` : `exit code ${code}`));
  });
}

async function endPostmaster(child: ChildProcess, cluster: string, binaries: Binaries): Promise<void> {
  const isRunning = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  if (!isRunning()) return;
  child.ref(); // who awaits the end must not exit before it
  const exit = once(child, 'exit');
  if (process.platform === 'win32') {
    // Untested. A signal would kill it there, pg_ctl can ask.
    await run(binaries.pgCtl, ['stop', '-D', cluster, '-m', 'fast', '-t', '10']).catch(() => child.kill());
  }
  for (const [signal, timeoutMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!isRunning()) return;
    child.kill(signal);
    if (await happens(exit, timeoutMs)) return;
  }
}

async function happens(event: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((done) => {
    timer = setTimeout(() => done(false), timeoutMs);
  });
  const happened = await Promise.race([event.then(() => true), timeout]);
  clearTimeout(timer);
  return happened;
}

const longestLogBytes = 10 * 1024 * 1024;

/** Opens the log for appending; a large one is kept once as `.1`. */
async function openLog(path: string): Promise<FileHandle> {
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size > longestLogBytes) await rename(path, `${path}.1`);
  return open(path, 'a', 0o600);
}

async function tailOf(path: string, start: number): Promise<string> {
  const longestTailBytes = 4_096;
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const from = Math.max(start, size - longestTailBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(longestTailBytes), 0, longestTailBytes, from);
    return buffer.toString('utf8', 0, bytesRead).trim().split('\n').slice(-10).join('\n');
  } finally {
    await file.close();
  }
}
