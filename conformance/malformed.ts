// Thousands of malformed requests, each of a named class of fault, to a server in its own process: no 5xx, no answer over
// two seconds, every refusal an OperationOutcome, and no memory that stays. FHIR R4, https://hl7.org/fhir/R4/http.html#ops
//
// `npm run conformance -- malformed --runs 10000 --seed 1` sends as many as one likes; a seed repeats them.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { bodyFaults } from './malformed/bodies.ts';
import { bundleFaults } from './malformed/bundles.ts';
import { type Got, hangUp, send } from './malformed/client.ts';
import { httpFaults } from './malformed/http.ts';
import { searchFaults } from './malformed/searches.ts';
import type { FaultClass, Sent } from './malformed/sent.ts';
import type { Memory, Ready } from './malformed/server.ts';
import { longestMs, wrongIn } from './malformed/verdict.ts';
import type { SuiteOptions, SuiteResult } from './suite.ts';

type Count = { sent: number; refused: number; legal: number; slowestMs: number; statuses: Map<number, number> };

const classes: FaultClass[] = [...bodyFaults, ...searchFaults, ...bundleFaults, ...httpFaults];
const defaultRuns = 10_000;
const mostGrowth = 1.2;
// What JavaScript holds is compared with the first tenth; the process, whose allocators keep what they once needed and reach
// their size by chance, with the first half.
const memoryChecks: [keyof Memory, tenth: number][] = [
  ['heapBytes', 0],
  ['rssBytes', 4],
];
const atOnce = 2;
// V8 lets its young generation grow with the load and keeps it: not memory that was lost, but it would hide some.
const execArgv = ['--max-semi-space-size=16'];

export async function run({ runs = defaultRuns, seed = 1 }: SuiteOptions): Promise<SuiteResult> {
  const server = fork(fileURLToPath(new URL('malformed/server.ts', import.meta.url)), { execArgv });
  const ended = once(server, 'exit');
  try {
    const [ready] = (await Promise.race([once(server, 'message'), ended])) as [Ready | number];
    if (typeof ready !== 'object') throw new Error('the server under test did not start');
    const memory = async () => {
      server.send('memory');
      const [told] = await once(server, 'message');
      return told as Memory;
    };
    const perClass = Math.ceil(runs / classes.length);
    const drawn = classes.map(({ request }) => largestFirst(fc.sample(request, { numRuns: perClass, seed })));
    return resultOf(await campaign(ready, memory, drawn), seed);
  } finally {
    hangUp();
    if (server.connected) server.disconnect();
    await ended;
  }
}

type Campaign = { counts: Map<string, Count>; faults: Record<string, string>; memories: Memory[] };

