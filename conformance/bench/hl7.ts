// HL7 v2 messages end to end: vaccinations (RAS^O17, one dose each, ISO-2022-JP) over MLLP to a real server whose patients are
// linked, from the first byte sent to the acknowledgment; what is acknowledged is then searched for.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMllpSender } from '../../connectors/mllp/send.ts';
import { mapHl7 } from '../../mappings/hl7v2/map.ts';
import { freePort } from '../../server/store/embedded/free-port.ts';
import { createLinks } from '../../server/store/links.ts';
import type { Pool } from '../../server/store/pool.ts';
import { INSTITUTION, jis, PATIENT_NUMBER, PATIENT_SYSTEM, vaccination } from '../../test/support/samples/hl7v2.ts';
import { type Api, call } from './api.ts';
import { connectionOf, postmasterOf, serverOf, tokenOf, withPool } from './database.ts';
import { child, transaction } from './families.ts';
import { startServer, stopProcess, untilEnded } from './processes.ts';
import { cpuMs, postgresCpuMs } from './usage.ts';

export type Hl7Figures = {
  connections: number;
  messages: number;
  perSecond: number;
  /** From sent to acknowledged. */
  p50Ms: number;
  p99Ms: number;
  /** CPU of a message: of the server's Node, of its mapping alone, of PostgreSQL. */
  nodeMs: number;
  mapMs: number;
  postgresMs: number;
  /** Immunizations that a search finds, behind the last acknowledgment. */
  found: number;
};

const patients = 400;
const asked = { perSecond: 500, connections: 32 };
const warmUpMs = 2000;

/** Each sender waits for its answer before it sends the next message. */
export async function hl7(seconds: number, connections = asked.connections, profile?: string): Promise<Hl7Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'tsumugi-bench-hl7-'));
  try {
    return await measured(folder, seconds * 1000, connections, profile);
  } finally {
    const postmaster = postmasterOf(folder);
    if (postmaster !== undefined) await untilEnded(postmaster);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function measured(folder: string, windowMs: number, connections: number, profile: string | undefined) {
  const mllpPort = await freePort('127.0.0.1');
  const settings = { MLLP_PORT: String(mllpPort), TSUMUGI_MLLP_INSTITUTION: INSTITUTION };
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const server = await startServer(folder, undefined, profiling, settings);
  try {
    const connection = await connectionOf(folder, undefined);
    const { api, postmaster } = await withPool(connection, async (pool) => {
      const api = { port: server.port, token: await tokenOf(pool) };
      await linkedPatients(api, pool);
      return { api, postmaster: (await serverOf(pool)).postmaster ?? 0 };
    });
    const used = () => ({ node: cpuMs(server.pid), postgres: postgresCpuMs(postmaster) });
    let sent = 0;
    const next = () => messageOf(sent++);
    await sendFor(warmUpMs, connections, mllpPort, next);
    const before = used();
    const startMs = performance.now();
    const latenciesMs = (await sendFor(windowMs, connections, mllpPort, next)).sort((a, b) => a - b);
    const tookMs = performance.now() - startMs;
    const after = used();
    const messages = latenciesMs.length;
    const answer = await call(api, { method: 'GET', path: '/fhir/Immunization?_summary=count' });
    const found = Number((JSON.parse(answer) as { total?: number }).total);
    if (found !== sent) throw new Error(`hl7: ${sent} messages were acknowledged, ${found} vaccinations are found`);
    return {
      connections,
      messages,
      perSecond: (messages * 1000) / tookMs,
      p50Ms: quantile(latenciesMs, 0.5),
      p99Ms: quantile(latenciesMs, 0.99),
      nodeMs: (after.node - before.node) / messages,
      mapMs: mapMs(),
      postgresMs: (after.postgres - before.postgres) / messages,
      found,
    };
  } finally {
    await stopProcess(server.child);
  }
}

export function hl7Lines({ connections, messages, perSecond, ...each }: Hl7Figures): string[] {
  const { p50Ms, p99Ms, nodeMs, mapMs, postgresMs, found } = each;
  return [
    `hl7 × ${connections}: ${Math.round(perSecond)} messages a second from sent to acknowledged, asked ${asked.perSecond}; ` +
      `${messages} measured, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
    `hl7 × ${connections}: of a message: Node ${nodeMs.toFixed(2)} ms of CPU (mapping ${mapMs.toFixed(2)} of it), ` +
      `PostgreSQL ${postgresMs.toFixed(2)}; ${found} vaccinations found, as many as were acknowledged`,
  ];
}

export function hl7Shortfalls({ perSecond, connections }: Hl7Figures): string[] {
  if (perSecond >= asked.perSecond) return [];
  return [`below what is asked: hl7 × ${connections}: ${Math.round(perSecond)}/s, asked ${asked.perSecond}`];
}

/** Registers the patients and links their numbers, as families would. */
async function linkedPatients(api: Api, pool: Pool): Promise<void> {
  const entries = Array.from({ length: patients }, (_, n) => ({ resource: child(n) }));
  const answer = await call(api, { method: 'POST', path: '/fhir', body: transaction(entries) });
  const { entry } = JSON.parse(answer) as { entry: { response: { location: string } }[] };
  const links = createLinks({ pool });
  const client = await pool.connect();
  try {
    await client.query('begin');
    for (const [n, { response }] of entry.entries()) {
      const id = /Patient\/([^/]+)/.exec(response.location)?.[1] ?? '';
      const link = { source: PATIENT_SYSTEM, number: numberOf(n), organization: 'bench-hospital' };
      if (!(await links.add(client, link, id, new Date().toISOString()))) throw new Error('hl7: a link was not made');
    }
    await client.query('commit');
  } finally {
    client.release();
  }
}

/** The times of what was sent and answered AA. Throws at any other answer. */
async function sendFor(windowMs: number, connections: number, port: number, next: () => Buffer): Promise<number[]> {
  const untilMs = performance.now() + windowMs;
  const latenciesMs: number[] = [];
  const senders = Array.from({ length: connections }, async () => {
    const sender = createMllpSender({ host: '127.0.0.1', port, attempts: 1 });
    try {
      for (let nowMs = performance.now(); nowMs < untilMs; ) {
        const answer = await sender.send(next());
        if (!answer.includes('\rMSA|AA|')) throw new Error(`hl7: not accepted: ${answer.split('\r')[1]}`);
        const endMs = performance.now();
        latenciesMs.push(endMs - nowMs);
        nowMs = endMs;
      }
    } finally {
      await sender.close();
    }
  });
  await Promise.all(senders);
  return latenciesMs;
}

const controlId = '20260915000001';
const order = '000000000000321';
const lot = 'LOT0001';
// ISO-2022-JP has no byte above 127: what is ASCII in it can be replaced as text.
const template = Buffer.from(jis(vaccination())).toString('latin1');

function messageOf(n: number): Buffer {
  const text = template
    .replace(controlId, `BENCH${n}`)
    .replace(order, String(n).padStart(order.length, '0'))
    .replace(lot, `TEST${n % 1000}`)
    .replace(PATIENT_NUMBER, numberOf(n % patients));
  return Buffer.from(text, 'latin1');
}

const numberOf = (n: number): string => String(9_000_000_000 + n);

/** CPU of mapping one message, in this process. */
function mapMs(): number {
  const run = (from: number, to: number) => {
    for (let n = from; n < to; n++) JSON.stringify(mapHl7(messageOf(n), { institution: INSTITUTION }).entries);
  };
  run(0, 500);
  const before = process.cpuUsage();
  run(500, 1500);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
