// `npm run bench -- [name…] [--seconds N] [--rounds N] [--connections N]`: starts the real server, fills it, and measures it
// beside a floor of bare node:http and pg on the same database. The last line of output is one JSON object. A request that
// is not answered with 2xx ends the run with exit code 1.
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runningEmbedded } from '../../server/store/embedded/attach.ts';
import { openPool } from '../../server/store/pool.ts';
import { mintToken } from '../../server/store/tokens.ts';
import { type Api, call } from './api.ts';
import { type Bench, type Figures, measure } from './measure.ts';
import { startHelper, startServer, stopAll, stopProcess, untilEnded } from './processes.ts';
import { json, shortfalls, table } from './report.ts';
import { seed } from './seed.ts';
import { hasProc, residentMb } from './usage.ts';
import { type Workload, workloads } from './workloads.ts';

const names = workloads({ families: [], others: [], longRecord: '' }).map(({ name }) => name);
const usage = `usage: npm run bench -- [name…] [--seconds N] [--rounds N] [--connections N]
  names: ${names.join(', ')} (default: all)
  --seconds N      length of a measured round (3)
  --rounds N       rounds for each side, which take turns (3)
  --connections N  requests under way at a time (8)
  --profile DIR    writes a CPU profile of the server into DIR`;
const idleAfterMs = 2000;

const folder = mkdtempSync(join(tmpdir(), 'tsumugi-bench-'));
const cleanUp = async () => {
  const postmaster = postmasterOf(folder);
  await stopAll();
  if (postmaster !== undefined) await untilEnded(postmaster);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(130)));
}
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  await cleanUp();
}

async function run(args: string[]): Promise<number> {
  const options = optionsOf(args);
  if (options === undefined) {
    console.error(usage);
    return 2;
  }
  const deadline = setTimeout(() => {
    console.error(`bench: not done after ${Math.round(options.timeoutMs / 1000)} s`);
    void cleanUp().finally(() => process.exit(1));
  }, options.timeoutMs);

  const first = await startServer(folder);
  await sleep(idleAfterMs);
  const idleMb = residentMb(first.pid);
  await stopProcess(first.child);
  const server = await startServer(folder, options.profile ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] : []);
  const starts = { firstMs: first.startMs, secondMs: server.startMs, idleMb };
  console.log(
    `start: ${starts.firstMs} ms on an empty folder, ${starts.secondMs} ms again; ${idleMb ?? '?'} MB when idle`,
  );

  const api = { port: server.port, token: await tokenFor(folder) };
  const seedStartMs = performance.now();
  const stored = workloads(await seed(api));
  console.log(`seeded in ${Math.round((performance.now() - seedStartMs) / 100) / 10} s`);

  const floor = startHelper('floor.ts', [folder]);
  const ready = once(floor, 'message') as Promise<[{ port: number }]>;
  const ended = once(floor, 'exit').then(() => Promise.reject(new Error('the floor ended while it started')));
  ended.catch(() => undefined);
  const [{ port }] = await Promise.race([ready, ended]);
  const bench: Bench = {
    load: startHelper('load.ts'),
    server: { ...api, pid: server.pid },
    floor: { port, pid: floor.pid ?? 0 },
    postmaster: hasProc ? postmasterOf(folder) : undefined,
    connections: options.connections,
    rounds: options.rounds,
    windowMs: options.seconds * 1000,
  };
  const all: Figures[] = [];
  for (const workload of stored.filter(({ name }) => options.names.includes(name))) {
    const figures = await measure(bench, workload, await checkedAnswerBytes(api, workload));
    all.push(figures);
    console.log(`  ${workload.name}: ${Math.round(figures.ours.perSecond)}/s`);
  }
  clearTimeout(deadline);
  const start = { ...starts, loadedMb: residentMb(server.pid) };
  console.log(`\n${table(all)}\n`);
  for (const one of shortfalls(all, start)) console.log(`below what is asked: ${one}`);
  await stopProcess(server.child);
  const { exitCode, signalCode } = server.child;
  if (exitCode !== 0) console.error(`bench: the server did not end cleanly (${signalCode ?? `exit code ${exitCode}`})`);
  console.log(json(all, start));
  return exitCode === 0 ? 0 : 1;
}

/** Looks at one answer before many are counted; its size in bytes. */
async function checkedAnswerBytes(api: Api, { name, requests, look = requests[0], fault }: Workload): Promise<number> {
  if (!look) throw new Error(`${name}: no requests`);
  const answer = await call(api, look);
  const wrong = fault(answer);
  if (wrong !== undefined) throw new Error(`${name}: the answer is not right: ${wrong}`);
  return Buffer.byteLength(answer);
}

async function tokenFor(dataDir: string): Promise<string> {
  const connection = await runningEmbedded(dataDir);
  if (!connection) throw new Error('the database of the server was not found');
  const pool = openPool(connection, 1, 10_000);
  try {
    return await mintToken(pool, { client: 'bench', scope: 'system/*.cruds', lifetimeMs: 3_600_000 });
  } finally {
    await pool.end();
  }
}

/** The id of the database's process; undefined when none runs. */
function postmasterOf(dataDir: string): number | undefined {
  const path = join(dataDir, 'postgres', 'postmaster.pid');
  const pid = existsSync(path) ? Number(readFileSync(path, 'utf8').split('\n')[0]) : 0;
  return pid > 0 ? pid : undefined;
}

/** Undefined when the arguments are not understood. */
function optionsOf(args: string[]) {
  const number = { type: 'string' } as const;
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { seconds: number, rounds: number, connections: number, profile: number },
    });
    const seconds = Number(values.seconds ?? 3);
    const rounds = Number(values.rounds ?? 3);
    const connections = Number(values.connections ?? 8);
    const isWrong =
      !(seconds > 0 && seconds <= 60) ||
      !(Number.isInteger(rounds) && rounds >= 1 && rounds <= 20) ||
      !(Number.isInteger(connections) && connections >= 1 && connections <= 256) ||
      positionals.some((name) => !names.includes(name));
    if (isWrong) return undefined;
    const chosen = positionals.length > 0 ? positionals : names;
    const timeoutMs = 180_000 + chosen.length * (10_000 + 2 * rounds * (seconds + 2) * 1000);
    return { seconds, rounds, connections, names: chosen, profile: values.profile, timeoutMs };
  } catch {
    return undefined;
  }
}
