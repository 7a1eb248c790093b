// Work in the background: asked for, followed, fetched, cancelled, gone on with by another process. FHIR R4 asynchronous pattern.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { systemAccess } from '../../server/access/access.ts';
import { startBackground } from '../../server/app/background.ts';
import { createFhir } from '../../server/app/fhir.ts';
import { businessRule } from '../../server/fhir/outcome.ts';
import { type Background, startWork, type Work } from '../../server/interaction/background.ts';
import type { Fhir } from '../../server/interaction/request.ts';
import { type Caller, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let fhir: Fhir;
let family: Caller;
let child: string;
let background: { stop(): Promise<void> } | undefined;
let dir: string;
const errors: unknown[] = [];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tsumugi-work-test-'));
  t = await startApp({ workDir: dir });
  fhir = createFhir({ pool: t.pool, baseUrl: () => 'https://tsumugi.test', cursorKey: new Uint8Array(32) });
  child = (await t.system.create(patientNamed('試験', '花子'))).id;
  family = await t.caller('patient/*.rs', { patient: child });
});
afterEach(() => background?.stop());
afterAll(() => t.close());

const begin = (run: Background['run']) => {
  background = startBackground({
    ...{ fhir, dir, onError: (error: unknown) => errors.push(error) },
    kinds: [{ kind: 'test', fetched: 'work-file', run }],
  });
};
const accessOf = (patient: string) => ({
  client: 'test',
  patient,
  grants: [{ context: 'patient' as const, type: '*', interactions: new Set(['read', 'search'] as const) }],
});
const ask = async (request: object = {}, patient: string | undefined = child) => {
  const access = patient === undefined ? systemAccess('test') : accessOf(patient);
  const answer = await startWork(
    fhir,
    { access, language: 'ja' },
    {
      kind: 'test',
      request: { ...request },
      ...(patient !== undefined && { patient }),
    },
  );
  expect(answer.status).toBe(202);
  return String(answer.contentLocation).slice(`${t.base}/`.length);
};
const idIn = (path: string) => path.split('id=')[1] ?? '';
const ended = async (path: string, caller = family) => {
  for (;;) {
    const answer = await caller.get(path);
    if (answer.status !== 202) return answer;
    expect(answer.headers['retry-after']).toBe('1');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

test('is followed to its end, and its files are fetched whole or in part by the client that asked alone', async () => {
  let goOn = () => {};
  begin(async ({ save, folder, fileUrl, request, access }: Work) => {
    await save({ step: 1 }, '50 %');
    await new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await writeFile(join(folder, 'part.ndjson'), '{"a":1}\n{"b":2}\n');
    return { output: [{ url: fileUrl('part.ndjson') }], request, patient: access.patient ?? '' };
  });
  const path = await ask({ wish: 'x' });
  await expect.poll(async () => (await family.get(path)).headers['x-progress']).toBe('50 %');
  goOn();
  const { status, body } = await ended(path);
  expect(status).toBe(200);
  expect(body).toMatchObject({ request: { wish: 'x' }, patient: child });
  const file = String((body.output as { url: string }[])[0]?.url).slice(`${t.base}/`.length);
  const fetch = async (caller: Caller, headers = {}) => {
    const { status, headers: got, text } = await caller.get(file, headers);
    return [status, text, got['content-length'], got['content-range']];
  };
  expect(await fetch(family)).toEqual([200, '{"a":1}\n{"b":2}\n', '16', undefined]);
  expect(await fetch(family, { range: 'bytes=8-' })).toEqual([206, '{"b":2}\n', '8', 'bytes 8-15/16']);
  expect(await fetch(family, { range: 'bytes=-2' })).toEqual([206, '}\n', '2', 'bytes 14-15/16']);
  expect(await fetch(family, { range: 'bytes=0-1' })).toEqual([206, '{"', '2', 'bytes 0-1/16']);
  expect((await fetch(family, { range: 'bytes=16-' })).slice(0, 1)).toEqual([416]);
  const { rows } = await t.pool.query("select owner from audit where interaction = 'work-file'");
  expect(new Set(rows.map(({ owner }) => owner))).toEqual(new Set([child]));

  const others = [
    await t.caller('patient/*.rs', { patient: child, client: 'other' }),
    await t.caller('patient/Patient.rs', { patient: child }),
    await t.caller('patient/*.rs', { patient: 'somebody' }),
    t.system,
  ];
  for (const other of others) {
    expect((await other.get(path)).status).toBe(404);
    expect((await other.get(file)).status).toBe(404);
    expect((await other.delete(path)).status).toBe(404);
  }
  for (const name of ['..%2Fx', 'none', '.', '', 'part.ndjson%00'])
    expect((await family.get(file.replace(/name=.*/, `name=${name}`))).status).toBe(404);
  expect((await family.get(`${path}&more=1`)).status).toBe(400);
  expect((await family.get('$work-status?id=1')).status).toBe(404);
});

test('goes on in another process with what was saved, and has no second answer', async () => {
  const seen: unknown[] = [];
  begin(async ({ state, save }) => {
    seen.push(state?.at);
    await save({ at: 7 }, 'at 7');
    if (seen.length === 1) await new Promise(() => undefined);
    return { at: state?.at ?? null };
  });
  const path = await ask();
  await expect.poll(async () => (await family.get(path)).headers['x-progress']).toBe('at 7');
  // Nobody hears of the first any more, as after a kill -9.
  await t.pool.query("update work set lease = now() - interval '1 second' where id = $1", [idIn(path)]);
  expect((await ended(path)).body).toEqual({ at: 7 });
  expect(seen).toEqual([undefined, 7]);
});

test('ends at once when it is cancelled, with its folder', async () => {
  let stopped: unknown;
  begin(async ({ save, signal, folder }) => {
    await writeFile(join(folder, 'half'), 'x');
    try {
      for (;;) {
        await save({}, 'on');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    } finally {
      stopped = signal.aborted;
    }
  });
  const path = await ask();
  await expect.poll(async () => (await family.get(path)).headers['x-progress']).toBe('on');
  expect((await family.delete(path)).status).toBe(202);
  expect((await family.get(path)).status).toBe(404);
  await expect.poll(() => stopped).toBe(true);
  await expect.poll(() => readdir(join(dir, idIn(path))).catch(() => 'gone')).toBe('gone');
});

test('says why it cannot be done, and tries again what may succeed', async () => {
  let tries = 0;
  begin(async ({ request }) => {
    tries++;
    if (request.rule === true) throw businessRule('The rule says no');
    if (tries < 3) throw new Error('not now');
    return { tries };
  });
  const refused = await ended(await ask({ rule: true }));
  expect([refused.status, refused.body.issue[0]?.diagnostics]).toEqual([422, 'The rule says no']);
  tries = 0;
  expect((await ended(await ask())).body).toEqual({ tries: 3 });
  expect(errors).toHaveLength(2);
});

test('goes with the record that is erased', async () => {
  begin(async ({ folder }) => {
    await writeFile(join(folder, 'all.zip'), 'x');
    return { ready: true };
  });
  const { id } = await t.system.create(patientNamed('試験', '消子'));
  const caller = await t.caller('patient/*.rs', { patient: id });
  const of = { access: systemAccess('test'), language: 'ja' as const };
  const exported = await startWork(fhir, of, { kind: 'export', request: {} });
  const path = await ask({}, id);
  expect((await ended(path, caller)).status).toBe(200);
  expect(await readFile(join(dir, idIn(path), 'all.zip'), 'utf8')).toBe('x');
  const confirm = { resourceType: 'Parameters', parameter: [{ name: 'confirm', valueString: id }] };
  expect((await t.system.post(`Patient/${id}/$expunge`, confirm)).status).toBe(200);
  const ids = [idIn(path), idIn(String(exported.contentLocation))];
  expect((await t.pool.query('select from work where id = any($1)', [ids])).rowCount).toBe(0);
  await background?.stop();
  begin(async () => ({}));
  await expect.poll(() => readdir(join(dir, idIn(path))).catch(() => 'gone')).toBe('gone');
  await rm(dir, { recursive: true, force: true });
});
