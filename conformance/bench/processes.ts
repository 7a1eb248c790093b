// The processes of a run: started here, ended here by their id, whatever happens in between.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../server/store/embedded/free-port.ts';

const cli = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
const startTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;
const running = new Set<ChildProcess>();

export type ServerProcess = {
  child: ChildProcess;
  pid: number;
  port: number /** From spawn to the first 200. */;
  startMs: number;
};

/** Starts the real server on a data folder, or on a database, and waits for its first 200 of /fhir/metadata. */
export async function startServer(
  dataDir: string,
  databaseUrl: string | undefined,
  nodeArguments: string[] = [],
  settings: Record<string, string> = {},
): Promise<ServerProcess> {
  const port = await freePort('127.0.0.1');
  const environment = {
    PORT: String(port),
    HOST: '127.0.0.1',
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    TZ: 'Asia/Tokyo',
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    ...settings,
  };
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [...nodeArguments, cli, 'start'], {
    // No .env of the working folder, none of our own settings: the defaults are measured.
    cwd: dataDir,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  track(child);
  for (let last = await ask(port); last !== '200'; last = await ask(port)) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the server ended while it started');
    if (performance.now() - startedAtMs > startTimeoutMs)
      throw new Error(`the server did not start in ${startTimeoutMs} ms; the last attempt: ${last}`);
    await sleep(10);
  }
  return { child, pid: child.pid ?? 0, port, startMs: Math.round(performance.now() - startedAtMs) };
}

/** Starts a file of this folder with an IPC channel; it ends with us at the latest. */
export function startHelper(file: string, args: string[] = []): ChildProcess {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    execArgv: [],
    env: { PATH: process.env.PATH },
  });
  track(child);
  return child;
}

/** Asks the process to end, and ends it when it does not. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  await ended;
  clearTimeout(patience);
}

/** Ends every process that was started here and still runs. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map(stopProcess));
}

/** Waits for a database whose server has ended before it; ends it at once when that takes too long. */
export async function untilEnded(postmaster: number): Promise<void> {
  for (let waitedMs = 0; isRunning(postmaster); waitedMs += 50) {
    // SIGQUIT is PostgreSQL's immediate shutdown.
    if (waitedMs === stopTimeoutMs) process.kill(postmaster, 'SIGQUIT');
    if (waitedMs > stopTimeoutMs + 5000) throw new Error(`PostgreSQL (process ${postmaster}) does not end`);
    await sleep(50);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function track(child: ChildProcess): void {
  running.add(child);
  child.once('exit', () => running.delete(child));
}

/** The status of the answer, or what went wrong. */
function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    const options = { port, host: '127.0.0.1', path: '/fhir/metadata', agent: false, timeout: 5000 };
    const request = get(options, (response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    request.on('timeout', () => request.destroy(new Error('no answer in 5 s')));
    request.on('error', ({ message }) => resolve(message));
  });
}
