// Tells whether a process number still means the process it once meant: numbers are reused, start times are not.
import { execFile } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * When the process started, in a form only good for comparing; undefined if there is no such process or it is dead and
 * merely not yet collected by its parent. Windows tells no start time cheaply: there it is the same for every process.
 */
export async function startMark(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return linuxMark(pid);
  if (process.platform === 'win32') return isThere(pid) ? 'unknown' : undefined;
  const answer = await run('/bin/ps', ['-o', 'stat=,lstart=', '-p', String(pid)]).catch(() => undefined);
  const [state, ...start] = answer?.stdout.trim().split(/\s+/) ?? [];
  return state && !state.startsWith('Z') ? start.join(' ') : undefined;
}

/** Whether a process of this number exists, whoever owns it. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Names the set of process numbers we live in: host, boot and container. Numbers of another place say nothing here. */
export function place(): string {
  if (process.platform !== 'linux') return hostname();
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`;
}

/** proc(5): the fields after the name in parentheses are 3 state … 22 starttime, in clock ticks since boot. */
async function linuxMark(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields && fields[0] !== 'Z' && fields[0] !== 'X' ? fields[19] : undefined;
}
