// The command against a server: killed in between and called again, everything is there once.

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApp, type TestApp } from '../../support/app.ts';
import { INSTITUTION, laboratory, PATIENT_NUMBER, PATIENT_SYSTEM } from '../../support/samples/hl7v2.ts';
import { makeStorage, type Storage } from '../../support/samples/storage.ts';

let a: TestApp;
let storage: Storage;
beforeAll(async () => {
  a = await startApp({ listens: true });
  storage = await makeStorage();
});
afterAll(async () => {
  await a.close();
  await storage.remove();
});

const cli = fileURLToPath(new URL('../../../server/cli.ts', import.meta.url));

function startImport(): { child: ChildProcess; ended: Promise<{ code: number | null; output: string }> } {
  const server = a.base.replace(/\/fhir$/, '');
  const args = ['import', storage.root, '--format', 'ssmix2', '--institution', INSTITUTION, '--server', server];
  const rest = ['--token', a.system.token ?? '', '--ledger', join(storage.beside, 'import.sqlite')];
  const child = spawn(process.execPath, [cli, ...args, ...rest], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const ended = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, output })),
  );
  return { child, ended };
}

const kept = async (): Promise<number> => (await a.pool.query('select count(*)::int as n from held')).rows[0].n;

/** An order of its own each, so that no two files have the same bytes. */
const order = (n: number): string => laboratory().replaceAll('000000000000354', String(n).padStart(15, '0'));

it('takes up after kill -9 where it was, and in the end has every file once', { timeout: 180_000 }, async () => {
  const files = 600;
  for (let n = 0; n < files; n++) await storage.write({ type: 'OML-11', key: String(n).padStart(15, '0') }, order(n));
  const first = startImport();
  while ((await kept()) < 200 && first.child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
  first.child.kill('SIGKILL');
  await first.ended;
  const atKill = await kept();
  expect(atKill).toBeLessThan(files);
  const again = await startImport().ended;
  expect(again).toMatchObject({ code: 0 });
  expect(await kept()).toBe(files);
  const [, waiting] = /0 stored, (\d+) waiting, 0 refused\n$/.exec(again.output) ?? [];
  expect(Number(waiting)).toBeLessThanOrEqual(files);
  const third = await startImport().ended;
  expect(third.output).toBe('0 stored, 0 waiting, 0 refused\n');
});

it('writes what stands, withdraws what was deleted, and shows what is about somebody else', {
  timeout: 60_000,
}, async () => {
  const child = await a.system.create({ resourceType: 'Patient', birthDate: '2026-07-10' });
  await a.pool.query('insert into link values ($1, $2, $3, $4)', [PATIENT_SYSTEM, '0000077777', child.id, 'o']);
  const theirs = { type: 'OML-11', patient: '0000077777', key: '000000000009001' };
  const text = order(9001).replaceAll(PATIENT_NUMBER, '0000077777');
  const path = await storage.write(theirs, text);
  expect((await startImport().ended).output).toMatch(/^1 stored, 0 waiting, 0 refused\n$/);
  const results = `Observation?patient=${child.id}&_count=100`;
  const statuses = async (): Promise<unknown[]> =>
    ((await a.system.get(results)).body.entry ?? []).map(({ resource }) => resource.status);
  expect(await statuses()).toEqual(['final', 'final', 'final']);
  await storage.flag(path, '0');
  await storage.write({ ...theirs, key: '000000000009002' }, order(9002));
  const { code, output } = await startImport().ended;
  expect(output).toMatch(/9002\S+: refused: PID-3 is another patient number/);
  expect(output).toMatch(/\n1 stored, 0 waiting, 1 refused\n$/);
  expect(code).toBe(1);
  expect(await statuses()).toEqual(['entered-in-error', 'entered-in-error', 'entered-in-error']);
});
