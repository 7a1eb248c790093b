// A PostgreSQL left behind by a Node that was killed: found by its working folder, which is the cluster for every
// process of a PostgreSQL, and stopped before a new one starts. What it acknowledged is in its write-ahead log.
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isThere } from './process-mark.ts';

const run = promisify(execFile);
const programs = /^(postgres|initdb)(\.exe)?$/;

/**
 * Stops every PostgreSQL process of the cluster folder: fast shutdown, after 10 seconds immediate shutdown, at last
 * SIGKILL. Call it only while holding the folder's lock. Returns whether there was one.
 */
export async function stopOrphan(cluster: string): Promise<boolean> {
  const postmaster = await recordedPid(cluster);
  const found = await processesOf(cluster, postmaster);
  if (found.length > 0) await shutDown(cluster, found, postmaster);
  await forgetStranger(cluster);
  return found.length > 0;
}

async function shutDown(cluster: string, found: number[], postmaster: number | undefined): Promise<void> {
  // Only the postmaster is told; without it the others end by themselves.
  const told = found.filter((pid) => pid === postmaster);
  signal(told, 'SIGINT');
  if (await isGone(cluster, postmaster, 10_000)) return;
  signal(told, 'SIGQUIT');
  if (await isGone(cluster, postmaster, 6_000)) return;
  await killOrphan(cluster);
}

/**
 * PostgreSQL refuses to start while the number in postmaster.pid is somebody's. Now that none of its own is left, it is
 * a stranger's, or that of a dead process which nobody collects (in a container without an init).
 */
async function forgetStranger(cluster: string): Promise<void> {
  const pid = await recordedPid(cluster);
  if (pid === undefined || !isThere(pid) || (await processesOf(cluster, pid)).length > 0) return;
  if (process.platform !== 'win32') await rm(join(cluster, 'postmaster.pid'), { force: true });
}

/** Ends the processes of a cluster that holds nothing yet, such as a half-made one. */
export async function killOrphan(cluster: string): Promise<void> {
  const postmaster = await recordedPid(cluster);
  signal(await processesOf(cluster, postmaster), 'SIGKILL');
  await isGone(cluster, postmaster, 5_000);
}

/** Line 1 of postmaster.pid. */
async function recordedPid(cluster: string): Promise<number | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Math.abs(Number.parseInt(text, 10)); // negative while in single-user mode
  return pid > 0 ? pid : undefined;
}

async function processesOf(cluster: string, postmaster: number | undefined): Promise<number[]> {
  if (process.platform === 'linux') return linuxProcessesOf(cluster);
  return postmaster !== undefined && (await isPostmasterOf(cluster, postmaster)) ? [postmaster] : [];
}

async function linuxProcessesOf(cluster: string): Promise<number[]> {
  const folder = await realpath(cluster).catch(() => undefined);
  if (folder === undefined) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const matches = await Promise.all(
    pids.map(async (pid) => {
      const workingFolder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined); // dead, or not ours to see
      if (workingFolder !== folder) return false;
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      return programs.test(name.trim());
    }),
  );
  return pids.filter((_, index) => matches[index]).map(Number);
}

/** On macOS by the command line. On Windows (untested) not at all: a second PostgreSQL is refused by the first. */
async function isPostmasterOf(cluster: string, pid: number): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const answer = await run('/bin/ps', ['-o', 'command=', '-p', String(pid)]).catch(() => undefined);
  return answer?.stdout.includes('postgres') === true && answer.stdout.includes(cluster);
}

function signal(pids: number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It ended in between.
    }
  }
}

async function isGone(cluster: string, postmaster: number | undefined, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if ((await processesOf(cluster, postmaster)).length === 0) return true;
    await sleep(20);
  }
  return false;
}
