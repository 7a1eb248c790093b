// What processes have used so far, from Linux' /proc. Elsewhere there is none, and the figures are left out.
// proc(5): fields of /proc/PID/stat. Ticks are 1/100 s on every Linux that Node runs on.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const tickMs = 10;

/** True where the figures of this file exist. */
export const hasProc = existsSync('/proc/self/stat');

/** Milliseconds of CPU that the process has used, without its children. */
export function cpuMs(pid: number): number {
  const stat = statOf(pid);
  return stat ? (stat.user + stat.system) * tickMs : 0;
}

/** Milliseconds of CPU that PostgreSQL has used: the postmaster, its children, and those that have ended. */
export function postgresCpuMs(postmaster: number): number {
  const own = statOf(postmaster);
  let ticks = own ? own.user + own.system + own.endedChildren : 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(Number(name));
    if (stat?.parent === postmaster) ticks += stat.user + stat.system;
  }
  return ticks * tickMs;
}

/** Resident memory in MB (2^20 bytes), now or at its highest so far. */
export function residentMb(pid: number, which: 'now' | 'peak' = 'now'): number | undefined {
  if (!hasProc) return undefined;
  const line = which === 'now' ? /^VmRSS:\s+(\d+) kB/m : /^VmHWM:\s+(\d+) kB/m;
  const kb = line.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return kb === undefined ? undefined : Math.round(Number(kb) / 1024);
}

/** The process that started it; undefined when it is not on this machine. */
export const parentOf = (pid: number): number | undefined => (hasProc ? statOf(pid)?.parent : undefined);

/** Undefined when the process has ended. */
function statOf(pid: number) {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name, in brackets, may hold anything; field 3 follows it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return { parent: field(4), user: field(14), system: field(15), endedChildren: field(16) + field(17) };
}
