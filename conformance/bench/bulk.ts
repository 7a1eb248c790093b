// A bulk export of a real server: from the kick-off to the manifest, beside a plain COPY of the same rows in the same run, with
// the memory of the server before and at its highest. And the same with a filter, which goes by search.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { to as copyTo } from 'pg-copy-streams';
import { systemAccess } from '../../server/access/access.ts';
import type { JsonObject } from '../../server/fhir/json.ts';
import type { Change } from '../../server/store/change.ts';
import type { Pool } from '../../server/store/pool.ts';
import { createWriter } from '../../server/store/write.ts';
import { connectionOf, postmasterOf, tokenOf, withPool } from './database.ts';
import { kilobyteImmunization, kilobytePatient } from './kilobyte.ts';
import { startServer, stopProcess, untilEnded } from './processes.ts';
import { residentMb } from './usage.ts';

export type BulkFigures = {
  resources: number;
  bytesEach: number;
  /** Resources a second: from the kick-off to the manifest; of one COPY; of an export with a filter. */
  perSecond: number;
  copyPerSecond: number;
  filteredPerSecond: number;
  /** Of the server's process: before, at its highest in the first of the exports, in the others, and in that with a filter. */
  idleMb: number;
  firstMb: number;
  peakMb: number;
  filteredMb: number;
};

const asked = { perSecond: 20_000, ofCopy: 0.5, grownMb: 150 };
const patients = 3_000;
const dosesOfEach = 39;
const rounds = 3;

export async function bulk(): Promise<BulkFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'tsumugi-bench-bulk-'));
  try {
    return await measured(folder);
  } finally {
    const postmaster = postmasterOf(folder);
    if (postmaster !== undefined) await untilEnded(postmaster);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function measured(folder: string): Promise<BulkFigures> {
  const server = await startServer(folder, undefined);
  try {
    const connection = await connectionOf(folder, undefined);
    return await withPool(connection, async (pool) => {
      const base = `http://127.0.0.1:${server.port}/fhir`;
      const headers = { authorization: `Bearer ${await tokenOf(pool)}`, prefer: 'respond-async' };
      await fill(pool, base);
      await pool.query('vacuum analyze resource');
      const types = '_type=Patient,Immunization';
      const idleMb = residentMb(server.pid) ?? 0;
      const exported = [];
      const copied = [];
      for (let round = 0; round < rounds; round++) {
        copied.push(await plainCopy(pool));
        exported.push(await exportOf(`${base}/$export?${types}`, headers, server.pid));
      }
      const filter = encodeURIComponent('Immunization?status=completed');
      const filtered = await exportOf(`${base}/$export?_type=Immunization&_typeFilter=${filter}`, headers, server.pid);
      const best = (all: { count: number; ms: number }[]) => Math.max(...all.map(perSecond));
      return {
        resources: exported[0]?.count ?? 0,
        bytesEach: (copied[0]?.bytes ?? 0) / (copied[0]?.count ?? 1),
        perSecond: best(exported),
        copyPerSecond: best(copied),
        filteredPerSecond: perSecond(filtered),
        idleMb,
        firstMb: exported[0]?.mostMb ?? 0,
        peakMb: Math.max(...exported.map(({ mostMb }) => mostMb)),
        filteredMb: filtered.mostMb,
      };
    });
  } finally {
    await stopProcess(server.child);
  }
}

const perSecond = ({ count, ms }: { count: number; ms: number }): number => (count * 1000) / ms;

export function bulkLines({ perSecond, copyPerSecond, filteredPerSecond, ...each }: BulkFigures): string[] {
  const { resources, bytesEach, idleMb, firstMb, peakMb, filteredMb } = each;
  return [
    `bulk: ${Math.round(perSecond)} resources a second from kick-off to manifest, asked ${asked.perSecond}; ` +
      `${resources} of ${Math.round(bytesEach)} bytes; with a filter ${Math.round(filteredPerSecond)}`,
    `bulk: COPY of the same rows ${Math.round(copyPerSecond)} a second: ${(perSecond / copyPerSecond).toFixed(2)} of it, ` +
      `asked ${asked.ofCopy}; the server ${idleMb} MB before, ${firstMb} in the first export, ${peakMb} at most, ${filteredMb} with a filter`,
  ];
}

export function bulkShortfalls({ perSecond, copyPerSecond, idleMb, peakMb }: BulkFigures): string[] {
  const found: string[] = [];
  const check = (isShort: boolean, what: string) => isShort && found.push(`below what is asked: bulk: ${what}`);
  check(perSecond < asked.perSecond, `${Math.round(perSecond)}/s, asked ${asked.perSecond}`);
  check(perSecond < asked.ofCopy * copyPerSecond, `${(perSecond / copyPerSecond).toFixed(2)} of COPY`);
  check(peakMb > idleMb + asked.grownMb, `the server grew by ${peakMb - idleMb} MB, asked ${asked.grownMb}`);
  return found;
}

/** Families through the product's own door, in sets of a few hundred. */
async function fill(pool: Pool, base: string): Promise<void> {
  const write = createWriter({ pool, nowMs: Date.now, base });
  const access = systemAccess('bench');
  const atOnce = 20;
  for (let from = 0; from < patients; from += atOnce) {
    const changes = Array.from({ length: atOnce }, (_, n) => family(from + n)).flat();
    await write(access, changes, { request: crypto.randomUUID() });
  }
}

function family(n: number): Change[] {
  const fullUrl = `urn:uuid:00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
  const created = (resource: object): Change => ({
    method: 'create',
    type: (resource as { resourceType: string }).resourceType,
    resource: resource as JsonObject,
  });
  const doses = Array.from({ length: dosesOfEach }, (_, index) => ({
    ...kilobyteImmunization(n, index),
    patient: { reference: fullUrl },
  }));
  return [{ ...created(kilobytePatient(n)), fullUrl }, ...doses.map(created)];
}

async function plainCopy(pool: Pool): Promise<{ count: number; bytes: number; ms: number }> {
  const client = await pool.connect();
  try {
    await client.query('set enable_seqscan = on');
    const startMs = performance.now();
    const rows = client.query(copyTo('copy (select content from resource) to stdout'));
    let bytes = 0;
    for await (const chunk of rows) bytes += (chunk as Buffer).length;
    return { count: rows.rowCount, bytes, ms: performance.now() - startMs };
  } finally {
    client.release(true);
  }
}

type Run = { count: number; ms: number; mostMb: number };

async function exportOf(url: string, headers: Record<string, string>, pid: number): Promise<Run> {
  let mostMb = 0;
  const startMs = performance.now();
  const started = await fetch(url, { headers });
  const status = started.headers.get('content-location') ?? '';
  for (;;) {
    mostMb = Math.max(mostMb, residentMb(pid) ?? 0);
    const answer = await fetch(status, { headers });
    if (answer.status === 200) {
      const { output } = (await answer.json()) as { output: { count: number }[] };
      return { count: output.reduce((all, { count }) => all + count, 0), ms: performance.now() - startMs, mostMb };
    }
    if (answer.status !== 202) throw new Error(`bulk: the export answered ${answer.status}`);
    await answer.arrayBuffer();
    await sleep(20);
  }
}
