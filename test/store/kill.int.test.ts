// kill -9 of a real server in the middle of a write load, several times on one data folder: what was acknowledged is there,
// whole, and nothing is half-written.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { runningEmbedded } from '../../server/store/embedded/attach.ts';
import { openPool } from '../../server/store/pool.ts';
import { mintToken } from '../../server/store/tokens.ts';
import { halfWritten } from '../support/half-written.ts';
import {
  identifierSystem,
  type Load,
  startLoad,
  transactionEntries,
  transactionSystem,
} from '../support/write-load.ts';
import { killChild, temporaryFolder } from './embedded-process.ts';

const rounds = 5;
const clients = 6;
const cli = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));

test('kill -9 under a write load, 5 times > every acknowledged write is there, nothing is half-written', async () => {
  const folder = await temporaryFolder();
  const dataDir = join(folder, 'data');
  const loads: Load[] = [];
  let token = '';
  for (let round = 0; round < rounds; round++) {
    const { child, fhirBase } = await startServer(folder, dataDir);
    token ||= await onDatabase(dataDir, (pool) =>
      mintToken(pool, { client: 'load', scope: 'system/*.cruds', lifetimeMs: 3_600_000 }),
    );
    const load = startLoad(fhirBase, token, clients);
    loads.push(load);
    while (load.count() < 20) await sleep(5);
    await sleep(Math.random() * 600);
    await killChild(child);
    await load.ended;
  }

  const { child, fhirBase } = await startServer(folder, dataDir);
  const written = loads.flatMap((load) => load.written);
  const transactions = loads.flatMap((load) => load.transactions);
  expect(written.length).toBeGreaterThan(rounds * 5);
  const get = async (path: string) => {
    const response = await fetch(`${fhirBase}/${path}`, { headers: { authorization: `Bearer ${token}` } });
    return { status: response.status, text: await response.text() };
  };

  for (const { id, version, isDeleted, text, identifier, isPending } of written) {
    const history = JSON.parse((await get(`Patient/${id}/_history`)).text) as {
      entry: { response: { etag: string } }[];
    };
    const versions = history.entry.map(({ response }) => Number(/\d+/.exec(response.etag)?.[0]));
    // What was on its way when the server went may have happened, and then it happened whole.
    const last = versions[0] ?? 0;
    expect([version, ...(isPending ? [version + 1] : [])]).toContain(last);
    expect(versions).toEqual(Array.from({ length: last }, (_, n) => last - n));
    if (!isDeleted) expect((await get(`Patient/${id}/_history/${version}`)).text).toBe(text);
    const current = await get(`Patient/${id}`);
    expect(current.status === 410 || current.status === 200).toBe(true);
    if (last === version)
      expect(current).toEqual(isDeleted ? { status: 410, text: current.text } : { status: 200, text });
    const found = JSON.parse((await get(`Patient?identifier=${identifierSystem}|${identifier}`)).text) as {
      entry?: unknown[];
    };
    expect(found.entry?.length ?? 0).toBe(current.status === 200 ? 1 : 0);
  }

  await onDatabase(dataDir, async (pool) => {
    const rows = async (text: string, values: unknown[] = []) => (await pool.query(text, values)).rows;
    expect(await rows(halfWritten)).toEqual([]);
    const stored = await rows(
      `select r.content::jsonb #>> '{identifier,0,value}' as name, count(*)::int as n, count(distinct owner)::int as owners from resource r
where r.content::jsonb #>> '{identifier,0,system}' = $1 group by 1`,
      [transactionSystem],
    );
    const entries = new Map(stored.map(({ name, n }) => [name, n]));
    for (const { n, owners } of stored) expect({ n, owners }).toEqual({ n: transactionEntries - 1, owners: 1 });
    for (const { name, isAcknowledged } of transactions)
      if (isAcknowledged) expect(entries.get(name)).toBe(transactionEntries - 1);
    expect(transactions.filter(({ isAcknowledged }) => isAcknowledged).length).toBeGreaterThan(rounds);
    const patients = await rows(
      "select owner from resource where content::jsonb #>> '{identifier,0,system}' = $1 and not exists (select from resource p where p.key = resource.owner)",
      [transactionSystem],
    );
    expect(patients).toEqual([]);
  });
  child.kill('SIGTERM');
  expect((await once(child, 'exit'))[0]).toBe(0);
}, 180_000);

async function startServer(folder: string, dataDir: string): Promise<{ child: ChildProcess; fhirBase: string }> {
  const child = spawn(process.execPath, [cli, 'start'], {
    cwd: folder,
    env: { PATH: '/usr/bin:/bin', DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => killChild(child));
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Tsumugi answers at (\S+)$/.exec(line)?.[1];
    if (url) return { child, fhirBase: `${url}/fhir` };
  }
  throw new Error('the server ended without an address');
}

async function onDatabase<T>(dataDir: string, work: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const connection = await runningEmbedded(dataDir);
  if (!connection) throw new Error('no database is running');
  const pool = openPool(connection, 1, 30_000);
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
