// Measures one workload: a few short rounds in which the server and what stands beside it take turns, so that both see the
// same disturbances of the machine. Figures are medians over the rounds; latencies are those of all rounds together.
import type { ChildProcess } from 'node:child_process';
import type { BenchRequest, LoadOrder, LoadReport } from './load.ts';
import { cpuMs, postgresCpuMs } from './usage.ts';
import type { Workload } from './workload.ts';

export type Target = { port: number; pid: number; token?: string };

export type Bench = {
  load: ChildProcess;
  server: Target;
  floor: Target;
  postmaster: number | undefined;
  rounds: number;
  windowMs: number;
};

export type SideFigures = {
  perSecond: number;
  /** Requests per second of each round, in their order. */
  rounds: number[];
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  firstByteP50Ms: number;
  /** CPU per request; undefined without /proc. */
  cpuMs: number | undefined;
  postgresCpuMs: number | undefined;
};

export type Figures = {
  workload: Workload;
  connections: number;
  ours: SideFigures;
  beside: SideFigures | undefined;
  /** Median of the rounds' ours ÷ beside. */
  ratio: number | undefined;
};

type Round = {
  perSecond: number;
  latenciesMs: number[];
  firstBytesMs: number[];
  cpuMs: number | undefined;
  postgresCpuMs: number | undefined;
};

const firstWarmUpMs = 2000;
const warmUpMs = 300;

/** Throws when a request fails. `oursBytes` is the size of a typical answer of the server. */
export async function measure(
  bench: Bench,
  workload: Workload,
  oursBytes: number,
  connections: number,
): Promise<Figures> {
  const { beside } = workload;
  const besideRequests = beside?.requests(oursBytes);
  const besideTarget = beside?.what === 'read' ? bench.server : bench.floor;
  const ours: Round[] = [];
  const others: Round[] = [];
  for (let n = 0; n < bench.rounds; n++) {
    const order = { connections, warmUpMs: n === 0 ? firstWarmUpMs : warmUpMs, windowMs: bench.windowMs };
    const runOurs = async () => void ours.push(await round(bench, bench.server, workload.requests, order));
    const runOther = async () =>
      besideRequests && void others.push(await round(bench, besideTarget, besideRequests, order));
    // Now one first, now the other: whatever grows during a round hits both.
    for (const turn of n % 2 === 0 ? [runOurs, runOther] : [runOther, runOurs]) await turn();
  }
  const ratios = ours.flatMap((one, n) => {
    const other = others[n];
    return other ? [one.perSecond / other.perSecond] : [];
  });
  return {
    workload,
    connections,
    ours: figuresOf(ours),
    beside: others.length > 0 ? figuresOf(others) : undefined,
    ratio: ratios.length > 0 ? median(ratios) : undefined,
  };
}

async function round(
  { load, postmaster }: Bench,
  { port, pid, token }: Target,
  requests: BenchRequest[],
  limits: Pick<LoadOrder, 'connections' | 'warmUpMs' | 'windowMs'>,
): Promise<Round> {
  const used = () => (postmaster === undefined ? undefined : { node: cpuMs(pid), postgres: postgresCpuMs(postmaster) });
  let before = used();
  let after = before;
  let completed = 0;
  let windowMs = 0;
  const done = await new Promise<Extract<LoadReport, { kind: 'done' }>>((resolve, reject) => {
    const end = (settle: () => void) => {
      load.off('message', onReport);
      load.off('exit', onExit);
      settle();
    };
    const onExit = () => end(() => reject(new Error('the load generator ended')));
    const onReport = (report: LoadReport) => {
      if (report.kind === 'window-open') before = used();
      else if (report.kind === 'window-closed') {
        after = used();
        ({ completed, windowMs } = report);
      } else if (report.kind === 'failed') end(() => reject(new Error(report.message)));
      else end(() => resolve(report));
    };
    load.on('message', onReport);
    load.on('exit', onExit);
    const order: LoadOrder = { port, requests, ...limits, ...(token === undefined ? {} : { token }) };
    load.send(order);
  });
  if (completed === 0) throw new Error('no request was answered inside the measured window');
  return {
    perSecond: (completed * 1000) / windowMs,
    latenciesMs: done.latenciesMs,
    firstBytesMs: done.firstBytesMs,
    cpuMs: before && after && (after.node - before.node) / completed,
    postgresCpuMs: before && after && (after.postgres - before.postgres) / completed,
  };
}

function figuresOf(rounds: Round[]): SideFigures {
  const latencies = Float64Array.from(rounds.flatMap(({ latenciesMs }) => latenciesMs)).sort();
  const firstBytes = Float64Array.from(rounds.flatMap(({ firstBytesMs }) => firstBytesMs)).sort();
  const cpus = rounds.flatMap(({ cpuMs }) => cpuMs ?? []);
  const postgres = rounds.flatMap(({ postgresCpuMs }) => postgresCpuMs ?? []);
  return {
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    rounds: rounds.map(({ perSecond }) => perSecond),
    p50Ms: quantile(latencies, 0.5),
    p95Ms: quantile(latencies, 0.95),
    p99Ms: quantile(latencies, 0.99),
    firstByteP50Ms: quantile(firstBytes, 0.5),
    cpuMs: cpus.length > 0 ? median(cpus) : undefined,
    postgresCpuMs: postgres.length > 0 ? median(postgres) : undefined,
  };
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** `sorted` ascending; nearest rank. */
function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}
