// `npm run bench -- [name…] [options]`: starts the real server, fills it, and measures it beside a floor of bare node:http
// and pg on the same database. The last line of output is one JSON object. A request that is not answered with 2xx ends
// the run with exit code 1.
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../server/store/pool.ts';
import { aloneJson, aloneLines, aloneNames, aloneShortfalls, measureAlone } from './alone.ts';
import { type Api, call, upToDate } from './api.ts';
import {
  type Content,
  connectionOf,
  familyTokenOf,
  postmasterOf,
  rememberContent,
  serverOf,
  storedContent,
  tokenOf,
  withPool,
} from './database.ts';
import { archiveName, measureArchive } from './family-archive.ts';
import { layoutOf } from './layout.ts';
import { type Bench, type Figures, measure } from './measure.ts';
import { type Options, optionsOf, timeoutMsOf, usageOf } from './options.ts';
import { loadPopulation, type Size } from './population.ts';
import { startHelper, startServer, stopAll, stopProcess, untilEnded } from './processes.ts';
import { json, layoutTable, notYet, type Report, shortfalls, table } from './report.ts';
import { type Seed, seed } from './seed.ts';
import { measureStorage, storageName } from './storage.ts';
import { residentMb } from './usage.ts';
import type { Workload } from './workload.ts';
import { workloads } from './workloads.ts';

const names = [
  ...workloads({ families: [], others: [], longRecord: '', children: { token: '', people: [] } }).map(
    ({ name }) => name,
  ),
  ...aloneNames,
  storageName,
  archiveName,
];
const idleAfterMs = 2000;
const options = optionsOf(process.argv.slice(2), names);
if (options === undefined) {
  console.error(usageOf(names));
  process.exit(2);
}

const folder = options.data === undefined ? mkdtempSync(join(tmpdir(), 'tsumugi-bench-')) : resolve(options.data);
mkdirSync(folder, { recursive: true });
const cleanUp = async () => {
  const postmaster = postmasterOf(folder);
  await stopAll();
  if (postmaster !== undefined) await untilEnded(postmaster);
  if (options.data === undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(130)));
}
const timeoutMs = timeoutMsOf(options);
const deadline = setTimeout(() => {
  console.error(`bench: not done after ${Math.round(timeoutMs / 1000)} s`);
  void cleanUp().finally(() => process.exit(1));
}, timeoutMs);
try {
  if (options.names.includes(storageName)) console.log(JSON.stringify(await measureStorage(folder)));
  if (options.names.includes(archiveName)) console.log(JSON.stringify(await measureArchive(folder)));
  const others = options.names.filter((name) => name !== storageName && name !== archiveName);
  const needsServer = others.some((name) => !aloneNames.includes(name));
  if (others.length > 0) process.exitCode = await (needsServer ? run : runAlone)({ ...options, names: others });
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  clearTimeout(deadline);
  await cleanUp();
}