/** Memory is told after each tenth of the requests. */
async function campaign(ready: Ready, memory: () => Promise<Memory>, drawn: readonly Sent[][]): Promise<Campaign> {
  const faults: Record<string, string> = {};
  const counts = new Map(classes.map(({ name }): [string, Count] => [name, newCount()]));
  const memories: Memory[] = [];
  const all = inTurn(drawn);
  for (let tenth = 0; tenth < 10; tenth++) {
    const queue = all.slice((tenth * all.length) / 10, ((tenth + 1) * all.length) / 10).values();
    const work = async () => {
      for (const [n, m] of queue) {
        const fault = classes[n] as FaultClass;
        const sent: Sent = { as: m % 5 === 4 ? 'patient' : 'system', ...(drawn[n]?.[m] as Sent) };
        const got = await answerTo(ready, sent);
        const wrong = got instanceof Error ? `no answer: ${got.message}` : wrongIn(fault, sent, got);
        if (wrong !== undefined) faults[`${fault.name} ${m}`] = `${shown(sent)} -> ${wrong}`;
        add(counts.get(fault.name) as Count, got);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    memories.push(await memory());
  }
  return { counts, faults, memories };
}

/** What was slow for the machine's sake is not so again: the quickest of five counts. */
async function answerTo(ready: Ready, sent: Sent): Promise<Got | Error> {
  let best: Got | undefined;
  try {
    for (let times = 0; times < 5 && (best === undefined || best.tookMs > longestMs); times++) {
      const got = await send(ready, sent);
      if (got.status >= 500) return got;
      if (best === undefined || got.tookMs < best.tookMs) best = got;
    }
    return best as Got;
  } catch (error) {
    return error as Error;
  }
}

function resultOf({ counts, faults, memories }: Campaign, seed: number): SuiteResult {
  for (const [name, from] of memoryChecks) {
    const [first, last] = [memories[from]?.[name] ?? 0, memories.at(-1)?.[name] ?? 0];
    if (last / first > mostGrowth) faults[`memory: ${name}`] = `${megabytes(first)} -> ${megabytes(last)}`;
  }
  const sum = (of: (count: Count) => number) => [...counts.values()].reduce((all, count) => all + of(count), 0);
  const sent = sum((count) => count.sent);
  const slowestMs = Math.max(...[...counts.values()].map((count) => count.slowestMs));
  const failures = Object.keys(faults);
  const trend = (name: keyof Memory) => memories.map((memory) => (memory[name] / 1_000_000).toFixed(0)).join(', ');
  return {
    name: 'malformed',
    passed: sent - failures.length,
    failed: failures.length,
    skipped: 0,
    failures,
    faults,
    notes: [
      `${sent} requests of ${classes.length} classes (seed ${seed}): ${sum(({ refused }) => refused)} refused, ${sum(({ legal }) => legal)} turned out legal; the slowest took ${Math.round(slowestMs)} ms`,
      `MB held after each tenth: process ${trend('rssBytes')}; heap ${trend('heapBytes')}`,
      ...[...counts].map(([name, count]) => `${name}: ${told(count)}`),
    ],
  };
}

function newCount(): Count {
  return { sent: 0, refused: 0, legal: 0, slowestMs: 0, statuses: new Map() };
}

function add(count: Count, got: Got | Error): void {
  count.sent++;
  if (got instanceof Error) return;
  count[got.status < 400 ? 'legal' : 'refused']++;
  count.slowestMs = Math.max(count.slowestMs, got.tookMs);
  count.statuses.set(got.status, (count.statuses.get(got.status) ?? 0) + 1);
}

/** The most that one request makes the server hold is seen in the first tenth; what grows after that has been kept. */
function largestFirst(requests: readonly Sent[]): Sent[] {
  const bytes = requests.map(({ body = '' }) => Buffer.byteLength(body));
  const largest = bytes.indexOf(Math.max(...bytes));
  return [...requests.slice(largest, largest + 1), ...requests.toSpliced(largest, 1)];
}

/** Class after class in turn, so that every tenth is of all kinds. */
function inTurn(drawn: readonly Sent[][]): [classNumber: number, request: number][] {
  return (drawn[0] ?? []).flatMap((_, m) => drawn.map((_, n): [number, number] => [n, m]));
}

function told({ sent, refused, legal, slowestMs, statuses }: Count): string {
  const byStatus = [...statuses].sort(([one], [other]) => one - other).map(([status, count]) => `${count} × ${status}`);
  return `${sent} sent, ${refused} refused, ${legal} legal (${byStatus.join(', ')}); slowest ${Math.round(slowestMs)} ms`;
}

function shown({ method, path, headers = {}, body, wire }: Sent): string {
  if (wire) return JSON.stringify(wire.toString('latin1').slice(0, 200));
  const start =
    body === undefined
      ? ''
      : ` ${JSON.stringify(body.toString('utf8').slice(0, 300))} (${Buffer.byteLength(body)} bytes)`;
  return `${method} ${path.slice(0, 200)} ${JSON.stringify(headers).slice(0, 200)}${start}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(0)} MB`;
}
