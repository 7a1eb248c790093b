// kill -9 of an export, again and again, while the record is written to: no resource twice, none missing, all as it was at first.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExportRequest } from '../../server/bulk/export-work.ts';
import { createExportSource } from '../../server/store/export-source.ts';
import { type Body, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { randomFrom } from '../support/random.ts';
import type { Manifest } from './exported.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

const child = fileURLToPath(new URL('export-child.ts', import.meta.url));

test('an export that is killed goes on where it was', async () => {
  const before = new Map<string, Body>();
  for (let n = 0; n < 12; n++) {
    const { id } = await t.system.create(patientNamed('試験', `花子${n}`));
    const entry = Array.from({ length: 20 }, () => ({
      resource: observationOf(id),
      request: { method: 'POST', url: 'Observation' },
    }));
    await t.system.post('', { resourceType: 'Bundle', type: 'transaction', entry });
    t.clock.nowMs += 7;
  }
  for (const type of ['Patient', 'Observation']) {
    const { body } = await t.system.get(`${type}?_count=1000`);
    for (const { resource } of body.entry) before.set(resource.id, resource);
  }
  const source = createExportSource({ pool: t.pool });
  const { snapshot, transactionMs } = await source.moment(t.clock.nowMs);
  const request: ExportRequest = {
    asked: { filters: {}, ignored: [] },
    types: ['Observation', 'Patient'],
    ofPatients: false,
    isOne: false,
    ...{ snapshot, transactionMs, url: 'x' },
  };
  const folder = await mkdtemp(join(tmpdir(), 'tsumugi-export-'));
  const stateFile = `${folder}.json`;
  const random = randomFrom(8);
  const ids = [...before.keys()];
  let manifest: Manifest | undefined;
  let kills = 0;
  while (manifest === undefined) {
    manifest = await runFor({ request, folder, stateFile }, kills < 5 ? 2 + random.below(8) : Infinity);
    if (manifest) break;
    kills++;
    // What is exported, and what is not yet, changes and goes meanwhile.
    for (let n = 0; n < 4; n++) {
      const stored = before.get(random.pick(ids)) as Body;
      t.clock.nowMs += 5;
      if (stored.resourceType === 'Observation' && n % 2 === 0) await t.system.delete(`Observation/${stored.id}`);
      else
        await t.system.put(`${stored.resourceType}/${stored.id}`, {
          ...stored,
          meta: undefined,
          language: `x-${n}${kills}`,
        });
    }
    await t.system.create(patientNamed('試験', '後'));
  }
  expect(kills).toBe(5);
  const after = new Map<string, Body>();
  for (const { url, count } of manifest.output) {
    expect((await stat(join(folder, url))).size).toBeLessThan(22_000);
    const lines = (await readFile(join(folder, url), 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(count);
    for (const line of lines) {
      const resource = JSON.parse(line) as Body;
      expect(after.has(resource.id)).toBe(false);
      after.set(resource.id, resource);
    }
  }
  expect(manifest.output.length).toBeGreaterThan(3);
  expect(after.size).toBe(before.size);
  for (const [id, resource] of before) expect(after.get(id)).toEqual(resource);
  await rm(folder, { recursive: true });
  await rm(stateFile);
});

/** Undefined when it was killed, behind so many notes and perhaps in the middle of the next. */
async function runFor(
  { request, folder, stateFile }: { request: ExportRequest; folder: string; stateFile: string },
  saves: number,
): Promise<Manifest | undefined> {
  const connection = { connectionString: t.databaseUrl };
  const given = JSON.stringify({ connection, request, folder, stateFile });
  const run: ChildProcess = spawn(process.execPath, [child, given], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(run, 'exit');
  let said: string | undefined;
  let seen = 0;
  if (run.stdout)
    createInterface({ input: run.stdout }).on('line', (line) => {
      if (line === 'saved' && ++seen === saves) run.kill('SIGKILL');
      else if (line !== 'saved') said = line;
    });
  const [code, signal] = await ended;
  if (signal === 'SIGKILL') return undefined;
  expect(code).toBe(0);
  return JSON.parse(said ?? '') as Manifest;
}