async function run(options: Options): Promise<number> {
  const { names, connections, rounds, seconds, database, profile, population } = options;
  const first = await startServer(folder, database);
  await sleep(idleAfterMs);
  const idleMb = residentMb(first.pid);
  await stopProcess(first.child);
  const server = await startServer(folder, database, profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []);
  const start = { firstMs: first.startMs, secondMs: server.startMs };
  console.log(`start: ${start.firstMs} ms the first time, ${start.secondMs} ms again; ${idleMb ?? '?'} MB when idle`);

  const connection = await connectionOf(folder, database);
  const { token, postmaster, version } = await withPool(connection, async (pool) => ({
    token: await tokenOf(pool),
    ...(await serverOf(pool)),
  }));
  const api = { port: server.port, token };
  const patients = population?.patients ?? 0;
  const content = storedContent(folder, patients) ?? (await filled(api, connection, population));
  const layout = await withPool(connection, layoutOf);
  console.log(`PostgreSQL ${version}\n${layoutTable(layout)}`);

  const floor = startHelper('floor.ts');
  floor.send(connection);
  const ready = once(floor, 'message') as Promise<[{ port: number }]>;
  const ended = once(floor, 'exit').then(() => Promise.reject(new Error('the floor ended while it started')));
  ended.catch(() => undefined);
  const [{ port }] = await Promise.race([ready, ended]);
  const bench: Bench = {
    load: startHelper('load.ts'),
    server: { ...api, pid: server.pid },
    floor: { port, pid: floor.pid ?? 0 },
    postmaster,
    rounds,
    windowMs: seconds * 1000,
  };
  const figures: Figures[] = [];
  let failures = 0;
  for (const workload of workloads(everybody(content)).filter(({ name }) => names.includes(name))) {
    for (const count of workload.connections ? [workload.connections] : connections) {
      // One that fails costs the run its good end, not the figures of the others.
      try {
        figures.push(await measured(bench, api, workload, count));
      } catch (error) {
        failures += 1;
        console.log(`  ${workload.name} × ${count}: FAILED: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
  const memory = { idleMb, loadedMb: residentMb(server.pid), peakMb: residentMb(server.pid, 'peak') };
  const alone = await measureAlone(names, { seconds, connections: options.senders });
  const report: Report = { figures, start, memory, alone, layout, patients, postgres: version };
  console.log(`\n${table(report)}\n`);
  for (const one of shortfalls(report)) console.log(one);
  for (const one of notYet) console.log(one);
  await stopProcess(server.child);
  const { exitCode, signalCode } = server.child;
  if (exitCode !== 0) console.error(`bench: the server did not end cleanly (${signalCode ?? `exit code ${exitCode}`})`);
  console.log(json(report));
  return exitCode === 0 && failures === 0 ? 0 : 1;
}

async function runAlone({ names, seconds, senders, profile }: Options): Promise<number> {
  const figures = await measureAlone(names, { seconds, connections: senders, profile });
  for (const line of [...aloneLines(figures), ...aloneShortfalls(figures)]) console.log(line);
  console.log(JSON.stringify(aloneJson(figures)));
  return 0;
}

/** Stores the population and the families in front of it. */
async function filled(api: Api, connection: Connection, size: Size | undefined): Promise<Content> {
  const startMs = performance.now();
  const sinceStart = () => `${Math.round((performance.now() - startMs) / 100) / 10} s`;
  const base = `http://127.0.0.1:${api.port}/fhir`;
  const progress = (stored: number) => console.log(`  ${stored} patients in ${sinceStart()}`);
  const population =
    size && (await withPool(connection, (pool) => loadPopulation(pool, connection, base, size, progress)));
  const content = {
    seed: await seed(api, await withPool(connection, familyTokenOf)),
    population,
    patients: size?.patients ?? 0,
  };
  rememberContent(folder, content);
  console.log(`filled in ${sinceStart()}`);
  return content;
}

/** The families in front and some of the population: a request may meet any part of the tables. */
function everybody({ seed: { families, others, longRecord, children }, population }: Content): Seed {
  return {
    families: [...families, ...(population?.families ?? [])],
    others: [...others, ...(population?.others ?? [])],
    longRecord,
    children,
  };
}

async function measured(bench: Bench, api: Api, asked: Workload, connections: number): Promise<Figures> {
  const bytes = await checkedAnswerBytes(api, { ...asked, requests: await upToDate(api, asked.requests.slice(0, 1)) });
  const workload = { ...asked, requests: await upToDate(api, asked.requests) };
  const figures = await measure(bench, workload, bytes, connections);
  const { perSecond, cpuMs = 0, postgresCpuMs = 0 } = figures.ours;
  const cpu = `${cpuMs.toFixed(3)} + ${postgresCpuMs.toFixed(3)} ms`;
  console.log(`  ${workload.name} × ${connections}: ${Math.round(perSecond)}/s, ${cpu}`);
  return figures;
}

/** Looks at one answer before many are counted; its size in bytes. */
async function checkedAnswerBytes(api: Api, { name, requests: [look], fault }: Workload): Promise<number> {
  if (!look) throw new Error(`${name}: no requests`);
  const answer = await call(api, look);
  const wrong = fault(answer);
  if (wrong !== undefined) throw new Error(`${name}: the answer is not right: ${wrong}`);
  return Buffer.byteLength(answer);
}
